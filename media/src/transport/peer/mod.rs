//! One peer's transport: a str0m `Rtc` behind a synchronous interface of our own words.

mod inward;
mod outward;
mod poll;

use std::net::SocketAddr;
use std::time::Instant;

use str0m::RtcError;
use str0m::crypto::Fingerprint as RtcFingerprint;
use str0m::ice::IceCreds;

use super::certificate::{Certificate, Fingerprint};
use super::event::{PeerError, Role};
use super::figures::{PeerFigures, Route};
use super::guard::Guarded;
use super::handshake::{Handshake, HandshakeError};
use super::pace::Pace;
use super::ways::Ways;
use super::wire;
use crate::frame::Lane;

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
    audio: Outlet,
    video: Outlet,
    screen: Outlet,
    carried: Outlet,
    pace: Pace,
    /// Datagrams sent since that time, while not connected yet.
    burst: (Instant, usize),
    figures: PeerFigures,
}

/// One lane's way out.
struct Outlet {
    /// The next packet's.
    sequence: u64,
    /// The rest of a picture is skipped because its start was.
    skipping: bool,
    /// One was skipped since the last packet that was not.
    gap_ahead: bool,
}

impl Default for Outlet {
    fn default() -> Self {
        // Not 0: a packet that overtakes the first one must not seem to come from before the beginning. And below 2^16, because
        // the rollover counter starts at 0 (RFC 3711, section 3.3.1).
        Self { sequence: 1, skipping: false, gap_ahead: false }
    }
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
            audio: Outlet::default(),
            video: Outlet::default(),
            screen: Outlet::default(),
            carried: Outlet::default(),
            pace: Pace::new(now),
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

    /// How fast the pictures of a lane leave at most, in bits per second; sound is never held back.
    pub fn pace(&mut self, lane: impl Into<Lane>, bits_per_second: u64) {
        self.pace.set_rate(lane.into(), bits_per_second);
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

    /// Time is driven on in the next poll: once for all calls before it.
    fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.changed = true;
    }

    fn die(&mut self) {
        self.state = State::Dead;
        self.pace.clear();
        self.rtc.discard();
    }
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Peer({:?}, {:?})", self.role, self.figures)
    }
}
