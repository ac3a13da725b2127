//! The sender's side: a rate that rises until packets queue, and falls before the queue overflows.

use std::time::{Duration, Instant};

use super::meter::Report;

/// In bits per second: a voice with copies always fits.
const LEAST: f64 = 110_000.0;
const MOST: f64 = 20_000_000.0;
/// Little at first: a queue that is full from the first packet on would be taken for the way itself.
const FIRST: f64 = 300_000.0;
/// With less of a queue the rate rises; with more it falls, by so much that the queue is gone within `DRAIN`.
const CALM_MS: u16 = 25;
const QUEUED_MS: u16 = 60;
const DRAIN: Duration = Duration::from_millis(800);
const LEAST_FALL: f64 = 0.12;
const MOST_FALL: f64 = 0.4;
/// Loss (in 255ths) up to here is the weather of a radio; beyond it the way itself is too narrow and has no queue to show it.
const WEATHER: u8 = 31;
/// How fast it rises at first, as a share in a second ...
const FIRST_RISE: f64 = 1.0;
/// ... and once it is known where it was too much: by so many bits per second in a second, and near there by fewer. Sums and not
/// shares, so that paths which began with unequal parts of one uplink come to equal ones.
const RISE: f64 = 60_000.0;
const NEAR_RISE: f64 = 15_000.0;
const NEAR: f64 = 0.85;
/// A fall begins at what arrived in a second on average, and a little more.
const ARRIVED: f64 = 1.15;
/// A path that met a queue so long ago may stand in the same one as another that meets one now.
const TOGETHER: Duration = Duration::from_millis(600);
/// Losses are told for so long after they happened: they count once.
const LOSS_TOLD: Duration = Duration::from_millis(2400);
/// Below this there is no "near": a path that others pushed aside comes back soon.
const POOR: f64 = 200_000.0;
/// What was too much once may fit later.
const FORGOTTEN: Duration = Duration::from_secs(30);
/// What is not used cannot be known: the rate stays within so many times what arrives, or what may be sent, which an encoder with
/// an easy picture does not spend: a harder one may come at any moment, so the way is taken to carry it until a queue shows.
const USED: f64 = 2.0;
const UNUSED: f64 = 400_000.0;

/// The rate of one path.
#[derive(Debug)]
pub struct Control {
    rate: f64,
    /// The rate that was too much, and when.
    too_much: Option<(f64, Instant)>,
    hold_until: Option<Instant>,
    /// The queue when it fell last, in milliseconds.
    fell_at_ms: u16,
    /// When a report told of a queue. One alone may be a machine that was busy.
    queued_at: Option<Instant>,
    reported: Option<Instant>,
    lost_until: Option<Instant>,
    /// By the latest report.
    queue_ms: u16,
    allowed: f64,
    /// What arrived by the latest reports, a second of them.
    received: [u32; 5],
}

impl Default for Control {
    fn default() -> Self {
        Self::new()
    }
}

impl Control {
    pub fn new() -> Self {
        Self {
            rate: FIRST,
            too_much: None,
            hold_until: None,
            fell_at_ms: 0,
            queued_at: None,
            reported: None,
            lost_until: None,
            queue_ms: 0,
            allowed: 0.0,
            received: [0; 5],
        }
    }

    /// What the path carries, in bits per second, headers and copies included.
    pub fn rate(&self) -> u64 {
        self.rate as u64
    }

    /// Whether packets of this path queued a moment ago.
    pub fn is_queued(&self, now: Instant) -> bool {
        self.queued_at.is_some_and(|at| now < at + TOGETHER)
    }

    /// By the latest report, packets do not queue.
    pub fn is_calm(&self) -> bool {
        self.queue_ms < CALM_MS
    }

    /// So many bits per second may be sent now, whether they are or not.
    pub fn allow(&mut self, bits_per_second: u64) {
        self.allowed = bits_per_second as f64;
    }

