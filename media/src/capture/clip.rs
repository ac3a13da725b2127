//! What clips have in common: a loop of pictures, shown in real time.

use std::time::Instant;

use super::VideoFormat;
use super::pace::{Pace, Rate, source_index};

/// Which picture of a loop is to be shown, and when.
#[derive(Debug)]
pub(super) struct Playback {
    /// The clip's own rate.
    source: Rate,
    /// The rate of what is shown: the clip's, or what was asked for if that is lower.
    shown: Rate,
    pace: Pace,
}

impl Playback {
    pub(super) fn new(source: Rate, format: VideoFormat) -> Self {
        let most = Rate::hertz(format.fps);
        let shown = if source.is_above(most) { most } else { source };
        Self { source, shown, pace: Pace::new(shown) }
    }

    /// Sleeps until a picture is due and returns its number, counted from the clip's first start.
    pub(super) fn wait(&mut self) -> u64 {
        let now = Instant::now();
        let due = self.pace.next(now);
        std::thread::sleep(due.at.saturating_duration_since(now));
        source_index(due.index, self.source, self.shown)
    }
}
