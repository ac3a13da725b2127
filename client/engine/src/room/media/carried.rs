//! A member who sees carried pictures: checks whose they are, and changes from one way to the other.

use std::time::{Duration, Instant};

use ::media::{ReceivedFrame, Stream, carried::Carried};
use group_crypto::MemberId;

use super::{
    Media, MediaView,
    carrying::{LABEL, said},
    path::Parked,
    peer::MediaPeer,
};
use crate::room::wire::LinkMessage;

/// Nothing carried came for so long: the way has ended.
const STALL: Duration = Duration::from_millis(500);
/// A keyframe that comes straight so long after the change of ways is meant.
const CHANGING: Duration = Duration::from_secs(2);

/// How a member's pictures come.
#[derive(Default)]
pub(super) struct Coming {
    /// By way of whom; the member, where we are the carrier.
    by: Option<MemberId>,
    since: Option<Instant>,
    last: Option<Instant>,
    /// The highest number so far.
    newest: Option<u32>,
    /// How many came by way of another.
    carried: u64,
}

impl Coming {
    pub fn carried(&self) -> u64 {
        self.carried
    }

    /// Who passes this member's pictures on.
    pub fn carried_by(&self, owner: MemberId) -> Option<MemberId> {
        self.by.filter(|by| *by != owner)
    }

    fn has_stalled(&self, now: Instant) -> bool {
        self.last.is_none_or(|at| now >= at + STALL)
    }
}

impl Media {
    /// A picture that somebody sends to be carried, or passes on for another.
    pub(in crate::room) fn on_carried(&mut self, at: MediaView<'_>, by: MemberId, whole: &ReceivedFrame) {
        let Some(picture) = Carried::read(whole) else {
            return tracing::debug!("a carried picture makes no sense; it is dropped");
        };
        let owner = at.view.members.iter().find(|member| member.index == u32::from(picture.member));
        let Some(owner) = owner.map(|member| member.id) else {
            return;
        };
        if owner == by {
            self.pass_load_on(at, owner, &picture);
        }
        self.see_carried(at, owner, by, picture);
    }

    fn see_carried(&mut self, at: MediaView<'_>, owner: MemberId, by: MemberId, picture: Carried) {
        let now = at.now();
        let Some((peer, member)) = self.peers.get_mut(&owner).zip(at.member(owner)) else {
            return;
        };
        let coming = &mut peer.coming;
        let changes = coming.by != Some(by);
        let comes_anew = picture.frame.keyframe && (coming.by.is_none() || coming.has_stalled(now));
        if coming.newest.is_some_and(|newest| picture.number <= newest) {
            return;
        }
        if changes && !comes_anew {
            if owner == by {
                // It begins without its beginning, and to the carrier nothing comes by another way.
                self.on_picture_broken(at, owner, Stream::Video);
            }
            return;
        }
        if owner != by && !at.company.verify(owner, LABEL, &said(member.endpoint, &picture), &picture.proof) {
            return tracing::debug!("a carried picture is not whose it says to be; it is dropped");
        }
        let after_loss = coming.newest.is_none_or(|newest| picture.number != newest.wrapping_add(1));
        coming.newest = Some(picture.number);
        coming.carried += u64::from(owner != by);
        coming.last = Some(now);
        if changes {
            (coming.by, coming.since) = (Some(by), Some(now));
            peer.count_path();
            if owner != by {
                self.send(owner, LinkMessage::Through(Some(by.0)));
            }
        }
        self.open_frame(at, owner, Parked::carried(picture, after_loss));
    }

    /// A picture came straight. Whether it is to be seen: those that come by way of another are, until a keyframe says that the
    /// sender means it.
    pub(super) fn comes_straight(&mut self, now: Instant, owner: MemberId, keyframe: bool) -> bool {
        let Some(coming) = self.peers.get(&owner).map(|peer| &peer.coming) else {
            return false;
        };
        if coming.by.is_none() {
            return true;
        }
        let means = coming.since.is_none_or(|since| now >= since + CHANGING) || coming.has_stalled(now);
        if keyframe && means {
            self.see_straight(owner);
            return true;
        }
        false
    }

    fn see_straight(&mut self, owner: MemberId) {
        let Some(peer) = self.peers.get_mut(&owner) else {
            return;
        };
        let by = peer.coming.by.take();
        peer.count_path();
        if by != Some(owner) {
            self.send(owner, LinkMessage::Through(None));
        }
    }

    /// Goes back to the straight way where nothing comes by the other.
    pub(super) fn look_after_coming(&mut self, at: MediaView<'_>) {
        let is_stalled = |(id, peer): &(&MemberId, &MediaPeer)| {
            let sends = at.member(**id).is_some_and(|member| member.streams.camera);
            peer.coming.by.is_some() && sends && !peer.camera_paused && peer.coming.has_stalled(at.now())
        };
        for owner in self.peers.iter().filter(is_stalled).map(|(id, _)| *id).collect::<Vec<_>>() {
            self.see_straight(owner);
            self.on_picture_broken(at, owner, Stream::Video);
        }
    }
}
