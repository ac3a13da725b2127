//! How a path to a member is made, watched, and made anew; and when one of its two ways, direct and over the link, is left for
//! the other.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use ::media::{
    Stream,
    congestion::Report,
    transport::{
        Fingerprint, Handshake, MAX_CANDIDATES, Peer, PeerEvent, PeerOutput, Probe, Role, Topic, Verdict, WatchOutput,
    },
};
use group_crypto::MemberId;

use super::{Media, MediaView, Output, path::MediaPath, peer::MediaPeer};
use crate::room::{
    numbers::Generation,
    size::MAX_IN_CALL,
    view::MemberView,
    wire::{self, LinkMessage},
};

/// How often everybody's media is looked after.
pub(super) const HOUSEKEEPING: Duration = Duration::from_millis(50);
/// A lost path is tried anew after this.
const REBUILD: Duration = Duration::from_millis(500);

impl Media {
    /// Two who went in at once may be one too many: nobody sends to more than a call has.
    fn may_send_to(&self, member: MemberId) -> bool {
        let others = self.peers.iter().filter(|(id, peer)| **id != member && peer.path.is_some()).count();
        others < MAX_IN_CALL - 1
    }

    /// This member and we are in the call together from now on.
    pub fn on_together(&mut self, at: MediaView<'_>, id: MemberId) {
        let Some((peer, member)) = self.peers.get_mut(&id).zip(at.member(id)) else {
            return;
        };
        peer.figures.in_call_since.get_or_insert(at.now());
        let is_due = peer.rebuild_at.is_none_or(|due| due <= at.now());
        if peer.path.is_none() && member.has_link && at.view.me.id < id && is_due {
            self.offer(at, id);
        }
    }

    /// This member is out of the call.
    pub fn on_apart(&mut self, now: Instant, id: MemberId) {
        let Some(peer) = self.peers.get_mut(&id) else {
            return;
        };
        if peer.path.is_some() {
            // With a member who goes out and in again all the time, media is made anew no more often than after a break.
            peer.rebuild_at = Some(now + REBUILD);
        }
        peer.drop_path();
        peer.figures.interrupted_at = None;
    }

    /// We are out of the call.
    pub fn on_hung_up(&mut self) {
        for peer in self.peers.values_mut() {
            peer.drop_path();
            peer.figures.interrupted_at = None;
        }
    }

