//! Mirrors the engine's events as entities, and passes the switches on as wishes.

use bevy::prelude::*;
use engine::api::{Event, KeyState, LeftBecause, ParticipantState, Wish};

use super::{Known, Me, Own, Person, Room, Spoke};
use crate::{
    action::{Act, Action},
    door::{Happened, Wished},
    notice::Notice,
    screen::{Journey, Screen},
    tile::shortened,
    words::Words,
};

/// Mirrors events, before anything looks at the entities.
#[derive(SystemSet, Clone, PartialEq, Eq, Hash, Debug)]
pub struct Mirrored;

pub fn plugin(app: &mut App) {
    app.init_resource::<Own>()
        .add_systems(
            PreUpdate,
            (mirror_room, mirror_people, mirror_own).chain().in_set(Mirrored).after(crate::door::EventsIn),
        )
        .add_systems(Update, switch)
        .add_systems(OnExit(Screen::Room), forget)
        .add_systems(OnEnter(Screen::Start), forget_own);
}

/// We come after everybody else.
const LAST: u32 = u32::MAX;

fn mirror_room(
    mut commands: Commands,
    mut happened: MessageReader<Happened>,
    journey: Res<Journey>,
    own: Res<Own>,
    time: Res<Time<Real>>,
) {
    for event in happened.read() {
        let Event::Entered { title, me, post_quantum, .. } = &event.0 else {
            continue;
        };
        commands.spawn(Room { title: title.clone(), post_quantum: *post_quantum, entered: time.elapsed_secs_f64() });
        commands.spawn((
            Person { member: *me, name: journey.name.clone(), rank: LAST },
            Me,
            Known(ParticipantState {
                connected: true,
                keys: KeyState::Current,
                camera_on: own.camera_on,
                microphone_on: own.microphone_on,
                ..default()
            }),
            Spoke::default(),
        ));
    }
}

fn mirror_people(
    mut commands: Commands,
    mut happened: MessageReader<Happened>,
    mut people: Query<(Entity, &Person, &mut Known, &mut Spoke), Without<Me>>,
    mut arrived: Local<u32>,
    words: Res<Words>,
    time: Res<Time<Real>>,
    mut notices: MessageWriter<Notice>,
) {
    // Spawned in this very frame, and so not in the query yet.
    let mut fresh: Vec<(engine::api::MemberId, Entity)> = Vec::new();
    for event in happened.read() {
        match &event.0 {
            Event::Joined { member, name } => {
                *arrived += 1;
                let person = Person { member: *member, name: name.clone(), rank: *arrived };
                let entity = commands.spawn((person, Known::default(), Spoke::default())).id();
                fresh.push((*member, entity));
            }
            Event::Changed { member, state } => {
                let known = people.iter_mut().find(|(_, person, ..)| person.member == *member);
                if let Some((_, _, mut known, mut spoke)) = known {
                    if state.speaking {
                        spoke.0 = time.elapsed_secs_f64();
                    }
                    known.set_if_neq(Known(state.clone()));
                } else if let Some((_, entity)) = fresh.iter().find(|(fresh, _)| fresh == member) {
                    commands.entity(*entity).insert(Known(state.clone()));
                }
            }
            Event::Left { member, why } => {
                fresh.retain(|(fresh, entity)| {
                    if fresh == member {
                        commands.entity(*entity).despawn();
                    }
                    fresh != member
                });
                if let Some((entity, person, ..)) = people.iter().find(|(_, person, ..)| person.member == *member) {
                    let key = match why {
                        LeftBecause::Goodbye => "notice-left",
                        LeftBecause::Removed => "notice-removed",
                        LeftBecause::Lost => "notice-lost",
                    };
                    notices.write(Notice::news(words.say_with(key, "name", shortened(&person.name, 32))));
                    commands.entity(entity).despawn();
                }
            }
            _ => {}
        }
    }
}

fn mirror_own(
    mut happened: MessageReader<Happened>,
    mut own: ResMut<Own>,
    mut me: Query<(&mut Known, &mut Spoke), With<Me>>,
    time: Res<Time<Real>>,
) {
    for event in happened.read() {
        let mut now = *own;
        match &event.0 {
            Event::MicrophoneLevel { level, speaking } => {
                now.level = *level;
                now.speaking = *speaking;
            }
            Event::OwnMedia { camera_on, microphone_on } => {
                now.camera_on = *camera_on;
                now.microphone_on = *microphone_on;
            }
            _ => continue,
        }
        own.set_if_neq(now);
    }
    for (mut known, mut spoke) in &mut me {
        let speaking = own.speaking && own.microphone_on;
        if speaking {
            spoke.0 = time.elapsed_secs_f64();
        }
        known.set_if_neq(Known(ParticipantState {
            camera_on: own.camera_on,
            microphone_on: own.microphone_on,
            speaking,
            ..known.0.clone()
        }));
    }
}

fn switch(mut acts: MessageReader<Act>, screen: Res<State<Screen>>, own: Res<Own>, mut wishes: MessageWriter<Wished>) {
    for act in acts.read() {
        if !matches!(screen.get(), Screen::Lobby | Screen::Room) {
            continue;
        }
        match act.0 {
            Action::Microphone => wishes.write(Wished(Wish::MicrophoneOn(!own.microphone_on))),
            Action::Camera => wishes.write(Wished(Wish::CameraOn(!own.camera_on))),
            _ => continue,
        };
    }
}

fn forget(mut commands: Commands, gone: Query<Entity, Or<(With<Room>, With<Person>)>>) {
    for entity in &gone {
        commands.entity(entity).despawn();
    }
}

fn forget_own(mut own: ResMut<Own>) {
    *own = Own::default();
}
