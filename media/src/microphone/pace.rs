//! When the blocks of a source without a clock of its own are due.

use std::time::{Duration, Instant};

use super::BLOCK;

pub(super) const BLOCK_TIME: Duration = Duration::from_millis(10);

/// Later than this, the past is given up.
const STALL: Duration = Duration::from_millis(60);

/// Numbers the blocks since a start; block `n` is due at `start + (n + 1) * 10 ms`, so nothing drifts.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    start: Instant,
    next: u64,
}

impl Pace {
    pub(super) fn new(start: Instant) -> Self {
        Self { start, next: 0 }
    }

    /// The next block's number and due time, seen from `now`: after a stall, the numbers that it cost are skipped.
    pub(super) fn step(&mut self, now: Instant) -> (u64, Instant) {
        if now.saturating_duration_since(self.due(self.next)) > STALL {
            let elapsed = now.duration_since(self.start).as_nanos() / BLOCK_TIME.as_nanos();
            self.next = elapsed as u64;
        }
        let block = self.next;
        self.next += 1;
        (block, self.due(block))
    }

    /// Sleeps until the next block is due. Returns the position of its first sample since the start, and the due time.
    pub(super) fn wait(&mut self) -> (u64, Instant) {
        let now = Instant::now();
        let (block, due) = self.step(now);
        std::thread::sleep(due.saturating_duration_since(now));
        (block * BLOCK as u64, due)
    }

    fn due(&self, block: u64) -> Instant {
        self.start + Duration::from_nanos((block + 1) * BLOCK_TIME.as_nanos() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_due_every_ten_milliseconds_without_drift() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        for n in 0..100_000 {
            let late = Duration::from_micros(n % 9000);
            let now = start + BLOCK_TIME * n as u32 + late;
            assert_eq!(pace.step(now), (n, start + BLOCK_TIME * (n as u32 + 1)));
        }
    }

    #[test]
    fn after_a_stall_blocks_are_skipped_and_no_burst_follows() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        pace.step(start);
        let now = start + Duration::from_millis(1234);
        assert_eq!(pace.step(now), (123, start + Duration::from_millis(1240)));
    }
}
