//! Acts of the laboratory's hostile member, on their way to the room.

use std::time::Instant;

use media::{EncodedFrame, Layer, Stream};

use super::Session;
use crate::{hostile::Act, room::Input};

impl Session {
    pub(super) fn act(&mut self, act: Act) {
        let Some(room) = self.calling else {
            return;
        };
        let now = Instant::now();
        if let Act::Picture(data) = act {
            // Its thread ends, and the others still hear that the camera is on.
            self.studio.camera = None;
            let captured_us = self.studio.clock.micros(now);
            let frame = EncodedFrame { stream: Stream::Video, keyframe: true, captured_us, data };
            return self.input(room, Input::Pictures(Layer::ALL.map(|layer| (layer, frame.clone())).into()));
        }
        if let Some(live) = self.rooms.get_mut(&room) {
            live.room.act(now, act);
            self.dirty.insert(room);
        }
    }
}
