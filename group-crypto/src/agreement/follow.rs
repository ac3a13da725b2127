//! Following the others: their commits, in order or not, and what they say inside the group.

use std::time::Instant;

use super::message::{Bundle, Inner, Message, Sealed, decode};
use super::readmit::judge_lost;
use super::{
    Action, Agreement, HISTORY, MAX_PARKED, MAX_PARKED_BYTES, MAX_SECRETS, NextEpoch, OVERLAP, PassedOn,
    SAVE_HISTORY_WITHIN, SAVE_WITHIN,
};
use crate::storage::PAST_EPOCHS;
use crate::{EpochChange, EpochId, InvitationSecret, Member, MemberId, ProcessError, Received, Standing};

impl Agreement {
    /// False where its teller is charged for it: keys were tried on it in vain, or we cannot follow it.
    pub(super) fn committed(&mut self, now: Instant, from: MemberId, bundle: &Bundle, bytes: &[u8]) -> bool {
        match self.follow_commit(now, bundle, bytes) {
            // Where the secret is of an epoch to come, so is the commit: the two wait together.
            Err(ProcessError::FutureEpoch) => self.park(from, bytes),
            // The Welcome should have come ahead of it. If it did not, or was made for a key package of long ago:
            // Or they don't know who was removed. Whoever is asked is told, and can't have us before it is made there too.
            Err(ProcessError::Readmitted | ProcessError::Unacceptable) => {
                self.ask_readmission(now, from);
                return false;
            }
            Err(ProcessError::Dropped) => {
                self.actions.push_back(Action::Dropped);
                self.ask_readmission(now, from);
                return false;
            }
            Err(ProcessError::PastEpoch) => return self.rival(now, from, bundle, bytes),
            // Our own commit, of which this state knows nothing: it was loaded from before it. Somebody ahead readmits us.
            Ok(()) | Err(ProcessError::OwnMessage) => {}
            Err(_) => return false,
        }
        true
    }

    /// Follows commits that somebody shows who says that we were removed, as far as they lead on from here. They count for
    /// what they prove, whoever shows them.
    pub(super) fn follow_to_removal(&mut self, now: Instant, commits: &[Vec<u8>]) {
        for bytes in commits.iter().take(HISTORY) {
            let Some(Message::Commit(bundle)) = decode(bytes) else { break };
            match self.group.claimed_epoch(&bundle.commit) {
                // They can't tell how much of it we missed.
                Ok(epoch) if epoch < self.group.epoch() => {}
                Ok(_) if !self.over && self.follow_commit(now, &bundle, bytes).is_ok() => {}
                Ok(_) | Err(_) => break,
            }
        }
    }

    fn follow_commit(&mut self, now: Instant, bundle: &Bundle, bytes: &[u8]) -> Result<(), ProcessError> {
        if !bundle.secret.is_empty() {
            match self.open_sealed(now, &bundle.secret) {
                Ok(()) | Err(ProcessError::AlreadyRead | ProcessError::OwnMessage) => {}
                Err(ProcessError::FutureEpoch | ProcessError::PastEpoch) => {}
                Err(error) => return Err(error),
            }
        }
        let epoch = self.group.epoch();
        let (out, limit, members) = (&self.out, self.limit, self.group.members().to_vec());
        let acceptable = |next: &[Member]| is_acceptable(next, &members, out.iter(), limit);
        match self.group.process_commit(&bundle.commit, acceptable)? {
            Received::Epoch(change) if change.removed_me => self.removed_here(),
            Received::Epoch(change) => {
                self.remember(now, epoch, bytes.to_vec());
                self.enter_epoch(now, change, false);
            }
            Received::Message { .. } => {}
        }
        Ok(())
    }

    /// Another commit of the epoch that has just ended here: on the way to a branch of higher rank, it counts.
    /// False where its teller is charged for it.
    fn rival(&mut self, now: Instant, from: MemberId, bundle: &Bundle, bytes: &[u8]) -> bool {
        if self.history.back().is_some_and(|(_, last)| last == bytes) {
            // The very one that was followed: others tell it as well.
            return true;
        }
        let ours = self.group.standing();
        let ahead = self.peers.get(&from).and_then(|peer| peer.stand).is_some_and(|stand| stand.epoch > ours.epoch);
        let (out, left, limit, members) = (&self.out, &self.left, self.limit, self.group.members().to_vec());
        let accept = |next_standing: Standing, next: &[Member]| {
            next_standing != ours
                && !left.contains(&next_standing.id)
                && (ahead || next_standing > ours)
                && is_acceptable(next, &members, out.iter(), limit)
        };
        let mut change = match self.group.process_rival(&bundle.commit, accept) {
            Ok(change) => change,
            Err(error) => return error == ProcessError::PastEpoch,
        };
        judge_lost(&mut change, &self.out);
        self.chain.pop_back();
        self.leave(ours.id);
        self.history.pop_back();
        self.remember(now, ours.epoch.saturating_sub(1), bytes.to_vec());
        self.held_until = None;
        self.enter_epoch(now, change, true);
        true
    }

    /// Takes in what a member passed on for another one. Only what is sealed for the group tells who wrote it: anything else
    /// would count as the word of the member who passes it on, and is dropped.
    pub fn handle_passed_on(&mut self, now: Instant, by: MemberId, bytes: &[u8]) -> PassedOn {
        if !matches!(decode(bytes), Some(Message::Sealed(_))) {
            return PassedOn::Unreadable;
        }
        self.author = None;
        let is_readable = self.take_in(now, by, bytes);
        let author = self.author.take();
        self.handle_timeout(now);
        match author {
            Some(author) => PassedOn::By(author),
            None if is_readable => PassedOn::Unopened,
            None => PassedOn::Unreadable,
        }
    }

