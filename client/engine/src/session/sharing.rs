//! Sharing of a screen: in a call, until it is stopped, ends by itself, or the call does.

use super::Session;
use crate::api::{Event, ScreenSource, Trouble};

impl Session {
    /// Shares this instead of what was shared before. Outside of a call there is nobody to share with.
    pub(super) fn share(&mut self, source: ScreenSource) {
        if self.calling.is_some() {
            self.studio.share(source);
        }
    }

    pub(super) fn stop_sharing(&mut self) {
        self.studio.stop_sharing();
        if std::mem::take(&mut self.screen_on) {
            self.tell_own_media();
        }
    }

    pub(super) fn sharing_began(&mut self) {
        if self.studio.is_sharing() && !std::mem::replace(&mut self.screen_on, true) {
            self.tell_own_media();
        }
    }

    pub(super) fn sharing_ended(&mut self, why: Trouble) {
        self.stop_sharing();
        self.door.tell(Event::Trouble(why));
    }
}
