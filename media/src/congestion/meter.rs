//! The receiver's side: how long packets of a peer queued on their way.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::frame::{Lane, Stream};
use crate::split::{AUDIO_CLOCK, VIDEO_CLOCK};

/// How often the sender is told.
const EVERY: Duration = Duration::from_millis(200);
/// The fastest way is looked for in so many seconds: long enough that a queue that stands for a while is not taken for the way
/// itself, short enough to follow clocks that drift and routes that change.
const BASELINE_SECONDS: u64 = 30;
/// So many packets of a voice in a window say more than those of a picture, which wait for their encoder and for each other.
const ENOUGH: u32 = 3;
/// Loss is looked at over so many windows, and one.
const LOSS_WINDOWS: usize = 11;
/// A share of fewer packets says nothing.
const ENOUGH_FOR_LOSS: u64 = 20;
/// Transit times jump by more only when the sender begins anew.
const STRANGE_US: i64 = 5_000_000;

/// What the receiver tells the sender.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How much longer than the fastest ones packets took, at least, in milliseconds.
    pub queue_ms: u16,
    /// What arrived, in kilobits per second.
    pub received_kbps: u32,
    /// The share of packets that were lost in the last two seconds, in 255ths.
    pub lost: u8,
}

/// Not a report of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a report of the wrong length")]
pub struct ReportError;

impl Report {
    pub fn to_bytes(&self) -> [u8; 7] {
        let [a, b] = self.queue_ms.to_be_bytes();
        let [c, d, e, f] = self.received_kbps.to_be_bytes();
        [a, b, c, d, e, f, self.lost]
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReportError> {
        let &[a, b, c, d, e, f, lost] = bytes else {
            return Err(ReportError);
        };
        let queue_ms = u16::from_be_bytes([a, b]);
        Ok(Self { queue_ms, received_kbps: u32::from_be_bytes([c, d, e, f]), lost })
    }
}

/// Measures one peer's packets.
pub struct Meter {
    origin: Instant,
    window: Instant,
    bytes: u64,
    audio: Transit,
    video: Transit,
    screen: Transit,
    carried: Transit,
}

/// Transit times of one stream: differences alone mean something, because the clocks of both ends begin anywhere.
#[derive(Default)]
struct Transit {
    /// The least of each of the latest seconds.
    minima: VecDeque<(u64, i64)>,
    /// The least of this window.
    least: Option<i64>,
    packets: u32,
    /// Highest sequence number, and what it was at the end of each of the latest windows with how many came in it.
    newest: u64,
    windows: VecDeque<(u64, u32)>,
}

impl Meter {
    pub fn new(now: Instant) -> Self {
        let [audio, video, screen, carried] = std::array::from_fn(|_| Transit::default());
        Self { origin: now, window: now, bytes: 0, audio, video, screen, carried }
    }

    /// A packet came, as [`crate::transport::ReceivedPacket`] has it.
    pub fn arrived(&mut self, now: Instant, lane: impl Into<Lane>, sequence: u64, timestamp: u64, bytes: usize) {
        let since = now.saturating_duration_since(self.origin);
        let (transit, clock) = match lane.into() {
            Lane::Own(Stream::Audio) => (&mut self.audio, Some(AUDIO_CLOCK)),
            Lane::Own(Stream::Video) => (&mut self.video, Some(VIDEO_CLOCK)),
            Lane::Own(Stream::Screen) => (&mut self.screen, Some(VIDEO_CLOCK)),
            // Its timestamps are no times.
            Lane::Carried => (&mut self.carried, None),
        };
        let took_us = clock.map_or(0, |clock| {
            // Any number may come from the network; wrapping keeps a lie from being more than a lie.
            let sent_us = u128::from(timestamp).saturating_mul(1_000_000).checked_div(u128::from(clock)).unwrap_or(0);
            low_bits(since.as_micros()).wrapping_sub(low_bits(sent_us))
        });
        transit.arrived(since.as_secs(), took_us, sequence);
        self.bytes = self.bytes.saturating_add(bytes as u64);
    }

    /// When [`Self::report`] has something to say, if packets come.
    pub fn next_report(&self) -> Instant {
        self.window + EVERY
    }

    /// What to tell the sender, every so often; nothing while nothing comes.
    pub fn report(&mut self, now: Instant) -> Option<Report> {
        let lasted = now.saturating_duration_since(self.window);
        if lasted < EVERY {
            return None;
        }
        self.window = now;
        let bytes = std::mem::take(&mut self.bytes);
        let (voices, audio) = self.audio.end_window();
        let (_, video) = self.video.end_window();
        // How long a screen's packets queue tells nothing: its sender holds them back for as long as a page takes.
        self.screen.end_window();
        self.carried.end_window();
        let queue_us = audio.filter(|_| voices >= ENOUGH).or(video).or(audio)?;
        Some(Report {
            queue_ms: u16::try_from((queue_us / 1000).max(0)).unwrap_or(u16::MAX),
            received_kbps: u128::from(bytes)
                .saturating_mul(8)
                .checked_div(lasted.as_millis())
                .and_then(|kbps| u32::try_from(kbps).ok())
                .unwrap_or(u32::MAX),
            lost: in_255ths(
                [&self.audio, &self.video, &self.screen, &self.carried]
                    .map(Transit::lost)
                    .into_iter()
                    .fold(0.0, f64::max),
            ),
        })
    }
}

/// A time as 64 bits that wrap around.
#[expect(clippy::cast_possible_truncation, reason = "differences of what wraps are taken by wrapping, too")]
fn low_bits(us: u128) -> i64 {
    us as i64
}

/// A share of 1 in 255ths.
#[expect(clippy::cast_possible_truncation, reason = "a float that is out of range becomes the nearest u8")]
fn in_255ths(share: f64) -> u8 {
    (share * 255.0) as u8
}

impl Transit {
    fn arrived(&mut self, second: u64, us: i64, sequence: u64) {
        if self.least().is_some_and(|least| us.wrapping_sub(least).saturating_abs() > STRANGE_US) {
            *self = Self::default();
        }
        match self.minima.back_mut() {
            Some((last, min)) if *last == second => *min = us.min(*min),
            _ => self.minima.push_back((second, us)),
        }
        while self.minima.front().is_some_and(|(first, _)| first.saturating_add(BASELINE_SECONDS) < second) {
            self.minima.pop_front();
        }
        self.least = Some(self.least.map_or(us, |least| least.min(us)));
        if self.newest == 0 {
            // What was sent before we listened is not lost.
            self.windows = VecDeque::from([(sequence.saturating_sub(1), 0)]);
        }
        self.packets = self.packets.saturating_add(1);
        self.newest = self.newest.max(sequence);
    }

