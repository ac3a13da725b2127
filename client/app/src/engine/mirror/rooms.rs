//! Rooms come, change and go.

use bevy::prelude::*;
use engine::api::{
    CallState, Event, KeyState, MemberId, ParticipantState, RoomEvent, RoomId, RoomKind, RoomWish, Rules, Wish,
};

use super::{ForgetRooms, InCall, Knocks, Known, Me, Open, Own, Person, Room, Shown, Spoke, WayIn, people::LAST};
use crate::engine::{
    choices::Choices,
    door::{Happened, Wished},
    mirror::{Lines, Unread, Written},
};

fn fresh(id: RoomId, rank: u32) -> (Room, Open, Knocks, Lines, Unread, Written) {
    let room = Room {
        id,
        title: String::new(),
        kind: None,
        way_in: WayIn::Entering,
        post_quantum: false,
        rules: Rules::default(),
        read_only: None,
        code: None,
        call: CallState::None,
        since: 0.0,
        rank,
    };
    (room, Open::default(), Knocks::default(), Lines::default(), Unread::default(), Written::default())
}

fn step_in(room: &mut Room, title: &str, kind: RoomKind, post_quantum: bool) {
    (room.title, room.kind) = (title.to_owned(), Some(kind));
    (room.way_in, room.post_quantum) = (WayIn::In, post_quantum);
}

/// The engine begins with a room anew, as after a change of the network: whatever was known of its people, its call and
/// its door is over, and is told again where it is still so.
fn begin_anew(commands: &mut Commands<'_, '_>, room: Entity, people: &Query<'_, '_, (Entity, &Person)>) {
    for (person, _) in people.iter().filter(|(_, person)| person.room == room) {
        commands.entity(person).despawn();
    }
    commands.entity(room).remove::<InCall>().insert((Open::default(), Knocks::default()));
}

/// We in a room, as a member like the others.
fn ourselves(room: Entity, member: MemberId, choices: &Choices, own: &Own) -> impl Bundle + use<> {
    let state = ParticipantState {
        connected: true,
        keys: KeyState::Current,
        camera_on: own.camera_on,
        microphone_on: own.microphone_on,
        ..default()
    };
    let person = Person { room, member, name: choices.name.clone(), rank: LAST };
    (person, ChildOf(room), Me, Known(state), Spoke::default())
}

pub fn come_and_go(
    mut commands: Commands,
    mut happened: MessageReader<Happened>,
    mut rooms: Query<(Entity, &mut Room)>,
    people: Query<(Entity, &Person)>,
    mut rank: Local<u32>,
    choices: Res<Choices>,
    own: Res<Own>,
    mut shown: ResMut<Shown>,
    mut wishes: MessageWriter<Wished>,
) {
    // Spawned in this very frame, and so not in the query yet.
    let mut young: Vec<(RoomId, Entity)> = Vec::new();
    for event in happened.read() {
        let Event::Room { room: id, what } = &event.0 else {
            continue;
        };
        let known = rooms.iter_mut().find(|(_, room)| room.id == *id);
        match what {
            RoomEvent::Entering if known.is_none() && !young.iter().any(|(young, _)| young == id) => {
                *rank += 1;
                young.push((*id, commands.spawn(fresh(*id, *rank)).id()));
            }
            RoomEvent::Entered { title, kind, me, post_quantum, .. } => {
                let entity = if let Some((entity, mut room)) = known {
                    begin_anew(&mut commands, entity, &people);
                    room.call = CallState::None;
                    step_in(&mut room, title, *kind, *post_quantum);
                    entity
                } else {
                    *rank += 1;
                    let begun = young.iter().position(|(young, _)| young == id).map(|at| young.swap_remove(at).1);
                    let mut bundle = fresh(*id, *rank);
                    step_in(&mut bundle.0, title, *kind, *post_quantum);
                    let entity = begun.unwrap_or_else(|| commands.spawn_empty().id());
                    commands.entity(entity).insert(bundle);
                    entity
                };
                commands.spawn(ourselves(entity, *me, &choices, &own));
                if *kind == RoomKind::Ephemeral {
                    shown.0 = Some(entity);
                } else {
                    wishes.write(Wished(Wish::InRoom { room: *id, wish: RoomWish::Older { before: None } }));
                }
            }
            RoomEvent::Over(_) => {
                let begun = young.iter().position(|(young, _)| young == id).map(|at| young.swap_remove(at).1);
                for entity in known.map(|(entity, _)| entity).into_iter().chain(begun) {
                    commands.entity(entity).despawn();
                    if shown.0 == Some(entity) {
                        shown.0 = None;
                    }
                }
            }
            _ => {}
        }
    }
}

