//! Chance that a seed repeats: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).

use std::time::Duration;

pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1, never 1.
    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let at = (self.part() * all.len() as f64) as usize;
        all.get(at).copied()
    }

    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        least + (most.saturating_sub(least)).mul_f64(self.part())
    }

    /// To the next of events that come by chance, so often on average: some at the same moment, some long after. Four times
    /// the average at most.
    pub fn pause(&mut self, average: Duration) -> Duration {
        average.mul_f64((-(1.0 - self.part()).ln()).min(4.0))
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
