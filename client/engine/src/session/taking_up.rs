//! Taking up invitations: one person is one member of a room, and nobody is a contact of their own.

use std::time::Instant;

use super::{Live, Session, live::Admission, opening::new_room_id};
use crate::{
    api::{Event, JoinFailed, OverBecause, RoomEvent, RoomId, RoomKind, Trouble},
    invitation::Invitation,
    room::{Input, Room, Whose},
};

impl Session {
    pub(super) async fn redeem(&mut self, invitation: Invitation) {
        let is_kept = invitation.kind() != RoomKind::Ephemeral;
        if is_kept && self.shelf.is_none() {
            return self.door.tell(Event::Trouble(Trouble::NoStore));
        }
        if !is_kept && self.calling.is_some() {
            return self.door.tell(Event::Trouble(Trouble::InAnotherCall));
        }
        let id = new_room_id();
        if is_kept && let Err(why) = self.take_up(id, &invitation) {
            return self.door.room(id, RoomEvent::Over(OverBecause::JoinFailed(why)));
        }
        if !self.open(id, !is_kept, |own| Room::join(Instant::now(), own, invitation)).await {
            return self.door.room(id, RoomEvent::Over(OverBecause::Failed));
        }
        if let Some(live) = self.rooms.get_mut(&id) {
            live.admission = Admission::Sought;
        }
    }

    /// Notes that an invitation leads to this room. Refuses one that we made or took up before, and one that comes from a room of
    /// which we are a member: it stays good for somebody else.
    fn take_up(&mut self, id: RoomId, invitation: &Invitation) -> Result<(), JoinFailed> {
        let Some(shelf) = &mut self.shelf else { return Ok(()) };
        let secret = invitation.secret.id().0;
        if tokio::task::block_in_place(|| shelf.is_own_invitation(secret)) {
            return Err(JoinFailed::OwnInvitation);
        }
        let endpoint = &invitation.whereabouts.endpoint;
        for (room, live) in &self.rooms {
            match live.room.open_group().and_then(|_| live.room.whose(endpoint)) {
                Some(Whose::Ours) => return Err(JoinFailed::OwnInvitation),
                Some(Whose::AnotherMembers) => return Err(JoinFailed::TakenUpBefore { room: *room }),
                None => {}
            }
        }
        tokio::task::block_in_place(|| {
            let mut taken = shelf.taken_up();
            // From a room that we left, or were removed from, the same invitation may lead back.
            taken.retain(|(_, room)| self.rooms.get(&RoomId(*room)).is_some_and(Live::is_open));
            if let Some((_, room)) = taken.iter().find(|(of, _)| *of == secret) {
                return Err(JoinFailed::TakenUpBefore { room: RoomId(*room) });
            }
            taken.push((secret, id.0));
            if let Err(why) = shelf.keep_taken_up(&taken) {
                tracing::error!(%why, "what was taken up could not be noted");
            }
            Ok(())
        })
    }

    /// Leaves a room at once that we were just let into, where we are a member of it already: its maker's endpoint has changed
    /// since, so only the group shows it. True where nothing is to be told of having entered.
    pub(super) fn leave_if_twice(&mut self, id: RoomId) -> bool {
        let Some(live) = self.rooms.get(&id) else { return false };
        let here = live.room.open_group();
        let is_same =
            |(room, other): &(&RoomId, &Live)| **room != id && here.is_some() && other.room.open_group() == here;
        let member_of = if live.admission == Admission::Sought {
            self.rooms.iter().find(is_same).map(|(room, _)| *room)
        } else {
            None
        };
        if let Some(live) = self.rooms.get_mut(&id) {
            live.admission = member_of.map_or(Admission::None, |member_of| Admission::Needless { member_of });
        }
        if member_of.is_some() {
            self.input(id, Input::Leave);
        }
        member_of.is_some()
    }
}
