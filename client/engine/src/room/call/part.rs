//! What one member may do with a call: make it ring, and have it written down that we missed it.

use std::time::{Duration, Instant};

use crate::room::meter::{Limit, Meter};

/// One missed call of each member is noted in this time: a member who calls again and again fills no history.
const MISSED_AGAIN: Duration = Duration::from_secs(60);
/// How often each member can make it ring.
const RINGS: Limit = Limit::per_minute(6, 6);

#[derive(Default)]
pub(super) struct Part {
    /// When a call of theirs that we missed was noted last.
    missed_at: Option<Instant>,
    rings: Meter,
}

impl Part {
    /// Whether a call of theirs rings. It counts as one that did.
    pub fn may_ring(&mut self, now: Instant) -> bool {
        self.rings.charge(now, 1, &RINGS).is_ok()
    }

    pub fn may_note_missed(&self, now: Instant) -> bool {
        self.missed_at.is_none_or(|at| now >= at + MISSED_AGAIN)
    }

    pub fn note_missed(&mut self, now: Instant) {
        self.missed_at = Some(now);
    }
}
