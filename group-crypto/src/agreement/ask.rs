//! What this member asks to be changed: who comes, who goes, who comes back, and new keys.

use std::time::Instant;

use super::proposal::{ADMISSION, Admission, Kind, Proposal, READMISSION};
use super::welcome::Welcomes;
use super::{Action, AdmitError, Agreement, MAX_REMOVED, Ticket};
use crate::key_package::Candidate;
use crate::{InvitationSecret, MemberId};

/// Admissions of ours that may be under way at once.
const MAX_ADMISSIONS: usize = 32;

impl Agreement {
    /// Lets the bearer of an invitation in, whose key package was proven with its secret. The answer is an
    /// [`Action::Admitted`].
    pub fn admit(
        &mut self,
        now: Instant,
        key_package: Vec<u8>,
        secret: &InvitationSecret,
    ) -> Result<Ticket, AdmitError> {
        self.propose_admission(now, key_package, secret)
    }

    /// Removes a member for good, whoever commits to it. Nobody who is told of it sends to them any more.
    pub fn remove(&mut self, now: Instant, member: MemberId) {
        self.take_out(now, member, None);
    }

    /// Removes a member for good who said goodbye, by [their statement](crate::Group::sign_goodbye). False where it is none.
    pub fn part(&mut self, now: Instant, member: MemberId, goodbye: Vec<u8>) -> bool {
        let is_theirs = self.is_goodbye(member, &goodbye);
        if is_theirs {
            self.take_out(now, member, Some(goodbye));
        }
        is_theirs
    }

    /// Whether it is [the statement](crate::Group::sign_goodbye) of one who is or was lately in the group.
    pub fn is_goodbye(&self, member: MemberId, goodbye: &[u8]) -> bool {
        // The key of one who is about to be removed is not kept any more, and they are still in the group.
        let lost = self.known.get(&member).is_some_and(|key| self.group.is_goodbye(key, goodbye));
        lost || self.group.is_goodbye_of(member, goodbye)
    }

    fn take_out(&mut self, now: Instant, member: MemberId, goodbye: Option<Vec<u8>>) {
        if self.known.contains_key(&member) {
            self.propose_removal(now, member, goodbye);
            self.handle_timeout(now);
        }
    }

    /// This member could not be reached for long: takes them out until they come back. It is the sequencer's to do, and
    /// has no effect on others.
    pub fn lost(&mut self, now: Instant, member: MemberId) {
        self.propose_drop(now, member);
        self.handle_timeout(now);
    }

    /// Renews all keys.
    pub fn renew(&mut self, now: Instant) {
        self.propose_renewal(now);
        self.handle_timeout(now);
    }

    /// Makes the secret of an invitation of this member's known to the group, so that others' commits can use it.
    pub fn learn_invitation(&mut self, secret: &InvitationSecret) {
        self.group.learn_invitation(secret);
        self.unsaved = true;
    }

    pub(super) fn propose_admission(
        &mut self,
        now: Instant,
        key_package: Vec<u8>,
        secret: &InvitationSecret,
    ) -> Result<Ticket, AdmitError> {
        let candidate = Candidate::parse(&key_package, self.group.suite()).map_err(|_| AdmitError::Invalid)?;
        if self.known.contains_key(&candidate.id) || self.is_out(candidate.id) {
            return Err(AdmitError::Invalid);
        }
        if self.group.members().len() >= self.limit {
            return Err(AdmitError::Full);
        }
        let own = |proposal: &&Proposal| matches!(proposal.kind, Kind::Admit(Admission { ticket: Some(_), .. }));
        if self.proposals.iter().filter(own).count() >= MAX_ADMISSIONS {
            return Err(AdmitError::Busy);
        }
        let ticket = Ticket(self.next_ticket);
        self.next_ticket = self.next_ticket.wrapping_add(1);
        let (id, secret) = (candidate.id, secret.clone());
        let kind = Kind::Admit(Admission::new(Some(ticket), id, key_package, secret));
        if !self.propose(now, kind, Some(now + ADMISSION)) {
            return Err(AdmitError::Busy);
        }
        self.await_member(id);
        self.handle_timeout(now);
        Ok(ticket)
    }

