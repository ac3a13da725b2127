//! What of the others' cameras this machine keeps up with, and whose is seen where that is not everybody's.

use std::time::{Duration, Instant};

use ::media::{Layer, Stream};
use group_crypto::MemberId;

use super::{Media, MediaView, peer::MediaPeer};
use crate::room::wire::{Heights, LinkMessage};

/// A member who is seen alone stays so for this long, whoever speaks.
const HOLD: Duration = Duration::from_secs(2);
/// A member whose camera took too much of this machine is asked for a higher layer again after this.
const EASED: Duration = Duration::from_secs(60);

/// What a machine keeps up with. What is less saves it work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeepsUpWith {
    /// The camera of the member who spoke last, in the least layer.
    Speaker,
    /// Everybody's camera, in this layer at most.
    Everybody(Layer),
}

impl KeepsUpWith {
    pub const ALL: Self = Self::Everybody(Layer::High);

    pub fn layer(self) -> Layer {
        match self {
            Self::Speaker => Layer::Least,
            Self::Everybody(layer) => layer,
        }
    }

    pub fn less(self) -> Option<Self> {
        match self {
            Self::Speaker => None,
            Self::Everybody(layer) => {
                Some(layer.index().checked_sub(1).and_then(Layer::from_index).map_or(Self::Speaker, Self::Everybody))
            }
        }
    }

    pub fn more(self) -> Option<Self> {
        match self {
            Self::Speaker => Some(Self::Everybody(Layer::Least)),
            Self::Everybody(layer) => Layer::from_index(layer.index() + 1).map(Self::Everybody),
        }
    }
}

/// What of the others' cameras is asked for.
pub(super) struct Sight {
    pub keeps_up_with: KeepsUpWith,
    /// Where only one camera is seen: whose, and since when.
    alone: Option<(MemberId, Instant)>,
}

impl Default for Sight {
    fn default() -> Self {
        Self { keeps_up_with: KeepsUpWith::ALL, alone: None }
    }
}

impl MediaPeer {
    /// What they are asked for on a machine that keeps up with so much.
    fn asked_for(&self, most: KeepsUpWith) -> Heights {
        let most = self.eased.map_or(most.layer(), |(layer, _)| layer.min(most.layer()));
        let Heights { camera, screen } = self.shows.within(most);
        Heights { camera: if self.camera_paused { 0 } else { camera }, screen }
    }
}

impl Media {
    /// Tells a member with how many lines we show their pictures, so that they send no more than that.
    pub fn ask(&mut self, id: MemberId) {
        if let Some(peer) = self.peers.get(&id) {
            let want = LinkMessage::Want(peer.asked_for(self.sight.keeps_up_with));
            self.send(id, want);
        }
    }

    /// A member's camera or screen is shown with so many lines.
    pub fn look_at(&mut self, member: MemberId, stream: Stream, lines: u16) {
        let Some(peer) = self.peers.get_mut(&member) else {
            return;
        };
        let shown = match stream {
            Stream::Audio => return,
            Stream::Video => &mut peer.shows.camera,
            Stream::Screen => &mut peer.shows.screen,
        };
        if std::mem::replace(shown, lines) != lines {
            self.ask(member);
        }
    }

    /// A member's camera, whose pictures have so many lines, takes too much of this machine: they alone are asked for a lower
    /// layer.
    pub fn ask_for_less(&mut self, now: Instant, member: MemberId, lines: u32) {
        let most = self.sight.keeps_up_with.layer();
        let Some(peer) = self.peers.get_mut(&member) else {
            return;
        };
        let gets = peer.eased.map_or(Layer::High, |(layer, _)| layer).min(Layer::of(lines)).min(most);
        let less = gets.index().checked_sub(1).and_then(Layer::from_index).unwrap_or(Layer::Least);
        peer.eased = Some((less, now + EASED));
        self.ask(member);
    }