    /// Stops all media with a member at once.
    pub fn drop_path(&mut self, id: MemberId) {
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.drop_path();
        }
    }

    /// The media of all is over at the other ends.
    pub fn drop_all_paths(&mut self) {
        self.peers.values_mut().for_each(MediaPeer::drop_path);
    }

    /// Begins a new generation of the path; the other side answers.
    fn offer(&mut self, at: MediaView<'_>, id: MemberId) {
        let has_place = self.may_send_to(id);
        let Some((peer, member)) = self.peers.get_mut(&id).zip(at.member(id)) else {
            return;
        };
        peer.drop_path();
        peer.rebuild_at = None;
        if !has_place || !at.is_together(member) || !member.has_link {
            return;
        }
        let sockets = if peer.link_first { &[] } else { at.sockets };
        let Ok(transport) = Peer::new(at.now(), Role::Controlling, at.certificate, sockets, true) else {
            tracing::error!("a media path could not be made");
            return;
        };
        let Some(generation) = peer.generation.next() else {
            tracing::error!("there were more media paths to a member than can be counted");
            return;
        };
        let offer = handshake_message(generation, transport.handshake());
        peer.begin_path(MediaPath::new(at.now(), transport, generation));
        self.send(id, offer);
        self.drain(at, id);
    }

    pub(super) fn on_handshake(&mut self, at: MediaView<'_>, id: MemberId, generation: Generation, theirs: Handshake) {
        let has_place = self.may_send_to(id);
        let Some((peer, member)) = self.peers.get_mut(&id).zip(at.member(id)) else {
            return;
        };
        // A member who is not seen to be in the call gets nothing of it.
        if !has_place || !at.is_together(member) {
            return;
        }
        let is_controlled = id < at.view.me.id;
        if is_controlled {
            if generation <= peer.generation {
                return;
            }
            peer.drop_path();
            let transport = Peer::new(at.now(), Role::Controlled, at.certificate, at.sockets, true);
            let Some(transport) = transport.ok().filter(|_| member.has_link) else {
                return;
            };
            let answer = handshake_message(generation, transport.handshake());
            peer.begin_path(MediaPath::new(at.now(), transport, generation));
            self.out.push_back(Output::Send(id, answer));
        }
        let Some(path) = peer.path.as_mut().filter(|path| path.generation == generation && !path.accepted) else {
            return;
        };
        match path.peer.accept(at.now(), &theirs, Fingerprint(member.fingerprint)) {
            Ok(()) => (path.accepted, path.theirs) = (true, theirs.candidates),
            Err(why) => tracing::debug!(%why, "a media handshake is dropped"),
        }
        self.drain(at, id);
    }

    /// A datagram at one of the call's sockets. From nobody we know: dropped without an answer.
    pub fn on_datagram(&mut self, at: MediaView<'_>, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        let paths = || self.peers.iter().filter_map(|(id, peer)| Some((*id, peer.path.as_ref()?)));
        let known = paths().find(|(_, path)| path.route == Some((from, to)));
        let known = known.or_else(|| paths().find(|(_, path)| path.peer.accepts(from, to, bytes)));
        if let Some(id) = known.map(|(id, _)| id)
            && let Some(path) = self.path_mut(id)
        {
            path.peer.receive(at.now(), from, to, bytes);
            if path.connected {
                path.route = Some((from, to));
            }
            self.drain(at, id);
        }
    }

    /// A media datagram of a member that came over the link with them.
    pub fn on_link_datagram(&mut self, at: MediaView<'_>, from: MemberId, bytes: &[u8]) {
        if let Some(path) = self.path_mut(from)
            // One of a former generation says nothing to this one.
            && let Some((&generation, bytes)) = bytes.split_first()
            && generation == path.generation.in_datagrams()
        {
            path.peer.receive_link(at.now(), bytes);
            self.drain(at, from);
        }
    }

    /// Runs one member's timers.
    pub(super) fn drive(&mut self, at: MediaView<'_>, id: MemberId) {
        let now = at.now();
        let Some((peer, member)) = self.peers.get_mut(&id).zip(at.member(id)) else {
            return;
        };
        let is_together = at.is_together(member);
        if !is_together {
            peer.drop_path();
            peer.link_first = false;
        }
        if is_together && peer.path.as_ref().is_none_or(|path| path.is_silent(now)) {
            peer.figures.interrupted(now);
        } else {
            peer.figures.resumed(now);
        }
        if is_to_be_offered(at, peer, member) {
            return self.offer(at, id);
        }
        let Some(path) = peer.path.as_mut() else {
            return;
        };
        path.run_timers(now);
        self.drain(at, id);
        self.take_gathered(at, id);
        self.report_voice(at, id);
        self.watch(at, id);
    }

    /// Carries out what a path wants done, until it has nothing more to say.
    pub(super) fn drain(&mut self, at: MediaView<'_>, id: MemberId) {
        let Some(peer) = self.peers.get_mut(&id) else {
            return;
        };
        let mut happened = Happened::default();
        while let Some(path) = peer.path.as_mut() {
            match path.peer.poll() {
                PeerOutput::Transmit { from, to, bytes } => {
                    self.out.push_back(Output::Transmit { from, to, bytes });
                }
                PeerOutput::TransmitLink { mut bytes } => {
                    bytes.insert(0, path.generation.in_datagrams());
                    self.out.push_back(Output::SendDatagram(id, bytes));
                }
                PeerOutput::Timeout(wake_at) => {
                    path.wake_at = Some(wake_at);
                    break;
                }
                PeerOutput::Event(event) => peer.on_event(at.now(), event, &mut happened),
            }
        }
        if happened.tries_direct {
            self.tell_candidates(at, id);
        }
        if happened.screen_keyframe_wanted {
            self.out.push_back(Output::ScreenKeyframeWanted);
        }
        if let Some(report) = happened.reported {
            self.on_report(at, id, &report);
        }
        if happened.keyframe_wanted {
            self.on_keyframe_wanted(at.now(), id);
        }
        if happened.gathered {
            self.take_gathered(at, id);
        }
    }

    /// Lets the watchdog of a member's media look, and does what it says.
    fn watch(&mut self, at: MediaView<'_>, id: MemberId) {
        let now = at.now();
        let Some(path) = self.path_mut(id).filter(|path| path.connected) else {
            return;
        };
        let mut probes = Vec::new();
        let mut is_touched = false;
        path.watch.observe(now, &path.peer.figures());
        while let Some(output) = path.watch.poll(now) {
            is_touched = true;
            match output {
                WatchOutput::Probe(Probe { received }) => {
                    probes.push(LinkMessage::Probe { generation: path.generation, received });
                }
                WatchOutput::LeaveDirect => {
                    tracing::debug!(member = ?id, "the direct way is dead");
                    path.peer.leave_direct(now);
                }
                WatchOutput::TryDirect => path.peer.try_direct(now, at.sockets, &path.theirs),
            }
        }
        probes.into_iter().for_each(|probe| self.send(id, probe));
        if is_touched {
            self.drain(at, id);
        }
    }

    pub(super) fn on_probe(&mut self, at: MediaView<'_>, from: MemberId, generation: Generation, received: u32) {
        let has_link = at.member(from).is_some_and(|member| member.has_link);
        let Some(path) = self.of_generation(from, generation).filter(|_| has_link) else {
            return;
        };
        path.watch.observe(at.now(), &path.peer.figures());
        let verdict = match path.watch.probe(at.now(), Probe { received }) {
            Verdict::Idle => wire::Verdict::Idle,
            Verdict::Doubt => wire::Verdict::Doubt,
            Verdict::Dead => wire::Verdict::Dead,
        };
        self.send(from, LinkMessage::Verdict { generation, verdict });
        self.watch(at, from);
    }

    pub(super) fn on_verdict(
        &mut self,
        at: MediaView<'_>,
        from: MemberId,
        generation: Generation,
        verdict: wire::Verdict,
    ) {
        let Some(path) = self.of_generation(from, generation) else {
            return;
        };
        path.watch.observe(at.now(), &path.peer.figures());
        let verdict = match verdict {
            wire::Verdict::Idle => Verdict::Idle,
            wire::Verdict::Doubt => Verdict::Doubt,
            wire::Verdict::Dead => Verdict::Dead,
        };
        path.watch.verdict(at.now(), verdict);
        self.watch(at, from);
    }

    /// Our sockets are others now.
    pub fn on_sockets(&mut self, at: MediaView<'_>) {
        for id in self.peers.keys().copied().collect::<Vec<_>>() {
            self.tell_candidates(at, id);
        }
    }

    /// Tells a member where our sockets are, who may know others.
    pub fn tell_candidates(&mut self, at: MediaView<'_>, id: MemberId) {
        let candidates: Vec<_> = at.sockets.iter().copied().take(MAX_CANDIDATES).collect();
        let Some(path) = self.path_mut(id).filter(|path| path.connected) else {
            return;
        };
        path.watch.network_changed(at.now());
        let generation = path.generation;
        self.send(id, LinkMessage::Candidates { generation, candidates });
        self.watch(at, id);
    }

    /// Their sockets are others now.
    pub(super) fn on_candidates(
        &mut self,
        at: MediaView<'_>,
        from: MemberId,
        generation: Generation,
        candidates: Vec<SocketAddr>,
    ) {
        let Some(path) = self.of_generation(from, generation) else {
            return;
        };
        path.theirs = at.permitted(candidates);
        path.watch.network_changed(at.now());
        self.watch(at, from);
    }

    fn of_generation(&mut self, id: MemberId, generation: Generation) -> Option<&mut MediaPath> {
        self.path_mut(id).filter(|path| path.generation == generation && path.connected)
    }
}

