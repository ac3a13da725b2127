//! The lists of cameras, microphones and speakers: "none" is always one of them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bevy::{prelude::*, time::common_conditions::on_real_timer};
use engine::api::{CameraChoice, Device, MediaSettings, MicrophoneChoice, SpeakerChoice, Wish};

use super::{Equipment, list, shown};
use crate::{
    engine::{
        choices::Choices,
        door::{Devices, Door, Wished},
        journey::JourneyAction,
    },
    features::devices::DevicesAction,
    ui::{
        kit::{Close, Sheet},
        page::Page,
        power::Waker,
        words::{Words, shortened},
    },
};

/// Devices come and go while one looks.
const AGAIN: Duration = Duration::from_secs(3);

/// The entries of the lists.
#[derive(Resource, Default)]
struct Offers {
    devices: Devices,
    /// Filled by a thread of its own: asking the system can take long.
    arriving: Arc<Mutex<Option<Devices>>>,
}

/// Whether the command line left the choice to us: then the first device there is.
#[derive(Resource, Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Unchosen {
    pub camera: bool,
    pub microphone: bool,
    pub speaker: bool,
}

/// The place that a list opens in.
#[derive(Component)]
pub(super) struct Place(pub Equipment);

/// The text that names the choice.
#[derive(Component)]
pub(super) struct Chosen(pub Equipment);

#[derive(Component)]
pub(super) struct List(pub Equipment);

pub fn plugin(app: &mut App) {
    app.init_resource::<Offers>()
        .init_resource::<Unchosen>()
        .add_systems(OnEnter(Page::Lobby), ask)
        .add_systems(Update, ask.run_if(resource_changed::<Sheet>.and_then(shown)).before(arrive))
        .add_systems(Update, ask.run_if(on_real_timer(AGAIN).and_then(shown)).before(arrive))
        .add_systems(Update, (arrive, choose, open_or_close, name).chain());
}

fn ask(offers: Res<Offers>, mut door: ResMut<Door>, waker: Res<Waker>) {
    // A thread that is still asking has the other end.
    if Arc::strong_count(&offers.arriving) > 1 {
        return;
    }
    let (devices, arriving, waker) = (door.machine().devices(), Arc::clone(&offers.arriving), waker.clone());
    let asking = std::thread::Builder::new().name("devices".into()).spawn(move || {
        *arriving.lock().unwrap_or_else(PoisonError::into_inner) = Some(devices());
        waker.wake();
    });
    if asking.is_err() {
        tracing::warn!("the devices cannot be listed: the system refused a thread");
    }
}

fn arrive(
    mut offers: ResMut<Offers>,
    mut choices: ResMut<Choices>,
    mut unchosen: ResMut<Unchosen>,
    mut wishes: MessageWriter<Wished>,
) {
    let arrived = offers.arriving.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(mut devices) = arrived else {
        return;
    };
    keep_used(&mut devices, &offers.devices, &choices.media);
    let first = |unchosen: bool, devices: &[engine::api::Device]| {
        devices.first().filter(|_| unchosen).map(|device| device.id.clone())
    };
    if let Some(id) = first(unchosen.camera, &devices.cameras) {
        choices.media.camera = CameraChoice::Device(id);
        wishes.write(Wished(Wish::UseCamera(choices.media.camera.clone())));
    }
    if let Some(id) = first(unchosen.microphone, &devices.microphones) {
        choices.media.microphone = MicrophoneChoice::Device(id);
        wishes.write(Wished(Wish::UseMicrophone(choices.media.microphone.clone())));
    }
    if let Some(id) = first(unchosen.speaker, &devices.speakers) {
        choices.media.speaker = SpeakerChoice::Device(id);
        wishes.write(Wished(Wish::UseSpeaker(choices.media.speaker.clone())));
    }
    unchosen.set_if_neq(Unchosen::default());
    if offers.devices != devices {
        offers.devices = devices;
    }
}

/// A device that is in use may not be listed, because it is in use.
fn keep_used(devices: &mut Devices, known: &Devices, media: &MediaSettings) {
    let keep = |list: &mut Vec<Device>, known: &[Device], used: Option<&String>| {
        let is_used = |device: &&Device| Some(&device.id) == used;
        if !list.iter().any(|device| is_used(&device)) {
            list.extend(known.iter().find(is_used).cloned());
        }
    };
    let microphone = match &media.microphone {
        MicrophoneChoice::Device(id) => Some(id),
        _ => None,
    };
    let speaker = match &media.speaker {
        SpeakerChoice::Device(id) => Some(id),
        SpeakerChoice::None => None,
    };
    keep(&mut devices.microphones, &known.microphones, microphone);
    keep(&mut devices.speakers, &known.speakers, speaker);
}

