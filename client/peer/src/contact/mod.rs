//! `contact`: relationships of two.

mod trust;

use std::time::Duration;

use engine::api::{Event, RoomEvent, RoomKind, RoomWish, Wish};
use serde::Serialize;

use crate::{
    accept,
    arguments::{ContactCommand, Global, Inviting, quiet_text},
    desk::{ANSWER, Desk},
    error::{Named, PeerError},
    history, output, room, say,
};

pub fn run(command: ContactCommand, global: &Global) -> Result<(), PeerError> {
    match command {
        ContactCommand::Invite { label, inviting } => invite(global, &label, &inviting),
        ContactCommand::Accept { invitation, seconds } => accept::run(global, &invitation, RoomKind::Contact, seconds),
        ContactCommand::List { json } => list(global, json),
        ContactCommand::Revoke { name, seconds } => {
            room::leave(global, &name, Named::Contact, Duration::from_secs(seconds.into()))
        }
        ContactCommand::Verify { name, read, code, json } => {
            let read = code.or_else(|| (!read.is_empty()).then(|| read.join(" ")));
            trust::verify(global, &name, read.as_deref(), json)
        }
        ContactCommand::Rules { name, ring, video, quiet } => trust::rules(global, &name, ring, video, quiet),
        ContactCommand::History { name, json } => history::run(global, &name, Named::Contact, json),
        ContactCommand::Clear { name } => clear(global, &name),
        ContactCommand::Rename { name, label } => rename(global, &name, &label),
        ContactCommand::Say { name, text, file, wait } => {
            let wait = wait.map(|seconds| Duration::from_secs(seconds.into()));
            say::run(global, &name, &text, file.as_deref(), wait)
        }
    }
}

fn invite(global: &Global, label: &str, inviting: &Inviting) -> Result<(), PeerError> {
    let label = room::check_title(label)?;
    let mut desk = Desk::online(global)?;
    let known: Vec<_> = desk.book.rooms.keys().copied().collect();
    let terms = inviting.terms(false);
    desk.wish(Wish::InviteContact { label, terms });
    let link = desk.until(Some(ANSWER), |_, event| match event {
        Event::Room { room, what: RoomEvent::InvitationReady { invitation, .. } } if !known.contains(room) => {
            Some(invitation.to_string())
        }
        _ => None,
    })?;
    desk.hand_out(&link, inviting)
}

fn clear(global: &Global, name: &str) -> Result<(), PeerError> {
    let mut desk = Desk::offline(global)?;
    let contact = desk.find(name, Named::Contact)?;
    desk.wish(Wish::InRoom { room: contact, wish: RoomWish::Clear });
    desk.until(Some(ANSWER), |_, event| match event {
        Event::Room { room, what: RoomEvent::History { .. } } if *room == contact => Some(()),
        _ => None,
    })?;
    desk.close()
}

/// Gives a contact the name that we know them by; nobody else learns it.
fn rename(global: &Global, name: &str, label: &str) -> Result<(), PeerError> {
    let label = room::check_title(label)?;
    let mut desk = Desk::offline(global)?;
    let contact = desk.find(name, Named::Contact)?;
    desk.in_room(contact, RoomWish::Label(label.clone()));
    let kept = desk.until(Some(ANSWER), |_, event| match event {
        Event::Room { room, what: RoomEvent::Titled { title } } if *room == contact => Some(*title == label),
        _ => None,
    })?;
    desk.close()?;
    if kept { Ok(()) } else { Err(PeerError::Title) }
}

#[derive(Serialize)]
struct Listed<'a> {
    id: String,
    name: &'a str,
    /// Invited, and not yet a contact.
    waiting: bool,
    verified: bool,
    ring: bool,
    video: bool,
    quiet: Option<String>,
    invitations: usize,
}

fn list(global: &Global, json: bool) -> Result<(), PeerError> {
    let desk = Desk::offline(global)?;
    let mut ids = desk.book.room_ids();
    let mut all: Vec<_> = (desk.book.of(RoomKind::Contact))
        .map(|(id, contact)| Listed {
            id: ids.remove(&id).unwrap_or_default(),
            name: &contact.title,
            waiting: contact.is_waiting(),
            verified: contact.is_verified(),
            ring: contact.rules.ring,
            video: contact.rules.video,
            quiet: quiet_text(contact.rules.quiet),
            invitations: contact.invitations.len(),
        })
        .collect();
    all.sort_by_key(|one| one.name.to_lowercase());
    if json {
        output::say_json(&all)?;
    } else {
        for one in &all {
            let mark = match (one.waiting, one.verified) {
                (true, _) => "  (invited)",
                (false, true) => "  (verified)",
                (false, false) => "",
            };
            output::say(format_args!("{}  {}{mark}", one.id, output::quoted(one.name)));
        }
    }
    desk.close()
}
