//! People of rooms come, change and go.

use bevy::prelude::*;
use engine::api::{Event, LeftBecause, MemberId, RoomEvent, RoomKind};

use super::{Comparable, InCall, Known, Me, OnStage, Person, Room, Spoke};
use crate::{
    engine::door::Happened,
    ui::{
        notice::Notice,
        words::{Words, shortened},
    },
};

/// We come after everybody else.
pub const LAST: u32 = u32::MAX;

type Others<'w, 's> = Query<'w, 's, (Entity, &'static mut Person, &'static mut Known, &'static mut Spoke), Without<Me>>;

fn find(people: &Others<'_, '_>, room: Entity, member: MemberId) -> Option<Entity> {
    let found = people.iter().find(|(_, person, ..)| person.room == room && person.member == member);
    found.map(|(entity, ..)| entity)
}

pub fn come_and_go(
    mut commands: Commands,
    mut happened: MessageReader<Happened>,
    rooms: Query<(Entity, &Room)>,
    mut people: Others,
    mut arrived: Local<u32>,
    words: Res<Words>,
    time: Res<Time<Real>>,
    mut notices: MessageWriter<Notice>,
) {
    // Spawned in this very frame, and so not in the query yet.
    let mut fresh: Vec<(Entity, MemberId, Entity)> = Vec::new();
    for event in happened.read() {
        let Event::Room { room: id, what } = &event.0 else {
            continue;
        };
        let Some((of, room)) = rooms.iter().find(|(_, room)| room.id == *id) else {
            continue;
        };
        match what {
            RoomEvent::Joined { member, name } => {
                if find(&people, of, *member).is_some() {
                    continue;
                }
                *arrived += 1;
                let person = Person { room: of, member: *member, name: name.clone(), rank: *arrived };
                let entity = commands.spawn((person, ChildOf(of), Known::default(), Spoke::default())).id();
                fresh.push((of, *member, entity));
            }
            RoomEvent::Changed { member, state } => {
                let known = find(&people, of, *member).and_then(|entity| people.get_mut(entity).ok());
                if let Some((_, _, mut known, mut spoke)) = known {
                    if state.speaking {
                        spoke.0 = time.elapsed_secs_f64();
                    }
                    known.set_if_neq(Known(state.clone()));
                } else if let Some((.., entity)) = fresh.iter().find(|(at, who, _)| *at == of && who == member) {
                    commands.entity(*entity).insert(Known(state.clone()));
                }
            }
            RoomEvent::Safety { member, safety } => {
                let young = fresh.iter().find(|(at, who, _)| *at == of && who == member).map(|(.., entity)| *entity);
                if let Some(entity) = young.or_else(|| find(&people, of, *member)) {
                    commands.entity(entity).insert(Comparable(safety.clone()));
                }
            }
            RoomEvent::Renamed { member, name } => {
                if let Some(entity) = find(&people, of, *member)
                    && let Ok((_, mut person, ..)) = people.get_mut(entity)
                {
                    let (from, to) = (shortened(&person.name, 32), shortened(name, 32));
                    notices.write(Notice::news(words.say_of("notice-renamed", [("from", from), ("to", to)])));
                    person.name.clone_from(name);
                }
            }
            RoomEvent::Left { member, why } => {
                fresh.retain(|(at, who, entity)| {
                    let leaves = *at == of && who == member;
                    if leaves {
                        commands.entity(*entity).despawn();
                    }
                    !leaves
                });
                if let Some(entity) = find(&people, of, *member)
                    && let Ok((_, person, ..)) = people.get(entity)
                {
                    let key = match why {
                        LeftBecause::Goodbye => "notice-left",
                        LeftBecause::Removed => "notice-removed",
                        LeftBecause::Lost => "notice-lost",
                    };
                    if room.kind != Some(RoomKind::Contact) {
                        notices.write(Notice::news(words.say_with(key, "name", shortened(&person.name, 32))));
                    }
                    commands.entity(entity).despawn();
                }
            }
            _ => {}
        }
    }
}

/// Whoever is in the call that we are in has a tile. In an ephemeral room that is everybody.
pub fn step_on_stage(
    mut commands: Commands,
    rooms: Query<&Room, With<InCall>>,
    people: Query<(Entity, &Person, &Known, Has<Me>, Has<OnStage>)>,
) {
    for (entity, person, known, me, on_stage) in &people {
        let wanted =
            rooms.get(person.room).is_ok_and(|room| me || known.0.in_call || room.kind == Some(RoomKind::Ephemeral));
        match (wanted, on_stage) {
            (true, false) => drop(commands.entity(entity).insert(OnStage)),
            (false, true) => drop(commands.entity(entity).remove::<OnStage>()),
            _ => {}
        }
    }
}
