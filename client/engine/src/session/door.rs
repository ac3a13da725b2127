//! The way out to the window.

use std::sync::{Arc, mpsc};

use crate::api::{Event, RoomEvent, RoomId};

#[derive(Clone)]
pub(super) struct Door {
    pub events: mpsc::SyncSender<Event>,
    pub wake: Arc<dyn Fn() + Send + Sync>,
}

impl Door {
    pub fn tell(&self, event: Event) {
        if self.events.try_send(event).is_err() {
            tracing::warn!("the window does not take its events; one is dropped");
        }
        (self.wake)();
    }

    pub fn room(&self, room: RoomId, what: RoomEvent) {
        self.tell(Event::Room { room, what });
    }
}
