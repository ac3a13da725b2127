//! What the caller has to do next.

use std::time::{Duration, Instant};

use str0m::rtp::RtpPacket;
use str0m::{Event, IceConnectionState, Input, Output, Rtc};

use super::{Peer, State};
use crate::transport::event::{PeerEvent, PeerOutput, ReceivedPacket, Topic};
use crate::transport::figures::Route;
use crate::transport::ways;
use crate::transport::wire::{self, Ssrcs};

/// Until connected, at most this many datagrams leave in this time. When a datagram of a DTLS 1.3 flight is missing, dimpl 0.9
/// wants to send its acknowledgement again at once, without end as long as time stands still, and here it does stand still.
const HANDSHAKE_BURST: usize = 32;
const HANDSHAKE_PAUSE: Duration = Duration::from_millis(50);
/// A handshake that has sent this much leads nowhere. Checking every pair of the most candidates takes a third of it.
const HANDSHAKE_MOST: u64 = 4_000;
/// Where a peer that is gone puts its next timeout.
const FAR: Duration = Duration::from_secs(86_400);

impl Peer {
    pub fn poll(&mut self) -> PeerOutput {
        if std::mem::take(&mut self.changed) {
            let now = self.now;
            self.write_due();
            // Driving time on fails only when DTLS or ICE is beyond repair.
            if !matches!(self.rtc.with(|rtc| rtc.handle_input(Input::Timeout(now))), Ok(Ok(()))) {
                self.die();
            }
        }
        loop {
            if self.told != self.state {
                let before = std::mem::replace(&mut self.told, self.state);
                match self.state {
                    State::Connected => return PeerOutput::Event(PeerEvent::Connected),
                    State::Lost | State::Dead if before != State::Lost => {
                        return PeerOutput::Event(PeerEvent::Lost);
                    }
                    _ => {}
                }
            }
            if self.state == State::Dead {
                return PeerOutput::Timeout(self.now + FAR);
            }
            if self.state == State::New && self.figures.sent_datagrams > HANDSHAKE_MOST {
                self.die();
                continue;
            }
            if let Some(at) = self.pause() {
                return PeerOutput::Timeout(at);
            }
            match self.rtc.with(Rtc::poll_output) {
                Ok(Ok(Output::Timeout(at))) if self.rtc.is_alive() => {
                    return PeerOutput::Timeout(self.pace.next().map_or(at, |due| due.max(self.now).min(at)));
                }
                Ok(Ok(Output::Transmit(transmit))) => {
                    let Some(route) = self.ways.route(&transmit) else {
                        continue;
                    };
                    let (from, to) = (transmit.source, transmit.destination);
                    let bytes = Vec::from(transmit.contents);
                    self.count_out(route, &bytes);
                    return match route {
                        Route::Direct => PeerOutput::Transmit { from, to, bytes },
                        Route::Link => PeerOutput::TransmitLink { bytes },
                    };
                }
                Ok(Ok(Output::Event(event))) => {
                    if let Some(event) = self.event(event) {
                        return PeerOutput::Event(event);
                    }
                }
                // Closed, or a wrong fingerprint, a failed DTLS handshake, a panic: nothing that this peer gets over.
                _ => self.die(),
            }
        }
    }

    fn count_out(&mut self, route: Route, bytes: &[u8]) {
        self.figures.sent_bytes += bytes.len() as u64;
        self.figures.sent_datagrams += 1;
        self.burst.1 += 1;
        if !ways::is_check(bytes) {
            self.figures.route = Some(route);
        }
        if ways::is_media(bytes) {
            self.figures.on(route).sent += 1;
        }
    }

    fn event(&mut self, event: Event) -> Option<PeerEvent> {
        match event {
            Event::Connected => self.state = State::Connected,
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) if self.state == State::Connected => {
                self.state = State::Lost;
                self.figures.route = None;
            }
            Event::IceConnectionStateChange(ice) if ice.is_connected() && self.state == State::Lost => {
                self.state = State::Connected;
            }
            Event::Closed => self.state = State::Lost,
            Event::RtpPacket(packet) => return self.received(packet).map(PeerEvent::Packet),
            Event::KeyframeRequest(request) => {
                return wire::picture_of(request.mid).map(PeerEvent::KeyframeWanted);
            }
            Event::AppSpecificFeedback(feedback) => {
                // RTCP pads to words, so the length stands in front.
                let (&[topic, length], bytes) = feedback.payload.split_first_chunk()?;
                let bytes = bytes.get(..usize::from(length))?;
                return Some(PeerEvent::Report(Topic::from_byte(topic)?, bytes.to_vec()));
            }
            Event::PeerStats(stats) => {
                let checked = stats.selected_candidate_pair.and_then(|pair| pair.current_round_trip_time);
                self.figures.rtt = stats.rtt.or(checked).or(self.figures.rtt);
                self.figures.loss_out = stats.egress_loss_fraction;
                self.figures.loss_in = stats.ingress_loss_fraction;
            }
            _ => {}
        }
        None
    }

    fn received(&mut self, packet: RtpPacket) -> Option<ReceivedPacket> {
        // Padding has no payload.
        if packet.payload.is_empty() {
            return None;
        }
        Some(ReceivedPacket {
            lane: Ssrcs::of(self.role.other()).lane(*packet.header.ssrc)?,
            sequence: *packet.seq_no,
            timestamp: packet.time.numer(),
            marker: packet.header.marker,
            payload: packet.payload,
        })
    }

    /// Until when a handshake that sends too much has to wait.
    fn pause(&mut self) -> Option<Instant> {
        let until = self.burst.0 + HANDSHAKE_PAUSE;
        if self.now >= until {
            self.burst = (self.now, 0);
        }
        (self.state == State::New && self.burst.1 >= HANDSHAKE_BURST).then_some(until)
    }
}
