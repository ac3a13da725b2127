//! Packets to send, and what is asked of the peer.

use std::time::{Duration, Instant};

use str0m::media::KeyframeRequestKind;
use str0m::rtp::RtpWrite;

use super::{Peer, State};
use crate::frame::Stream;
use crate::split::Packet;
use crate::transport::event::Topic;
use crate::transport::wire::{self, Ssrcs};

/// Video packets that may wait for their time, and how long they may.
const MAX_QUEUE: usize = 384;
const MAX_WAIT: Duration = Duration::from_millis(500);
/// Longest report in bytes.
const MAX_REPORT: usize = 64;

impl Peer {
    /// Sends a packet, or drops and counts it: when not connected, and video when more than [`Self::pace`] lets out waits already.
    /// Video is dropped by whole frames, and leaves a gap in the sequence numbers by which the receiver knows.
    pub fn send(&mut self, now: Instant, packet: &Packet) {
        self.advance(now);
        if self.state != State::Connected {
            self.figures.dropped_unconnected += 1;
            return;
        }
        if packet.stream == Stream::Audio {
            let sequence = self.audio_sequence;
            self.audio_sequence += 1;
            return self.write(sequence, packet);
        }
        if packet.starts_frame() {
            let full = self.pace.len() >= MAX_QUEUE || self.pace.wait(self.now) > MAX_WAIT;
            if full && !self.skipping {
                self.gap_ahead = true;
            }
            self.skipping = full;
        }
        if self.skipping {
            self.figures.dropped_queue += 1;
            return;
        }
        if std::mem::take(&mut self.gap_ahead) {
            self.video_sequence += 1;
        }
        self.pace.push(self.video_sequence, packet.clone());
        self.video_sequence += 1;
        self.write_due();
    }

    /// Writes the video packets whose time has come.
    pub(super) fn write_due(&mut self) {
        if self.state != State::Connected {
            self.pace.clear();
        }
        while let Some((sequence, packet)) = self.pace.pop(self.now) {
            self.write(sequence, &packet);
        }
    }

    fn write(&mut self, sequence: u64, packet: &Packet) {
        let (ssrc, pt) = (Ssrcs::of(self.role).ssrc(packet.stream), wire::payload_type(packet.stream));
        let write = RtpWrite::new(pt, sequence.into(), packet.timestamp, self.now, packet.payload.clone())
            .marker(packet.marker)
            .nackable(packet.stream == Stream::Video);
        let written = self.rtc.with(|rtc| {
            if let Some(stream) = rtc.direct_api().stream_tx(&ssrc) {
                stream.write_rtp(write);
            }
        });
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

    /// Tells the peer what we measured, as feedback of RTCP (RFC 4585, section 6.4): protected as all RTCP, and lost without harm.
    /// At most 64 bytes are sent.
    pub fn report(&mut self, now: Instant, topic: Topic, bytes: &[u8]) {
        self.advance(now);
        let bytes = &bytes[..bytes.len().min(MAX_REPORT)];
        let payload = [&[topic.to_byte(), bytes.len() as u8], bytes].concat();
        let (own, theirs) = (Ssrcs::of(self.role), Ssrcs::of(self.role.other()));
        let sent = self.rtc.with(|rtc| {
            let (from, about) = (own.ssrc(Stream::Video), theirs.ssrc(Stream::Video));
            rtc.direct_api().send_app_specific_feedback(from, about, payload);
        });
        if sent.is_err() {
            self.die();
        }
    }
}
