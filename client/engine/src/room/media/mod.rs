//! Media with every member: one way out for all, one way in from each.
//!
//! [`Media`] knows neither links nor the group. It seals and opens frames, keeps a path to each member who is in the call with
//! us, and gives what it wants done in [`Media::poll`].

mod at;
mod carried;
mod carrier;
mod carrying;
mod connecting;
mod events;
mod figures;
mod incoming;
mod key_watch;
mod keys;
mod loads;
mod path;
mod peer;
#[cfg(any(test, feature = "simulation", feature = "hostile"))]
mod probe;
mod receiving;
mod sending;
mod sharing;
mod sight;
#[cfg(test)]
mod tests;
mod voice;
mod watching;

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    time::Instant,
};

use ::media::{
    EncodedFrame, Ladder, Layer, Stream,
    jitter::PathSequence,
    repair::{Came, VoiceSettings},
    split::Splitter,
};
use group_crypto::{Group, MemberId, NextEpoch, RunId};

use self::{
    carrying::Carrying, connecting::HOUSEKEEPING, keys::Keys, path::MediaPath, peer::MediaPeer, sharing::Uplink,
    sight::Sight,
};
use super::wire::LinkMessage;

pub(super) use self::at::MediaView;
pub(super) use self::figures::{MediaFigures, MediaState};
pub(super) use self::key_watch::Standing;
pub(crate) use self::{key_watch::KeyFigures, sight::KeepsUpWith, voice::VoiceFigures};

/// What media wants of the rest of the room.
pub(super) enum Output {
    /// A message for a member, if they have a link.
    Send(MemberId, LinkMessage),
    /// A media datagram over the link with a member.
    SendDatagram(MemberId, Vec<u8>),
    Transmit {
        from: SocketAddr,
        to: SocketAddr,
        bytes: Vec<u8>,
    },
    /// An opened frame of a member, in order for pictures.
    Frame {
        member: MemberId,
        sequence: PathSequence,
        timestamp: u64,
        frame: EncodedFrame,
        came: Came,
    },
    /// Which layers of our camera are wanted, and at which rate in kilobits per second.
    Layers([Option<u32>; Layer::COUNT]),
    /// At which rate our screen is wanted, in kilobits per second.
    Screen(Option<u32>),
    /// What the encoder of our voice shall do from now on.
    Voice(VoiceSettings),
    KeyframeWanted(Layer),
    ScreenKeyframeWanted,
}

pub(super) struct Media {
    keys: Keys,
    splitter: Splitter,
    /// How our picture goes to whom.
    uplink: Uplink,
    sight: Sight,
    /// What the encoder of our voice was last told.
    voice: VoiceSettings,
    carrying: Carrying,
    peers: BTreeMap<MemberId, MediaPeer>,
    /// When everybody's media is looked after again, due or not.
    next_round: Option<Instant>,
    out: VecDeque<Output>,
}

impl Media {
    pub fn new(group: &Group, run: RunId, ladder: Ladder) -> Self {
        Self {
            keys: Keys::new(group, run),
            splitter: Splitter::new(),
            uplink: Uplink::new(ladder),
            sight: Sight::default(),
            voice: VoiceSettings::default(),
            carrying: Carrying::default(),
            peers: BTreeMap::new(),
            next_round: None,
            out: VecDeque::new(),
        }
    }

    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    pub fn deadline(&self) -> Option<Instant> {
        self.peers.values().filter_map(|peer| peer.path.as_ref()?.deadline()).min()
    }

    /// Whether there is a path to anybody.
    pub fn is_up(&self) -> bool {
        self.peers.values().any(|peer| peer.path.is_some())
    }

    /// Another group takes the place of the one in which nobody else ever was.
    pub fn begin_anew(&mut self, group: &Group, run: RunId) {
        self.keys = Keys::new(group, run);
    }

    /// The group is in another epoch. `at_once`: frames are sealed in it from now on, as where somebody is not to hear any more.
    pub fn enter_epoch(&mut self, now: Instant, next: &NextEpoch, at_once: bool) {
        self.keys.enter_epoch(now, &next.keys, next.me, &next.members, at_once);
    }

    /// There is another member.
    pub fn begin(&mut self, member: MemberId) {
        self.peers.entry(member).or_default();
    }

    /// A member is gone for good, or for so long that nothing of theirs is heard any more.
    pub fn depart(&mut self, member: MemberId) {
        self.drop_path(member);
        self.keys.forget_run(member);
    }

    /// Nothing of a member is known any more.
    pub fn forget(&mut self, member: MemberId) {
        self.peers.remove(&member);
        self.uplink.forget(member);
    }