    /// Takes in what the other end tells. `crowd`: what paths of this sender that are queued carry on average, if there are
    /// others than this one: they stand in one queue, and become equal. True if the rate fell for it.
    pub fn reported(&mut self, now: Instant, report: &Report, crowd: Option<u64>) -> bool {
        let mut falls = false;
        let since = self.reported.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        (self.reported, self.queue_ms) = (Some(now), report.queue_ms);
        self.received.rotate_right(1);
        self.received[0] = report.received_kbps;
        let mean = self.received.iter().map(|kbps| f64::from(*kbps)).sum::<f64>() / self.received.len() as f64 * 1000.0;
        let queued_before = self.is_queued(now);
        let queued = report.queue_ms >= QUEUED_MS;
        if queued {
            self.queued_at = Some(now);
        }
        if self.too_much.is_some_and(|(_, at)| now >= at + FORGOTTEN) {
            self.too_much = None;
        }
        let holds = self.hold_until.is_some_and(|until| now < until);
        let lost = report.lost > WEATHER && self.lost_until.is_none_or(|until| now >= until);
        if queued || lost {
            let drains = self.fell_at_ms > 0 && report.queue_ms < self.fell_at_ms / 4 * 3 && !lost;
            if !holds && drains {
                self.fell_at_ms = report.queue_ms;
                self.hold_until = Some(now + DRAIN / 2);
            } else if !holds && crowd.is_some_and(|rate| self.rate < rate as f64) {
                self.hold_until = Some(now + DRAIN / 2);
            } else if !holds && (queued_before || lost) {
                self.fall(now, report.queue_ms, ARRIVED * mean);
                falls = true;
            }
        } else if report.queue_ms < CALM_MS && !holds {
            self.fell_at_ms = 0;
            let rise = match self.too_much {
                None => FIRST_RISE * self.rate,
                Some((rate, _)) if self.rate < (NEAR * rate).max(POOR) => RISE,
                Some(_) => NEAR_RISE,
            };
            let risen = self.rate + rise * since.as_secs_f64().min(1.0);
            let known = (mean.max(self.allowed) * USED).max(UNUSED);
            self.rate = risen.min(known).max(self.rate.min(known));
        }
        self.rate = self.rate.clamp(LEAST, MOST);
        falls
    }

    fn fall(&mut self, now: Instant, queue_ms: u16, received: f64) {
        let carried = self.rate.min(received.max(LEAST));
        let drains = f64::from(queue_ms) / DRAIN.as_millis() as f64;
        self.too_much = Some((carried, now));
        self.rate = carried * (1.0 - drains.clamp(LEAST_FALL, MOST_FALL));
        self.fell_at_ms = queue_ms;
        self.lost_until = Some(now + LOSS_TOLD);
        self.hold_until = Some(now + DRAIN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(200);

    /// A way that carries `kbps` and has a queue of 300 ms; returns the rate at the end of each second.
    fn drive(control: &mut Control, kbps: f64, lost: u8, seconds: usize) -> Vec<f64> {
        let (mut now, mut queue_ms) = (Instant::now(), 0.0f64);
        let mut rates = Vec::new();
        for step in 0..5 * seconds {
            now += STEP;
            let sent = control.rate() as f64 / 1000.0;
            queue_ms = (queue_ms + (sent - kbps) / kbps * 200.0).clamp(0.0, 300.0);
            let received_kbps = if queue_ms > 0.0 { kbps } else { sent } as u32;
            control.reported(now, &Report { queue_ms: queue_ms as u16, received_kbps, lost }, None);
            if step % 5 == 4 {
                rates.push(control.rate() as f64 / 1000.0);
            }
        }
        rates
    }

    #[test]
    fn the_rate_finds_what_the_way_carries_and_stays_there() {
        for kbps in [300.0, 1_000.0, 4_000.0] {
            let mut control = Control::new();
            let rates = drive(&mut control, kbps, 0, 60);
            let late = &rates[20..];
            let mean = late.iter().sum::<f64>() / late.len() as f64;
            assert!((0.75 * kbps..1.02 * kbps).contains(&mean), "{kbps}: {mean}");
            assert!(late.iter().all(|rate| *rate > 0.5 * kbps), "{rates:?}");
        }
    }

    #[test]
    fn one_report_of_a_busy_machine_costs_little() {
        let mut control = Control::new();
        drive(&mut control, 100_000.0, 0, 5);
        let before = control.rate();
        let mut now = Instant::now() + Duration::from_secs(60);
        control.reported(now, &Report { queue_ms: 100, received_kbps: 10, lost: 0 }, None);
        now += STEP;
        control.reported(now, &Report { queue_ms: 0, received_kbps: 1000, lost: 0 }, None);
        assert!(control.rate() as f64 >= 0.8 * before as f64);
    }

    #[test]
    fn loss_lowers_the_rate_on_a_narrow_path_only() {
        for (lost, stays) in [(13, true), (77, false)] {
            let mut control = Control::new();
            drive(&mut control, 50_000.0, 0, 3);
            let before = control.rate();
            drive(&mut control, 50_000.0, lost, 3);
            assert_eq!(control.rate() >= before, stays);
        }
    }

    #[test]
    fn what_was_never_used_is_not_believed() {
        let mut control = Control::new();
        let mut now = Instant::now();
        for _ in 0..100 {
            now += STEP;
            control.reported(now, &Report { queue_ms: 0, received_kbps: 60, lost: 0 }, None);
        }
        assert_eq!(control.rate(), UNUSED as u64);
    }

    #[test]
    fn allowed_rate_is_believed_when_a_picture_needs_less() {
        let mut control = Control::new();
        let mut now = Instant::now();
        for _ in 0..100 {
            now += STEP;
            control.allow(360_000);
            control.reported(now, &Report { queue_ms: 0, received_kbps: 60, lost: 0 }, None);
        }
        assert_eq!(control.rate(), 720_000);
    }
}
