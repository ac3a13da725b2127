//! What this machine has to see, hear and speak with. Asking can take a moment: do it off the window's thread.

use crate::api::{Device, ScreenInfo};

pub fn cameras() -> Vec<Device> {
    media::capture::cameras().into_iter().map(|c| Device { id: c.id, name: c.name }).collect()
}

/// What can be shared of the screen.
pub fn screens() -> Vec<ScreenInfo> {
    media::capture::screens()
}

pub fn microphones() -> Vec<Device> {
    media::microphone::microphones().into_iter().map(|m| Device { id: m.id, name: m.name }).collect()
}

pub fn speakers() -> Vec<Device> {
    media::speaker::speakers().into_iter().map(|s| Device { id: s.id, name: s.name }).collect()
}
