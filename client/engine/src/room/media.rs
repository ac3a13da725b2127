//! Media with every participant: one way out for all, one way in from each.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use ::media::{
    EncodedFrame, Lane, Layer, Open, OpenError, ReceivedFrame, Seal, Stream,
    carried::Carried,
    congestion::{Control, Meter, Report},
    gather::{Gather, Gathered},
    repair::Came,
    transport::{Fingerprint, Handshake, Peer, PeerEvent, PeerOutput, ReceivedPacket, Role, Route, Topic, Watch},
};
use group_crypto::MemberId;

use super::{
    HOUSEKEEPING, LinkId, MAX_IN_CALL, Output,
    budget::Cost,
    incoming::Incoming,
    inside::Inside,
    numbers::Generation,
    participant::Participant,
    send,
    voice::{VoiceFigures, VoicePath},
    wire::LinkMessage,
};
use crate::api::{KeyState, Path};

/// Sealed frames of an epoch that has not come yet, per participant: a second and a half of sound and camera.
const MAX_PARKED_FRAMES: usize = 120;
/// Who asks for a keyframe so soon after one was sent does not know of it yet: less than a round trip, which queues make long, and
/// more than what lies between a request and its repetition.
const UNDER_WAY: std::ops::RangeInclusive<Duration> = Duration::from_millis(50)..=Duration::from_millis(80);
/// A lost path is tried anew after this.
const REBUILD: Duration = Duration::from_millis(500);
/// One who gets a screen is made a keyframe at most so often: all others pay for it with sharpness.
const SCREEN_KEYFRAME_EVERY: Duration = Duration::from_millis(500);
/// A handshake that does not end in a connection by then is begun anew.
const CONNECT_PATIENCE: Duration = Duration::from_secs(4);
/// ICE's own checks come every few seconds even when all streams are off; a path silent for longer is dead, and str0m
/// itself would take 15 s to say so.
const SILENCE: Duration = Duration::from_secs(7);

/// The way of media to one participant.
pub(super) struct MediaPeer {
    pub peer: Peer,
    pub watch: Watch,
    pub connected: bool,
    /// Once, whatever came of it.
    pub was_connected: bool,
    since: Instant,
    pub generation: Generation,
    accepted: bool,
    /// Where their sockets are.
    pub theirs: Vec<SocketAddr>,
    wake_at: Option<Instant>,
    route: Option<(SocketAddr, SocketAddr)>,
    audio: Gather,
    video: Incoming,
    screen: Incoming,
    carried: Gather,
    pub voice: VoicePath,
    parked: VecDeque<Parked>,
    meter: Meter,
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
    frame: ReceivedFrame,
    sequence: u64,
    timestamp: u64,
    after_loss: bool,
    came: Came,
}

impl Parked {
    /// A picture that came by way of another.
    pub fn carried(picture: Carried, after_loss: bool) -> Self {
        let (frame, sequence) = (picture.frame, u64::from(picture.number));
        Self { frame, sequence, timestamp: 0, after_loss, came: Came::default() }
    }
}

