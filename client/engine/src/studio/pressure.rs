//! Whether this machine keeps up with what it decodes, encodes and sends. Pure: time is an argument.
//!
//! Where there is too much to do, what is due waits: a picture for the decoder, the engine for its turn. Then pictures get
//! smaller, then fewer, theirs and ours, and at last only who speaks is seen, before the sound suffers.

use std::time::{Duration, Instant};

use crate::room::KeepsUpWith;

/// How often what waited is judged.
const EVERY: Duration = Duration::from_secs(1);
/// A wait of half a picture's time is long.
const LONG: Duration = Duration::from_millis(15);
/// So much of what was due waited for long: too much; or no more than that: calm.
const TOO_MUCH: f64 = 0.2;
/// Where most of it did, the next layer is too much as well; and sound is in danger where nothing of the pictures is left to save.
const MUCH_TOO_MUCH: f64 = 0.6;
const CALM: f64 = 0.05;
/// Fewer waits than this tell nothing.
const FEW: u32 = 20;
/// Once is chance.
const IN_A_ROW: u32 = 2;
/// Much begins at once with a call, and is over soon.
const BEGINNING: Duration = Duration::from_secs(5);
/// What waited already when pictures got smaller is no reason to make them smaller still.
const SETTLE: Duration = Duration::from_secs(2);
/// A layer up is tried after so long a calm, and after twice as long each time that it turned out to be too much within `RELAPSE`.
const PATIENCE: Duration = Duration::from_secs(10);
const MOST_PATIENCE: Duration = Duration::from_secs(160);
const RELAPSE: Duration = Duration::from_secs(20);

/// What was due, and how much of it had to wait for long.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Waits {
    all: u32,
    long: u32,
}

impl Waits {
    pub fn add(&mut self, waited: Duration) {
        self.all += 1;
        self.long += u32::from(waited >= LONG);
    }

    pub fn merge(&mut self, other: Self) {
        self.all += other.all;
        self.long += other.long;
    }

    /// The share that waited for long.
    pub fn share(self) -> f64 {
        if self.all < FEW { 0.0 } else { f64::from(self.long) / f64::from(self.all) }
    }
}

pub(crate) struct Pressure {
    most: KeepsUpWith,
    judged: Instant,
    bad: u32,
    calm_since: Option<Instant>,
    patience: Duration,
    raised: Option<Instant>,
}

impl Pressure {
    pub fn new(now: Instant) -> Self {
        Self { most: KeepsUpWith::ALL, judged: now, bad: 0, calm_since: None, patience: PATIENCE, raised: None }
    }

    /// A call begins: what was before it says nothing.
    pub fn begin(&mut self, now: Instant) {
        (self.judged, self.bad, self.calm_since) = (now + BEGINNING, 0, None);
    }

    /// What of camera pictures this machine keeps up with.
    pub fn most(&self) -> KeepsUpWith {
        self.most
    }

    /// To be asked every second: of what was due in it, how much waited. True when [`Self::most`] has become another.
    pub fn judge(&mut self, now: Instant, waits: &[Waits]) -> bool {
        let Some(since) = now.checked_duration_since(self.judged) else {
            return false;
        };
        self.judged = now;
        if since > 3 * EVERY {
            // The machine slept.
            (self.bad, self.calm_since) = (0, None);
            return false;
        }
        let share = waits.iter().map(|waits| waits.share()).fold(0.0, f64::max);
        self.bad = if share >= TOO_MUCH { self.bad + 1 } else { 0 };
        if share > CALM {
            self.calm_since = None;
        } else {
            self.calm_since.get_or_insert(now);
        }
        if self.bad >= IN_A_ROW {
            return self.lower(now, share >= MUCH_TOO_MUCH);
        }
        self.calm_since.is_some_and(|since| now >= since + self.patience) && self.raise(now)
    }

