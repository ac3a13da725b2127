//! Our own frames: sealed once, split once, and handed to every path that is to have them.

use std::time::Instant;

use ::media::{EncodedFrame, Layer, Seal, Stream};
use group_crypto::MemberId;

use super::{Media, MediaView, Output};

impl Media {
    /// Sends a frame of our voice or screen; voice with the repair that each path needs.
    pub fn send_frame(&mut self, at: MediaView<'_>, frame: &EncodedFrame) {
        if frame.stream == Stream::Screen {
            return self.send_screen(at, frame);
        }
        let to: Vec<_> = self.all_live(at).map(|(id, ..)| id).collect();
        self.send_to(at, frame, &to);
    }

    fn send_to(&mut self, at: MediaView<'_>, frame: &EncodedFrame, to: &[MemberId]) {
        if to.is_empty() {
            return;
        }
        self.follow_epoch(at);
        let sealed = match self.keys.seal(frame) {
            Ok(sealed) => sealed,
            Err(why) => return tracing::error!(%why, "a frame could not be sealed; it is dropped"),
        };
        let packets = self.splitter.split(&sealed);
        if frame.stream == Stream::Audio {
            return self.send_voice(at, &packets);
        }
        for &id in to {
            if let Some(path) = self.live_mut(at, id) {
                for packet in &packets {
                    path.peer.send(at.now(), packet);
                }
            }
            self.drain(at, id);
        }
    }

    /// Seals in the newest epoch once those who see and hear us have followed into it, or were waited for long enough.
    pub(super) fn follow_epoch(&mut self, at: MediaView<'_>) {
        if self.keys.is_behind() {
            let have_all_followed = self.all_live(at).all(|(id, ..)| at.company.is_current(id));
            self.keys.follow(at.now(), have_all_followed);
        }
    }

    /// Sends the screen to those who get it, from a keyframe on.
    fn send_screen(&mut self, at: MediaView<'_>, frame: &EncodedFrame) {
        if frame.keyframe {
            self.uplink.screen_begins();
            for path in self.peers.values_mut().filter_map(|peer| peer.path.as_mut()) {
                path.outbound.sends_screen |= path.outbound.gets_screen;
            }
        }
        let to: Vec<_> =
            self.all_live(at).filter(|(_, _, path)| path.outbound.sends_screen).map(|(id, ..)| id).collect();
        if !to.is_empty() {
            self.uplink.screen_sent(at.now(), frame.data.len());
        }
        self.send_to(at, frame, &to);
    }

    /// Sends to each member the one layer that they get, sealed once for all who get it.
    pub fn send_pictures(&mut self, at: MediaView<'_>, pictures: &[(Layer, EncodedFrame)]) {
        if !pictures.is_empty() {
            self.uplink.camera_sent(at.now());
        }
        for (layer, _) in pictures.iter().filter(|(_, frame)| frame.keyframe) {
            self.begin_layer(at.now(), *layer);
        }
        for (layer, frame) in pictures {
            let carrier = self.send_carried(at, *layer, frame);
            let gets = self.all_live(at).filter(|(_, _, path)| path.outbound.sends == Some(*layer));
            let to: Vec<_> = gets.map(|(id, ..)| id).filter(|id| Some(*id) != carrier).collect();
            self.send_to(at, frame, &to);
        }
    }

    /// A keyframe of a layer goes out: those who are to get it get it from now on.
    fn begin_layer(&mut self, now: Instant, layer: Layer) {
        self.uplink.layer_begins(layer);
        for path in self.peers.values_mut().filter_map(|peer| peer.path.as_mut()) {
            let outbound = &mut path.outbound;
            if outbound.target == Some(layer) {
                outbound.sends = Some(layer);
            }
            if outbound.sends == Some(layer) {
                outbound.keyframe_sent = Some(now);
            }
        }
    }

    /// A member needs a keyframe of our camera. What they miss of a carried picture, they miss of the carrier's.
    pub(super) fn on_keyframe_wanted(&mut self, now: Instant, by: MemberId) {
        let by = self.carrying.way_to(by).unwrap_or(by);
        let path = self.peers.get(&by).and_then(|peer| peer.path.as_ref()).filter(|path| path.may_miss_keyframe(now));
        let layer = path.and_then(|path| path.outbound.target.or(path.outbound.sends));
        self.out.extend(layer.map(Output::KeyframeWanted));
    }
}
