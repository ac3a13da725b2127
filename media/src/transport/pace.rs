//! Spreads a large frame over time, so that it does not overrun the queue of a slow uplink: a leaky bucket of video packets.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::split::Packet;

/// What leaves at once after a rest, in bytes: an ordinary frame, whole.
const BURST: u64 = 8_000;
/// Before anybody has said how fast, in bits per second.
const FIRST_RATE: u64 = 3_000_000;
/// No slower than this, whatever is said: a keyframe must get through.
const LEAST_RATE: u64 = 150_000;

/// The packets of one peer that wait for their time. Their number is bounded by who puts them in.
pub(super) struct Pace {
    rate: u64,
    /// When the bucket is empty.
    empty_at: Instant,
    /// With their sequence numbers.
    waiting: VecDeque<(u64, Packet)>,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { rate: FIRST_RATE, empty_at: now, waiting: VecDeque::new() }
    }

    pub(super) fn set_rate(&mut self, bits_per_second: u64) {
        self.rate = bits_per_second.max(LEAST_RATE);
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// How long a packet that is put in now would wait.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        let bytes = self.waiting.iter().map(|(_, packet)| packet.payload.len() as u64).sum();
        self.next().map_or(Duration::ZERO, |next| next.saturating_duration_since(now) + self.time(bytes))
    }

    pub(super) fn push(&mut self, sequence: u64, packet: Packet) {
        self.waiting.push_back((sequence, packet));
    }

    /// The next packet that may leave.
    pub(super) fn pop(&mut self, now: Instant) -> Option<(u64, Packet)> {
        if now < self.next()? {
            return None;
        }
        let (sequence, packet) = self.waiting.pop_front()?;
        self.empty_at = self.empty_at.max(now) + self.time(packet.payload.len() as u64);
        Some((sequence, packet))
    }

    /// When a packet may leave; `None` while none waits.
    pub(super) fn next(&self) -> Option<Instant> {
        let burst = self.time(BURST);
        // An `Instant` may not reach further back than the machine's start; then nothing was sent that long ago either.
        self.waiting.front().map(|_| self.empty_at.checked_sub(burst).unwrap_or(self.empty_at))
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    fn time(&self, bytes: u64) -> Duration {
        Duration::from_nanos(bytes.saturating_mul(8_000_000_000) / self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Stream;

    fn packet(bytes: usize) -> Packet {
        Packet { stream: Stream::Video, timestamp: 0, marker: false, payload: vec![0; bytes].into() }
    }

    #[test]
    fn an_ordinary_frame_leaves_at_once_and_a_large_one_at_the_rate() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        pace.set_rate(800_000);
        for _ in 0..58 {
            pace.push(0, packet(1_000));
        }
        let at_once = std::iter::from_fn(|| pace.pop(start)).count();
        assert_eq!(at_once, 9);
        let mut now = start;
        while let Some(next) = pace.next() {
            now = now.max(next);
            assert!(pace.pop(now).is_some());
        }
        // 49 kB at 100 kB/s.
        assert_eq!((now - start).as_millis(), 490);
    }

    #[test]
    fn a_rest_is_not_saved_up() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        pace.set_rate(800_000);
        now += Duration::from_secs(60);
        for _ in 0..100 {
            pace.push(0, packet(1_000));
        }
        assert_eq!(std::iter::from_fn(|| pace.pop(now)).count(), 9);
    }
}
