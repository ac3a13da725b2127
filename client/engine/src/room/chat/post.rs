//! How far the chat with one member is, in both directions. Knows nothing of keys and links.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use group_crypto::MemberId;

use super::Progress;
use crate::room::{
    meter::{Limit, Meter},
    numbers::{Sequence, UnixMs},
    rows::{self, Rows},
    wire::Said,
};

/// Lines to one reader that are sent and not yet confirmed, and lines of one sender that wait to be taken in.
pub(super) const WINDOW: u64 = 32;
/// Lines are sent again at once the first two times, as a new link and new keys both ask for it; then after this, and each
/// time after twice as long, up to a limit.
const RESEND_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_RESEND_PAUSE: Duration = Duration::from_secs(16);
/// A member that has not asked for this long begins anew with the shortest pause.
const CALM: Duration = Duration::from_secs(120);

/// Lines of one member in units (see [`rows`]): 16,000 short lines of one who was away at once, then two in a second.
const LINES: Limit = Limit::per_second(32 * 1024, 4);

/// What came of a member and is not taken in yet.
pub(super) struct Arrival {
    /// With it, everything up to this line is here or gone.
    pub up_to: Sequence,
    pub what: Arrived,
}

pub(super) enum Arrived {
    Line {
        at: UnixMs,
        said: Said,
    },
    /// So many lines are gone.
    Gap(u64),
}

impl Arrival {
    fn units(&self) -> u32 {
        let bytes = match &self.what {
            Arrived::Line { said, .. } => said.len(),
            Arrived::Gap(_) => 0,
        };
        rows::units(bytes)
    }
}

/// What to answer to a line or a gap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    /// It is the next: take in what may be taken in.
    TakeIn,
    /// We have it already.
    Confirm,
    /// Something before it is missing.
    AskAgain,
    Nothing,
}

/// How far the chat with one member is.
#[derive(Default)]
pub(super) struct Post {
    progress: Progress,
    /// The last of our lines that is on its way to them.
    pub(super) sent: Sequence,
    asked_again: bool,
    /// In order, without gaps, at most [`WINDOW`]: lines behind `received` that wait for the member's budget.
    waiting: VecDeque<Arrival>,
    /// When their last line was written, as we show it.
    last_at: Option<UnixMs>,
    budget: Meter,
    /// They could not read what came behind `acknowledged`.
    resend: bool,
    resent_at: Option<Instant>,
    pause: Duration,
}

impl Post {
    /// Of a member who gets what is said from now on.
    pub(super) fn beginning(lines: Sequence) -> Self {
        Self::restored(Progress { received: None, acknowledged: lines })
    }

    pub(super) fn restored(progress: Progress) -> Self {
        Self { progress, sent: progress.acknowledged, ..Self::default() }
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    /// They have told that their lines count from behind this one.
    pub(super) fn begin_reading(&mut self, from: Sequence) {
        self.progress.received = Some(from);
    }

    /// With what the same member has used up before.
    pub(super) fn with_budget_of(self, former: &Self) -> Self {
        Self { budget: former.budget, ..self }
    }

    /// Takes the next line or gap of theirs into the queue. `gap`: it stands for all lines up to `up_to` that are not here.
    pub(super) fn arrive(&mut self, up_to: Sequence, line: Option<(UnixMs, Said)>) -> Answer {
        let Some(received) = self.progress.received else {
            return Answer::Nothing;
        };
        let last = self.waiting.back().map_or(received, |arrival| arrival.up_to);
        let is_next = if line.is_some() { last.next() == Some(up_to) } else { up_to > last };
        if up_to <= last {
            return Answer::Confirm;
        }
        if !is_next {
            return if std::mem::replace(&mut self.asked_again, true) { Answer::Nothing } else { Answer::AskAgain };
        }
        if self.waiting.len() as u64 >= WINDOW {
            // More than may be under way; an honest sender waits.
            return Answer::Nothing;
        }
        self.asked_again = false;
        let what = match line.map(|(at, said)| said.plain().map(|said| (at, said))) {
            Some(Some((at, said))) => Arrived::Line { at, said },
            Some(None) => Arrived::Gap(1),
            None => Arrived::Gap(up_to.lines_since(last)),
        };
        self.waiting.push_back(Arrival { up_to, what });
        Answer::TakeIn
    }

    /// The next line or gap of `member`, whose chat this is, that their budget and the room's quota allow. From now on we
    /// have it.
    pub(super) fn take_in(&mut self, now: Instant, unix_ms: i64, member: MemberId, rows: &mut Rows) -> Option<Arrival> {
        let units = self.waiting.front()?.units();
        self.budget.after(now, units, &LINES).ok()?;
        rows.charge(now, member, units).ok()?;
        self.budget.charge(now, units, &LINES).ok()?;
        let mut arrival = self.waiting.pop_front()?;
        self.progress.received = Some(arrival.up_to);
        if let Arrived::Line { at, .. } = &mut arrival.what {
            *at = self.believable(*at, unix_ms);
            self.last_at = Some(*at);
        }
        Some(arrival)
    }

    /// A line is not older than the one before it, and not from the future. One whose clock was ahead holds back none behind it:
    /// those are not older than now.
    fn believable(&self, at: UnixMs, unix_ms: i64) -> UnixMs {
        let latest = UnixMs::latest(unix_ms);
        let earliest = self.last_at.map_or(UnixMs::MIN, |last| last.min(UnixMs::clamped(unix_ms)));
        at.clamp(earliest, latest)
    }

    /// They have our lines up to this one. Whether that is news. More than we said is a lie, and counts for nothing.
    pub(super) fn confirm(&mut self, up_to: Sequence, lines: Sequence) -> bool {
        if up_to > lines || up_to <= self.progress.acknowledged {
            return false;
        }
        self.progress.acknowledged = up_to;
        self.sent = self.sent.max(up_to);
        true
    }

    /// A link with them begins, or they could not read something: what they have not confirmed is to be sent again.
    pub(super) fn ask_resend(&mut self) {
        self.resend = true;
    }

    /// Goes back to what they have confirmed, where that was asked for and is due.
    pub(super) fn resend_if_due(&mut self, now: Instant) {
        let nothing_under_way = self.sent == self.progress.acknowledged;
        if !self.resend
            || !nothing_under_way && self.resent_at.is_some_and(|at| now.saturating_duration_since(at) < self.pause)
        {
            return;
        }
        self.resend = false;
        if nothing_under_way {
            return;
        }
        let calm = self.resent_at.is_none_or(|at| now.saturating_duration_since(at) >= CALM);
        self.pause =
            if calm { Duration::ZERO } else { self.pause.saturating_mul(2).clamp(RESEND_PAUSE, LONGEST_RESEND_PAUSE) };
        self.resent_at = Some(now);
        self.sent = self.progress.acknowledged;
    }

    /// Whether something is to be done here by itself.
    pub(super) fn is_busy(&self) -> bool {
        self.resend || !self.waiting.is_empty()
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn window_is_open(&self) -> bool {
        !self.resend && self.sent.lines_since(self.progress.acknowledged) < WINDOW
    }

    /// On a new link nothing has been asked for yet.
    pub(super) fn begin_link(&mut self) {
        self.asked_again = false;
    }
}
