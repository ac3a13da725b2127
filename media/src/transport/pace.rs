//! Spreads a large frame over time, so that it does not overrun the queue of a slow uplink: leaky buckets of packets of pictures.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::frame::{Lane, Stream};
use crate::split::Packet;

/// What leaves at once after a rest, in bytes: an ordinary frame, whole.
const BURST: u64 = 8_000;
/// Before anybody has said how fast, in bits per second.
const FIRST_RATE: u64 = 3_000_000;
/// No slower than this, whatever is said: a keyframe must get through.
const LEAST_RATE: u64 = 150_000;

/// The packets of one peer that wait for their time. Their number is bounded by who puts them in.
///
/// The camera does not wait for the screen: a page of text takes seconds on a slow uplink, and nobody's face should stand still
/// for it.
pub(super) struct Pace {
    camera: Bucket,
    carried: Bucket,
    screen: Bucket,
}

struct Bucket {
    rate: u64,
    /// When it is empty.
    empty_at: Instant,
    /// With their sequence numbers.
    waiting: VecDeque<(u64, Packet)>,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { camera: Bucket::new(now), carried: Bucket::new(now), screen: Bucket::new(now) }
    }

    /// In bits per second.
    pub(super) fn set_rate(&mut self, lane: Lane, bits_per_second: u64) {
        self.bucket_mut(lane).rate = bits_per_second.max(LEAST_RATE);
    }

    /// Packets of a lane that wait.
    pub(super) fn len(&self, lane: Lane) -> usize {
        self.bucket(lane).waiting.len()
    }

    /// How long a packet of a lane that is put in now would wait.
    pub(super) fn wait(&self, now: Instant, lane: Lane) -> Duration {
        let bucket = self.bucket(lane);
        let bytes = bucket.waiting.iter().map(|(_, packet)| packet.payload.len() as u64).sum();
        bucket.next().map_or(Duration::ZERO, |next| next.saturating_duration_since(now) + bucket.time(bytes))
    }

    pub(super) fn push(&mut self, sequence: u64, packet: Packet) {
        self.bucket_mut(packet.lane).waiting.push_back((sequence, packet));
    }

    /// The next packet that may leave.
    pub(super) fn pop(&mut self, now: Instant) -> Option<(u64, Packet)> {
        self.camera.pop(now).or_else(|| self.carried.pop(now)).or_else(|| self.screen.pop(now))
    }

    /// When a packet may leave; `None` while none waits.
    pub(super) fn next(&self) -> Option<Instant> {
        [self.camera.next(), self.carried.next(), self.screen.next()].into_iter().flatten().min()
    }

    pub(super) fn clear(&mut self) {
        for bucket in [&mut self.camera, &mut self.carried, &mut self.screen] {
            bucket.waiting.clear();
        }
    }

    /// Throws away what waits of a lane, and tells the sequence number of its first.
    pub(super) fn discard(&mut self, lane: Lane) -> Option<u64> {
        let bucket = self.bucket_mut(lane);
        let first = bucket.waiting.front().map(|(sequence, _)| *sequence);
        bucket.waiting.clear();
        first
    }

    fn bucket(&self, lane: Lane) -> &Bucket {
        match lane {
            Lane::Own(Stream::Screen) => &self.screen,
            Lane::Own(_) => &self.camera,
            Lane::Carried => &self.carried,
        }
    }

    fn bucket_mut(&mut self, lane: Lane) -> &mut Bucket {
        match lane {
            Lane::Own(Stream::Screen) => &mut self.screen,
            Lane::Own(_) => &mut self.camera,
            Lane::Carried => &mut self.carried,
        }
    }
}

impl Bucket {
    fn new(now: Instant) -> Self {
        Self { rate: FIRST_RATE, empty_at: now, waiting: VecDeque::new() }
    }

    fn pop(&mut self, now: Instant) -> Option<(u64, Packet)> {
        if now < self.next()? {
            return None;
        }
        let (sequence, packet) = self.waiting.pop_front()?;
        self.empty_at = self.empty_at.max(now) + self.time(packet.payload.len() as u64);
        Some((sequence, packet))
    }

    fn next(&self) -> Option<Instant> {
        let burst = self.time(BURST);
        // An `Instant` may not reach further back than the machine's start; then nothing was sent that long ago either.
        self.waiting.front().map(|_| self.empty_at.checked_sub(burst).unwrap_or(self.empty_at))
    }

    fn time(&self, bytes: u64) -> Duration {
        Duration::from_nanos(bytes.saturating_mul(8_000_000_000) / self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(stream: Stream, bytes: usize) -> Packet {
        Packet { lane: stream.into(), timestamp: 0, marker: false, payload: vec![0; bytes].into() }
    }

    #[test]
    fn an_ordinary_frame_leaves_at_once_and_a_large_one_at_the_rate() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        pace.set_rate(Stream::Video.into(), 800_000);
        for _ in 0..58 {
            pace.push(0, packet(Stream::Video, 1_000));
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
    fn the_camera_does_not_wait_for_a_page_of_the_screen() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        pace.set_rate(Stream::Screen.into(), 800_000);
        for _ in 0..100 {
            pace.push(0, packet(Stream::Screen, 1_000));
        }
        while pace.pop(now).is_some() {}
        pace.push(7, packet(Stream::Video, 1_000));
        assert_eq!(pace.wait(now, Stream::Video.into()), Duration::from_nanos(8_000_000_000_000 / FIRST_RATE));
        assert!(pace.wait(now, Stream::Screen.into()) > Duration::from_millis(900));
        assert_eq!(pace.pop(now).map(|(sequence, packet)| (sequence, packet.lane)), Some((7, Stream::Video.into())));
    }

    #[test]
    fn a_rest_is_not_saved_up() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        pace.set_rate(Stream::Video.into(), 800_000);
        now += Duration::from_secs(60);
        for _ in 0..100 {
            pace.push(0, packet(Stream::Video, 1_000));
        }
        assert_eq!(std::iter::from_fn(|| pace.pop(now)).count(), 9);
    }
}