    /// A member has said Hello. `is_new_run`: what there was of media with them is over.
    pub fn on_hello(&mut self, member: MemberId, run: RunId, is_new_run: bool) {
        self.keys.set_run(member, run);
        let Some(peer) = self.peers.get_mut(&member) else {
            return;
        };
        if is_new_run {
            peer.begin_run();
        }
        // They may be in a new run, which knows nothing of the one before.
        peer.wants = Default::default();
        self.carrying.met(member, is_new_run);
        self.ask(member);
    }

    /// Another link has taken the place of the one before. An offer whose answer has not come may have gone down with that.
    pub fn on_link_replaced(&mut self, member: MemberId) {
        let path = self.peers.get(&member).and_then(|peer| peer.path.as_ref());
        if path.is_some_and(|path| !path.is_answered()) {
            self.drop_path(member);
        }
    }

    /// A member has said something.
    pub fn on_heard(&mut self, now: Instant, member: MemberId) {
        if let Some(peer) = self.peers.get_mut(&member) {
            peer.key_watch.heard(now);
        }
    }

    /// A message of a member about media.
    pub fn on_message(&mut self, at: MediaView<'_>, from: MemberId, message: LinkMessage) {
        match message {
            LinkMessage::Handshake { generation, ufrag, pass, candidates } => {
                let (ufrag, pass) = (ufrag.into(), pass.into());
                let theirs = ::media::transport::Handshake { ufrag, pass, candidates: at.permitted(candidates) };
                self.on_handshake(at, from, generation, theirs);
            }
            LinkMessage::Probe { generation, received } => self.on_probe(at, from, generation, received),
            LinkMessage::Verdict { generation, verdict } => self.on_verdict(at, from, generation, verdict),
            LinkMessage::Candidates { generation, candidates } => self.on_candidates(at, from, generation, candidates),
            LinkMessage::Want(lines) => self.on_want(at, from, lines),
            LinkMessage::Spare(kbps) => self.on_spare(from, kbps.get()),
            LinkMessage::Carry(to) => self.on_carry(at, from, to),
            LinkMessage::Carries { to, kbps } => self.on_carries(at, from, to, kbps.get()),
            LinkMessage::Through(by) => self.on_through(at, from, by),
            _ => {}
        }
    }

    /// Runs the timers of those whose media is due, and now and then of everybody: in a large room somebody's is due every few
    /// moments.
    pub fn on_timeout(&mut self, at: MediaView<'_>) {
        let now = at.now();
        self.follow_epoch(at);
        self.keys.forget_old(now);
        let everybody = self.next_round.is_none_or(|at| now >= at);
        if everybody {
            self.next_round = Some(now + HOUSEKEEPING);
        }
        let is_due = |peer: &MediaPeer| match &peer.path {
            Some(path) => path.deadline().is_some_and(|at| at <= now),
            None => true,
        };
        let due = self.peers.iter().filter(|(_, peer)| everybody || is_due(peer)).map(|(id, _)| *id);
        for member in due.collect::<Vec<_>>() {
            self.drive(at, member);
        }
        self.share_uplink(at);
        self.follow_voice(at);
        self.look_who_is_seen(at);
    }

    /// Where a member's pictures cannot be decoded, they are asked for a keyframe.
    pub fn on_picture_broken(&mut self, at: MediaView<'_>, member: MemberId, stream: Stream) {
        if let Some(path) = self.path_mut(member) {
            path.ask_for_keyframe(at.now(), stream);
        }
        self.drain(at, member);
    }

    fn path_mut(&mut self, member: MemberId) -> Option<&mut MediaPath> {
        self.peers.get_mut(&member)?.path.as_mut()
    }

    /// The path to a member, if they are in the call and it is up: the only one that anything of ours is sent on.
    fn live(&self, at: MediaView<'_>, member: MemberId) -> Option<&MediaPath> {
        let path = self.peers.get(&member)?.path.as_ref()?;
        Some(path).filter(|path| path.connected && at.is_in_call(member))
    }

    /// See [`Self::live`].
    fn live_mut(&mut self, at: MediaView<'_>, member: MemberId) -> Option<&mut MediaPath> {
        self.path_mut(member).filter(|path| path.connected && at.is_in_call(member))
    }

    /// All members with a live path.
    fn all_live(&self, at: MediaView<'_>) -> impl Iterator<Item = (MemberId, &MediaPeer, &MediaPath)> {
        let live = move |(id, peer): (&MemberId, &'_ MediaPeer)| -> bool {
            peer.path.as_ref().is_some_and(|path| path.connected) && at.is_in_call(*id)
        };
        self.peers
            .iter()
            .filter(move |(id, peer)| live((id, peer)))
            .filter_map(|(id, peer)| Some((*id, peer, peer.path.as_ref()?)))
    }

    fn send(&mut self, to: MemberId, message: LinkMessage) {
        self.out.push_back(Output::Send(to, message));
    }
}