    /// Members whose cameras took too much a while ago are asked for one layer more.
    fn ask_for_more(&mut self, now: Instant) {
        let is_due = |peer: &MediaPeer| peer.eased.is_some_and(|(_, until)| now >= until);
        for member in self.peers.iter().filter(|(_, peer)| is_due(peer)).map(|(id, _)| *id).collect::<Vec<_>>() {
            if let Some(peer) = self.peers.get_mut(&member)
                && let Some((layer, _)) = peer.eased
            {
                let more = Layer::from_index(layer.index() + 1).filter(|more| *more < Layer::High);
                peer.eased = more.map(|more| (more, now + EASED));
            }
            self.ask(member);
        }
    }

    /// From now on cameras are asked for no more than that, and ours sends no more.
    pub fn keep_up_with(&mut self, at: MediaView<'_>, most: KeepsUpWith) {
        if std::mem::replace(&mut self.sight.keeps_up_with, most) == most {
            return;
        }
        self.choose_who_is_seen(at);
        self.peers.keys().copied().collect::<Vec<_>>().into_iter().for_each(|member| self.ask(member));
        self.share_uplink_anew(at);
    }

    /// A member's voice is heard to speak, or no more.
    pub fn on_speaking(&mut self, at: MediaView<'_>, member: MemberId, speaking: bool) {
        if let Some(peer) = self.peers.get_mut(&member) {
            peer.speaking = speaking;
        }
        self.look_who_is_seen(at);
    }

    /// Whether our own microphone hears speech.
    pub fn we_speak(&mut self, speaking: bool) {
        self.uplink.speak(speaking);
    }

    /// Where only one camera is seen, whose may change with who speaks, comes or goes.
    pub(super) fn look_who_is_seen(&mut self, at: MediaView<'_>) {
        self.ask_for_more(at.now());
        self.choose_who_is_seen(at).into_iter().for_each(|member| self.ask(member));
    }

    /// Those whose pictures pause or no longer do.
    fn choose_who_is_seen(&mut self, at: MediaView<'_>) -> Vec<MemberId> {
        let is_only_one = self.sight.keeps_up_with == KeepsUpWith::Speaker;
        self.sight.alone = if is_only_one { self.speaker(at) } else { None };
        let alone = self.sight.alone.map(|(member, _)| member);
        let mut changed = Vec::new();
        for (id, peer) in &mut self.peers {
            let paused = is_only_one && alone != Some(*id);
            if std::mem::replace(&mut peer.camera_paused, paused) != paused {
                changed.push(*id);
            }
        }
        changed
    }

    fn speaker(&self, at: MediaView<'_>) -> Option<(MemberId, Instant)> {
        let fits = |id: &MemberId| {
            let has_camera = at.member(*id).is_some_and(|member| member.is_in_call() && member.streams.camera);
            has_camera && self.peers.get(id).is_some_and(|peer| peer.shows.camera > 0)
        };
        let speaks = |id: &MemberId| self.peers.get(id).is_some_and(|peer| peer.speaking);
        let before = self.sight.alone.filter(|(member, _)| fits(member));
        if before.is_some_and(|(member, since)| speaks(&member) || at.now() < since + HOLD) {
            return before;
        }
        let mut fit = self.peers.keys().copied().filter(fits);
        let next = fit.clone().find(speaks);
        next.map(|member| (member, at.now())).or(before).or_else(|| fit.next().map(|member| (member, at.now())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_and_more_go_the_same_way() {
        let down: Vec<_> = std::iter::successors(Some(KeepsUpWith::ALL), |most| most.less()).collect();
        let mut up: Vec<_> = std::iter::successors(Some(KeepsUpWith::Speaker), |most| most.more()).collect();
        up.reverse();
        assert_eq!(down, up);
        assert_eq!(down.len(), Layer::COUNT + 1);
        assert!(down.is_sorted_by(|more, less| more > less));
    }
}
