//! Pictures by way of another: a member with little upload sends theirs once, to a member who has some to spare and passes them
//! on to the others, the *carrier*. Sound always goes straight.
//!
//! Three parts, each of which ends it alone, and each picture has a way at any time:
//!
//! - *Whose pictures are carried* asks ([`Carry`](crate::room::wire::LinkMessage::Carry)) the one who has most to spare ([`Spare`](crate::room::wire::LinkMessage::Spare)), after some
//!   time in which others got much less than they want. From the answer on, pictures go to the carrier with a proof of whose they
//!   are. Straight to the others they go on until each of them says ([`Through`](crate::room::wire::LinkMessage::Through)) that they come the other way.
//! - *The carrier* passes on what comes, as it is, to those who can take it beside all that they are to get of its own, and says
//!   to whom and how much ([`Carries`](crate::room::wire::LinkMessage::Carries)). Own pictures, or a queue, end it.
//! - *Who sees them* changes ways with a keyframe, and goes back where nothing comes any more.
//!
//! All members have the keys that seal a frame, so the carrier could make one in the sender's name. The proof is the sender's
//! signature over the sealed picture, its number and its place; without it a picture that came by way of another is nobody's.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use ::media::carried::Carried;
use aws_lc_rs::digest::{SHA256, digest};
use group_crypto::MemberId;

use super::{Media, MediaView, carrier::Carrier, loads::Load};
use crate::room::wire::Ability;

/// What a proof is signed as.
pub(super) const LABEL: &str = "carried picture";
/// What changes is told no sooner than after this.
pub(super) const TELL: Duration = Duration::from_secs(1);
/// Where it did not work, it is tried again after this, and after twice as long each time.
const AGAIN: Duration = Duration::from_secs(15);
const LONGEST_AGAIN: Duration = Duration::from_secs(300);
/// No picture is carried for less, in kilobits per second.
pub(super) const LEAST: u32 = 80;

/// The carrying that a member asks for, and does.
#[derive(Default)]
pub(super) struct Carrying {
    pub carrier: Option<Carrier>,
    pub short_since: Option<Instant>,
    /// Of our pictures that are carried.
    pub number: u32,
    pub not_before: Option<Instant>,
    pub failures: u32,
    pub loads: BTreeMap<MemberId, Load>,
    pub spare: Option<(u32, Instant)>,
    pub crowded_since: Option<Instant>,
    pub rests_until: Option<Instant>,
    pub rests: u32,
}

impl Media {
    /// Asks for a carrier, ends what leads nowhere, and tells what we could carry. After the uplink was shared out.
    pub(super) fn look_after_carrying(&mut self, at: MediaView<'_>) {
        self.look_after_carrier(at);
        self.look_after_loads(at);
        self.look_after_coming(at);
    }

    pub(super) fn is_live(&self, at: MediaView<'_>, member: MemberId) -> bool {
        self.live(at, member).is_some()
    }

    pub(super) fn may_carry(&self, at: MediaView<'_>, member: MemberId) -> bool {
        self.is_live(at, member) && at.member(member).is_some_and(|member| member.has_own_link) && can_carry(at, member)
    }
}

/// Whether the member's program knows of carrying: a member without it is asked nothing and told nothing about it, and sees
/// everybody's pictures straight.
pub(super) fn can_carry(at: MediaView<'_>, member: MemberId) -> bool {
    at.member(member).is_some_and(|member| member.has(Ability::Carrying))
}

/// How long to wait after so many failures.
pub(super) fn wait(failures: u32) -> Duration {
    (AGAIN * 2u32.pow(failures.min(8))).min(LONGEST_AGAIN)
}

/// What the proof is over. The endpoint is that of the sender's run, so that no picture of a former one is shown again.
pub(super) fn said(endpoint: &[u8; 32], picture: &Carried) -> Vec<u8> {
    [&endpoint[..], &picture.claim()[..], digest(&SHA256, picture.frame.bytes()).as_ref()].concat()
}