impl MediaPeer {
    fn new(now: Instant, peer: Peer, generation: Generation) -> Self {
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
            audio: Gather::new(Stream::Audio),
            video: Incoming::new(Stream::Video),
            screen: Incoming::new(Stream::Screen),
            carried: Gather::new(Lane::Carried),
            voice: VoicePath::default(),
            parked: VecDeque::new(),
            meter: Meter::new(now),
            control: Control::new(),
            sends: None,
            target: None,
            keyframe_sent: None,
            screen_keyframe_asked: None,
            sends_screen: false,
            gets_screen: false,
        }
    }

    pub fn deadline(&self) -> Option<Instant> {
        let report = self.connected.then(|| self.meter.next_report());
        let (audio, carried) = (self.audio.next_timeout(), self.carried.next_timeout());
        let own = [self.wake_at, self.watch.next_timeout(), report, audio, carried];
        let pictures = [&self.video, &self.screen]
            .into_iter()
            .flat_map(|incoming| [incoming.gather.next_timeout(), incoming.asks_at().filter(|_| self.connected)]);
        own.into_iter().chain(pictures).flatten().min()
    }

    pub fn path(&self) -> Path {
        match self.peer.figures().route {
            Some(Route::Link) => Path::Link,
            _ => Path::Direct,
        }
    }

    pub fn voice_figures(&self) -> VoiceFigures {
        let came = self.audio.figures();
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
    fn is_silent(&self, now: Instant) -> bool {
        const STALLED: Duration = Duration::from_millis(3500);
        !self.connected || self.peer.figures().heard.is_some_and(|heard| now >= heard + STALLED)
    }

    fn is_stuck(&self, now: Instant) -> bool {
        if !self.connected {
            return now >= self.since + CONNECT_PATIENCE;
        }
        self.peer.figures().heard.is_some_and(|heard| now >= heard + SILENCE)
    }

    /// Who asks for a keyframe can know by now that the latest did not come.
    fn may_miss_keyframe(&self, now: Instant) -> bool {
        let trip = self.peer.figures().rtt.unwrap_or_default() * 3 / 4;
        self.keyframe_sent.is_none_or(|at| now >= at + trip.clamp(*UNDER_WAY.start(), *UNDER_WAY.end()))
    }

    /// They ask for a keyframe of the screen. Whether one is to be made for them.
    fn may_begin_screen(&mut self, now: Instant) -> bool {
        let soon = self.screen_keyframe_asked.is_some_and(|at| now < at + SCREEN_KEYFRAME_EVERY);
        let may = !soon && (self.sends_screen || self.gets_screen);
        if may {
            self.screen_keyframe_asked = Some(now);
        }
        may
    }

    /// A stream's pictures; sound has none.
    fn incoming(&mut self, stream: Stream) -> Option<&mut Incoming> {
        match stream {
            Stream::Audio => None,
            Stream::Video => Some(&mut self.video),
            Stream::Screen => Some(&mut self.screen),
        }
    }

    /// Asks for a keyframe, if that was not done a moment ago.
    fn ask_for_keyframe(&mut self, now: Instant, stream: Stream) {
        if self.incoming(stream).is_some_and(|incoming| incoming.wants_keyframe(now)) {
            self.peer.request_keyframe(now, stream);
        }
    }
}

impl Inside {
    /// Two who went in at once may be one too many: nobody sends to more than a call has.
    fn may_send_to(&self, index: MemberId) -> bool {
        let others = self.participants.values().filter(|p| p.member.id != index && p.media.is_some()).count();
        others < MAX_IN_CALL - 1
    }

    /// This member and we are in the call together from now on.
    pub fn begin_media(&mut self, now: Instant, member: MemberId, out: &mut VecDeque<Output>) {
        let us = self.agreement.group().my_id();
        let Some(p) = self.participants.get_mut(&member) else {
            return;
        };
        p.in_call_since.get_or_insert(now);
        let is_due = p.rebuild_at.is_none_or(|at| at <= now);
        if p.media.is_none() && p.link.is_some() && us < member && is_due {
            self.offer_media(now, member, out);
        }
    }

    /// This member is out of the call.
    pub fn end_media(&mut self, now: Instant, member: MemberId) {
        let Some(p) = self.participants.get_mut(&member) else {
            return;
        };
        if p.media.is_some() {
            // With a member who goes out and in again all the time, media is made anew no more often than after a break.
            p.rebuild_at = Some(now + REBUILD);
        }
        p.drop_media();
        p.interrupted_at = None;
    }

