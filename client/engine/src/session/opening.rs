//! Rooms that begin: new ones, and those that are gone on with.

use std::time::{Duration, Instant};

use super::{
    Session, clock,
    live::{Live, Premises},
};
use crate::{
    api::{OverBecause, RoomEvent, RoomId},
    room::{Own, Room, RoomError},
};

/// A room that has to begin anew a second time within this is over.
const AGAIN: Duration = Duration::from_secs(60);

impl Session {
    /// A new room, or one that is gone on with.
    ///
    /// `with_call`: its call begins at once, and needs sockets.
    pub(super) async fn open(
        &mut self,
        id: RoomId,
        with_call: bool,
        room: impl FnOnce(Own) -> Result<Room, RoomError>,
    ) -> bool {
        let searches = self.seeker.is_some();
        let (ladder, screen_kbps) = (self.studio.ladder(), self.studio.settings.screen_kbps);
        let (network, name) = (&self.network, &self.name);
        let opened = Premises::open(network, name, clock(), searches, self.post_quantum, ladder, screen_kbps).await;
        let mut premises = match opened {
            Ok(premises) => premises,
            Err(why) => {
                tracing::error!(kind = ?why.kind(), "a room has no way to the network");
                return false;
            }
        };
        premises.streams(self.camera_on && !self.camera_lost, self.microphone_on);
        match Live::new(premises, &self.network, with_call, room).await {
            Ok(live) => {
                self.rooms.insert(id, live);
                self.dirty.insert(id);
                self.next_sync = Instant::now();
                true
            }
            Err(why) => {
                tracing::error!(%why, "a room could not be begun");
                false
            }
        }
    }

    /// Reads a room from the disk again, as after a crash. One that needs it again at once is over: it would go on and on.
    pub(super) async fn begin_anew(&mut self, id: RoomId) {
        let now = Instant::now();
        let before = self.begun_anew.insert(id, now);
        let is_again = before.is_some_and(|before| now.saturating_duration_since(before) < AGAIN);
        if let Some(live) = self.rooms.remove(&id) {
            self.end_call(id).await;
            live.links.shut_down().await;
        }
        let stored = self.shelf.as_mut().and_then(|shelf| shelf.rooms().ok()).unwrap_or_default();
        let opened = match stored.into_iter().find(|(room, _)| *room == id) {
            Some((_, stored)) if !is_again => {
                self.open(id, false, |own| Room::restore(Instant::now(), own, stored)).await
            }
            _ => false,
        };
        if !opened {
            self.door.room(id, RoomEvent::Over(OverBecause::Failed));
        }
    }
}

pub(super) fn new_room_id() -> RoomId {
    // Without randomness there would be no keys either, and no room to name.
    let mut id = [0; 16];
    let _ = aws_lc_rs::rand::fill(&mut id);
    RoomId(id)
}
