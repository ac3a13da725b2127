//! Invitations that rooms make for somebody else than the person: to bring a contact, or for the bearer of one for many.

use std::time::{Duration, Instant};

use super::{Live, Session, opening::new_room_id};
use crate::{
    api::{RoomId, RoomKind, Terms},
    invitation::Invitation,
    room::{Input, LinkId, Room, wire::Said},
};

/// An invitation that is handed on by a door for many, or brings a contact into a room, is good for so long.
pub(super) const HANDED_ON: Duration = Duration::from_secs(24 * 3600);
/// Contacts to be that an invitation for many has made and that nobody has entered yet; beyond it the oldest gives way, or the
/// bearer is turned away.
const DISPENSED: usize = 16;
/// A contact to be holds its place for so long.
const HOLDS: Duration = Duration::from_secs(300);

/// The one that gives way for another, oldest first. Until then bearers are turned away, so that one bearer who takes all places
/// keeps others out for minutes and not for a day.
fn giving_way(dispensed: &[(RoomId, Instant)], now: Instant) -> Option<RoomId> {
    let (oldest, since) = dispensed.iter().min_by_key(|(_, since)| *since)?;
    (now >= *since + HOLDS).then_some(*oldest)
}

/// What an invitation that a room is about to make is for.
pub(super) enum Purpose {
    /// To be sent to this contact.
    Bring { contact: RoomId },
    /// For the one on this link at the door for many.
    Dispense { door: RoomId, link: LinkId },
}

impl Session {
    /// Somebody at the door for many: a contact and an invitation for them alone.
    pub(super) async fn dispense(&mut self, door: RoomId, link: LinkId) {
        let id = new_room_id();
        let title = self.name.clone();
        let unentered = |live: &Live| live.room.summary().is_some_and(|summary| summary.names.len() == 1);
        self.dispensed.retain(|(id, _)| self.rooms.get(id).is_some_and(unentered));
        let now = Instant::now();
        if self.dispensed.len() >= DISPENSED {
            let Some(oldest) = giving_way(&self.dispensed, now) else {
                tracing::warn!("too many took an invitation for many and never came; one is turned away");
                return;
            };
            self.dispensed.retain(|(id, _)| *id != oldest);
            self.input(oldest, Input::Leave);
        }
        self.dispensed.push((id, now));
        if self.shelf.is_some()
            && self.open(id, false, |own| Room::found(Instant::now(), own, RoomKind::Contact, title)).await
        {
            self.purposes.insert(id, Purpose::Dispense { door, link });
            self.input(id, Input::Invite(Terms { many: false, valid: Some(HANDED_ON), waiting_room: false }));
        }
    }

    pub(super) fn invitation_made(&mut self, id: RoomId, invitation: Invitation) {
        match self.purposes.remove(&id) {
            Some(Purpose::Dispense { door, link }) => self.input(door, Input::Dispensed { link, invitation }),
            Some(Purpose::Bring { contact }) => {
                let title =
                    self.rooms.get(&id).and_then(|live| live.room.summary()).map_or_else(String::new, |s| s.title);
                self.input(contact, Input::Say(Said::Invitation { title, link: invitation.to_string() }));
            }
            None => {}
        }
    }

    /// A contact to be whose invitation is over will never be one.
    pub(super) async fn forget_if_empty(&mut self, id: RoomId) {
        let is_empty = self.rooms.get(&id).is_some_and(|live| {
            live.room.kind() == Some(RoomKind::Contact) && live.room.pairs().is_empty() && live.room.is_alone()
        });
        if is_empty {
            self.input(id, Input::Leave);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_dispensed_room_gives_way_after_minutes() {
        let now = Instant::now();
        let room = |number: u8| RoomId([number; 16]);
        let dispensed: Vec<_> = (0..16).map(|i| (room(i), now + Duration::from_secs(u64::from(16 - i)))).collect();
        assert_eq!(giving_way(&dispensed, now + Duration::from_secs(300)), None);
        assert_eq!(giving_way(&dispensed, now + Duration::from_secs(301)), Some(room(15)));
        assert_eq!(giving_way(&[], now), None);
    }
}
