//! How it ends: who has to know is told, and what is kept is kept.

use std::time::Instant;

use super::{Session, seeker::Seeker};
use crate::{
    api::{Event, RoomKind},
    room::{Input, Output},
};

impl Session {
    pub(super) async fn finish(mut self) {
        let known = self.seeker.as_ref().map(Seeker::known_nodes).unwrap_or_default();
        if let Some(shelf) = self.shelf.as_mut().filter(|_| !known.is_empty())
            && let Err(why) = tokio::task::block_in_place(|| shelf.keep_dht_nodes(&known))
        {
            tracing::warn!(%why, "the DHT's nodes could not be kept");
        }
        let rooms: Vec<_> = self.rooms.keys().copied().collect();
        for id in rooms {
            // Kept rooms are only away for a while; nobody is told that we left them for good.
            let kind = self.rooms.get(&id).and_then(|live| live.room.kind());
            let farewell = if kind == Some(RoomKind::Ephemeral) { Input::Leave } else { Input::Rest };
            self.input(id, farewell);
            self.keep(id);
            if let Some(live) = self.rooms.get_mut(&id) {
                while let Some(output) = live.poll() {
                    match output {
                        Output::Send { link, purpose, bytes } => live.links.send(link, purpose, bytes),
                        Output::Close { link } => live.links.close(link),
                        Output::Event(event) => self.door.room(id, event),
                        _ => {}
                    }
                }
            }
        }
        // Joining threads that may still write to a slow disk must not keep other people's engines waiting.
        tokio::task::block_in_place(|| self.studio.stop());
        if let Some(live) = self.calling.and_then(|room| self.rooms.get(&room)) {
            self.ledger.update(&live.room, &self.studio, &self.name);
        }
        if self.ledger.has_begun() {
            self.door.tell(Event::Figures(self.ledger.stats(Instant::now())));
        }
        self.door.close();
        let farewells: Vec<_> = self.rooms.into_values().map(|live| tokio::spawn(live.links.shut_down())).collect();
        for farewell in farewells {
            let _ = farewell.await;
        }
    }
}
