//! Two branches of the room's history become one: who stands where, and how one goes over.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::message::{Ids, Message, Readmit, Readmitted, Stand};
use super::{Action, Agreement, KeyState, RETRY};
use crate::key_package::Candidate;
use crate::{EpochChange, Group, MemberId, Rejoiner, Standing};

/// A readmission that was asked for has to come by then, else another member is asked.
const PATIENCE: Duration = Duration::from_millis(1500);
/// Readmissions asked of one member within a time.
const MAX_TRIES: u32 = 5;
/// Key packages that others may still make a Welcome for, and for how long.
const MAX_REJOINERS: usize = 4;
const REJOINER: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_secs(10);
/// Commits of ours wait for so long at most when our branch is about to be left; and so long after that for none.
const HOLD: Duration = Duration::from_secs(2);
const HOLD_AGAIN: Duration = Duration::from_secs(20);
/// Something is done about where a member stands once in this time at most.
const SPACING: Duration = Duration::from_millis(200);
/// A commit that others have followed is asked for after this, and of so many of them: it may be on its way, but one who made
/// it can keep it from us, and what the others show cannot be seen without it.
const PROMPT: Duration = Duration::from_millis(100);
const PROMPT_ASKS: u32 = 2;
/// In larger rooms commits are long, and each asks later.
const PROMPT_MEMBERS: usize = 16;
/// Forks at most so many commits ago may be healed by telling the other commits.
const NEAR: u64 = 4;
/// Between two tellings of the same commits it is twice as long each time, up to `RETRY` times this. They are long, and
/// whoever has not followed them is more likely slow than without them: a link loses nothing while it is up.
const MAX_BACKOFF: u32 = 64;
/// No honest room is so many epochs ahead of one of its members.
const MAX_LEAD: u64 = 100_000;

/// A member with whom there is a link.
pub(super) struct Peer {
    pub stand: Option<Standing>,
    serial: u64,
    /// When to do something again about where they stand.
    pub again_at: Option<Instant>,
    acted_at: Option<Instant>,
    /// They say that they are on another, higher branch.
    says_forked: bool,
    /// They say that we were removed.
    says_out: bool,
    /// How often we waited for what they should send, since they stand where they stand.
    waits: u32,
    /// How often they were told commits, since they last stood in a later epoch than ever; and which that is.
    tellings: u32,
    furthest: u64,
    was_current: bool,
    /// When they may ask with another key package to be readmitted.
    next_readmission: Option<Instant>,
}

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

impl Peer {
    pub fn new(now: Instant) -> Self {
        Self {
            stand: None,
            serial: 0,
            again_at: Some(now + RETRY),
            acted_at: None,
            says_forked: false,
            says_out: false,
            waits: 0,
            tellings: 0,
            furthest: 0,
            was_current: false,
            next_readmission: None,
        }
    }

    /// How long after something was done about where they stand it is done again.
    fn pause(&self) -> Duration {
        let doublings = self.tellings.saturating_sub(1);
        RETRY.saturating_mul(2u32.saturating_pow(doublings).min(MAX_BACKOFF))
    }

    /// When something is done at the earliest, though they could be told at once.
    fn not_before(&self, now: Instant) -> Instant {
        let pause = if self.tellings == 0 { SPACING } else { self.pause() };
        self.acted_at.map_or(now, |at| now.max(at + pause))
    }

    /// They stand there now.
    fn advance_to(&mut self, stand: Standing) {
        if stand.epoch > self.furthest {
            (self.furthest, self.tellings) = (stand.epoch, 0);
        }
        self.stand = Some(stand);
    }
}

impl Agreement {
    pub(super) fn state_of(&self, peer: &Peer) -> KeyState {
        let Some(stand) = peer.stand else {
            return KeyState::Missing;
        };
        let ours = self.group.standing();
        match () {
            () if ours.id == stand.id => KeyState::Current,
            // Most are one epoch behind: newest first, as it is asked of every member with every message.
            () if self.chain.iter().rev().any(|past| past.id == stand.id) => KeyState::Behind,
            () if stand.epoch > ours.epoch && !peer.says_forked => KeyState::Missing,
            () => KeyState::Forked,
        }
    }

