//! The way of media to one member.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use ::media::{
    Lane, Layer, ReceivedFrame, Stream,
    carried::Carried,
    congestion::{Control, Meter},
    gather::Gather,
    repair::Came,
    transport::{Peer, ReceivedPacket, Watch},
};

use super::{
    incoming::Incoming,
    voice::{VoiceFigures, VoicePath},
};
use crate::room::numbers::Generation;

/// A request for a keyframe so soon after one was sent comes from somebody who does not know of it yet: less than a round trip,
/// which queues make long, and more than what lies between a request and its repetition.
const UNDER_WAY: std::ops::RangeInclusive<Duration> = Duration::from_millis(50)..=Duration::from_millis(80);
/// A member who gets a screen is made a keyframe at most so often: all others pay for it with sharpness.
const SCREEN_KEYFRAME_EVERY: Duration = Duration::from_millis(500);
/// A handshake that does not end in a connection by then is begun anew.
const CONNECT_PATIENCE: Duration = Duration::from_secs(4);
/// ICE's own checks come every few seconds even when all streams are off; a path silent for longer is dead, and str0m
/// itself would take 15 s to say so.
const SILENCE: Duration = Duration::from_secs(7);

/// The way of media to one member.
pub(super) struct MediaPath {
    pub peer: Peer,
    pub watch: Watch,
    pub connected: bool,
    /// Once, whatever came of it.
    pub was_connected: bool,
    since: Instant,
    pub generation: Generation,
    pub accepted: bool,
    /// Where their sockets are.
    pub theirs: Vec<SocketAddr>,
    pub wake_at: Option<Instant>,
    pub route: Option<(SocketAddr, SocketAddr)>,
    pub voice: VoicePath,
    pub inbound: Inbound,
    pub outbound: Outbound,
}

/// What comes on it.
pub(super) struct Inbound {
    pub audio: Gather,
    pub video: Incoming,
    pub screen: Incoming,
    pub carried: Gather,
    /// Frames whose epoch has not come yet.
    pub parked: VecDeque<Parked>,
    pub meter: Meter,
}

/// What goes out on it.
pub(super) struct Outbound {
    pub control: Control,
    /// The layer of our picture that goes there, and the one that is to.
    pub sends: Option<Layer>,
    pub target: Option<Layer>,
    /// The latest keyframe of it that went there.
    pub keyframe_sent: Option<Instant>,
    /// They asked for a keyframe of the screen, and one was asked of it.
    screen_keyframe_asked: Option<Instant>,
    /// Our screen goes there, and is to.
    pub sends_screen: bool,
    pub gets_screen: bool,
}

/// A whole sealed frame with its place in its stream.
pub(super) struct Parked {
    pub frame: ReceivedFrame,
    pub sequence: u64,
    pub timestamp: u64,
    pub after_loss: bool,
    pub came: Came,
}

impl Parked {
    /// A picture that came by way of another.
    pub fn carried(picture: Carried, after_loss: bool) -> Self {
        let (frame, sequence) = (picture.frame, u64::from(picture.number));
        Self { frame, sequence, timestamp: 0, after_loss, came: Came::default() }
    }
}

impl MediaPath {
    pub fn new(now: Instant, peer: Peer, generation: Generation) -> Self {
        Self {
            peer,
            watch: Watch::new(now),
            connected: false,
            was_connected: false,
            since: now,
            generation,
            accepted: false,
            theirs: Vec::new(),
            wake_at: Some(now),
            route: None,
            voice: VoicePath::default(),
            inbound: Inbound {
                audio: Gather::new(Stream::Audio),
                video: Incoming::new(Stream::Video),
                screen: Incoming::new(Stream::Screen),
                carried: Gather::new(Lane::Carried),
                parked: VecDeque::new(),
                meter: Meter::new(now),
            },
            outbound: Outbound {
                control: Control::new(),
                sends: None,
                target: None,
                keyframe_sent: None,
                screen_keyframe_asked: None,
                sends_screen: false,
                gets_screen: false,
            },
        }
    }

