//! Time in samples at 48 kHz, from the beginning of a stream.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::time::{Duration, Instant};

/// Where a stream's time begins: both clocks are measured from here.
#[derive(Clone, Copy)]
pub(super) struct Origin {
    pub now: Instant,
    pub timestamp: u64,
}

impl Origin {
    pub fn samples(&self, now: Instant) -> i64 {
        samples_in(now.saturating_duration_since(self.now))
    }

    /// Any 64-bit number may come from the network; the clamp keeps sums of a few of these far from overflow.
    pub fn timestamp(&self, timestamp: u64) -> i64 {
        (timestamp.wrapping_sub(self.timestamp) as i64).clamp(-(1 << 48), 1 << 48)
    }
}

/// A length of time in samples at 48 kHz.
pub(super) fn samples_in(time: Duration) -> i64 {
    // A process that runs for 100,000 years saturates here.
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX).saturating_mul(48) / 1000
}
