//! What is said on links.

use group_crypto::MemberId;

use super::{Around, Links, Output};
use crate::room::{
    budget::Cost,
    link::LinkId,
    wire::{self, LinkMessage, Purpose},
};

impl Links {
    pub(super) fn send(&mut self, link: LinkId, message: &LinkMessage) {
        self.out.push_back(Output::Send { link, purpose: message.purpose(), bytes: wire::encode(message) });
    }

    /// The answer to a stranger.
    pub fn answer(&mut self, link: LinkId, message: &LinkMessage) {
        self.send(link, message);
    }

    /// A message for a member, if they have a link.
    pub fn send_to(&mut self, member: MemberId, message: &LinkMessage) {
        if let Some(link) = self.link_with(member) {
            self.send(link, message);
        }
    }

    /// A message about keys for a member, if they have a link. A commit that they missed they pay for: one who says again and
    /// again to be behind is told no more than that.
    pub fn tell_keys(&mut self, around: Around<'_>, member: MemberId, bytes: Vec<u8>, was_missed: bool) {
        if !was_missed || self.affords(around, member, Cost::Told(bytes.len())) {
            self.send_to(member, &LinkMessage::Group(bytes));
        }
    }

    /// The same for all who have a link.
    pub fn send_to_all(&mut self, message: &LinkMessage) {
        for link in self.parties.values().filter_map(|party| party.link).collect::<Vec<_>>() {
            self.send(link, message);
        }
    }

    /// Sealed bytes for these members, as far as they have a link.
    pub fn tell(&mut self, to: &[MemberId], purpose: Purpose, bytes: &[u8]) {
        let links = to.iter().filter_map(|member| self.parties.get(member)?.link);
        self.out.extend(links.map(|link| Output::Send { link, purpose, bytes: bytes.to_vec() }));
    }

    /// Sealed bytes for these members, now or once they have a link.
    pub fn tell_in_time(&mut self, to: &[MemberId], purpose: Purpose, bytes: &[u8]) {
        for member in to {
            let party = self.parties.get_mut(member);
            self.out.extend(party.and_then(|party| party.tell(purpose, bytes)));
        }
    }

    /// Members with a link, to whom something is still said.
    pub fn linked_members(&self, around: Around<'_>) -> Vec<MemberId> {
        let linked = self.parties.values().filter(|party| party.link.is_some());
        linked.map(|party| party.id).filter(|member| !around.is_to_be_removed(*member)).collect()
    }
}
