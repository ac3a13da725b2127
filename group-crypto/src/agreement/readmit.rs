//! Going over to a branch of higher rank, and letting others come over to ours.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::heal::MAX_LEAD;
use super::message::{Ids, Message, Readmit, Readmitted};
use super::{Agreement, KeyState, MAX_REMOVED, RETRY};
use crate::key_package::Candidate;
use crate::{EpochChange, Group, MemberId, Rejoiner, Standing};

/// A readmission that was asked for has to come by then, else another member is asked.
const PATIENCE: Duration = Duration::from_millis(1500);
/// Readmissions asked of one member within a time.
const MAX_TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(10);
/// Key packages that others may still make a Welcome for, and for how long.
const MAX_REJOINERS: usize = 4;
const REJOINER: Duration = Duration::from_secs(10);

/// A readmission that was asked for.
pub(super) struct Rejoin {
    pub via: MemberId,
    pub until: Instant,
}

/// What opens the Welcome of a readmission, also of one that was given up meanwhile: others may still make it.
#[derive(Default)]
pub(super) struct Rejoiners(VecDeque<(Instant, Rejoiner)>);

impl Rejoiners {
    fn add(&mut self, until: Instant, rejoiner: Rejoiner) {
        if self.0.len() == MAX_REJOINERS {
            self.0.pop_front();
        }
        self.0.push_back((until, rejoiner));
    }

    fn join(&mut self, welcome: &[u8]) -> Option<Group> {
        let (at, group) = self.0.iter().enumerate().find_map(|(at, (_, r))| Some((at, r.join(welcome).ok()?)))?;
        self.0.remove(at);
        Some(group)
    }

    pub fn forget(&mut self, now: Instant) {
        self.0.retain(|(until, _)| *until > now);
    }
}

impl Agreement {
    pub(super) fn out_ids(&self) -> Ids {
        Ids::of(self.out.iter().copied())
    }

    /// Removals that somebody on another branch knows of.
    fn learn_removals(&mut self, now: Instant, out: &Ids) {
        let me = self.group.my_id();
        for member in out.members().take(MAX_REMOVED).filter(|member| *member != me).collect::<Vec<_>>() {
            // Whom we never knew, nobody can bring back here.
            if self.known.contains_key(&member) {
                // Why, a list of them does not say.
                self.propose_removal(now, member, self.parted.get(&member).cloned());
            }
        }
    }

    /// They are on a branch of higher rank than ours, as they say.
    pub(super) fn forked(&mut self, now: Instant, from: MemberId, out: &Ids) {
        let Some(peer) = self.peers.get(&from) else { return };
        if !self.is_above(peer) {
            return;
        }
        if let Some(peer) = self.peers.get_mut(&from) {
            peer.says_forked = true;
            peer.was_current = false;
        }
        self.learn_removals(now, out);
        self.hold(now);
        self.ask_readmission(now, from);
    }

    pub(super) fn ask_readmission(&mut self, now: Instant, via: MemberId) {
        if self.rejoin.is_some() {
            return;
        }
        if self.peers.get(&via).is_none_or(|peer| peer.says_out) {
            return;
        }
        self.tried.retain(|_, (_, until)| *until > now);
        let (tries, _) = self.tried.entry(via).or_insert((0, now + PAUSE));
        if *tries >= MAX_TRIES {
            return;
        }
        *tries = tries.saturating_add(1);
        let Ok(rejoiner) = self.group.rejoiner(&self.card) else { return };
        let ask = Readmit { out: self.out_ids(), key_package: rejoiner.key_package().to_vec() };
        self.send(via, &Message::Readmit(ask));
        self.rejoiners.add(now + REJOINER, rejoiner);
        self.rejoin = Some(Rejoin { via, until: now + PATIENCE });
    }

    /// Somebody from a lower branch, or who fell behind for good, wants to come over.
    /// False where it is not theirs to ask. What they ask is told to everybody, so it is not for each of their messages.
    pub(super) fn asked_to_readmit(&mut self, now: Instant, from: MemberId, ask: Readmit) -> bool {
        if self.is_out(from) {
            self.send(from, &Message::Out);
            return true;
        }
        self.learn_removals(now, &ask.out);
        let Some(peer) = self.peers.get(&from) else { return true };
        if self.is_above(peer) || self.state_of(peer) == KeyState::Current {
            self.tell_stand(from);
            return true;
        }
        if peer.told.next_readmission.is_some_and(|next| now < next) {
            return true;
        }
        let theirs = Candidate::parse(&ask.key_package, self.group.suite()).is_ok_and(|candidate| candidate.id == from);
        if theirs {
            if let Some(peer) = self.peers.get_mut(&from) {
                peer.told.next_readmission = Some(now + RETRY);
            }
            self.propose_readmission(now, from, ask.key_package);
        }
        theirs
    }

    /// False where it opens no room that we may go over to.
    pub(super) fn readmitted(&mut self, now: Instant, from: MemberId, answer: Readmitted) -> bool {
        self.learn_removals(now, &answer.out);
        // Whom the answer comes through does not matter: only the key package that we made opens it.
        let Some(group) = self.rejoiners.join(&answer.welcome) else { return false };
        self.rejoin = None;
        let members = group.members();
        let lead = group.epoch().saturating_sub(self.group.epoch());
        let brings_back = members.iter().any(|member| self.is_out(member.id) && !self.is_member(member.id));
        let is_fine = group.my_id() == self.group.my_id()
            && lead < MAX_LEAD
            && group.standing() > self.group.standing()
            && !self.left.contains(&group.standing().id)
            && members.len() <= self.limit.max(self.group.members().len())
            && !brings_back;
        if !is_fine {
            self.tell_stand(from);
            return false;
        }
        let mut change = self.group.change_to(&group);
        judge_lost(&mut change, &self.out);
        self.group = group;
        for Standing { id, .. } in std::mem::take(&mut self.chain) {
            self.leave(id);
        }
        self.history.clear();
        self.unsaved_history = true;
        self.held_until = None;
        self.forget_readmissions();
        self.enter_epoch(now, change, true);
        true
    }
}

/// Whoever the other branch does not have is lost, unless they were removed for good.
pub(super) fn judge_lost(change: &mut EpochChange, out: &VecDeque<MemberId>) {
    let (removed, lost): (Vec<_>, _) = std::mem::take(&mut change.lost).into_iter().partition(|m| out.contains(&m.id));
    change.lost = lost;
    change.removed.extend(removed);
}