    pub fn deadline(&self) -> Option<Instant> {
        let inbound = &self.inbound;
        let report = self.connected.then(|| inbound.meter.next_report());
        let (audio, carried) = (inbound.audio.next_timeout(), inbound.carried.next_timeout());
        let own = [self.wake_at, self.watch.next_timeout(), report, audio, carried];
        let pictures = [&inbound.video, &inbound.screen]
            .into_iter()
            .flat_map(|incoming| [incoming.gather.next_timeout(), incoming.asks_at().filter(|_| self.connected)]);
        own.into_iter().chain(pictures).flatten().min()
    }

    pub fn voice_figures(&self) -> VoiceFigures {
        let came = self.inbound.audio.figures();
        VoiceFigures {
            blocks: self.voice.plan().blocks,
            repaired: came.repaired,
            duplicate: came.duplicate,
            late: came.late,
        }
    }

    /// The other side has said how to reach them.
    pub fn is_answered(&self) -> bool {
        self.accepted
    }

    /// Silent for longer than a call that goes on ever is.
    pub fn is_silent(&self, now: Instant) -> bool {
        const STALLED: Duration = Duration::from_millis(3500);
        !self.connected || self.peer.figures().heard.is_some_and(|heard| now >= heard + STALLED)
    }

    pub fn is_stuck(&self, now: Instant) -> bool {
        if !self.connected {
            return now >= self.since + CONNECT_PATIENCE;
        }
        self.peer.figures().heard.is_some_and(|heard| now >= heard + SILENCE)
    }

    /// A member that asks for a keyframe can know by now that the latest did not come.
    pub fn may_miss_keyframe(&self, now: Instant) -> bool {
        let trip = self.peer.figures().rtt.unwrap_or_default() * 3 / 4;
        self.outbound.keyframe_sent.is_none_or(|at| now >= at + trip.clamp(*UNDER_WAY.start(), *UNDER_WAY.end()))
    }

    /// They ask for a keyframe of the screen. Whether one is to be made for them.
    pub fn may_begin_screen(&mut self, now: Instant) -> bool {
        let outbound = &mut self.outbound;
        let soon = outbound.screen_keyframe_asked.is_some_and(|at| now < at + SCREEN_KEYFRAME_EVERY);
        let may = !soon && (outbound.sends_screen || outbound.gets_screen);
        if may {
            outbound.screen_keyframe_asked = Some(now);
        }
        may
    }

    /// Asks for a keyframe, if that was not done a moment ago.
    pub fn ask_for_keyframe(&mut self, now: Instant, stream: Stream) {
        if self.inbound.of(stream).is_some_and(|incoming| incoming.wants_keyframe(now)) {
            self.peer.request_keyframe(now, stream);
        }
    }

    pub fn gather(&mut self, now: Instant, packet: &ReceivedPacket) {
        let inbound = &mut self.inbound;
        inbound.meter.arrived(now, packet.lane, packet.sequence, packet.timestamp, packet.payload.len());
        let gather = match packet.lane {
            Lane::Own(Stream::Audio) => {
                self.voice.arrived(packet.sequence);
                &mut inbound.audio
            }
            Lane::Own(Stream::Video) => &mut inbound.video.gather,
            Lane::Own(Stream::Screen) => &mut inbound.screen.gather,
            Lane::Carried => &mut inbound.carried,
        };
        gather.insert(now, packet.sequence, packet.timestamp, &packet.payload);
    }
}

impl Inbound {
    /// A stream's pictures; sound has none.
    pub fn of(&mut self, stream: Stream) -> Option<&mut Incoming> {
        match stream {
            Stream::Audio => None,
            Stream::Video => Some(&mut self.video),
            Stream::Screen => Some(&mut self.screen),
        }
    }
}

impl Outbound {
    /// Their first packets may be lost before anybody could miss them: each side makes sure for itself.
    pub fn begin(&mut self) {
        (self.sends, self.target) = (None, None);
        (self.sends_screen, self.gets_screen) = (false, false);
    }
}
