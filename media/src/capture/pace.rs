//! When pictures of a regular source are due. Pure: time is an argument.

use std::time::{Duration, Instant};

const NANOS: u128 = 1_000_000_000;

/// Pictures a second, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) pictures: u32,
    pub(super) seconds: u32,
}

impl Rate {
    pub(super) fn hertz(fps: u32) -> Self {
        Self { pictures: fps.max(1), seconds: 1 }
    }

    pub(super) fn is_above(self, other: Rate) -> bool {
        u64::from(self.pictures) * u64::from(other.seconds) > u64::from(other.pictures) * u64::from(self.seconds)
    }
}

/// A picture that is due: which one, counted from 0, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) index: u64,
    pub(super) at: Instant,
}

/// Counts pictures off the monotonic clock. Each due time is computed from the first, so that nothing adds up.
#[derive(Debug)]
pub(super) struct Pace {
    rate: Rate,
    first: Option<Instant>,
    next: u64,
}

impl Pace {
    pub(super) fn new(rate: Rate) -> Self {
        Self { rate, first: None, next: 0 }
    }

    /// The next picture: the one after the last, or, if its time has passed altogether, the one whose time it is.
    pub(super) fn next(&mut self, now: Instant) -> Due {
        let first = *self.first.get_or_insert(now);
        let passed = now.saturating_duration_since(first).as_nanos();
        let current = passed * u128::from(self.rate.pictures) / (NANOS * u128::from(self.rate.seconds));
        let index = self.next.max(current as u64);
        self.next = index + 1;
        Due { index, at: first + self.offset(index) }
    }

    /// Rounded up, so that at its due time a picture is the current one.
    fn offset(&self, index: u64) -> Duration {
        let nanos = u128::from(index) * u128::from(self.rate.seconds) * NANOS;
        Duration::from_nanos(nanos.div_ceil(u128::from(self.rate.pictures)) as u64)
    }
}

/// Which picture of a source at `source` pictures a second to show as the `index`th at `shown` a second.
pub(super) fn source_index(index: u64, source: Rate, shown: Rate) -> u64 {
    let up = u128::from(source.pictures) * u128::from(shown.seconds);
    let down = u128::from(source.seconds) * u128::from(shown.pictures);
    (u128::from(index) * up / down) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const NTSC: Rate = Rate { pictures: 30_000, seconds: 1001 };

    #[test]
    fn an_hour_of_pictures_does_not_drift() {
        let start = Instant::now();
        let mut pace = Pace::new(NTSC);
        let mut now = start;
        for index in 0..107_892 {
            let due = pace.next(now);
            assert_eq!(due.index, index);
            // Always a little late, as sleeping is.
            now = due.at + Duration::from_millis(1);
        }
        let expected = Duration::from_nanos(107_891 * 1001 * 1_000_000 / 30 + 1);
        let off = (now - start).abs_diff(expected + Duration::from_millis(1));
        assert!(off < Duration::from_micros(1), "{off:?}");
    }

    #[test]
    fn what_a_stall_missed_is_skipped_and_does_not_come_in_a_burst() {
        let start = Instant::now();
        let mut pace = Pace::new(Rate::hertz(25));
        assert_eq!(pace.next(start), Due { index: 0, at: start });
        assert_eq!(pace.next(start + Duration::from_millis(1)).index, 1);
        // A second and a half later: picture 37 is current, and the next one waits for its time.
        let late = start + Duration::from_millis(1500);
        assert_eq!(pace.next(late), Due { index: 37, at: start + Duration::from_millis(1480) });
        assert_eq!(pace.next(late), Due { index: 38, at: start + Duration::from_millis(1520) });
    }

    #[test]
    fn a_source_faster_than_wanted_loses_pictures_evenly() {
        let shown: Vec<u64> = (0..6).map(|index| source_index(index, Rate::hertz(50), Rate::hertz(20))).collect();
        assert_eq!(shown, [0, 2, 5, 7, 10, 12]);
        assert_eq!(source_index(41, NTSC, NTSC), 41);
    }

    #[test]
    fn rates_compare_as_fractions() {
        assert!(Rate::hertz(30).is_above(NTSC));
        assert!(!NTSC.is_above(NTSC));
    }
}
