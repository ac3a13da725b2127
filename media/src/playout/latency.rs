//! The latest latencies, and their percentiles.

use std::collections::VecDeque;

/// Blocks of 10 ms that are remembered; older ones are forgotten.
const KEPT: usize = 500;

#[derive(Clone, Debug, Default)]
pub(super) struct Latency {
    micros: VecDeque<i32>,
}

impl Latency {
    pub(super) fn push(&mut self, micros: i32) {
        if self.micros.len() == KEPT {
            self.micros.pop_front();
        }
        self.micros.push_back(micros);
    }

    /// The median and the 95th percentile in milliseconds; zeros as long as there is nothing.
    pub(super) fn percentiles_ms(&self) -> (f64, f64) {
        let mut sorted: Vec<i32> = self.micros.iter().copied().collect();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
            sorted.get(index).map_or(0.0, |us| f64::from(*us) / 1000.0)
        };
        (at(50), at(95))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_latest_blocks() {
        let mut latency = Latency::default();
        assert_eq!(latency.percentiles_ms(), (0.0, 0.0));
        for ms in 0..2000 {
            latency.push(ms % 100 * 1000);
        }
        assert_eq!(latency.percentiles_ms(), (50.0, 95.0));
    }
}
