//! Packets to send, and what is asked of the peer.

use std::time::Instant;

use str0m::media::KeyframeRequestKind;
use str0m::rtp::RtpWrite;

use super::{Peer, State};
use crate::frame::Stream;
use crate::split::Packet;
use crate::transport::wire::{self, Ssrcs};

/// Video packets that may wait to be polled. At 1.5 Mbps they are the video of two to three seconds.
const MAX_QUEUE: usize = 384;

impl Peer {
    /// Sends a packet, or drops and counts it: when not connected, and video when more than the pacer can send waits already.
    /// Video is dropped by whole frames, and leaves a gap in the sequence numbers by which the receiver knows.
    pub fn send(&mut self, now: Instant, packet: &Packet) {
        self.advance(now);
        if self.state != State::Connected {
            self.figures.dropped_unconnected += 1;
            return;
        }
        let video = packet.stream == Stream::Video;
        if video && packet.starts_frame() {
            let full = self.queued() >= MAX_QUEUE;
            if full && !self.skipping {
                self.video_sequence += 1;
            }
            self.skipping = full;
        }
        if video && self.skipping {
            self.figures.dropped_queue += 1;
            return;
        }
        let counter = if video { &mut self.video_sequence } else { &mut self.audio_sequence };
        let sequence = *counter;
        *counter += 1;
        let (ssrc, pt) = (Ssrcs::of(self.role).ssrc(packet.stream), wire::payload_type(packet.stream));
        let write = RtpWrite::new(pt, sequence.into(), packet.timestamp, self.now, packet.payload.clone())
            .marker(packet.marker)
            .nackable(video);
        let written = self.rtc.with(|rtc| {
            if let Some(stream) = rtc.direct_api().stream_tx(&ssrc) {
                stream.write_rtp(write);
            }
        });
        if video {
            self.unsampled.1 += 1;
        }
        if written.is_err() {
            self.die();
        }
    }

    /// Asks for a keyframe of the peer's video (PLI, RFC 4585, section 6.3.1). The caller limits how often.
    pub fn request_keyframe(&mut self, now: Instant) {
        self.advance(now);
        let ssrc = Ssrcs::of(self.role.other()).ssrc(Stream::Video);
        let requested = self.rtc.with(|rtc| {
            if let Some(stream) = rtc.direct_api().stream_rx(&ssrc) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        });
        if requested.is_err() {
            self.die();
        }
    }

    /// Video packets that wait for the pacer: its last word, and what was written since.
    fn queued(&mut self) -> usize {
        let ssrc = Ssrcs::of(self.role).ssrc(Stream::Video);
        let sample = self.rtc.with(|rtc| {
            let mut api = rtc.direct_api();
            let info = api.stream_tx(&ssrc)?.queue_info()?;
            Some((info.created_at(), info.packet_count()))
        });
        let Ok(Some((at, count))) = sample else {
            return self.unsampled.1;
        };
        if self.unsampled.0 != Some(at) {
            self.unsampled = (Some(at), 0);
        }
        count + self.unsampled.1
    }
}