    fn is_above(&self, peer: &Peer) -> bool {
        let above = |stand: Standing| {
            stand > self.group.standing() && stand.epoch < self.group.epoch().saturating_add(MAX_LEAD)
        };
        peer.stand.is_some_and(above)
    }

    pub(super) fn stands(&mut self, now: Instant, from: MemberId, Stand { serial, asks, at }: Stand) {
        let Some(peer) = self.peers.get_mut(&from).filter(|peer| peer.serial < serial) else { return };
        let stand = Standing::from(at);
        peer.serial = serial;
        if peer.stand != Some(stand) {
            (peer.says_forked, peer.says_out, peer.waits) = (false, false, 0);
        }
        let first = peer.stand.is_none();
        peer.advance_to(stand);
        peer.again_at = None;
        // A member that asks and is behind has waited for what is missing there.
        let lacks = asks && self.peers.get(&from).is_some_and(|peer| self.state_of(peer) == KeyState::Behind);
        self.look_at(now, from, first || lacks);
        if asks {
            self.tell_stand(from);
        }
    }

    pub(super) fn look_at_all_stands(&mut self, now: Instant) {
        for member in self.peers.keys().copied().collect::<Vec<_>>() {
            self.look_at(now, member, false);
        }
    }

    /// Sees to it that something is done about a peer who does not stand where we stand. `at_once`: they have just come,
    /// and nothing can be on its way to them yet.
    fn look_at(&mut self, now: Instant, member: MemberId, at_once: bool) {
        let Some(peer) = self.peers.get(&member).filter(|_| !self.is_out(member)) else { return };
        let (state, above, forked) = (self.state_of(peer), self.is_above(peer), peer.says_forked);
        let was_current = peer.was_current;
        let Some(peer) = self.peers.get_mut(&member) else { return };
        if state == KeyState::Current {
            (peer.again_at, peer.was_current, peer.waits) = (None, true, 0);
            self.tried.remove(&member);
            if !was_current {
                self.actions.push_back(Action::Reunited(member));
            }
            return self.judge_called_out();
        }
        if matches!(state, KeyState::Forked) {
            peer.was_current = false;
        }
        let far = peer.stand.is_some() && (at_once || state == KeyState::Forked && !above);
        if peer.again_at.is_none() {
            let soon = peer.not_before(now);
            let is_small = self.group.members().len() <= PROMPT_MEMBERS;
            let asks_promptly = above && state == KeyState::Missing && is_small && self.prompt_asks < PROMPT_ASKS;
            self.prompt_asks = self.prompt_asks.saturating_add(u32::from(asks_promptly));
            let wait = if asks_promptly { PROMPT } else { RETRY };
            peer.again_at = Some(if far { soon } else { soon.max(now + wait) });
        }
        if above && (forked || state == KeyState::Forked) {
            self.hold(now);
        }
    }

    /// Commits to a branch that is about to be left are in vain.
    fn hold(&mut self, now: Instant) {
        if self.hold_again.is_none_or(|again| again <= now) {
            self.held_until = Some(now + HOLD);
            self.hold_again = Some(now + HOLD_AGAIN);
        }
    }

    pub(super) fn look_after_peers(&mut self, now: Instant) {
        if self.rejoin.as_ref().is_some_and(|rejoin| rejoin.until <= now) {
            self.rejoin = None;
        }
        let due = |peer: &Peer| peer.again_at.is_some_and(|at| at <= now);
        for member in self.peers.iter().filter(|(_, peer)| due(peer)).map(|(id, _)| *id).collect::<Vec<_>>() {
            self.look_after_peer(now, member);
        }
    }

