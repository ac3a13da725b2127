//! Through another member: where two members have no link, one who has links to both passes on what they say and show to
//! each other.
//!
//! To the rest of the room such a way is a link like others, see [`LinkId::Through`]. The member in the middle
//! can drop what goes over it, hold it back and count it, and no more:
//!
//! - *What is said* is a message of the group, and so bears its sender's signature (RFC 9420, section 6.1), and is taken
//!   in once. Who is in the middle is a member and can read it.
//! - *Media* are the datagrams of the pair's own DTLS-SRTP, whose certificates the two have signed for (see `hello`). The
//!   keys of all members seal a frame, but the tag of each SRTP packet is made with a key that only the two have, so it
//!   proves who sent it, as it does for those who have a link. A packet in its place that anybody else made, changed,
//!   moved to another stream or member, or sent again, is dropped before it is looked into.
//!
//! # What it costs
//!
//! A datagram grows by two bytes: that it is passed on, and from or to whom. That is 0.8 kbit/s of a voice (50 packets a
//! second) and no time worth measuring; the pair's SRTP, with a tag of 16 bytes (6.4 kbit/s), is there with and without a
//! forwarder. The alternative, a signature in each frame, would let one sealed packet be passed on to many, and costs 64
//! bytes (25.6 kbit/s beside the 34 of the voice), 6.5 us to sign and 27 us to verify (Ed25519, by `make bench`),
//! against 0.3 us and 0.4 us to seal and open the packet. Here what is passed on is for one alone, so nothing would be gained;
//! pictures that are for many do so (see `carrying`).

pub(super) mod datagram;
mod limits;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use group_crypto::MemberId;

use self::limits::Limits;
use crate::room::{
    link::LinkId,
    size::MAX_MEMBERS,
    view::{MemberView, View},
};

/// Without a link for this long, a member is reached through another, if there is one. A link of their own takes its place later.
const PATIENCE: Duration = Duration::from_secs(5);
/// In a call nobody waits for longer than a dial that succeeds usually takes.
const PATIENCE_IN_CALL: Duration = Duration::from_millis(400);
/// Where it did not work, it is tried again after this. They may not have heard of us, or of the one in the middle.
const AGAIN: Duration = Duration::from_secs(5);
const AGAIN_IN_CALL: Duration = Duration::from_secs(1);
/// Our links are told this often at most: when somebody comes, all of theirs come within moments.
const TELL: Duration = Duration::from_secs(1);
const TELL_IN_CALL: Duration = Duration::from_millis(100);

/// A way through another member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub to: MemberId,
    pub by: MemberId,
}

/// What forwarding wants of the rest of the room.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// With whom we have links, for all who have one with us.
    TellSees(Vec<MemberId>),
    /// This way leads nowhere any more.
    Close(LinkId),
    /// There is a way to this member, as if it was dialled.
    Open { link: LinkId, to: MemberId },
}

/// The ways through others that this member uses.
#[derive(Default)]
pub(super) struct Forwarding {
    ways: BTreeMap<LinkId, Way>,
    opened: u64,
    /// Who has links with whom, as they say.
    sees: BTreeMap<MemberId, Vec<MemberId>>,
    told: Vec<MemberId>,
    told_at: Option<Instant>,
    tried: BTreeMap<MemberId, Instant>,
    /// The member who brings what is being read just now.
    by: Option<MemberId>,
    pub limits: Limits,
    out: VecDeque<Output>,
}

impl Forwarding {
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    pub fn is_used(&self) -> bool {
        !self.ways.is_empty()
    }

    /// What is read from now on was passed on by this member, who cannot tell whether it is worth anything; or by nobody.
    pub fn read_by(&mut self, by: Option<MemberId>) {
        self.by = by;
    }

    pub fn way(&self, link: LinkId) -> Option<Way> {
        self.ways.get(&link).copied()
    }

    /// The way to a member; one by the member who brings what is being read is opened where there is none.
    pub fn way_back(&mut self, to: MemberId) -> Option<WayBack> {
        if let Some((link, _)) = self.ways.iter().find(|(_, way)| way.to == to) {
            return Some(WayBack::Known(*link));
        }
        // Where it waited for its epoch, the member who brought it is forgotten. They will say it again. And nobody is on the way
        // to themselves.
        let by = self.by.filter(|by| *by != to)?;
        Some(WayBack::New(self.open(to, by)))
    }

