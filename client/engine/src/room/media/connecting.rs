//! How a path to a member is made, driven, and made anew.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use ::media::{
    Stream,
    transport::{Fingerprint, Handshake, Peer, PeerOutput, Role, Topic},
};
use group_crypto::MemberId;

use super::{Media, MediaView, Output, events::Happened, path::MediaPath, peer::MediaPeer};
use crate::room::{numbers::Generation, size::MAX_IN_CALL, view::MemberView, wire::LinkMessage};

/// How often everybody's media is looked after.
pub(super) const HOUSEKEEPING: Duration = Duration::from_millis(50);
/// A lost path is tried anew after this.
pub(super) const REBUILD: Duration = Duration::from_millis(500);

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
        ufrag: ours.ufrag.as_str().into(),
        pass: ours.pass.as_str().into(),
        candidates: ours.candidates.iter().copied().collect(),
    }
}