/// The entries of a list: the devices, the test source where there is one, and none.
fn entries(equipment: Equipment, devices: &Devices, words: &Words) -> Vec<String> {
    let (devices, test) = match equipment {
        Equipment::Camera => (&devices.cameras, Some("picker-test-picture")),
        Equipment::Microphone => (&devices.microphones, Some("picker-test-melody")),
        Equipment::Speaker => (&devices.speakers, None),
    };
    let mut entries: Vec<_> = devices.iter().map(|device| device.name.clone()).collect();
    entries.extend(test.map(|key| words.say(key)));
    entries.push(words.say(match equipment {
        Equipment::Camera => "picker-no-camera",
        _ => "picker-none",
    }));
    entries
}

fn choose(
    mut acts: MessageReader<DevicesAction>,
    offers: Res<Offers>,
    mut choices: ResMut<Choices>,
    mut unchosen: ResMut<Unchosen>,
    mut wishes: MessageWriter<Wished>,
) {
    let devices = &offers.devices;
    for act in acts.read() {
        let DevicesAction::Choose(equipment, index) = *act else {
            continue;
        };
        let media = &mut choices.media;
        let wish = match equipment {
            Equipment::Camera => {
                unchosen.camera = false;
                media.camera = match devices.cameras.get(index) {
                    Some(device) => CameraChoice::Device(device.id.clone()),
                    None if index == devices.cameras.len() => CameraChoice::Test,
                    None => CameraChoice::None,
                };
                Wish::UseCamera(media.camera.clone())
            }
            Equipment::Microphone => {
                unchosen.microphone = false;
                media.microphone = match devices.microphones.get(index) {
                    Some(device) => MicrophoneChoice::Device(device.id.clone()),
                    None if index == devices.microphones.len() => MicrophoneChoice::Test,
                    None => MicrophoneChoice::None,
                };
                Wish::UseMicrophone(media.microphone.clone())
            }
            Equipment::Speaker => {
                unchosen.speaker = false;
                media.speaker = match devices.speakers.get(index) {
                    Some(device) => SpeakerChoice::Device(device.id.clone()),
                    None => SpeakerChoice::None,
                };
                Wish::UseSpeaker(media.speaker.clone())
            }
        };
        wishes.write(Wished(wish));
    }
}

fn open_or_close(
    mut commands: Commands,
    mut acts: MessageReader<DevicesAction>,
    (mut closed, mut gone): (MessageReader<Close>, MessageReader<JourneyAction>),
    offers: Res<Offers>,
    words: Res<Words>,
    places: Query<(Entity, &Place)>,
    lists: Query<(Entity, &List)>,
) {
    let before = lists.iter().next().map(|(_, list)| list.0);
    let mut open = before;
    for act in acts.read() {
        match *act {
            DevicesAction::OpenList(equipment) => open = Some(equipment).filter(|wanted| open != Some(*wanted)),
            DevicesAction::Choose(..) => open = None,
            DevicesAction::Open | DevicesAction::PlayTone => {}
        }
    }
    if closed.read().count() > 0 || gone.read().any(|act| *act == JourneyAction::Enter) {
        open = None;
    }
    // An open list is not drawn again without need: a press must meet the entry that it was meant for.
    if open == before && !offers.is_changed() {
        return;
    }
    for (list, _) in &lists {
        commands.entity(list).despawn();
    }
    if let Some((entity, Place(equipment))) = places.iter().find(|(_, place)| Some(place.0) == open) {
        commands.entity(entity).with_children(|place| {
            list::unfold(place, *equipment, entries(*equipment, &offers.devices, &words));
        });
    }
}

fn name(choices: Res<Choices>, offers: Res<Offers>, words: Res<Words>, mut chosen: Query<(Ref<Chosen>, &mut Text)>) {
    for (place, mut text) in &mut chosen {
        if !(choices.is_changed() || offers.is_changed() || place.is_added()) {
            continue;
        }
        let (media, devices) = (&choices.media, &offers.devices);
        let known = |devices: &[engine::api::Device], id: &str| {
            let device = devices.iter().find(|device| device.id == id);
            device.map_or_else(|| id.to_owned(), |device| device.name.clone())
        };
        let said = match place.0 {
            Equipment::Camera => match &media.camera {
                CameraChoice::None => words.say("picker-no-camera"),
                CameraChoice::Test => words.say("picker-test-picture"),
                CameraChoice::Clip(_) => words.say("picker-clip"),
                CameraChoice::Device(id) => known(&devices.cameras, id),
            },
            Equipment::Microphone => match &media.microphone {
                MicrophoneChoice::None => words.say("picker-none"),
                MicrophoneChoice::Test => words.say("picker-test-melody"),
                MicrophoneChoice::Clip(_) => words.say("picker-clip"),
                MicrophoneChoice::Device(id) => known(&devices.microphones, id),
            },
            Equipment::Speaker => match &media.speaker {
                SpeakerChoice::None => words.say("picker-none"),
                SpeakerChoice::Device(id) => known(&devices.speakers, id),
            },
        };
        text.set_if_neq(Text(shortened(&said, 34)));
    }
}