    /// With whom a member has links, as they said last in this run of theirs.
    pub fn seen_by(&self, member: MemberId) -> &[MemberId] {
        self.sees.get(&member).map_or(&[], Vec::as_slice)
    }

    /// They are in another run.
    pub fn forget_seen_by(&mut self, member: MemberId) {
        self.sees.remove(&member);
    }

    pub fn forget(&mut self, member: MemberId) {
        self.sees.remove(&member);
        self.tried.remove(&member);
        self.limits.forget(member);
        self.ways.retain(|_, way| way.to != member && way.by != member);
    }

    /// A way is closed.
    pub fn close(&mut self, link: LinkId) {
        self.ways.remove(&link);
    }

    /// A member lost their link with us: the ways through them lead nowhere.
    pub fn on_unlinked(&mut self, by: MemberId) {
        let lost = self.ways.iter().filter(|(_, way)| way.by == by).map(|(link, _)| Output::Close(*link));
        self.out.extend(lost);
    }

    /// With whom a member has links, as they say. A way through them to somebody whom they lost leads nowhere.
    pub fn on_sees(&mut self, by: MemberId, sees: Vec<MemberId>) {
        if sees.len() > MAX_MEMBERS {
            return;
        }
        let is_cut = |way: &Way| way.by == by && !sees.contains(&way.to);
        let cut = self.ways.iter().filter(|(_, way)| is_cut(way)).map(|(link, _)| Output::Close(*link));
        self.out.extend(cut);
        self.sees.insert(by, sees);
    }

    /// Tells the others whom we have links with, where there are others to pass something on for, and goes through them
    /// where a link is missing.
    pub fn on_timeout(&mut self, view: View<'_>, is_in_call: bool) {
        if view.members.iter().nth(1).is_none() {
            return;
        }
        let sees: Vec<_> = view.members.iter().filter(|member| member.has_own_link).map(|member| member.id).collect();
        let pause = if is_in_call { TELL_IN_CALL } else { TELL };
        if sees != self.told && self.told_at.is_none_or(|at| view.now >= at + pause) {
            self.told.clone_from(&sees);
            self.told_at = Some(view.now);
            self.out.push_back(Output::TellSees(sees.clone()));
        }
        for member in view.members.iter() {
            // First what costs little: the lists are as long as others make them.
            if !self.is_lost(view, member, is_in_call) {
                continue;
            }
            let between = sees.iter().find(|by| self.seen_by(**by).contains(&member.id)).copied();
            if let Some(by) = between {
                self.tried.insert(member.id, view.now);
                self.close_ways_to(member.id);
                let link = self.open(member.id, by);
                self.out.push_back(Output::Open { link, to: member.id });
            }
        }
    }

    /// Whether a member is to be reached through another. What they have said of a call is not known before there is a way.
    fn is_lost(&self, view: View<'_>, member: MemberView<'_>, is_in_call: bool) -> bool {
        let (patience, again) = if is_in_call { (PATIENCE_IN_CALL, AGAIN_IN_CALL) } else { (PATIENCE, AGAIN) };
        !member.said_goodbye
            && !member.to_be_removed
            && view.me.id < member.id
            && member.has_been_linkless(view.now, patience)
            && self.tried.get(&member.id).is_none_or(|at| view.now >= *at + again)
    }

    /// An attempt that has led nowhere makes room for the next.
    fn close_ways_to(&mut self, to: MemberId) {
        let ways = self.ways.extract_if(.., |_, way| way.to == to).map(|(link, _)| Output::Close(link));
        self.out.extend(ways);
    }

    pub fn open(&mut self, to: MemberId, by: MemberId) -> LinkId {
        self.opened = self.opened.wrapping_add(1);
        let link = LinkId::Through(self.opened);
        self.ways.insert(link, Way { to, by });
        link
    }
}

/// See [`Forwarding::way_back`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WayBack {
    Known(LinkId),
    New(LinkId),
}
