//! The lists of cameras, microphones and speakers: "none" is always one of them.

mod draw;

use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
use engine::api::{CameraChoice, MicrophoneChoice, SpeakerChoice, Wish};

use super::{Journey, Screen};
use crate::{
    action::{Act, Action, Equipment},
    door::{Devices, Door, Wished},
    power::Waker,
    tile::shortened,
    words::Words,
};

pub use draw::spawn;

/// What the lists offer.
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
struct Place(Equipment);

/// The text that names the choice.
#[derive(Component)]
struct Chosen(Equipment);

#[derive(Component)]
struct List(Equipment);

pub fn plugin(app: &mut App) {
    app.init_resource::<Offers>()
        .init_resource::<Unchosen>()
        .add_systems(OnEnter(Screen::Lobby), ask)
        .add_systems(Update, (arrive, choose, open_or_close, name).chain());
}

fn ask(offers: Res<Offers>, mut door: ResMut<Door>, waker: Res<Waker>) {
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
    mut journey: ResMut<Journey>,
    mut unchosen: ResMut<Unchosen>,
    mut wishes: MessageWriter<Wished>,
) {
    let arrived = offers.arriving.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(devices) = arrived else {
        return;
    };
    let first = |unchosen: bool, devices: &[engine::api::Device]| {
        devices.first().filter(|_| unchosen).map(|device| device.id.clone())
    };
    if let Some(id) = first(unchosen.camera, &devices.cameras) {
        journey.media.camera = CameraChoice::Device(id);
        wishes.write(Wished(Wish::UseCamera(journey.media.camera.clone())));
    }
    if let Some(id) = first(unchosen.microphone, &devices.microphones) {
        journey.media.microphone = MicrophoneChoice::Device(id);
        wishes.write(Wished(Wish::UseMicrophone(journey.media.microphone.clone())));
    }
    if let Some(id) = first(unchosen.speaker, &devices.speakers) {
        journey.media.speaker = SpeakerChoice::Device(id);
        wishes.write(Wished(Wish::UseSpeaker(journey.media.speaker.clone())));
    }
    *unchosen = Unchosen::default();
    offers.devices = devices;
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
    mut acts: MessageReader<Act>,
    offers: Res<Offers>,
    mut journey: ResMut<Journey>,
    mut unchosen: ResMut<Unchosen>,
    mut wishes: MessageWriter<Wished>,
) {
    let devices = &offers.devices;
    for act in acts.read() {
        let Action::Choose(equipment, index) = act.0 else {
            continue;
        };
        let media = &mut journey.media;
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
    mut acts: MessageReader<Act>,
    offers: Res<Offers>,
    words: Res<Words>,
    places: Query<(Entity, &Place)>,
    lists: Query<(Entity, &List)>,
) {
    for act in acts.read() {
        let wanted = match act.0 {
            Action::OpenList(equipment) => Some(equipment),
            Action::Choose(..) | Action::Close | Action::EnterRoom => None,
            _ => continue,
        };
        let open = lists.iter().next().map(|(_, list)| list.0);
        for (list, _) in &lists {
            commands.entity(list).despawn();
        }
        let Some(equipment) = wanted.filter(|wanted| open != Some(*wanted)) else {
            continue;
        };
        if let Some((place, _)) = places.iter().find(|(_, place)| place.0 == equipment) {
            commands.entity(place).with_children(|place| {
                draw::unfold(place, equipment, entries(equipment, &offers.devices, &words));
            });
        }
    }
}

fn name(journey: Res<Journey>, offers: Res<Offers>, words: Res<Words>, mut chosen: Query<(Ref<Chosen>, &mut Text)>) {
    for (place, mut text) in &mut chosen {
        if !(journey.is_changed() || offers.is_changed() || place.is_added()) {
            continue;
        }
        let (media, devices) = (&journey.media, &offers.devices);
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
