//! What is said to members inside the group: to all, to those who are here, or to one.

use std::collections::VecDeque;

use group_crypto::MemberId;

use crate::room::{
    inside::{Inside, participant::Participant},
    output::{Output, send_on_all},
    wire::{self, LinkMessage, Purpose, RoomMessage},
};

impl Inside {
    /// Tells every member something inside the group, in the current epoch, now or when they have a link.
    pub fn tell_all(&mut self, message: &RoomMessage, out: &mut VecDeque<Output>) {
        let Some(bytes) = self.protect(message) else {
            return;
        };
        for p in self.participants.values_mut().filter(|p| !p.standing.said_goodbye && !p.standing.to_be_removed) {
            tell(p, &bytes, out);
        }
    }

    /// Tells those who have a link, and nobody later.
    pub fn tell_linked(&mut self, message: &RoomMessage, out: &mut VecDeque<Output>) {
        let links: Vec<_> =
            self.participants.values().filter(|p| !p.standing.to_be_removed).filter_map(|p| p.link).collect();
        if !links.is_empty()
            && let Some(bytes) = self.protect(message)
        {
            send_on_all(out, links, message.purpose(), &bytes);
        }
    }

    /// Tells one member something inside the group, in the current epoch.
    pub fn tell_one(&mut self, index: MemberId, message: &RoomMessage, out: &mut VecDeque<Output>) {
        self.tell_some(&[index], message, out);
    }

    /// Tells some members the same inside the group, in the current epoch: sealed, and so kept, once for all of them.
    pub fn tell_some(&mut self, to: &[MemberId], message: &RoomMessage, out: &mut VecDeque<Output>) {
        if to.is_empty() {
            return;
        }
        let Some(bytes) = self.protect(message) else {
            return;
        };
        for member in to {
            if let Some(p) = self.participants.get_mut(member) {
                tell(p, &bytes, out);
            }
        }
    }

    pub fn protect(&mut self, message: &RoomMessage) -> Option<Vec<u8>> {
        match self.membership.agreement.protect(&wire::encode(message)) {
            Ok(bytes) => Some(wire::encode(&LinkMessage::Group(bytes))),
            Err(why) => {
                tracing::error!(%why, "a message to the room could not be sealed");
                None
            }
        }
    }
}

/// Sends an encoded link message, or lets it wait for the link.
pub(in crate::room) fn tell(p: &mut Participant, bytes: &[u8], out: &mut VecDeque<Output>) {
    match p.link {
        Some(link) => out.push_back(Output::Send { link, purpose: Purpose::Control, bytes: bytes.to_vec() }),
        None => p.wait(bytes.to_vec()),
    }
}
