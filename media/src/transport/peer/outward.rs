//! Packets to send, and what is asked of the peer.

use std::time::{Duration, Instant};

use str0m::media::KeyframeRequestKind;
use str0m::rtp::RtpWrite;

use super::{Outlet, Peer, State};
use crate::frame::{Lane, Stream};
use crate::split::Packet;
use crate::transport::event::Topic;
use crate::transport::wire::{self, Ssrcs};

/// Packets of a picture stream that may wait for their time, and how long they may. A page of text is worth waiting for.
const MAX_QUEUE: usize = 384;
const MAX_WAIT: Duration = Duration::from_millis(500);
const MAX_SCREEN_WAIT: Duration = Duration::from_secs(8);
/// Longest report in bytes.
const MAX_REPORT: usize = 64;

impl Peer {
    /// Sends a packet, or drops and counts it: when not connected, and pictures when more than [`Self::pace`] lets out waits already.
    /// Pictures are dropped whole, which leaves a gap in the sequence numbers by which the receiver knows.
    pub fn send(&mut self, now: Instant, packet: &Packet) {
        self.advance(now);
        if self.state != State::Connected {
            self.figures.dropped_unconnected += 1;
            return;
        }
        let lane = packet.lane;
        if !lane.is_picture() {
            let sequence = self.audio.sequence;
            self.audio.sequence += 1;
            return self.write(sequence, packet);
        }
        if packet.starts_frame() {
            let longest = if lane == Stream::Screen.into() { MAX_SCREEN_WAIT } else { MAX_WAIT };
            let full = self.pace.len(lane) >= MAX_QUEUE || self.pace.wait(self.now, lane) > longest;
            let outlet = self.outlet(lane);
            if full && !outlet.skipping {
                outlet.gap_ahead = true;
            }
            outlet.skipping = full;
        }
        let outlet = self.outlet(lane);
        if outlet.skipping {
            self.figures.dropped_queue += 1;
            return;
        }
        if std::mem::take(&mut outlet.gap_ahead) {
            outlet.sequence += 1;
        }
        let sequence = outlet.sequence;
        outlet.sequence += 1;
        self.pace.push(sequence, packet.clone());
        self.write_due();
    }

    /// Throws away what waits for its time: the lane was turned off. What comes later must begin with a keyframe.
    pub fn discard(&mut self, lane: impl Into<Lane>) {
        let lane = lane.into();
        if let Some(sequence) = self.pace.discard(lane) {
            let outlet = self.outlet(lane);
            (outlet.sequence, outlet.gap_ahead) = (sequence, true);
        }
    }

    /// Writes the packets of pictures whose time has come.
    pub(super) fn write_due(&mut self) {
        if self.state != State::Connected {
            self.pace.clear();
        }
        while let Some((sequence, packet)) = self.pace.pop(self.now) {
            self.write(sequence, &packet);
        }
    }

    fn write(&mut self, sequence: u64, packet: &Packet) {
        let (ssrc, pt) = (Ssrcs::of(self.role).ssrc(packet.lane), wire::payload_type(packet.lane));
        let write = RtpWrite::new(pt, sequence.into(), packet.timestamp, self.now, packet.payload.clone())
            .marker(packet.marker)
            .nackable(packet.lane.is_picture());
        let written = self.rtc.with(|rtc| {
            if let Some(stream) = rtc.direct_api().stream_tx(&ssrc) {
                stream.write_rtp(write);
            }
        });
        if written.is_err() {
            self.die();
        }
    }

    fn outlet(&mut self, lane: Lane) -> &mut Outlet {
        match lane {
            Lane::Own(Stream::Audio) => &mut self.audio,
            Lane::Own(Stream::Video) => &mut self.video,
            Lane::Own(Stream::Screen) => &mut self.screen,
            Lane::Carried => &mut self.carried,
        }
    }

    /// Asks for a keyframe of one of the peer's picture streams (PLI, RFC 4585, section 6.3.1). The caller limits how often.
    pub fn request_keyframe(&mut self, now: Instant, of: Stream) {
        self.advance(now);
        let ssrc = Ssrcs::of(self.role.other()).ssrc(of.into());
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
            let (from, about) = (own.ssrc(Stream::Video.into()), theirs.ssrc(Stream::Video.into()));
            rtc.direct_api().send_app_specific_feedback(from, about, payload);
        });
        if sent.is_err() {
            self.die();
        }
    }
}
