//! How acts of a hostile member come into a running engine.

use tokio::sync::mpsc;

use super::StudioEvent;
use crate::hostile::Act;

/// Hands acts to a running engine, while it is in a call.
pub struct Acts(mpsc::Sender<StudioEvent>);

impl Acts {
    pub(crate) fn new(events: mpsc::Sender<StudioEvent>) -> Self {
        Self(events)
    }

    /// Waits for a place. `false`: the engine has ended.
    pub fn act(&self, act: Act) -> bool {
        self.0.blocking_send(StudioEvent::Act(act)).is_ok()
    }
}