    fn look_after_peer(&mut self, now: Instant, member: MemberId) {
        let Some(peer) = self.peers.get(&member) else { return };
        let (state, above, stand) = (self.state_of(peer), self.is_above(peer), peer.stand);
        let stuck = peer.says_forked || peer.waits >= 3;
        if let Some(peer) = self.peers.get_mut(&member) {
            let tells = state != KeyState::Current && !above && stand.is_some();
            peer.tellings = peer.tellings.saturating_add(u32::from(tells));
            peer.again_at = (state != KeyState::Current).then_some(now + peer.pause());
            peer.acted_at = Some(now);
            peer.waits = peer.waits.saturating_add(1);
        }
        match (state, stand) {
            (KeyState::Current, _) => {}
            // They have not said anything yet, or it was lost.
            (_, None) => self.say_stand(member, true),
            (_, Some(_)) if above => {
                self.say_stand(member, true);
                if stuck {
                    self.ask_readmission(now, member);
                }
            }
            // They may have followed, and what they said of it may be lost.
            (KeyState::Behind, Some(stand)) if self.tell_missed(member, stand.epoch) => self.say_stand(member, true),
            (_, Some(stand)) => {
                self.say_stand(member, true);
                // If the branches parted a moment ago, our commits lead them here.
                if let Some(before) = stand.epoch.checked_sub(1)
                    && stand.epoch.saturating_add(NEAR) >= self.group.epoch()
                {
                    self.tell_missed(member, before);
                }
                let out = self.out_ids();
                self.send(member, &Message::Forked(out));
            }
        }
    }

    /// The commits that lead from this epoch to ours; false where not all are kept.
    fn tell_missed(&mut self, to: MemberId, epoch: u64) -> bool {
        if self.history.front().is_none_or(|(first, _)| *first > epoch) {
            return false;
        }
        let missed = self.history.iter().filter(|(of, _)| *of >= epoch);
        self.actions.extend(missed.map(|(_, bytes)| Action::Send { to, bytes: bytes.clone() }));
        true
    }

    pub(super) fn out_ids(&self) -> Ids {
        Ids::of(self.out.iter().copied())
    }

    /// Removals that somebody on another branch knows of.
    fn learn_removals(&mut self, now: Instant, out: &Ids) {
        let me = self.group.my_id();
        for member in out.members().take(super::MAX_REMOVED).filter(|member| *member != me).collect::<Vec<_>>() {
            // Whom we never knew, nobody can bring back here.
            if self.known.contains_key(&member) {
                // Why, a list of them does not say.
                self.wish_to_remove(now, member, self.parted.get(&member).cloned());
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
        if peer.next_readmission.is_some_and(|next| now < next) {
            return true;
        }
        let theirs = Candidate::parse(&ask.key_package, self.group.suite()).is_ok_and(|candidate| candidate.id == from);
        if theirs {
            if let Some(peer) = self.peers.get_mut(&from) {
                peer.next_readmission = Some(now + RETRY);
            }
            self.wish_to_readmit(now, from, ask.key_package);
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

    /// Somebody says that we were removed. They may be wrong, or lie, and so may all who are here: only a commit proves it.
    pub(super) fn called_out(&mut self, from: MemberId) {
        if self.is_out(from) {
            return;
        }
        if let Some(peer) = self.peers.get_mut(&from) {
            peer.says_out = true;
        }
        self.judge_called_out();
    }

    /// Tells when what others say of our removal has changed.
    pub(super) fn judge_called_out(&mut self) {
        let here = || self.peers.iter().filter(|(id, _)| !self.is_out(**id)).map(|(_, peer)| peer);
        let said = !self.refused_by.is_empty() || here().any(|peer| peer.says_out);
        let denied = here().any(|peer| !peer.says_out && self.state_of(peer) == KeyState::Current);
        let called_out = match self.called_out {
            true => !denied,
            false => said && here().all(|peer| peer.says_out),
        };
        if std::mem::replace(&mut self.called_out, called_out) != called_out {
            self.actions.push_back(Action::CalledOut(called_out));
        }
    }
}

/// Whoever the other branch does not have is lost, unless they were removed for good.
pub(super) fn judge_lost(change: &mut EpochChange, out: &VecDeque<MemberId>) {
    let (removed, lost): (Vec<_>, _) = std::mem::take(&mut change.lost).into_iter().partition(|m| out.contains(&m.id));
    change.lost = lost;
    change.removed.extend(removed);
}
