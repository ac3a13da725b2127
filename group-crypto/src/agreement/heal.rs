//! Who stands where on which branch of the room's history, and what is done about members that stand elsewhere.

use std::time::{Duration, Instant};

use super::message::{Message, Stand};
use super::{Action, Agreement, KeyState, RETRY};
use crate::{MemberId, Standing};
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
pub(super) const MAX_LEAD: u64 = 100_000;

/// A member with whom there is a link.
pub(super) struct Peer {
    pub stand: Option<Standing>,
    serial: u64,
    /// When to do something again about where they stand.
    pub again_at: Option<Instant>,
    /// They say that they are on another, higher branch.
    pub says_forked: bool,
    /// They say that we were removed.
    pub says_out: bool,
    /// How often we waited for what they should send, since they stand where they stand.
    waits: u32,
    pub was_current: bool,
    pub told: Told,
}

/// What was told to a member. It outlives their links: who begins one after the other is told no more than on one.
#[derive(Default)]
pub(super) struct Told {
    acted_at: Option<Instant>,
    /// How often they were told commits, since they last stood in a later epoch than ever; and which that is.
    tellings: u32,
    furthest: u64,
    /// When they may ask with another key package to be readmitted.
    pub next_readmission: Option<Instant>,
}

impl Peer {
    pub fn new(now: Instant, told: Told) -> Self {
        Self {
            stand: None,
            serial: 0,
            again_at: Some(now + RETRY),
            says_forked: false,
            says_out: false,
            waits: 0,
            was_current: false,
            told,
        }
    }

    /// They stand there now.
    fn advance_to(&mut self, stand: Standing) {
        if stand.epoch > self.told.furthest {
            (self.told.furthest, self.told.tellings) = (stand.epoch, 0);
        }
        self.stand = Some(stand);
    }
}

impl Told {
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

    pub(super) fn is_above(&self, peer: &Peer) -> bool {
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

    pub(super) fn tell_stand(&mut self, to: MemberId) {
        self.say_stand(to, false);
    }

    pub(super) fn say_stand(&mut self, to: MemberId, asks: bool) {
        self.serial = self.serial.saturating_add(1);
        let at = self.group.standing().into();
        self.send(to, &Message::Stand(Stand { serial: self.serial, asks, at }));
    }

    pub(super) fn tell_all_where_we_stand(&mut self) {
        for member in self.peers.keys().copied().collect::<Vec<_>>() {
            self.tell_stand(member);
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
            let soon = peer.told.not_before(now);
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
    pub(super) fn hold(&mut self, now: Instant) {
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
            peer.told.tellings = peer.told.tellings.saturating_add(u32::from(tells));
            peer.again_at = (state != KeyState::Current).then_some(now + peer.told.pause());
            peer.told.acted_at = Some(now);
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
        self.actions.extend(missed.map(|(_, bytes)| Action::Missed { to, bytes: bytes.clone() }));
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
