//! Chance that a seed repeats.

use std::time::Duration;

pub struct Dice(fastrand::Rng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        self.0.choice(all).copied()
    }

    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        least + (most.saturating_sub(least)).mul_f64(self.0.f64())
    }

    /// To the next of events that come by chance, so often on average: some at the same moment, some long after. Four times
    /// the average at most.
    pub fn pause(&mut self, average: Duration) -> Duration {
        average.mul_f64((-(1.0 - self.0.f64()).ln()).min(4.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_what_chance_chose() {
        let throw = |seed| {
            let mut dice = Dice::new(seed);
            [(); 20].map(|()| dice.one_of(&[1, 2, 3, 4, 5, 6]).unwrap())
        };
        assert_eq!(throw(7), throw(7));
        assert_ne!(throw(7), throw(8));
        assert_eq!(Dice::new(1).one_of::<u8>(&[]), None);
    }

    #[test]
    fn pauses_are_bounded_and_keep_their_average() {
        let mut dice = Dice::new(3);
        let average = Duration::from_secs(5);
        let pauses = [(); 4000].map(|()| dice.pause(average));
        assert!(pauses.iter().all(|pause| *pause <= average * 4));
        let mean = pauses.iter().sum::<Duration>() / 4000;
        assert!((4.6..5.2).contains(&mean.as_secs_f64()), "{mean:?}");
    }
}
