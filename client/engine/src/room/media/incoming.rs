//! Pictures of one stream on their way in, and when a keyframe is to be asked for.

use std::time::{Duration, Instant};

use ::media::{Stream, gather::Gather};

/// A keyframe is asked for at most this often: one takes a few frames' time to arrive.
const KEYFRAME_PAUSE: Duration = Duration::from_millis(300);
/// Each time it is asked for once more after this: requests get lost like all else, and to wait for the next one is long.
const KEYFRAME_AGAIN: Duration = Duration::from_millis(20);

/// Pictures of one stream on their way in.
pub(super) struct Incoming {
    pub gather: Gather,
    /// What comes is of no use before the next keyframe.
    pub awaiting_keyframe: bool,
    keyframe_asked: Option<Instant>,
    keyframe_again: Option<Instant>,
}

impl Incoming {
    pub fn new(stream: Stream) -> Self {
        Self { gather: Gather::new(stream), awaiting_keyframe: true, keyframe_asked: None, keyframe_again: None }
    }

    /// When a keyframe is to be asked for, as what is missing does not come.
    fn keyframe_due(&self) -> Option<Instant> {
        let stuck = self.gather.stuck_from()?;
        Some(self.keyframe_asked.map_or(stuck, |at| stuck.max(at + KEYFRAME_PAUSE)))
    }

    /// When a keyframe is to be asked for, for the first time or again.
    pub fn asks_at(&self) -> Option<Instant> {
        [self.keyframe_due(), self.keyframe_again].into_iter().flatten().min()
    }

    /// The stream is of no use before its next keyframe. Whether it is time to ask for one.
    pub fn wants_keyframe(&mut self, now: Instant) -> bool {
        self.awaiting_keyframe = true;
        let due = self.keyframe_asked.is_none_or(|at| now >= at + KEYFRAME_PAUSE);
        if due {
            self.asks(now);
        }
        due
    }

    /// Whether a decoder can do anything with this picture. `after_loss`: one before it is missing.
    pub fn is_useful(&mut self, keyframe: bool, after_loss: bool) -> bool {
        self.awaiting_keyframe &= !keyframe;
        keyframe || !self.awaiting_keyframe && !after_loss
    }

    fn asks(&mut self, now: Instant) {
        (self.keyframe_asked, self.keyframe_again) = (Some(now), Some(now + KEYFRAME_AGAIN));
    }

    /// Whether a keyframe is to be asked for now, as what is missing does not come, or was asked for a moment ago.
    pub fn is_keyframe_due(&mut self, now: Instant) -> bool {
        if self.keyframe_due().is_some_and(|at| at <= now) {
            self.asks(now);
            return true;
        }
        self.keyframe_again.take_if(|at| *at <= now).is_some()
    }
}