    pub(super) fn propose_removal(&mut self, now: Instant, member: MemberId, goodbye: Option<Vec<u8>>) {
        self.mark_out(member, goodbye);
        if self.is_member(member) {
            self.propose(now, Kind::Remove(member), None);
        }
    }

    /// A member who asks again has given up the key package before, and keeps their turn.
    pub(super) fn propose_readmission(&mut self, now: Instant, id: MemberId, package: Vec<u8>) {
        let me = self.group.my_id();
        let kind = Kind::Readmit { id, package, welcomes: Welcomes::default() };
        if self.proposals.iter().any(|proposal| proposal.is_like(&kind, me)) {
            return;
        }
        let of_theirs = |proposal: &Proposal| matches!(proposal.kind, Kind::Readmit { id: other, .. } if other == id);
        let since = self.proposals.iter().filter(|proposal| of_theirs(proposal)).map(|proposal| proposal.since).min();
        self.proposals.retain(|proposal| !of_theirs(proposal));
        if self.propose(now, kind, Some(now + READMISSION))
            && let Some((proposal, since)) = self.proposals.last_mut().zip(since)
        {
            proposal.since = since;
        }
    }

    /// On the branch that we come to they may have been made, which what leads here does not tell. Who still waits asks
    /// again, or is proposed again in the new epoch.
    pub(super) fn forget_readmissions(&mut self) {
        self.proposals.retain(|proposal| !matches!(proposal.kind, Kind::Readmit { .. }));
    }

    pub(super) fn propose_drop(&mut self, now: Instant, member: MemberId) {
        if self.is_member(member) && !self.peers.contains_key(&member) {
            self.add_proposal(now, Kind::Drop(member), self.group.my_id(), None);
        }
    }

    pub(super) fn propose_renewal(&mut self, now: Instant) {
        self.propose(now, Kind::Renew, Some(now + ADMISSION));
    }

    pub(super) fn is_member(&self, id: MemberId) -> bool {
        self.group.members().iter().any(|member| member.id == id)
    }

    /// From now on nothing brings this member back, and nothing is sent to them. `goodbye`: their own statement.
    pub(super) fn mark_out(&mut self, member: MemberId, goodbye: Option<Vec<u8>>) {
        let parted = goodbye.is_some();
        if self.is_out(member) {
            if !parted && self.parted.remove(&member).is_some() {
                self.unsaved = true;
                self.actions.push_back(Action::Out { member, parted });
            }
            return;
        }
        if self.out.len() == MAX_REMOVED
            && let Some(oldest) = self.out.pop_front()
        {
            self.parted.remove(&oldest);
        }
        self.out.push_back(member);
        if let Some(goodbye) = goodbye {
            self.parted.insert(member, goodbye);
        }
        let in_vain = |proposal: &Proposal| match &proposal.kind {
            Kind::Remove(_) => false,
            Kind::Readmit { id, .. } if *id == member => true,
            _ => proposal.asker == member && member != self.group.my_id(),
        };
        self.proposals.retain(|proposal| !in_vain(proposal));
        self.unsaved = true;
        if let Some(peer) = self.peers.get_mut(&member) {
            peer.again_at = None;
        }
        if member != self.group.my_id() {
            self.actions.push_back(Action::Out { member, parted });
        }
    }

    /// Removals that our branch has not heard of.
    pub(super) fn insist_on_removals(&mut self, now: Instant) {
        let me = self.group.my_id();
        let there = |id: &&MemberId| **id != me && self.is_member(**id);
        for member in self.out.iter().filter(there).copied().collect::<Vec<_>>() {
            self.propose_removal(now, member, self.parted.get(&member).cloned());
        }
    }
}
