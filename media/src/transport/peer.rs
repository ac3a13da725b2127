//! One peer's transport: a str0m `Rtc` behind a synchronous interface of our own words.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::bwe::{Bitrate, BweKind};
use str0m::crypto::Fingerprint as RtcFingerprint;
use str0m::ice::IceCreds;
use str0m::media::KeyframeRequestKind;
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite};
use str0m::{Event, IceConnectionState, Input, Output, Rtc, RtcError};

use super::certificate::{Certificate, Fingerprint};
use super::event::{PeerError, PeerEvent, PeerOutput, ReceivedPacket, Role};
use super::figures::{PeerFigures, Route};
use super::guard::{Gone, Guarded};
use super::handshake::{Handshake, HandshakeError};
use super::ways::{self, Ways};
use super::wire::{self, Ssrcs};
use crate::frame::Stream;
use crate::split::Packet;

/// Larger datagrams are nobody's we know.
const MAX_DATAGRAM: usize = 2000;
/// Video packets that may wait to be polled. At 1.5 Mbps they are the video of two to three seconds.
const MAX_QUEUE: usize = 384;
/// Until connected, at most this many datagrams leave in this time. When a datagram of a DTLS 1.3 flight is missing, dimpl 0.9
/// wants to send its acknowledgement again at once, without end as long as time stands still, and here it does stand still.
const HANDSHAKE_BURST: usize = 32;
const HANDSHAKE_PAUSE: Duration = Duration::from_millis(50);
/// A handshake that has sent this much leads nowhere. Checking every pair of the most candidates takes a third of it.
const HANDSHAKE_MOST: u64 = 4_000;
/// Where a peer that is gone puts its next timeout.
const FAR: Duration = Duration::from_secs(86_400);

/// The transport to one peer, over the direct way or over the link. Both are there from the start, and the direct way is preferred.
///
/// As with str0m: after each call that takes `now`, or after a few of them, [`Self::poll`] until it gives `Timeout`.
pub struct Peer {
    rtc: Guarded,
    role: Role,
    ways: Ways,
    handshake: Handshake,
    accepted: bool,
    state: State,
    /// Where `state` was when it was last told.
    told: State,
    now: Instant,
    /// Something changed since time was last driven on.
    changed: bool,
    audio_sequence: u64,
    video_sequence: u64,
    /// The rest of a video frame is skipped because its start was.
    skipping: bool,
    /// Video packets written since the pacer last said how many wait.
    unsampled: (Option<Instant>, usize),
    /// Datagrams sent since that time, while not connected yet.
    burst: (Instant, usize),
    figures: PeerFigures,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Connected,
    Lost,
    Dead,
}

impl Peer {
    /// `local` are the addresses of our own socket at which the peer may reach it. The most important comes first; those beyond
    /// [`super::MAX_CANDIDATES`] are left out. With `link`, which both sides must agree on, the link is offered too, and `local`
    /// may be empty: then the peer learns no address of ours.
    pub fn new(
        now: Instant,
        role: Role,
        certificate: &Certificate,
        local: &[SocketAddr],
        link: bool,
    ) -> Result<Self, PeerError> {
        let mut rtc = Guarded::build(|| wire::build(now, role, certificate))?;
        let mut ways = Ways::new(role, link);
        rtc.with(|rtc| ways.offer(rtc, local))?;
        if ways.local().is_empty() && !link {
            return Err(PeerError::Address);
        }
        let candidates = ways.local().to_vec();
        let IceCreds { ufrag, pass } = rtc.with(|rtc| rtc.direct_api().local_ice_credentials())?;
        Ok(Self {
            rtc,
            role,
            ways,
            handshake: Handshake { ufrag, pass, candidates },
            accepted: false,
            state: State::New,
            told: State::New,
            now,
            changed: true,
            // Not 0: a packet that overtakes the first one must not seem to come from before the beginning. And below 2^16, because
            // the rollover counter starts at 0 (RFC 3711, section 3.3.1).
            audio_sequence: 1,
            video_sequence: 1,
            skipping: false,
            unsampled: (None, 0),
            burst: (now, 0),
            figures: PeerFigures::default(),
        })
    }

    /// What the other side has to be told.
    pub fn handshake(&self) -> &Handshake {
        &self.handshake
    }