    fn lower(&mut self, now: Instant, much: bool) -> bool {
        self.bad = 0;
        let everybody = |less: &KeepsUpWith| *less != KeepsUpWith::Speaker;
        let lower = match self.most.less().filter(|less| much || everybody(less)) {
            Some(less) => less.less().filter(|less| much && everybody(less)).unwrap_or(less),
            None => return false,
        };
        if self.raised.take().is_some_and(|raised| now < raised + RELAPSE) {
            self.patience = (self.patience * 2).min(MOST_PATIENCE);
        }
        self.most = lower;
        self.judged = now + SETTLE;
        true
    }

    fn raise(&mut self, now: Instant) -> bool {
        let Some(higher) = self.most.more() else {
            return false;
        };
        (self.calm_since, self.raised) = (Some(now), Some(now));
        self.most = higher;
        true
    }
}

#[cfg(test)]
mod tests {
    use media::Layer::{High, Least, Low, Middle};

    use super::*;
    use KeepsUpWith::{Everybody, Speaker};

    /// Of a hundred waits so many are long.
    fn waits(long: u32) -> Waits {
        let mut waits = Waits::default();
        for n in 0..100 {
            waits.add(if n < long { LONG } else { LONG / 10 });
        }
        waits
    }

    /// So many seconds in which so many waits of a hundred are long; the second and the outcome of each change.
    fn run(pressure: &mut Pressure, now: &mut Instant, seconds: u32, long: u32) -> Vec<(u32, KeepsUpWith)> {
        let mut changes = Vec::new();
        for second in 1..=seconds {
            *now += EVERY;
            if pressure.judge(*now, &[waits(0), waits(long)]) {
                changes.push((second, pressure.most()));
            }
        }
        changes
    }

    fn begun() -> (Pressure, Instant) {
        let mut now = Instant::now();
        let mut pressure = Pressure::new(now);
        pressure.begin(now);
        assert!(run(&mut pressure, &mut now, 5, 100).is_empty(), "the beginning does not count");
        (pressure, now)
    }

    #[test]
    fn pictures_shrink_by_a_layer_when_much_waits_for_long() {
        let (mut pressure, mut now) = begun();
        assert_eq!(
            run(&mut pressure, &mut now, 20, 25),
            [(1, Everybody(Middle)), (4, Everybody(Low)), (7, Everybody(Least))]
        );
    }

    #[test]
    fn pictures_shrink_by_two_layers_when_most_waits() {
        let (mut pressure, mut now) = begun();
        assert_eq!(run(&mut pressure, &mut now, 20, 80), [(1, Everybody(Low)), (4, Everybody(Least)), (7, Speaker)]);
        assert_eq!(run(&mut pressure, &mut now, 44, 0).last(), Some(&(41, Everybody(High))));
    }

    #[test]
    fn a_busy_moment_a_little_waiting_and_few_waits_change_nothing() {
        let (mut pressure, mut now) = begun();
        for _ in 0..10 {
            assert!(run(&mut pressure, &mut now, 2, 15).is_empty());
            assert!(run(&mut pressure, &mut now, 1, 100).is_empty());
        }
        for _ in 0..10 {
            now += EVERY;
            assert!(!pressure.judge(now, &[Waits { all: 10, long: 10 }]));
        }
    }

    #[test]
    fn large_pictures_come_back_later_after_each_relapse() {
        let (mut pressure, mut now) = begun();
        run(&mut pressure, &mut now, 1, 50);
        let mut waited = Vec::new();
        for _ in 0..6 {
            assert_eq!(pressure.most(), Everybody(Middle));
            let mut seconds = 0;
            while pressure.most() == Everybody(Middle) {
                seconds += 1;
                run(&mut pressure, &mut now, 1, 0);
            }
            waited.push(seconds);
            run(&mut pressure, &mut now, 2, 50);
        }
        assert_eq!(waited, [12, 22, 42, 82, 162, 162]);
    }

    #[test]
    fn a_machine_that_slept_did_not_have_too_much_to_do() {
        let (mut pressure, mut now) = begun();
        run(&mut pressure, &mut now, 10, 0);
        for _ in 0..4 {
            now += Duration::from_secs(3600);
            assert!(!pressure.judge(now, &[waits(100)]));
        }
    }
}
