//! People of rooms come, change and go.

use bevy::prelude::*;
use engine::api::{Event, LeftBecause, MemberId, ParticipantState, RoomEvent, RoomKind};

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

/// Members that were spawned in this very frame, and so are not in the query yet: their room, their id, and the entity.
type Fresh = Vec<(Entity, MemberId, Entity)>;

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
    let mut fresh = Fresh::new();
    for event in happened.read() {
        let Event::Room { room: id, what } = &event.0 else {
            continue;
        };
        let Some((of, room)) = rooms.iter().find(|(_, room)| room.id == *id) else {
            continue;
        };
        let young = |fresh: &Fresh, member: MemberId| {
            fresh.iter().find(|(at, who, _)| *at == of && *who == member).map(|(.., entity)| *entity)
        };
        match what {
            RoomEvent::Joined { member, name } if find(&people, of, *member).is_none() => {
                *arrived += 1;
                let person = Person { room: of, member: *member, name: name.clone(), rank: *arrived };
                let entity = commands.spawn((person, ChildOf(of), Known::default(), Spoke::default())).id();
                fresh.push((of, *member, entity));
            }
            RoomEvent::Changed { member, state } => {
                if !change(&mut people, of, *member, state, time.elapsed_secs_f64())
                    && let Some(entity) = young(&fresh, *member)
                {
                    commands.entity(entity).insert(Known(state.clone()));
                }
            }
            RoomEvent::Safety { member, safety } => {
                if let Some(entity) = young(&fresh, *member).or_else(|| find(&people, of, *member)) {
                    commands.entity(entity).insert(Comparable(safety.clone()));
                }
            }
            RoomEvent::Renamed { member, name } => {
                notices.write_batch(rename(&mut people, of, *member, name, &words).map(Notice::news));
            }
            RoomEvent::Left { member, why } => {
                if let Some(entity) = young(&fresh, *member) {
                    commands.entity(entity).despawn();
                    fresh.retain(|(.., young)| *young != entity);
                }
                if let Some(entity) = find(&people, of, *member)
                    && let Ok((_, person, ..)) = people.get(entity)
                {
                    let told = room.kind != Some(RoomKind::Contact);
                    notices.write_batch(told.then(|| Notice::news(farewell(person, *why, &words))));
                    commands.entity(entity).despawn();
                }
            }
            _ => {}
        }
    }
}

/// Sets the state of a member; false if there is no such member yet.
fn change(people: &mut Others<'_, '_>, room: Entity, member: MemberId, state: &ParticipantState, now: f64) -> bool {
    let found = find(people, room, member).and_then(|entity| people.get_mut(entity).ok());
    let Some((_, _, mut known, mut spoke)) = found else {
        return false;
    };
    if state.speaking {
        spoke.0 = now;
    }
    known.set_if_neq(Known(state.clone()));
    true
}

/// Renames a member, and returns the words for it.
fn rename(people: &mut Others<'_, '_>, room: Entity, member: MemberId, name: &str, words: &Words) -> Option<String> {
    let entity = find(people, room, member)?;
    let (_, mut person, ..) = people.get_mut(entity).ok()?;
    let (from, to) = (shortened(&person.name, 32), shortened(name, 32));
    name.clone_into(&mut person.name);
    Some(words.say_of("notice-renamed", [("from", from), ("to", to)]))
}

/// The words for a member that has left.
fn farewell(person: &Person, why: LeftBecause, words: &Words) -> String {
    let key = match why {
        LeftBecause::Goodbye => "notice-left",
        LeftBecause::Removed => "notice-removed",
        LeftBecause::Lost => "notice-lost",
    };
    words.say_with(key, "name", shortened(&person.name, 32))
}

/// Every participant of our call has a tile. In an ephemeral room that is everyone.
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