    /// The share of the latest packets that did not come, 0 to 1. What was sent again counts as having come.
    fn lost(&self) -> f64 {
        let (Some((before, _)), Some((newest, _))) = (self.windows.front(), self.windows.back()) else {
            return 0.0;
        };
        let came: u64 = self.windows.iter().skip(1).map(|(_, came)| u64::from(*came)).sum();
        let expected = newest.saturating_sub(*before);
        if expected < ENOUGH_FOR_LOSS {
            return 0.0;
        }
        expected.saturating_sub(came) as f64 / expected as f64
    }

    fn least(&self) -> Option<i64> {
        self.minima.iter().map(|(_, us)| *us).min()
    }

    /// How many packets came, and how long even the fastest of them queued, in microseconds.
    fn end_window(&mut self) -> (u32, Option<i64>) {
        let packets = std::mem::take(&mut self.packets);
        self.windows.push_back((self.newest, packets));
        if self.windows.len() > LOSS_WINDOWS {
            self.windows.pop_front();
        }
        let least = self.least.take();
        (packets, least.zip(self.least()).map(|(window, ever)| window.wrapping_sub(ever)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Voice for a second, each packet so late.
    fn second(meter: &mut Meter, from: u64, start: Instant, late: impl Fn(u64) -> u64) -> Vec<Report> {
        let mut reports = Vec::new();
        for n in from * 50..(from + 1) * 50 {
            let now = start + MS * (20 * n + late(n)) as u32;
            meter.arrived(now, Stream::Audio, n, 48_000 + n * 960, 100);
            reports.extend(meter.report(now));
        }
        reports
    }

    #[test]
    fn jitter_is_no_queue_and_a_queue_is_one() {
        let start = Instant::now();
        let mut meter = Meter::new(start);
        for n in 0..10 {
            for report in second(&mut meter, n, start, |n| n * 13 % 40) {
                assert!(report.queue_ms < 25, "{report:?}");
            }
        }
        let queued = second(&mut meter, 10, start, |n| 100 + n * 13 % 40);
        assert!(queued.iter().skip(1).all(|report| (100..125).contains(&report.queue_ms)), "{queued:?}");
    }

    #[test]
    fn a_longer_route_is_the_way_itself_after_a_while() {
        let start = Instant::now();
        let mut meter = Meter::new(start);
        for n in 0..5 {
            second(&mut meter, n, start, |_| 0);
        }
        let mut last = 0;
        for n in 5..40 {
            last = second(&mut meter, n, start, |_| 150).last().unwrap().queue_ms;
        }
        assert_eq!(last, 0);
    }

    #[test]
    fn what_arrives_is_told() {
        let start = Instant::now();
        let mut meter = Meter::new(start);
        let reports = second(&mut meter, 0, start, |_| 0);
        // 100 bytes in 20 ms, and the one that ends the window.
        assert!(reports.iter().all(|report| (40..=45).contains(&report.received_kbps)), "{reports:?}");
        meter.report(start + MS * 2000);
        assert_eq!(meter.report(start + MS * 5000), None);
    }

    #[test]
    fn loss_is_told_whatever_the_order() {
        let start = Instant::now();
        let mut meter = Meter::new(start);
        let mut last = Report::default();
        for n in 0..200u64 {
            let now = start + MS * 20 * n as u32;
            // Pairs change places, and every tenth is lost.
            let sequence = n ^ 1;
            if !sequence.is_multiple_of(10) {
                meter.arrived(now, Stream::Audio, sequence, 48_000 + n * 960, 100);
            }
            last = meter.report(now).unwrap_or(last);
        }
        assert!((20..=32).contains(&last.lost), "{last:?}");
    }

    #[test]
    fn any_timestamp_is_survived() {
        let start = Instant::now();
        let mut meter = Meter::new(start);
        for timestamp in [0, u64::MAX, 1 << 63, 77, u64::MAX / 2] {
            meter.arrived(start, Stream::Video, timestamp, timestamp, usize::MAX >> 32);
        }
        assert!(meter.report(start + EVERY).is_some());
    }

    #[test]
    fn a_report_comes_back_from_its_bytes() {
        let report = Report { queue_ms: 513, received_kbps: 70_000, lost: 26 };
        assert_eq!(Report::from_bytes(&report.to_bytes()), Ok(report));
        assert_eq!(Report::from_bytes(&[0; 6]), Err(ReportError));
    }
}