    /// False where no key opens it.
    pub(super) fn sealed(&mut self, now: Instant, from: MemberId, sealed: &[u8], bytes: &[u8]) -> bool {
        match self.open_sealed(now, sealed) {
            Err(ProcessError::FutureEpoch) => self.park(from, bytes),
            Err(
                ProcessError::Malformed
                | ProcessError::Rejected
                | ProcessError::TooManyMissing
                | ProcessError::AlreadyRead,
            ) => return false,
            Ok(()) | Err(_) => {}
        }
        true
    }

    fn open_sealed(&mut self, now: Instant, sealed: &[u8]) -> Result<(), ProcessError> {
        let Received::Message { sender, epoch, plaintext } = self.group.process_message(sealed)? else {
            return Err(ProcessError::Rejected);
        };
        self.save_at.get_or_insert(now + SAVE_WITHIN);
        let is_past = epoch < self.group.epoch();
        let Some(sender) = self.group.member(sender).map(|member| member.id) else {
            return Ok(());
        };
        self.author = Some(sender);
        match decode(&plaintext) {
            Some(Inner::Text(Sealed(plaintext))) => {
                self.actions.push_back(Action::Message { from: sender, plaintext });
            }
            Some(Inner::Secret(secret)) => self.learn_secret(&InvitationSecret::from_bytes(secret)),
            // What is still wanted is proposed again in every epoch; a commit may have brought it.
            Some(Inner::Propose(proposed)) if is_past && !proposed.is_removal() => {}
            Some(Inner::Propose(_)) if self.is_out(sender) => {}
            Some(Inner::Propose(proposed)) => self.on_proposal(now, sender, epoch, proposed),
            None => {}
        }
        Ok(())
    }

    pub(super) fn learn_secret(&mut self, secret: &InvitationSecret) {
        let id = secret.id();
        self.group.learn_invitation(secret);
        if self.secrets.contains(&id) {
            return;
        }
        if self.secrets.len() == MAX_SECRETS
            && let Some(oldest) = self.secrets.pop_front()
        {
            self.group.forget_invitation(oldest);
        }
        self.secrets.push_back(id);
    }

    pub(super) fn park(&mut self, from: MemberId, bytes: &[u8]) {
        let theirs = || self.parked.iter().filter(|(by, _)| *by == from).map(|(_, bytes)| bytes.len());
        let size = theirs().fold(bytes.len(), usize::saturating_add);
        if theirs().count() < MAX_PARKED && size <= MAX_PARKED_BYTES {
            self.parked.push_back((from, bytes.to_vec()));
        }
    }

    /// Keeps what ended an epoch, for those whom it did not reach.
    pub(super) fn remember(&mut self, now: Instant, epoch: u64, bytes: Vec<u8>) {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back((epoch, bytes));
        let mut size: usize = self.history.iter().map(|(_, bytes)| bytes.len()).sum();
        while size > super::MAX_HISTORY_BYTES
            && let Some((_, oldest)) = self.history.pop_front()
        {
            size = size.saturating_sub(oldest.len());
        }
        self.save_history_at.get_or_insert(now + SAVE_HISTORY_WITHIN);
    }

    /// Our branch is another one now.
    pub(super) fn leave(&mut self, epoch: EpochId) {
        if self.left.len() == HISTORY {
            self.left.pop_front();
        }
        self.left.push_back(epoch);
    }

    /// The group is in a new epoch already.
    pub(super) fn enter_epoch(&mut self, now: Instant, change: EpochChange, went_over: bool) {
        if self.chain.len() > HISTORY {
            self.chain.pop_front();
        }
        self.chain.push_back(self.group.standing());
        let is_before = |stand: Standing| stand.epoch < change.epoch;
        let is_first_seen = self.peers.values().all(|peer| peer.stand.is_none_or(is_before));
        if !went_over || self.rival_until.is_none() {
            self.rival_until = Some(now + OVERLAP);
        }
        self.entered_at = Some(now);
        self.prompt_asks = 0;
        self.unsaved = true;
        self.gone.retain(|(_, since)| since.saturating_add(PAST_EPOCHS as u64) >= change.epoch);
        // It may have to prove to them that they were removed.
        self.unsaved_history |= !change.removed.is_empty();
        for member in &change.removed {
            self.gone.push((member.id, change.epoch));
            let goodbye = change.parted.get(&member.id).or_else(|| self.parted.get(&member.id)).cloned();
            self.mark_out(member.id, goodbye);
            self.peers.remove(&member.id);
        }
        self.unmet.extend(change.added.iter().map(|member| member.id).filter(|id| !self.peers.contains_key(id)));
        self.know_members();
        self.fulfilled(&change);
        self.pass_on_welcomes();
        let (keys, me, members) = (self.group.epoch_keys(), self.group.me(), self.group.members().to_vec());
        self.actions.push_back(Action::Epoch(NextEpoch { change, keys, me, members, went_over, is_first_seen }));
        self.tell_all_where_we_stand();
        self.look_at_all_stands(now);
        self.insist_on_removals(now);
        self.tell_own_proposals();
        self.replayed.append(&mut self.parked);
    }

    pub(super) fn removed_here(&mut self) {
        self.over = true;
        self.actions.push_back(Action::Removed);
    }
}

/// Nobody who was removed comes back by a commit, and the room stays within its bound.
pub(super) fn is_acceptable<'a>(
    next: &[Member],
    now: &[Member],
    mut out: impl Iterator<Item = &'a MemberId>,
    limit: usize,
) -> bool {
    let has = |members: &[Member], id: &MemberId| members.iter().any(|member| member.id == *id);
    next.len() <= limit.max(now.len()) && !out.any(|id| has(next, id) && !has(now, id))
}