/// What is to be done after a path has said all that it had to say.
#[derive(Default)]
struct Happened {
    /// It is connected over the link, and the direct way has not been tried yet.
    tries_direct: bool,
    gathered: bool,
    /// Of several reports at once the latest counts.
    reported: Option<Report>,
    keyframe_wanted: bool,
    screen_keyframe_wanted: bool,
}

impl MediaPeer {
    fn on_event(&mut self, now: Instant, event: PeerEvent, happened: &mut Happened) {
        let Some(path) = self.path.as_mut() else {
            return;
        };
        match event {
            PeerEvent::Connected => {
                (path.connected, path.was_connected) = (true, true);
                self.figures.connected_at.get_or_insert(now);
                path.outbound.begin();
                for stream in [Stream::Video, Stream::Screen] {
                    path.ask_for_keyframe(now, stream);
                }
                happened.tries_direct |= std::mem::take(&mut self.link_first);
            }
            PeerEvent::Lost => {
                self.drop_path();
                self.rebuild_at = Some(now + REBUILD);
            }
            PeerEvent::Packet(packet) => {
                path.gather(now, &packet);
                happened.gathered = true;
            }
            PeerEvent::KeyframeWanted(Stream::Screen) => {
                happened.screen_keyframe_wanted |= path.may_begin_screen(now);
            }
            PeerEvent::KeyframeWanted(_) => happened.keyframe_wanted = true,
            PeerEvent::Report(Topic::Congestion, bytes) => match Report::from_bytes(&bytes) {
                Ok(report) => happened.reported = Some(report),
                Err(why) => tracing::debug!(%why, "a report is dropped"),
            },
            PeerEvent::Report(Topic::Loss, bytes) => path.voice.reported(&bytes),
        }
    }
}

