//! Frames of others: gathered, opened, and given out; and when a keyframe is asked for.

use ::media::{Open, OpenError, Stream, gather::Gathered, jitter::PathSequence};
use group_crypto::MemberId;

use super::{Media, MediaView, Output, path::Parked};

/// Sealed frames of an epoch that has not come yet, per member: a second and a half of sound and camera.
const MAX_PARKED_FRAMES: usize = 120;

impl Media {
    pub(super) fn take_gathered(&mut self, at: MediaView<'_>, id: MemberId) {
        let (mut whole, mut carried) = (Vec::new(), Vec::new());
        if let Some(path) = self.path_mut(id) {
            let inbound = &mut path.inbound;
            for gather in [&mut inbound.audio, &mut inbound.video.gather, &mut inbound.screen.gather] {
                while let Some(Gathered::Frame { frame, sequence, timestamp, after_loss, came }) = gather.poll(at.now())
                {
                    whole.push(Parked { frame, sequence, timestamp, after_loss, came });
                }
            }
            while let Some(Gathered::Frame { frame, .. }) = inbound.carried.poll(at.now()) {
                carried.push(frame);
            }
        }
        for whole in whole {
            let is_seen =
                whole.frame.stream != Stream::Video || self.comes_straight(at.now(), id, whole.frame.keyframe);
            if is_seen {
                self.open_frame(at, id, whole);
            }
        }
        for picture in carried {
            self.on_carried(at, id, &picture);
        }
    }

    pub(super) fn open_frame(&mut self, at: MediaView<'_>, id: MemberId, sealed: Parked) {
        let now = at.now();
        let Some(peer) = self.peers.get_mut(&id) else {
            return;
        };
        let Some(path) = peer.path.as_mut() else {
            return;
        };
        match self.keys.of_member(id).open(&sealed.frame) {
            Ok(frame) => {
                peer.unopened_since = None;
                peer.key_watch.opened(now, frame.stream);
                let stream = frame.stream;
                if stream == Stream::Video && peer.camera_paused {
                    // On its way when it was no longer asked for.
                    path.inbound.video.awaiting_keyframe = true;
                    return;
                }
                let incoming = path.inbound.of(stream);
                if incoming.is_none_or(|incoming| incoming.is_useful(frame.keyframe, sealed.after_loss)) {
                    let Parked { sequence, timestamp, came, .. } = sealed;
                    let sequence = PathSequence { path: peer.paths, number: sequence };
                    self.out.push_back(Output::Frame { member: id, sequence, timestamp, frame, came });
                } else {
                    path.ask_for_keyframe(now, stream);
                    self.drain(at, id);
                }
            }
            Err(OpenError::UnknownEpoch) => {
                peer.unopened_since.get_or_insert(now);
                peer.key_watch.unopened(now, sealed.frame.stream);
                let inbound = &mut path.inbound;
                if inbound.parked.len() >= MAX_PARKED_FRAMES
                    && let Some(oldest) = inbound.parked.pop_front()
                {
                    peer.key_watch.dropped(oldest.frame.stream);
                    if let Some(incoming) = inbound.of(oldest.frame.stream) {
                        incoming.awaiting_keyframe = true;
                    }
                }
                inbound.parked.push_back(sealed);
            }
            Err(OpenError::Rejected) => {
                tracing::trace!("a frame is refused");
                peer.key_watch.unopened(now, sealed.frame.stream);
                // What follows a missing picture is of no use to a decoder.
                path.ask_for_keyframe(now, sealed.frame.stream);
                self.drain(at, id);
            }
        }
    }

    /// After an epoch change: what came too early may open now.
    pub fn retry_parked(&mut self, at: MediaView<'_>) {
        for id in self.peers.keys().copied().collect::<Vec<_>>() {
            let parked = self.path_mut(id).map(|path| std::mem::take(&mut path.inbound.parked));
            for frame in parked.unwrap_or_default() {
                self.open_frame(at, id, frame);
            }
        }
    }
}
