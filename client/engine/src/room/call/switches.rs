//! What of ours is on.

/// Whether our own camera, microphone and screen are on.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::room) struct Switches {
    pub camera: bool,
    pub microphone: bool,
    pub screen: bool,
}

impl Switches {
    pub fn any(self) -> bool {
        self.camera || self.microphone || self.screen
    }

    /// Something is on that was off.
    pub fn turns_on(self, before: Self) -> bool {
        self.camera && !before.camera || self.microphone && !before.microphone || self.screen && !before.screen
    }
}