    pub fn is_connected(&self) -> bool {
        self.state == State::Connected
    }

    /// False once only a new peer can help.
    pub fn is_alive(&self) -> bool {
        self.state != State::Dead
    }

    /// Starts to connect. `remote.candidates` must be addresses that the caller is willing to send to; `fingerprint` must come
    /// from a source that proves whose it is.
    pub fn accept(&mut self, now: Instant, remote: &Handshake, fingerprint: Fingerprint) -> Result<(), PeerError> {
        remote.check()?;
        if self.accepted {
            return Err(PeerError::AcceptedAlready);
        }
        if remote.candidates.is_empty() && !self.ways.has_link() {
            return Err(HandshakeError::Candidates.into());
        }
        self.advance(now);
        self.accepted = true;
        // The controlled side hears of the chosen pair first, so the DTLS client there saves half a round trip.
        let active = self.role == Role::Controlled;
        let ways = &mut self.ways;
        let started = self.rtc.with(|rtc| {
            let mut api = rtc.direct_api();
            api.set_remote_ice_credentials(IceCreds { ufrag: remote.ufrag.clone(), pass: remote.pass.clone() });
            let bytes = fingerprint.0.to_vec();
            api.set_remote_fingerprint(RtcFingerprint { hash_func: "sha-256".into(), bytes });
            api.start_dtls(active)?;
            ways.expect(rtc, &remote.candidates);
            Ok::<_, RtcError>(())
        })?;
        started.map_err(|_| {
            self.die();
            PeerError::Gone
        })
    }

    /// Whether a datagram is this peer's. For several peers on one socket.
    pub fn accepts(&self, from: SocketAddr, to: SocketAddr, bytes: &[u8]) -> bool {
        if bytes.len() > MAX_DATAGRAM || !self.ways.admits(from, to, bytes) {
            return false;
        }
        let late = self.ways.is_late(from);
        // Parsing is foreign code on foreign bytes, so it happens inside the guard too.
        let accepts = self.rtc.ask(|rtc| {
            let Ok(receive) = Receive::new(Protocol::Udp, from, to, bytes) else {
                return false;
            };
            late || rtc.accepts(&Input::Receive(self.now, receive))
        });
        accepts.unwrap_or(false)
    }

    /// Takes a datagram in that came to our own socket. One that isn't this peer's, or is no datagram of ours at all, changes
    /// nothing and is counted.
    pub fn receive(&mut self, now: Instant, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        self.now = self.now.max(now);
        if !self.ways.admits(from, to, bytes) {
            self.figures.dropped_in += 1;
            return;
        }
        let known = self.ways.is_late(from);
        self.take(Route::Direct, known, Protocol::Udp, (from, to), bytes);
    }

    /// As [`Self::receive`], for a datagram that came over the link to this peer.
    pub fn receive_link(&mut self, now: Instant, bytes: &[u8]) {
        self.now = self.now.max(now);
        if !self.ways.has_link() {
            self.figures.dropped_in += 1;
            return;
        }
        // The link proves whose datagrams these are. ICE knows that only once it has checked the link, which is a little late
        // when the direct way has died. Before the first connection it is early enough.
        let known = self.state != State::New && !ways::is_check(bytes);
        let addresses = (ways::made_up(self.role.other()), ways::made_up(self.role));
        self.take(Route::Link, known, Protocol::Tcp, addresses, bytes);
    }

    /// `known`: it is this peer's, whatever ICE says.
    fn take(&mut self, route: Route, known: bool, proto: Protocol, (from, to): (SocketAddr, SocketAddr), bytes: &[u8]) {
        if bytes.len() > MAX_DATAGRAM || !Ssrcs::of(self.role.other()).admits(bytes) {
            self.figures.dropped_in += 1;
            return;
        }
        let now = self.now;
        let taken = self.rtc.with(|rtc| {
            let Ok(receive) = Receive::new(proto, from, to, bytes) else {
                return Ok(false);
            };
            let input = Input::Receive(now, receive);
            if !known && !rtc.accepts(&input) {
                return Ok(false);
            }
            rtc.handle_input(input).map(|()| true)
        });
        match taken {
            Ok(Ok(true)) => self.count_in(route, bytes),
            // DTLS ignores what it can't authenticate once it has keys. What fails before is a handshake that somebody on the path
            // tampered with; its state is not to be used any more (its timers would never come to rest).
            Ok(Err(RtcError::Dtls(_))) => self.die(),
            Ok(Ok(false) | Err(_)) => self.figures.dropped_in += 1,
            Err(Gone) => self.die(),
        }
    }

