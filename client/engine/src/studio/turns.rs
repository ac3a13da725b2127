//! Whose frame is decoded next. Each stream has a queue, a pace and a share of the decoder's time of its own, so that nobody's
//! flood delays anybody else's picture by more than one decode. Pure: time is an argument.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use super::Waits;

/// What waits of one stream, at most; what comes beyond it is dropped, and its stream needs a keyframe.
const FRAMES: usize = 60;
const BYTES: usize = 4 << 20;
/// A stream gets its pictures decoded no faster than this; the time between two of them, and how far one may get ahead.
const PER_SECOND: u32 = 60;
const AHEAD: Duration = Duration::from_millis(250);
/// Processor time that one stream's pictures may take in a second, in thousandths, and how much of it can be saved up.
const SHARE: u32 = 400;
const SAVED: Duration = Duration::from_millis(800);
/// A sender whose stream needs more than its share is asked for less so many times in `ASKED`: once for each lower layer, ...
const ASKS: usize = 3;
const ASKED: Duration = Duration::from_secs(30);
/// ... and a stream that still needs more rests for so long.
const REST: Duration = Duration::from_secs(10);
/// Even a picture of a few bytes costs as much.
const LEAST: Duration = Duration::from_micros(100);

/// What became of a frame that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    Waits,
    /// Dropped: a keyframe is needed.
    Full,
    /// Dropped: the stream used up its share and rests, so a keyframe does not help yet.
    Rests,
}

/// What a frame's cost means for its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charged {
    WithinShare,
    /// It took more than its share: its sender is to be asked for smaller pictures. Until they come it goes on.
    AskForLess,
    /// It took more than its share though less was asked for, or less cannot be asked for.
    Rests,
}

/// The queues of all streams. `T` is a frame.
pub(crate) struct Turns<K, T> {
    lines: BTreeMap<K, Line<T>>,
    /// How much the stream that was served last had used, so that a new one begins there and not with all that it missed.
    level: Duration,
}

struct Line<T> {
    /// Whether its stream is watched now. What it used, and how long it rests, outlasts a stream that ends and begins again.
    open: bool,
    waiting: VecDeque<(Instant, usize, T)>,
    bytes: usize,
    /// Decoding time that counts for whose turn it is.
    used: Duration,
    /// When the next picture would be due if they came evenly.
    due: Option<Instant>,
    left: Duration,
    filled: Option<Instant>,
    rests_until: Option<Instant>,
    /// When its sender was asked for less.
    asked: VecDeque<Instant>,
    waits: Waits,
    /// Decoding time since waits were asked for last.
    lately: Duration,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self {
            open: false,
            waiting: VecDeque::new(),
            bytes: 0,
            used: Duration::ZERO,
            due: None,
            left: SAVED,
            filled: None,
            rests_until: None,
            asked: VecDeque::new(),
            waits: Waits::default(),
            lately: Duration::ZERO,
        }
    }
}

impl<K: Ord + Copy, T> Turns<K, T> {
    pub fn new() -> Self {
        Self { lines: BTreeMap::new(), level: Duration::ZERO }
    }

    /// A stream begins; frames of others are refused.
    pub fn add(&mut self, stream: K) {
        self.lines.entry(stream).or_default().open = true;
    }

    pub fn remove(&mut self, stream: K) {
        if let Some(line) = self.lines.get_mut(&stream) {
            line.clear();
            line.open = false;
        }
    }

    /// What waits of a stream is dropped.
    pub fn clear(&mut self, stream: K) {
        if let Some(line) = self.lines.get_mut(&stream) {
            line.clear();
        }
    }

    /// What came last of those that wait.
    pub fn last(&self, stream: K) -> Option<&T> {
        self.lines.get(&stream)?.waiting.back().map(|(_, _, frame)| frame)
    }

