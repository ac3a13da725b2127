//! How late packets come, and how long to hold them back for it. All times are in samples at 48 kHz.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::collections::VecDeque;

const MS: i64 = 48;

/// The least and most that audio is held back beyond the fastest packet's way.
pub(super) const MIN_TARGET: i64 = 20 * MS;
pub(super) const MAX_TARGET: i64 = 500 * MS;

/// The histogram's resolution and reach.
const BUCKET: i64 = 5 * MS;
const BUCKETS: usize = 100;

/// The share of packets that shall come in time.
const QUANTILE: f32 = 0.98;
/// What the histogram remembers from packet to packet: half of it after 7 s of 20 ms packets.
const MEMORY: f32 = 0.998;
/// Blocks are pulled every 10 ms, so a packet may have to be there 10 ms before its time.
const PULL: i64 = 10 * MS;
/// The fastest packet's way is looked for in this many seconds: long enough to see one, short enough to follow drifting
/// clocks and changing routes.
const BASELINE_SECONDS: i64 = 10;
/// After so long without a packet the way may be another one: the fastest is looked for anew, so that an outage does not
/// count as jitter for as long as the histogram remembers.
const OUTAGE: i64 = 1500 * MS;

/// Delay statistics of one stream.
#[derive(Clone, Debug)]
pub(super) struct DelayMeter {
    /// The smallest transit time of each of the latest seconds.
    minima: VecDeque<(i64, i64)>,
    baseline: i64,
    histogram: [f32; BUCKETS],
    packets: u32,
    last: Option<i64>,
    target: i64,
}

impl DelayMeter {
    pub(super) fn new() -> Self {
        Self {
            minima: VecDeque::new(),
            baseline: 0,
            histogram: [0.0; BUCKETS],
            packets: 0,
            last: None,
            target: MIN_TARGET,
        }
    }

    /// Takes note of a packet that carries `timestamp` and came at `now`.
    pub(super) fn arrived(&mut self, now: i64, timestamp: i64) {
        let transit = now.saturating_sub(timestamp);
        let second = now.div_euclid(1000 * MS);
        if self.last.replace(now).is_some_and(|last| now.saturating_sub(last) > OUTAGE) {
            self.minima.clear();
        }
        match self.minima.back_mut() {
            Some((last, min)) if *last == second => *min = transit.min(*min),
            _ => self.minima.push_back((second, transit)),
        }
        while self.minima.front().is_some_and(|(first, _)| first.saturating_add(BASELINE_SECONDS) < second) {
            self.minima.pop_front();
        }
        self.baseline = self.minima.iter().map(|(_, min)| *min).min().unwrap_or(transit);

        let bucket = usize::try_from(transit.saturating_sub(self.baseline) / BUCKET).unwrap_or(0).min(BUCKETS - 1);
        self.packets = self.packets.saturating_add(1);
        // At first every packet counts the same.
        let memory = MEMORY.min(1.0 - 1.0 / (self.packets as f32 + 1.0));
        self.histogram.iter_mut().for_each(|share| *share *= memory);
        if let Some(share) = self.histogram.get_mut(bucket) {
            *share += 1.0 - memory;
        }
        self.target = self.quantile();
    }

    /// How long after the fastest way `timestamp` is, or would be, at `now`.
    pub(super) fn delay(&self, now: i64, timestamp: i64) -> i64 {
        now.saturating_sub(timestamp).saturating_sub(self.baseline)
    }

    /// How long to hold audio back, measured like [`Self::delay`].
    pub(super) fn target(&self) -> i64 {
        self.target
    }

    fn quantile(&self) -> i64 {
        let total: f32 = self.histogram.iter().sum();
        let mut seen = 0.0;
        let bucket = self.histogram.iter().position(|share| {
            seen += share;
            seen >= QUANTILE * total
        });
        let edge = (bucket.unwrap_or(0) as i64).saturating_add(1).saturating_mul(BUCKET);
        edge.saturating_add(PULL).clamp(MIN_TARGET, MAX_TARGET)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_network_needs_the_least_delay() {
        let mut meter = DelayMeter::new();
        for n in 0..500 {
            meter.arrived(n * 960 + 7000 + n % 3 * MS, n * 960);
        }
        assert_eq!(meter.target(), MIN_TARGET);
    }

    #[test]
    fn jitter_raises_the_target_and_is_forgotten() {
        let mut meter = DelayMeter::new();
        for n in 0..500 {
            meter.arrived(n * 960 + n % 10 * 10 * MS, n * 960);
        }
        assert!((90 * MS..=120 * MS).contains(&meter.target()), "{}", meter.target() / MS);
        for n in 500..4000 {
            meter.arrived(n * 960, n * 960);
        }
        assert_eq!(meter.target(), MIN_TARGET);
    }

    #[test]
    fn an_outage_after_which_the_way_is_longer_is_no_jitter() {
        let mut meter = DelayMeter::new();
        for n in 0..500 {
            meter.arrived(n * 960, n * 960);
        }
        for n in 700..900 {
            meter.arrived(n * 960 + 600 * MS, n * 960);
        }
        assert_eq!(meter.target(), MIN_TARGET);
    }

    #[test]
    fn a_longer_route_becomes_the_new_normal() {
        let mut meter = DelayMeter::new();
        for n in 0..500 {
            meter.arrived(n * 960, n * 960);
        }
        for n in 500..2000 {
            meter.arrived(n * 960 + 200 * MS, n * 960);
        }
        assert_eq!(meter.delay(2000 * 960 + 200 * MS, 2000 * 960), 0);
    }
}