    /// Begins a new generation of the media path; the other side answers.
    pub fn offer_media(&mut self, now: Instant, index: MemberId, out: &mut VecDeque<Output>) {
        let has_place = self.may_send_to(index);
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        p.drop_media();
        p.rebuild_at = None;
        if !has_place || !(self.call.is_in() && p.is_in_call()) {
            return;
        }
        let Some(link) = p.link else {
            return;
        };
        let sockets = if p.link_first { &[] } else { self.own.sockets.as_slice() };
        let Ok(peer) = Peer::new(now, Role::Controlling, &self.own.certificate, sockets, true) else {
            tracing::error!("a media path could not be made");
            return;
        };
        let Some(generation) = p.generation.next() else {
            tracing::error!("there were more media paths to a member than can be counted");
            return;
        };
        p.generation = generation;
        p.paths = p.paths.wrapping_add(1);
        send(out, link, &handshake_message(p.generation, peer.handshake()));
        p.media = Some(MediaPeer::new(now, peer, p.generation));
        self.drain(now, index, out);
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of one message")]
    pub fn media_offered(
        &mut self,
        now: Instant,
        index: MemberId,
        generation: Generation,
        ufrag: String,
        pass: String,
        candidates: Vec<SocketAddr>,
        out: &mut VecDeque<Output>,
    ) {
        let candidates = self.permitted(candidates);
        let theirs = Handshake { ufrag, pass, candidates };
        let us = self.agreement.group().my_id();
        let has_place = self.may_send_to(index);
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        // One who is not seen to be in the call gets nothing of it.
        if !has_place || !(self.call.is_in() && p.is_in_call()) {
            return;
        }
        let controlled = p.member.id < us;
        if controlled {
            if generation <= p.generation {
                return;
            }
            p.drop_media();
            let (Some(link), Ok(peer)) =
                (p.link, Peer::new(now, Role::Controlled, &self.own.certificate, &self.own.sockets, true))
            else {
                return;
            };
            p.generation = generation;
            p.paths = p.paths.wrapping_add(1);
            send(out, link, &handshake_message(generation, peer.handshake()));
            p.media = Some(MediaPeer::new(now, peer, generation));
        }
        let Some(media) = p.media.as_mut().filter(|m| m.generation == generation && !m.accepted) else {
            return;
        };
        match media.peer.accept(now, &theirs, Fingerprint(p.fingerprint)) {
            Ok(()) => (media.accepted, media.theirs) = (true, theirs.candidates),
            Err(why) => tracing::debug!(%why, "a media handshake is dropped"),
        }
        self.drain(now, index, out);
    }

    pub fn datagram(
        &mut self,
        now: Instant,
        from: SocketAddr,
        to: SocketAddr,
        bytes: &[u8],
        out: &mut VecDeque<Output>,
    ) {
        let media = |p: &Participant| p.media.as_ref().map(|m| (p.member.id, m.route));
        let known = self.participants.values().filter_map(media).find(|(_, route)| *route == Some((from, to)));
        let index = known.map(|(index, _)| index).or_else(|| {
            let takes = |p: &&Participant| p.media.as_ref().is_some_and(|m| m.peer.accepts(from, to, bytes));
            self.participants.values().find(takes).map(|p| p.member.id)
        });
        // From nobody we know: dropped without an answer.
        if let Some(index) = index
            && let Some(media) = self.participants.get_mut(&index).and_then(|p| p.media.as_mut())
        {
            media.peer.receive(now, from, to, bytes);
            if media.connected {
                media.route = Some((from, to));
            }
            self.drain(now, index, out);
        }
    }

    /// A datagram that came over a member's link.
    pub fn link_datagram(&mut self, now: Instant, link: LinkId, bytes: &[u8], out: &mut VecDeque<Output>) {
        if let Some(member) = self.by_link(link)
            && self.charge(now, member, Cost::Datagram(bytes.len()), out)
            && self.datagram_passed(now, link, bytes, out).is_none()
        {
            self.media_datagram(now, link, bytes, out);
        }
    }

    /// A media datagram of the member at the end of a link.
    pub fn media_datagram(&mut self, now: Instant, link: LinkId, bytes: &[u8], out: &mut VecDeque<Output>) {
        if let Some(index) = self.by_link(link)
            && let Some(media) = self.participants.get_mut(&index).and_then(|p| p.media.as_mut())
            // One of a former generation says nothing to this one.
            && let Some((&generation, bytes)) = bytes.split_first()
            && generation == media.generation.in_datagrams()
        {
            media.peer.receive_link(now, bytes);
            self.drain(now, index, out);
        }
    }

    /// Seals once, splits once, and hands the same packets to every peer; voice with the repair that each needs.
    pub fn send_frame(&mut self, now: Instant, frame: &EncodedFrame, out: &mut VecDeque<Output>) {
        if frame.stream == Stream::Screen {
            return self.send_screen(now, frame, out);
        }
        let to = self.participants.values().filter(|p| p.live_media().is_some());
        let to: Vec<_> = to.map(|p| p.member.id).collect();
        self.send_to(now, frame, &to, out);
    }

    pub fn send_to(&mut self, now: Instant, frame: &EncodedFrame, to: &[MemberId], out: &mut VecDeque<Output>) {
        if to.is_empty() {
            return;
        }
        self.seal_in_newest_epoch(now);
        let sealed = match self.keys.seal(frame) {
            Ok(sealed) => sealed,
            Err(why) => return tracing::error!(%why, "a frame could not be sealed; it is dropped"),
        };
        let packets = self.splitter.split(&sealed);
        if frame.stream == Stream::Audio {
            return self.send_voice(now, &packets, out);
        }
        for &index in to {
            if let Some(media) = self.participants.get_mut(&index).and_then(Participant::live_media_mut) {
                for packet in &packets {
                    media.peer.send(now, packet);
                }
            }
            self.drain(now, index, out);
        }
    }

    /// Once those who see and hear us have followed into it, or were waited for long enough.
    pub fn seal_in_newest_epoch(&mut self, now: Instant) {
        if self.keys.is_behind() {
            let mut hear_us = self.participants.values().filter(|p| p.live_media().is_some());
            let have_all_followed = hear_us.all(|p| self.agreement.key_state(p.member.id) == KeyState::Current);
            self.keys.follow(now, have_all_followed);
        }
    }

    pub fn picture_broken(&mut self, now: Instant, id: MemberId, stream: Stream, out: &mut VecDeque<Output>) {
        let Some(p) = self.by_id(id) else {
            return;
        };
        let index = p.member.id;
        if let Some(media) = p.media.as_mut() {
            media.ask_for_keyframe(now, stream);
        }
        self.drain(now, index, out);
    }

    /// Runs the timers of those whose media is due, and now and then of everybody: in a large room somebody's is due every few
    /// moments.
    pub fn look_after_media(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let everybody = self.next_round.is_none_or(|at| now >= at);
        if everybody {
            self.next_round = Some(now + HOUSEKEEPING);
        }
        let is_due = |p: &Participant| match &p.media {
            Some(media) => media.deadline().is_some_and(|at| at <= now),
            None => true,
        };
        let due = self.participants.iter().filter(|(_, p)| everybody || is_due(p));
        for index in due.map(|(index, _)| *index).collect::<Vec<_>>() {
            self.drive(now, index, out);
        }
        self.share_uplink(now, out);
        self.follow_voice(out);
    }

    /// Runs one participant's timers.
    fn drive(&mut self, now: Instant, index: MemberId, out: &mut VecDeque<Output>) {
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        let together = self.call.is_in() && p.is_in_call();
        if !together {
            p.drop_media();
            p.link_first = false;
        }
        let silent = p.media.as_ref().is_none_or(|m| m.is_silent(now));
        if together && silent {
            p.interrupted(now);
        } else {
            p.resumed(now);
        }
        let ours_to_offer = together && self.agreement.group().my_id() < p.member.id && p.link.is_some();
        let stuck = p.media.as_ref().is_some_and(|m| m.is_stuck(now));
        if ours_to_offer && (stuck || p.media.is_none() && p.rebuild_at.is_none_or(|at| at <= now)) {
            return self.offer_media(now, index, out);
        }
        let Some(media) = p.media.as_mut() else {
            return;
        };
        if media.wake_at.is_some_and(|at| at <= now) {
            media.peer.timeout(now);
        }
        if let Some(rtt) = media.peer.figures().rtt {
            for gather in [&mut media.video.gather, &mut media.screen.gather, &mut media.carried] {
                gather.set_round_trip(rtt);
            }
        }
        for stream in [Stream::Video, Stream::Screen] {
            if media.connected
                && let Some(incoming) = media.incoming(stream)
                && incoming.is_keyframe_due(now)
            {
                media.peer.request_keyframe(now, stream);
            }
        }
        if media.connected
            && let Some(report) = media.meter.report(now)
        {
            media.peer.report(now, Topic::Congestion, &report.to_bytes());
        }
        self.drain(now, index, out);
        self.take_gathered(now, index, out);
        self.report_voice(now, index, out);
        self.watch(now, index, out);
    }

    /// Carries out what a peer wants done, until it has nothing more to say.
    pub fn drain(&mut self, now: Instant, index: MemberId, out: &mut VecDeque<Output>) {
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        let (mut gathered, mut reported, mut keyframe_wanted, mut tries_direct) = (false, None, false, false);
        while let Some(media) = p.media.as_mut() {
            match media.peer.poll() {
                PeerOutput::Transmit { from, to, bytes } => out.push_back(Output::Transmit { from, to, bytes }),
                PeerOutput::TransmitLink { mut bytes } => {
                    if let Some(link) = p.link {
                        bytes.insert(0, media.generation.in_datagrams());
                        out.push_back(Output::SendDatagram { link, bytes });
                    }
                }
                PeerOutput::Timeout(at) => {
                    media.wake_at = Some(at);
                    break;
                }
                PeerOutput::Event(PeerEvent::Connected) => {
                    (media.connected, media.was_connected) = (true, true);
                    tries_direct |= std::mem::take(&mut p.link_first);
                    p.connected_at.get_or_insert(now);
                    // Their first packets may be lost before anybody could miss them: each side makes sure for itself.
                    (media.sends, media.target) = (None, None);
                    (media.sends_screen, media.gets_screen) = (false, false);
                    for stream in [Stream::Video, Stream::Screen] {
                        media.ask_for_keyframe(now, stream);
                    }
                }
                PeerOutput::Event(PeerEvent::Lost) => {
                    p.drop_media();
                    p.rebuild_at = Some(now + REBUILD);
                }
                PeerOutput::Event(PeerEvent::Packet(packet)) => {
                    media.gather(now, &packet);
                    gathered = true;
                }
                PeerOutput::Event(PeerEvent::KeyframeWanted(Stream::Screen)) => {
                    out.extend(media.may_begin_screen(now).then_some(Output::ScreenKeyframeWanted));
                }
                PeerOutput::Event(PeerEvent::KeyframeWanted(_)) => keyframe_wanted = true,
                PeerOutput::Event(PeerEvent::Report(Topic::Congestion, bytes)) => match Report::from_bytes(&bytes) {
                    Ok(report) => reported = Some(report),
                    Err(why) => tracing::debug!(%why, "a report is dropped"),
                },
                PeerOutput::Event(PeerEvent::Report(Topic::Loss, bytes)) => media.voice.reported(&bytes),
            }
        }
        if tries_direct {
            self.tell_candidates(now, index, out);
        }
        if let Some(report) = reported {
            self.path_reported(now, index, &report);
        }
        if keyframe_wanted {
            let by = self.carrying.way_to(index).unwrap_or(index);
            let media = self.participants.get(&by).and_then(|p| p.media.as_ref());
            let layer = media.filter(|media| media.may_miss_keyframe(now)).and_then(|m| m.target.or(m.sends));
            out.extend(layer.map(Output::KeyframeWanted));
        }
        if gathered {
            self.take_gathered(now, index, out);
        }
    }

    fn take_gathered(&mut self, now: Instant, index: MemberId, out: &mut VecDeque<Output>) {
        let (mut whole, mut carried) = (Vec::new(), Vec::new());
        if let Some(media) = self.participants.get_mut(&index).and_then(|p| p.media.as_mut()) {
            for gather in [&mut media.audio, &mut media.video.gather, &mut media.screen.gather] {
                while let Some(Gathered::Frame { frame, sequence, timestamp, after_loss, came }) = gather.poll(now) {
                    whole.push(Parked { frame, sequence, timestamp, after_loss, came });
                }
            }
            while let Some(Gathered::Frame { frame, .. }) = media.carried.poll(now) {
                carried.push(frame);
            }
        }
        for whole in whole {
            let is_seen =
                whole.frame.stream != Stream::Video || self.comes_straight(now, index, whole.frame.keyframe, out);
            if is_seen {
                self.open_frame(now, index, whole, out);
            }
        }
        for picture in carried {
            self.carried_came(now, index, &picture, out);
        }
    }

    pub fn open_frame(&mut self, now: Instant, index: MemberId, sealed: Parked, out: &mut VecDeque<Output>) {
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        let Some(media) = p.media.as_mut() else {
            return;
        };
        match self.keys.of_member(p.member.id).open(&sealed.frame) {
            Ok(frame) => {
                p.unopened_since = None;
                p.key_watch.opened(now, frame.stream);
                let stream = frame.stream;
                if stream == Stream::Video && p.camera_paused {
                    // On its way when it was no longer asked for.
                    media.video.awaiting_keyframe = true;
                    return;
                }
                let mut useful = true;
                if let Some(incoming) = media.incoming(stream) {
                    incoming.awaiting_keyframe &= !frame.keyframe;
                    useful = frame.keyframe || !incoming.awaiting_keyframe && !sealed.after_loss;
                }
                if useful {
                    let Parked { sequence, timestamp, came, .. } = sealed;
                    // A new path counts from the beginning: its sequences go on behind the former path's.
                    let sequence = sequence | u64::from(p.paths) << 48;
                    out.push_back(Output::Frame { member: p.member.id, sequence, timestamp, frame, came });
                }
                if !useful {
                    media.ask_for_keyframe(now, stream);
                    self.drain(now, index, out);
                }
            }
            Err(OpenError::UnknownEpoch) => {
                p.unopened_since.get_or_insert(now);
                p.key_watch.unopened(now, sealed.frame.stream);
                if media.parked.len() == MAX_PARKED_FRAMES
                    && let Some(oldest) = media.parked.pop_front()
                {
                    p.key_watch.dropped(oldest.frame.stream);
                    if let Some(incoming) = media.incoming(oldest.frame.stream) {
                        incoming.awaiting_keyframe = true;
                    }
                }
                media.parked.push_back(sealed);
            }
            Err(OpenError::Rejected) => {
                tracing::trace!("a frame is refused");
                p.key_watch.unopened(now, sealed.frame.stream);
                // What follows a missing picture is of no use to a decoder.
                media.ask_for_keyframe(now, sealed.frame.stream);
                self.drain(now, index, out);
            }
        }
    }

    /// After an epoch change: what came too early may open now.
    pub fn retry_parked_frames(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let indexes: Vec<_> = self.participants.keys().copied().collect();
        for index in indexes {
            let media = self.participants.get_mut(&index).and_then(|p| p.media.as_mut());
            for frame in media.map(|m| std::mem::take(&mut m.parked)).unwrap_or_default() {
                self.open_frame(now, index, frame, out);
            }
        }
    }
}

impl MediaPeer {
    fn gather(&mut self, now: Instant, packet: &ReceivedPacket) {
        self.meter.arrived(now, packet.lane, packet.sequence, packet.timestamp, packet.payload.len());
        let gather = match packet.lane {
            Lane::Own(Stream::Audio) => {
                self.voice.arrived(packet.sequence);
                &mut self.audio
            }
            Lane::Own(Stream::Video) => &mut self.video.gather,
            Lane::Own(Stream::Screen) => &mut self.screen.gather,
            Lane::Carried => &mut self.carried,
        };
        gather.insert(now, packet.sequence, packet.timestamp, &packet.payload);
    }
}

fn handshake_message(generation: Generation, ours: &Handshake) -> LinkMessage {
    LinkMessage::Handshake {
        generation,
        ufrag: ours.ufrag.clone(),
        pass: ours.pass.clone(),
        candidates: ours.candidates.clone(),
    }
}
