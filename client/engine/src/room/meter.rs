//! How much of something may be used, and how fast it comes back.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

/// Units that may be used at once, and that come back in each minute.
pub(crate) struct Limit {
    burst: u32,
    per_minute: u32,
}

impl Limit {
    pub const fn per_second(burst: u32, rate: u32) -> Self {
        Self { burst, per_minute: rate.saturating_mul(60) }
    }

    pub const fn per_minute(burst: u32, per_minute: u32) -> Self {
        Self { burst, per_minute }
    }

    /// In which so many units come back.
    fn time(&self, units: u32) -> Duration {
        MINUTE.saturating_mul(units).checked_div(self.per_minute).unwrap_or(MINUTE)
    }
}

/// One kind of units, by the time at which all of them will be there again (the generic cell rate algorithm).
#[derive(Clone, Copy, Default)]
pub(crate) struct Meter {
    full_at: Option<Instant>,
}

impl Meter {
    /// When all will be there again once so many units are taken. More than the burst takes all of it.
    ///
    /// # Errors
    /// When so many units can be had, if not now.
    pub fn after(&self, now: Instant, units: u32, limit: &Limit) -> Result<Instant, Instant> {
        let full_at = self.full_at.map_or(now, |at| at.max(now));
        let after = later(full_at, limit.time(units.min(limit.burst)));
        let too_much = after.saturating_duration_since(later(now, limit.time(limit.burst)));
        if too_much.is_zero() { Ok(after) } else { Err(later(now, too_much)) }
    }

    /// # Errors
    /// When so many units are there, if not now. Nothing is charged then.
    pub fn charge(&mut self, now: Instant, units: u32, limit: &Limit) -> Result<(), Instant> {
        self.full_at = Some(self.after(now, units, limit)?);
        Ok(())
    }
}

/// So much after `at`.
pub(super) fn later(at: Instant, by: Duration) -> Instant {
    at.checked_add(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn units_come_back_up_to_the_burst() {
        let (limit, now) = (Limit::per_second(4, 2), Instant::now());
        let mut meter = Meter::default();
        let mut had = |at| (0..10).filter(|_| meter.charge(at, 1, &limit).is_ok()).count();
        assert_eq!([had(now), had(now + SECOND), had(now + 60 * SECOND)], [4, 2, 4]);
        assert_eq!(meter.charge(now + 60 * SECOND, 2, &limit), Err(now + 61 * SECOND));
    }

    #[test]
    fn more_than_the_burst_takes_all_of_it_once() {
        let (limit, now) = (Limit::per_minute(4, 60), Instant::now());
        let mut meter = Meter::default();
        assert_eq!(meter.charge(now, u32::MAX, &limit), Ok(()));
        assert_eq!(meter.charge(now, 1, &limit), Err(now + SECOND));
    }

    #[test]
    fn absurd_limits_end_in_no_overflow() {
        let (mut meter, now) = (Meter::default(), Instant::now());
        for limit in [Limit::per_minute(u32::MAX, 0), Limit::per_second(u32::MAX, u32::MAX), Limit::per_minute(0, 1)] {
            let _ = meter.charge(now, u32::MAX, &limit);
        }
    }
}