impl MediaPath {
    fn run_timers(&mut self, now: Instant) {
        if self.wake_at.is_some_and(|at| at <= now) {
            self.peer.timeout(now);
        }
        let inbound = &mut self.inbound;
        if let Some(rtt) = self.peer.figures().rtt {
            for gather in [&mut inbound.video.gather, &mut inbound.screen.gather, &mut inbound.carried] {
                gather.set_round_trip(rtt);
            }
        }
        if !self.connected {
            return;
        }
        for stream in [Stream::Video, Stream::Screen] {
            if inbound.of(stream).is_some_and(|incoming| incoming.is_keyframe_due(now)) {
                self.peer.request_keyframe(now, stream);
            }
        }
        if let Some(report) = inbound.meter.report(now) {
            self.peer.report(now, Topic::Congestion, &report.to_bytes());
        }
    }
}

/// Whether a path is ours to offer, and there is none or none that leads anywhere.
fn is_to_be_offered(at: MediaView<'_>, peer: &MediaPeer, member: MemberView<'_>) -> bool {
    let is_stuck = peer.path.as_ref().is_some_and(|path| path.is_stuck(at.now()));
    let is_due = || peer.path.is_none() && peer.rebuild_at.is_none_or(|due| due <= at.now());
    at.is_together(member) && at.view.me.id < member.id && member.has_link && (is_stuck || is_due())
}

fn handshake_message(generation: Generation, ours: &Handshake) -> LinkMessage {
    LinkMessage::Handshake {
        generation,
        ufrag: ours.ufrag.clone(),
        pass: ours.pass.clone(),
        candidates: ours.candidates.clone(),
    }
}