    /// A frame of `bytes` came.
    pub fn push(&mut self, now: Instant, stream: K, bytes: usize, frame: T) -> Pushed {
        let level = self.level;
        let Some(line) = self.lines.get_mut(&stream) else {
            return Pushed::Rests;
        };
        if !line.open || line.rests(now) {
            return Pushed::Rests;
        }
        if line.waiting.len() >= FRAMES || line.bytes.saturating_add(bytes) > BYTES {
            return Pushed::Full;
        }
        if line.waiting.is_empty() {
            line.used = line.used.max(level);
        }
        line.bytes += bytes;
        line.waiting.push_back((now, bytes, frame));
        Pushed::Waits
    }

    /// The next frame: of the stream that has used least among those whose turn may come now.
    pub fn next(&mut self, now: Instant) -> Option<(K, T)> {
        let ready = self.lines.iter_mut().filter(|(_, line)| line.ready_at(now).is_some_and(|at| at <= now));
        let (stream, line) = ready.min_by_key(|(_, line)| line.used)?;
        let (came, bytes, frame) = line.waiting.pop_front()?;
        self.level = line.used;
        line.bytes -= bytes;
        // A wait that its own pace brought about says nothing of this machine.
        let due = line.due.unwrap_or(now);
        line.waits.add(now.saturating_duration_since(came.max(due.checked_sub(AHEAD).unwrap_or(came))));
        line.due = Some(due.max(now) + Duration::from_secs(1) / PER_SECOND);
        Some((*stream, frame))
    }

    /// When [`Self::next`] has something, if no frame comes before; `None` while nothing waits.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        self.lines.values().filter_map(|line| line.ready_at(now)).min()
    }

    /// A frame of this stream took so much processor time. `layered`: its sender can be asked for less.
    pub fn charge(&mut self, now: Instant, stream: K, took: Duration, layered: bool) -> Charged {
        let Some(line) = self.lines.get_mut(&stream) else {
            return Charged::WithinShare;
        };
        let took = took.max(LEAST);
        line.used += took;
        line.lately += took;
        let since = line.filled.replace(now).map_or(Duration::ZERO, |filled| now.saturating_duration_since(filled));
        line.left = (line.left + since * SHARE / 1000).min(SAVED);
        match line.left.checked_sub(took) {
            Some(left) => {
                line.left = left;
                Charged::WithinShare
            }
            None => {
                line.left = SAVED;
                if layered && line.may_ask(now) {
                    return Charged::AskForLess;
                }
                line.rests_until = Some(now + REST);
                line.clear();
                Charged::Rests
            }
        }
    }

    /// How frames waited since this was asked last. The sender whose streams took most of the time is left out where there are
    /// others: what one makes wait does not say that this machine has too much to do.
    pub fn waited<S: Ord>(&mut self, sender: impl Fn(&K) -> S) -> Waits {
        let mut senders: BTreeMap<S, (Duration, Waits)> = BTreeMap::new();
        for (stream, line) in &mut self.lines {
            let (took, waits) = senders.entry(sender(stream)).or_default();
            *took += std::mem::take(&mut line.lately);
            waits.merge(std::mem::take(&mut line.waits));
        }
        let mut senders: Vec<_> = senders.into_values().collect();
        if senders.iter().filter(|(took, _)| !took.is_zero()).count() > 1 {
            senders.sort_by_key(|(took, _)| *took);
            senders.pop();
        }
        let mut all = Waits::default();
        senders.into_iter().for_each(|(_, waits)| all.merge(waits));
        all
    }
}

impl<T> Line<T> {
    fn rests(&self, now: Instant) -> bool {
        self.rests_until.is_some_and(|until| until > now)
    }

    /// Counts a request for less, if there may be one more.
    fn may_ask(&mut self, now: Instant) -> bool {
        while self.asked.front().is_some_and(|&at| now.saturating_duration_since(at) >= ASKED) {
            self.asked.pop_front();
        }
        let may = self.asked.len() < ASKS;
        if may {
            self.asked.push_back(now);
        }
        may
    }

    fn ready_at(&self, now: Instant) -> Option<Instant> {
        if self.waiting.is_empty() || self.rests(now) {
            return None;
        }
        Some(self.due.and_then(|due| due.checked_sub(AHEAD)).map_or(now, |earliest| earliest.max(now)))
    }

    fn clear(&mut self) {
        self.waiting.clear();
        self.bytes = 0;
    }
}
