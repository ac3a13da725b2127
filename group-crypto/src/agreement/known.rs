//! Who is known: by a link, by the group, by a key that is kept, or as one who was removed.

use std::time::Instant;

use super::heal::Peer;
use super::{Agreement, KeyState, MAX_KNOWN, MAX_PROOF_BYTES, MAX_REMOVED_KEYS};
use crate::MemberId;

impl Agreement {
    /// A link with this member is up: they have proven who they are. Unknown and removed members are ignored, and so is
    /// who has a link already; for them it is a new one, and what was said on the old one may be lost.
    pub fn linked(&mut self, now: Instant, member: MemberId) {
        if member == self.group.my_id() || !self.known.contains_key(&member) || self.is_out(member) {
            return;
        }
        self.proposals.retain(|proposal| !proposal.is_loss_of(member));
        self.unmet.remove(&member);
        let awaited = self.awaited.len();
        self.awaited.retain(|(id, _)| *id != member);
        // A restart must not wait for them again, and drop them when they are only away.
        self.unsaved |= self.awaited.len() < awaited;
        let told = self.peers.remove(&member).map(|peer| peer.told).or_else(|| self.told.remove(&member));
        self.peers.insert(member, Peer::new(now, told.unwrap_or_default()));
        self.refused_by.remove(&member);
        self.tell_stand(member);
        self.insist_on_removals(now);
        self.tell_proposals_to(now, member);
    }

    /// The link with this member is gone.
    pub fn unlinked(&mut self, now: Instant, member: MemberId) {
        if let Some(peer) = self.peers.remove(&member) {
            self.told.insert(member, peer.told);
        }
        self.parked.retain(|(from, _)| *from != member);
        if self.rejoin.as_ref().is_some_and(|rejoin| rejoin.via == member) {
            self.rejoin = None;
        }
        self.handle_timeout(now);
    }

    /// A member with whom there is no link refuses one, as this member was removed. So they say; `commits` may prove it, as
    /// [`removal_proof`](Self::removal_proof) gives them.
    pub fn refused(&mut self, now: Instant, by: MemberId, commits: &[Vec<u8>]) {
        if !self.known.contains_key(&by) || self.over || self.is_out(by) {
            return;
        }
        self.follow_to_removal(now, commits);
        if !self.over {
            self.refused_by.insert(by);
            self.judge_called_out();
        }
        self.handle_timeout(now);
    }

    /// The latest commits, of which one may have removed somebody who was away, for them to see.
    pub fn removal_proof(&self) -> Vec<Vec<u8>> {
        let mut left = MAX_PROOF_BYTES;
        let fits = |bytes: &&Vec<u8>| {
            let fits = bytes.len() <= left;
            left = left.saturating_sub(bytes.len());
            fits
        };
        let mut commits: Vec<_> = self.history.iter().rev().map(|(_, bytes)| bytes).take_while(fits).cloned().collect();
        commits.reverse();
        commits
    }

    /// The state of the keys between this member and another.
    pub fn key_state(&self, member: MemberId) -> KeyState {
        self.peers.get(&member).map_or(KeyState::Missing, |peer| self.state_of(peer))
    }

    /// Whether this member was removed, or is about to be.
    pub fn is_out(&self, member: MemberId) -> bool {
        self.out.contains(&member)
    }

    /// All who were removed for good, as far as it is kept in mind, oldest first.
    pub fn removed(&self) -> impl Iterator<Item = MemberId> + '_ {
        self.out.iter().copied()
    }

    /// The first of the members who are present.
    pub fn is_sequencer(&self) -> bool {
        self.place() == 0
    }

    /// Like [`Group::verify_by_id`](crate::Group::verify_by_id), and also for those who were lost.
    pub fn verify(&self, member: MemberId, label: &str, content: &[u8], signature: &[u8]) -> bool {
        let key = self.known.get(&member).filter(|_| !self.is_out(member));
        key.is_some_and(|key| self.group.verify_with_key(key, label, content, signature))
    }

    /// The same for one who was removed, as long as their key is kept.
    pub fn verify_removed(&self, member: MemberId, label: &str, content: &[u8], signature: &[u8]) -> bool {
        let key = self.removed_keys.get(&member).filter(|_| self.is_out(member));
        key.is_some_and(|key| self.group.verify_with_key(key, label, content, signature))
    }

    /// Known by their key: a member, or one who was lost.
    pub fn knows(&self, member: MemberId) -> bool {
        self.known.contains_key(&member) && !self.is_out(member)
    }

    /// Keeps the keys of all members in mind; of those who are none any more, only as many as there is room for.
    pub(super) fn know_members(&mut self) {
        self.known.extend(self.group.signature_keys());
        self.removed_keys.extend(self.known.extract_if(.., |id, _| self.out.contains(id)));
        self.removed_keys.retain(|id, _| self.out.contains(id));
        while self.removed_keys.len() > MAX_REMOVED_KEYS {
            let Some(oldest) = self.out.iter().find(|id| self.removed_keys.contains_key(id)) else { break };
            self.removed_keys.remove(oldest);
        }
        while self.known.len() > MAX_KNOWN {
            let members = self.group.members();
            let is_lost = |id: &&MemberId| !members.iter().any(|member| member.id == **id);
            // One who was here counts for more than names that a member lets in and drops.
            let unmet = self.unmet.iter().filter(is_lost).find(|id| self.known.contains_key(id));
            let Some(lost) = unmet.or_else(|| self.known.keys().find(is_lost)).copied() else { break };
            self.known.remove(&lost);
        }
        self.unmet.retain(|id| self.known.contains_key(id));
        self.told.retain(|id, _| self.known.contains_key(id));
    }
}