pub fn follow(
    mut commands: Commands,
    mut happened: MessageReader<Happened>,
    mut rooms: Query<(Entity, &mut Room)>,
    mut ourselves: Query<&mut Person, With<Me>>,
    time: Res<Time<Real>>,
    mut shown: ResMut<Shown>,
) {
    for event in happened.read() {
        let Event::Room { room: id, what } = &event.0 else {
            continue;
        };
        let Some((entity, mut room)) = rooms.iter_mut().find(|(_, room)| room.id == *id) else {
            continue;
        };
        match what {
            RoomEvent::Waiting => room.way_in = WayIn::Waiting,
            RoomEvent::Titled { title } => room.title.clone_from(title),
            RoomEvent::Settled { rules } => room.rules = *rules,
            RoomEvent::ReadOnly(why) => room.read_only = *why,
            RoomEvent::Suite { me, post_quantum, .. } => {
                (room.post_quantum, room.code) = (*post_quantum, None);
                for mut person in ourselves.iter_mut().filter(|person| person.room == entity) {
                    person.member = *me;
                }
            }
            RoomEvent::NewEpoch { .. } => room.code = None,
            RoomEvent::RoomCode(words) => room.code = Some(words.to_string()),
            RoomEvent::Call(call) => {
                room.call = *call;
                match call {
                    CallState::In | CallState::Calling => {
                        room.since = time.elapsed_secs_f64();
                        shown.0 = Some(entity);
                        commands.entity(entity).insert(InCall);
                    }
                    CallState::None | CallState::Ringing { .. } => {
                        commands.entity(entity).remove::<InCall>();
                    }
                }
            }
            _ => {}
        }
    }
}

/// Invitations and knocks.
pub fn follow_doors(mut happened: MessageReader<Happened>, mut rooms: Query<(&Room, &mut Open, &mut Knocks)>) {
    for event in happened.read() {
        let Event::Room { room: id, what } = &event.0 else {
            continue;
        };
        let Some((_, mut open, mut knocks)) = rooms.iter_mut().find(|(room, ..)| room.id == *id) else {
            continue;
        };
        match what {
            RoomEvent::InvitationReady { id, invitation, terms } => {
                open.0.retain(|(known, ..)| known != id);
                open.0.push((*id, invitation.clone(), *terms));
            }
            RoomEvent::InvitationOver { id } => open.0.retain(|(known, ..)| known != id),
            RoomEvent::Knock { knock, name } => {
                knocks.0.retain(|(known, _)| known != knock);
                knocks.0.push((*knock, name.clone()));
            }
            RoomEvent::KnockOver { knock } => knocks.0.retain(|(known, _)| known != knock),
            _ => {}
        }
    }
}

pub fn forget(
    mut commands: Commands,
    mut asked: MessageReader<ForgetRooms>,
    mut happened: MessageReader<Happened>,
    rooms: Query<Entity, With<Room>>,
    mut shown: ResMut<Shown>,
) {
    let ended = happened.read().any(|event| matches!(event.0, Event::Ended(_)));
    if asked.read().count() > 0 || ended {
        for room in &rooms {
            commands.entity(room).despawn();
        }
        shown.0 = None;
    }
}
