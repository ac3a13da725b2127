//! How much had been sent by when.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Resolution and length of the memory of what was sent when. Twice the longest look back.
const STEP: Duration = Duration::from_millis(10);
const MEMORY: Duration = Duration::from_millis(2_500);

/// What had been sent by when. Forgets what is older than [`MEMORY`], so it holds 250 samples at most.
#[derive(Default)]
pub(super) struct Sent {
    samples: VecDeque<(Instant, u64)>,
    /// The newest count that is forgotten.
    forgotten: u64,
}

impl Sent {
    pub fn note(&mut self, now: Instant, total: u64) {
        if total == self.total() {
            return;
        }
        let before_last = self.samples.iter().rev().nth(1).map(|(at, _)| *at);
        if before_last.is_some_and(|at| now.saturating_duration_since(at) < STEP) {
            self.samples.pop_back();
        }
        self.samples.push_back((now, total));
        while let Some(&(at, count)) = self.samples.front()
            && now.saturating_duration_since(at) > MEMORY
        {
            self.forgotten = count;
            self.samples.pop_front();
        }
    }

    pub fn total(&self) -> u64 {
        self.samples.back().map_or(self.forgotten, |(_, count)| *count)
    }

    /// What had been sent by `time` for certain.
    pub fn at_or_before(&self, time: Instant) -> u64 {
        let sent = self.samples.iter().rev().find(|(at, _)| *at <= time);
        sent.map_or(self.forgotten, |(_, count)| *count)
    }

    /// The most that can have been sent by `time`: a sample is taken after what it counts was sent.
    pub fn at_or_after(&self, time: Instant) -> u64 {
        self.samples.iter().find(|(at, _)| *at >= time).map_or(self.total(), |(_, count)| *count)
    }
}
