//! Pictures by way of another: who has little upload sends theirs once, to a member who has some to spare and passes them on to
//! the others, the *carrier*. Sound always goes straight.
//!
//! Three parts, each of which ends it alone, and each picture has a way at any time:
//!
//! - *Whose pictures are carried* asks ([`LinkMessage::Carry`]) the one who has most to spare ([`LinkMessage::Spare`]), after some
//!   time in which others got much less than they want. From the answer on, pictures go to the carrier with a proof of whose they
//!   are. Straight to the others they go on until each of them says ([`LinkMessage::Through`]) that they come the other way.
//! - *The carrier* passes on what comes, as it is, to those who can take it beside all that they are to get of its own, and says
//!   to whom and how much ([`LinkMessage::Carries`]). Own pictures, or a queue, end it.
//! - *Who sees them* changes ways with a keyframe, and goes back where nothing comes any more.
//!
//! All members have the keys that seal a frame, so the carrier could make one in the sender's name. The proof is the sender's
//! signature over the sealed picture, its number and its place; without it a picture that came by way of another is nobody's.

mod asking;
mod coming;
mod loads;

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use ::media::carried::Carried;
use aws_lc_rs::digest::{SHA256, digest};
use group_crypto::MemberId;

use super::{Output, forward::is_forwarded, inside::Inside, participant::Participant, send, wire::LinkMessage};
use asking::Carrier;
pub(super) use coming::Coming;
use loads::Load;

/// What a proof is signed as.
const LABEL: &str = "carried picture";
/// What changes is told no sooner than after this.
const TELL: Duration = Duration::from_secs(1);
/// Where it did not work, it is tried again after this, and after twice as long each time.
const AGAIN: Duration = Duration::from_secs(15);
const LONGEST_AGAIN: Duration = Duration::from_secs(300);
/// No picture is carried for less, in kilobits per second.
const LEAST: u32 = 80;

/// The carrying that a member asks for, and does.
#[derive(Default)]
pub(super) struct Carrying {
    carrier: Option<Carrier>,
    short_since: Option<Instant>,
    /// Of our pictures that are carried.
    number: u32,
    not_before: Option<Instant>,
    failures: u32,
    loads: BTreeMap<MemberId, Load>,
    spare: Option<(u32, Instant)>,
    crowded_since: Option<Instant>,
    rests_until: Option<Instant>,
    rests: u32,
}

impl Inside {
    /// Asks for a carrier, ends what leads nowhere, and tells what we could carry. After the uplink was shared out.
    pub fn look_after_carrying(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        self.look_after_carrier(now, out);
        self.look_after_loads(now, out);
        self.look_after_coming(now, out);
    }

    fn say_to(&self, member: MemberId, message: &LinkMessage, out: &mut VecDeque<Output>) {
        if let Some(link) = self.participants.get(&member).and_then(|p| p.link) {
            send(out, link, message);
        }
    }
}

/// How long to wait after so many failures.
fn wait(failures: u32) -> Duration {
    (AGAIN * 2u32.pow(failures.min(8))).min(LONGEST_AGAIN)
}

/// What the proof is over. The endpoint is that of the sender's run, so that no picture of a former one is shown again.
fn said(endpoint: &[u8; 32], picture: &Carried) -> Vec<u8> {
    [&endpoint[..], &picture.claim()[..], digest(&SHA256, picture.frame.bytes()).as_ref()].concat()
}

fn is_connected(p: &Participant) -> bool {
    p.live_media().is_some()
}

fn sees_us(p: &Participant) -> bool {
    is_connected(p) && p.wants.camera > 0
}

fn may_carry(p: &Participant) -> bool {
    is_connected(p) && p.link.is_some_and(|link| !is_forwarded(link))
}
