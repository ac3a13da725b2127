//! Whether this computer's clock can be right. One that is wrong by days looks in other places than its contacts do.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use super::keys::{CLOCK_MARGIN, DAY};

/// When this program was built, Unix time, s.
const BUILT: u64 = match u64::from_str_radix(env!("INCAMERA_BUILT"), 10) {
    Ok(built) => built,
    Err(_) => panic!("the build script writes a number"),
};

/// What is known of the true time.
pub struct ClockDoubt {
    /// Unix time, s. It cannot be earlier.
    at_least: u64,
    told: bool,
}

impl Default for ClockDoubt {
    fn default() -> Self {
        // The clock of the machine that built it may have been another one.
        Self { at_least: BUILT.saturating_sub(DAY), told: false }
    }
}

impl ClockDoubt {
    /// At `now` (Unix time, s) a contact's record came from the future. Whether their clock or ours is wrong it does not
    /// say; it may be theirs, or a lie.
    pub fn contradict(&mut self, now: u64) {
        self.at_least = self.at_least.max(now.saturating_add(CLOCK_MARGIN));
    }

    pub fn is_in_doubt(&self, now: u64) -> bool {
        now < self.at_least
    }

    /// Whether the person is to be told, which is once.
    pub fn take_news(&mut self, now: u64) -> bool {
        self.is_in_doubt(now) && !std::mem::replace(&mut self.told, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_is_in_doubt_when_it_is_before_the_build() {
        let mut doubt = ClockDoubt::default();
        assert!(!doubt.take_news(BUILT) && !doubt.take_news(u64::MAX));
        assert!(doubt.is_in_doubt(0) && doubt.is_in_doubt(BUILT - 2 * DAY));
        assert!(doubt.take_news(0) && !doubt.take_news(0), "it is told once");
        assert!(!doubt.is_in_doubt(BUILT), "it was set right");
    }

    #[test]
    fn clock_is_in_doubt_when_a_record_comes_from_the_future() {
        let mut doubt = ClockDoubt::default();
        let now = BUILT + 100 * DAY;
        doubt.contradict(now);
        assert!(doubt.take_news(now + 60));
        assert!(!doubt.is_in_doubt(now + CLOCK_MARGIN), "the person set it, or nothing contradicts it any more");
        doubt.contradict(u64::MAX);
        assert!(doubt.is_in_doubt(u64::MAX - 1));
    }
}