    fn count_in(&mut self, route: Route, bytes: &[u8]) {
        self.figures.received_bytes += bytes.len() as u64;
        self.figures.received_datagrams += 1;
        self.figures.heard = Some(self.now);
        if ways::is_media(bytes) {
            self.figures.on(route).received += 1;
            if route == Route::Direct {
                self.figures.heard_direct = Some(self.now);
            }
        }
    }

    /// Leaves the direct way, because it is dead ([`super::Watch`] tells): from now on everything goes over the link. To be called
    /// on both sides: one that stays sends into the void. Without the link, or a second time, it does nothing.
    pub fn leave_direct(&mut self, now: Instant) {
        self.advance(now);
        let ways = &mut self.ways;
        if !ways.has_link() {
            return;
        }
        if self.rtc.with(|rtc| ways.leave(rtc)).is_err() {
            self.die();
        }
        self.figures.route = self.figures.route.map(|_| Route::Link);
    }

    /// Tries the direct way (again) with these addresses of both sides, which replace those before: after some time, or when the
    /// network of either side has changed. To be called on both sides. Media go on as they went until the direct way is found to
    /// carry datagrams, unless they went between addresses that are gone: then over the link, at once. Of the addresses, those
    /// that nobody can send to and those beyond [`super::MAX_CANDIDATES`] are left out. Before [`Self::accept`] it does nothing.
    pub fn try_direct(&mut self, now: Instant, local: &[SocketAddr], remote: &[SocketAddr]) {
        self.advance(now);
        if !self.accepted {
            return;
        }
        let (ways, route) = (&mut self.ways, self.figures.route);
        if self.rtc.with(|rtc| ways.renew(rtc, route, local, remote)).is_err() {
            self.die();
        }
    }

    /// Drives time on.
    pub fn timeout(&mut self, now: Instant) {
        self.advance(now);
    }

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

    /// Says how many bits per second we would like to send: up to there the estimate is probed.
    pub fn want(&mut self, now: Instant, bits_per_second: u64) {
        self.advance(now);
        let desired = Bitrate::bps(bits_per_second);
        if self.rtc.with(|rtc| rtc.bwe().set_bitrate(Bitrate::bps(0), desired)).is_err() {
            self.die();
        }
    }

    /// Says goodbye: the peer is told at once. Poll once more to send it.
    pub fn close(&mut self, now: Instant) {
        self.advance(now);
        if !matches!(self.rtc.with(|rtc| rtc.close()), Ok(Ok(()))) {
            self.die();
        }
    }

    pub fn figures(&self) -> PeerFigures {
        self.figures
    }

    pub fn poll(&mut self) -> PeerOutput {
        if std::mem::take(&mut self.changed) {
            let now = self.now;
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
                    return PeerOutput::Timeout(at);
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
            Event::KeyframeRequest(_) => return Some(PeerEvent::KeyframeWanted),
            Event::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => {
                return Some(PeerEvent::Estimate(estimate.as_u64()));
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
            stream: Ssrcs::of(self.role.other()).stream(*packet.header.ssrc)?,
            sequence: *packet.seq_no,
            timestamp: packet.time.numer(),
            marker: packet.header.marker,
            payload: packet.payload,
        })
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

    /// Until when a handshake that sends too much has to wait.
    fn pause(&mut self) -> Option<Instant> {
        let until = self.burst.0 + HANDSHAKE_PAUSE;
        if self.now >= until {
            self.burst = (self.now, 0);
        }
        (self.state == State::New && self.burst.1 >= HANDSHAKE_BURST).then_some(until)
    }

    /// Time is driven on in the next poll: once for all calls before it.
    fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.changed = true;
    }

    fn die(&mut self) {
        self.state = State::Dead;
        self.rtc.discard();
    }
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Peer({:?}, {:?})", self.role, self.figures)
    }
}
