//! Who sees carried pictures: checks whose they are, and changes from one way to the other.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use ::media::{ReceivedFrame, Stream, carried::Carried};
use group_crypto::MemberId;

use super::{LABEL, said};
use crate::room::{Output, inside::Inside, media::Parked, participant::Participant, wire::LinkMessage};

/// Nothing carried came for so long: the way has ended.
const STALL: Duration = Duration::from_millis(500);
/// A keyframe that comes straight so long after the change of ways is meant.
const CHANGING: Duration = Duration::from_secs(2);

/// How a member's pictures come.
#[derive(Default)]
pub(in crate::room) struct Coming {
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

impl Inside {
    /// What somebody sends to be carried, or passes on for another.
    pub fn carried_came(&mut self, now: Instant, by: MemberId, whole: &ReceivedFrame, out: &mut VecDeque<Output>) {
        let Some(picture) = Carried::read(whole) else {
            return tracing::debug!("a carried picture makes no sense; it is dropped");
        };
        let of = |p: &&Participant| p.member.index.0 == u32::from(picture.member);
        let Some(owner) = self.participants.values().find(of).map(|p| p.member.id) else {
            return;
        };
        if owner == by {
            self.pass_load_on(now, owner, &picture, out);
        }
        self.see_carried(now, owner, by, picture, out);
    }

    fn see_carried(
        &mut self,
        now: Instant,
        owner: MemberId,
        by: MemberId,
        picture: Carried,
        out: &mut VecDeque<Output>,
    ) {
        let Some(p) = self.participants.get_mut(&owner) else {
            return;
        };
        let (coming, endpoint) = (&p.coming, p.at.endpoint);
        let changes = coming.by != Some(by);
        let comes_anew = picture.frame.keyframe && (coming.by.is_none() || coming.has_stalled(now));
        let is_old = coming.newest.is_some_and(|newest| picture.number <= newest);
        if is_old {
            return;
        }
        if changes && !comes_anew {
            if owner == by {
                // It begins without its beginning, and to the carrier nothing comes by another way.
                self.picture_broken(now, owner, Stream::Video, out);
            }
            return;
        }
        if owner != by && !self.agreement.verify(owner, LABEL, &said(&endpoint, &picture), &picture.proof) {
            return tracing::debug!("a carried picture is not whose it says to be; it is dropped");
        }
        let after_loss = coming.newest.is_none_or(|newest| picture.number != newest.wrapping_add(1));
        p.coming.newest = Some(picture.number);
        p.coming.carried += u64::from(owner != by);
        p.coming.last = Some(now);
        if changes {
            (p.coming.by, p.coming.since) = (Some(by), Some(now));
            p.paths = p.paths.wrapping_add(1);
            if owner != by {
                self.say_to(owner, &LinkMessage::Through(Some(by.0)), out);
            }
        }
        self.open_frame(now, owner, Parked::carried(picture, after_loss), out);
    }

    /// A picture came straight. Whether it is to be seen: those that come by way of another are, until a keyframe says that the
    /// sender means it.
    pub fn comes_straight(
        &mut self,
        now: Instant,
        owner: MemberId,
        keyframe: bool,
        out: &mut VecDeque<Output>,
    ) -> bool {
        let Some(p) = self.participants.get_mut(&owner) else {
            return false;
        };
        if p.coming.by.is_none() {
            return true;
        }
        let means = p.coming.since.is_none_or(|since| now >= since + CHANGING) || p.coming.has_stalled(now);
        if keyframe && means {
            self.see_straight(owner, out);
            return true;
        }
        false
    }

    fn see_straight(&mut self, owner: MemberId, out: &mut VecDeque<Output>) {
        let Some(p) = self.participants.get_mut(&owner) else {
            return;
        };
        let by = p.coming.by.take();
        p.paths = p.paths.wrapping_add(1);
        if by != Some(owner) {
            self.say_to(owner, &LinkMessage::Through(None), out);
        }
    }

    /// Goes back to the straight way where nothing comes by the other.
    pub(super) fn look_after_coming(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let stalled = |p: &&Participant| {
            p.coming.by.is_some() && p.streams.camera && !p.camera_paused && p.coming.has_stalled(now)
        };
        for owner in self.participants.values().filter(stalled).map(|p| p.member.id).collect::<Vec<_>>() {
            self.see_straight(owner, out);
            self.picture_broken(now, owner, Stream::Video, out);
        }
    }
}
