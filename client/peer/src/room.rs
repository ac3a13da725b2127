//! `room`: rooms that are kept.

use std::time::Duration;

use engine::{
    api::{Body, Event, LeftBecause, RoomEvent, RoomId, RoomKind, RoomWish, Wish},
    names::check_name,
};
use serde::Serialize;

use crate::{
    accept,
    arguments::{Global, Inviting, RoomCommand},
    desk::{ANSWER, Desk},
    error::{Named, PeerError},
    history, output,
};

pub fn run(command: RoomCommand, global: &Global) -> Result<(), PeerError> {
    let time = |seconds: u32| Duration::from_secs(seconds.into());
    match command {
        RoomCommand::Create { title } => create(global, &title),
        RoomCommand::List { json } => list(global, json),
        RoomCommand::Invite { room, inviting, waiting_room } => invite(global, &room, &inviting, waiting_room),
        RoomCommand::Accept { invitation, seconds } => accept::run(global, &invitation, RoomKind::Kept, seconds),
        RoomCommand::Bring { contact, room } => bring(global, &contact, &room),
        RoomCommand::Leave { room, seconds } => leave(global, &room, Named::Room, time(seconds)),
        RoomCommand::Remove { room, name, seconds } => remove(global, &room, &name, time(seconds)),
        RoomCommand::History { room, json } => history::run(global, &room, Named::Room, json),
    }
}

/// The title as the engine takes it: without spaces around it.
pub fn check_title(title: &str) -> Result<String, PeerError> {
    let title = title.trim();
    check_name(title).map_err(|_| PeerError::Title)?;
    Ok(title.to_owned())
}

fn create(global: &Global, title: &str) -> Result<(), PeerError> {
    let title = check_title(title)?;
    let mut desk = Desk::offline(global)?;
    let known: Vec<_> = desk.book.rooms.keys().copied().collect();
    desk.wish(Wish::Found { title, kind: RoomKind::Kept });
    desk.until(Some(ANSWER), |_, event| match event {
        Event::Room { room, what: RoomEvent::Entered { .. } } if !known.contains(room) => Some(()),
        _ => None,
    })?;
    desk.close()
}

#[derive(Serialize)]
struct Listed<'a> {
    id: String,
    title: &'a str,
    /// The names of the others.
    members: Vec<&'a str>,
    /// The ids of the others, in the same order.
    member_ids: Vec<String>,
    invitations: usize,
}

fn list(global: &Global, json: bool) -> Result<(), PeerError> {
    let desk = Desk::offline(global)?;
    let mut ids = desk.book.room_ids();
    let mut all: Vec<_> = (desk.book.of(RoomKind::Kept))
        .map(|(id, room)| Listed {
            id: ids.remove(&id).unwrap_or_default(),
            title: &room.title,
            members: room.members.values().map(|member| member.name.as_str()).collect(),
            member_ids: desk.book.member_ids(id).into_values().collect(),
            invitations: room.invitations.len(),
        })
        .collect();
    all.sort_by_key(|one| one.title.to_lowercase());
    if json {
        output::say_json(&all)?;
    } else {
        for one in &all {
            let named = one.members.iter().zip(&one.member_ids);
            let members: Vec<_> = named.map(|(name, id)| format!("{} {id}", output::quoted(name))).collect();
            output::say(format_args!("{}  {}  ({})", one.id, output::quoted(one.title), members.join(", ")));
        }
    }
    desk.close()
}

fn invite(global: &Global, title: &str, inviting: &Inviting, waiting_room: bool) -> Result<(), PeerError> {
    let mut desk = Desk::online(global)?;
    let room = desk.find(title, Named::Room)?;
    let known = desk.book.rooms.get(&room).map(|room| room.invitations.clone()).unwrap_or_default();
    desk.in_room(room, RoomWish::Invite(inviting.terms(waiting_room)));
    let link = until_in(&mut desk, room, ANSWER, |_, what| match what {
        RoomEvent::InvitationReady { id, invitation, .. } if !known.contains(id) => Some(invitation.to_string()),
        _ => None,
    })?;
    desk.hand_out(&link, inviting)
}

/// Only queues it: the contact gets it while `listen` runs.
fn bring(global: &Global, contact: &str, title: &str) -> Result<(), PeerError> {
    let mut desk = Desk::online(global)?;
    let contact = desk.find(contact, Named::Contact)?;
    let room = desk.find(title, Named::Room)?;
    desk.in_room(contact, RoomWish::Bring { into: room });
    until_in(&mut desk, contact, ANSWER, |_, what| match what {
        RoomEvent::Said(line) if line.mine && matches!(line.body, Body::Invitation { .. }) => Some(()),
        _ => None,
    })?;
    desk.close()
}

/// Forgets a room or a contact, and says goodbye if somebody is found within `reach`.
pub fn leave(global: &Global, name: &str, kind: Named, reach: Duration) -> Result<(), PeerError> {
    let mut desk = Desk::online(global)?;
    let room = desk.find(name, kind)?;
    let is_alone = |desk: &Desk| desk.book.rooms.get(&room).is_some_and(|room| room.members.is_empty());
    if !is_alone(&desk) {
        let found = until_in(&mut desk, room, reach, |desk, _| {
            desk.book.rooms.get(&room).is_some_and(|room| room.somebody_is_here()).then_some(())
        });
        // Nobody has to be there for us to go.
        if !matches!(found, Err(PeerError::NoAnswer)) {
            found?;
        }
    }
    desk.in_room(room, RoomWish::Leave);
    until_in(&mut desk, room, ANSWER, |_, what| matches!(what, RoomEvent::Over(_)).then_some(()))?;
    desk.close()
}

fn remove(global: &Global, title: &str, name: &str, limit: Duration) -> Result<(), PeerError> {
    let mut desk = Desk::online(global)?;
    let room = desk.find(title, Named::Room)?;
    let wanted = desk.book.find_member(room, name)?;
    desk.in_room(room, RoomWish::Remove(wanted));
    let removed = until_in(&mut desk, room, limit, |_, what| match what {
        RoomEvent::Left { member, why } if *member == wanted && *why != LeftBecause::Lost => Some(()),
        _ => None,
    });
    match removed {
        Err(PeerError::NoAnswer) => Err(PeerError::NotInTime),
        removed => removed.and_then(|()| desk.close()),
    }
}

/// [`Desk::until`] for the events of one room.
fn until_in<T>(
    desk: &mut Desk,
    of: RoomId,
    limit: Duration,
    mut found: impl FnMut(&Desk, &RoomEvent) -> Option<T>,
) -> Result<T, PeerError> {
    desk.until(Some(limit), |desk, event| match event {
        Event::Room { room, what } if *room == of => found(desk, what),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_is_taken_as_the_engine_takes_it() {
        assert_eq!(check_title(" Choir ").unwrap(), "Choir");
        // 150 bytes.
        let scripts = ["é".repeat(64), "क".repeat(50)];
        assert!(scripts.iter().all(|title| check_title(title).is_ok_and(|taken| taken == *title)));
        for wrong in ["", " ", "a\nb", "a\u{200b}b", &"x".repeat(65)] {
            assert!(check_title(wrong).is_err(), "{}", wrong.escape_unicode());
        }
    }
}
