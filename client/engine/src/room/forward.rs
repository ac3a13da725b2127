//! Through another member: where two members have no link, one who has links to both passes on what they say and show to
//! each other.
//!
//! To the rest of the room such a way is a link like others, with a number of its own. The member in the middle can drop
//! what goes over it, hold it back and count it, and no more:
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

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use group_crypto::MemberId;

use super::{
    LinkId, Output,
    budget::Cost,
    inside::Inside,
    meter::{Limit, Meter},
    participant::Participant,
    wire::{self, LinkMessage, RoomMessage},
};
use crate::api::Route;

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
/// Numbers of links from here on are of this kind.
const FIRST: u64 = 1 << 62;
/// The first byte of a media datagram to be passed on to the member whose index follows, and of one that was passed on for
/// the member whose index follows. Generations of media are lower numbers.
const PASS_ON: u8 = 255;
const PASSED_ON: u8 = 254;
/// Passed-on messages that no key opens: of one sender by one member, and of all senders by that member. Beyond it nothing
/// of them is tried. Nobody loses a link for what another wrote.
const FAILED_OF_ONE: Limit = Limit::per_second(32, 1);
const FAILED_OF_ALL: Limit = Limit::per_second(256, 8);
/// What one member passes on for one other: half of what it may pass on for all, so that no flood crowds out the rest.
const BROUGHT: Limit = Limit::per_second(2500, 250);
const BROUGHT_KIB: Limit = Limit::per_second(8 * 1024, 512);

/// The ways through others that this member uses.
#[derive(Default)]
pub(super) struct Forwards {
    ways: BTreeMap<LinkId, Way>,
    opened: u64,
    /// Who has links with whom, as they say.
    sees: BTreeMap<MemberId, Vec<MemberId>>,
    told: Vec<MemberId>,
    told_at: Option<Instant>,
    tried: BTreeMap<MemberId, Instant>,
    /// Who brings what is being read just now.
    last_by: Option<MemberId>,
    /// What no key opens, by the member that passes it on and the one it is said to be from, or all of them.
    failed: BTreeMap<(MemberId, Option<MemberId>), Meter>,
    /// Messages and KiB that a member passed on, as they say, for another.
    brought: BTreeMap<(MemberId, MemberId), [Meter; 2]>,
}

impl Forwards {
    /// Whether a message of so many bytes that `by` passes on leaves room for what `by` passes on for others than `from`.
    pub fn leaves_room(&mut self, now: Instant, by: MemberId, from: MemberId, bytes: usize) -> bool {
        let [messages, kib] = self.brought.entry((by, from)).or_default();
        let units = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        messages.charge(now, 1, &BROUGHT).is_ok() && kib.charge(now, units, &BROUGHT_KIB).is_ok()
    }

    /// Whether keys are tried on what `by` passes on, as they say, for `from`.
    fn may_try(&self, now: Instant, by: MemberId, from: MemberId) -> bool {
        let is_within = |origin, limit| {
            self.failed.get(&(by, origin)).is_none_or(|meter: &Meter| meter.after(now, 1, limit).is_ok())
        };
        is_within(Some(from), &FAILED_OF_ONE) && is_within(None, &FAILED_OF_ALL)
    }

    fn note_failure(&mut self, now: Instant, by: MemberId, from: MemberId) {
        for (origin, limit) in [(Some(from), &FAILED_OF_ONE), (None, &FAILED_OF_ALL)] {
            // It was just seen to suffice.
            let _ = self.failed.entry((by, origin)).or_default().charge(now, 1, limit);
        }
    }

    pub fn are_used(&self) -> bool {
        !self.ways.is_empty()
    }

    /// What is being read was passed on by another, who cannot tell whether it is worth anything.
    pub fn is_passing_on(&self) -> bool {
        self.last_by.is_some()
    }

    /// The member at the other end of a way through another.
    pub fn leads_to(&self, link: LinkId) -> Option<MemberId> {
        self.ways.get(&link).map(|way| way.to)
    }

    /// With whom a member has links, as they said last in this run of theirs.
    pub fn seen_by(&self, member: MemberId) -> &[MemberId] {
        self.sees.get(&member).map_or(&[], Vec::as_slice)
    }

    pub fn forget_seen_by(&mut self, member: MemberId) {
        self.sees.remove(&member);
    }

    pub fn forget(&mut self, member: MemberId) {
        self.sees.remove(&member);
        self.tried.remove(&member);
        self.failed.retain(|(by, from), _| *by != member && *from != Some(member));
        self.brought.retain(|(by, from), _| *by != member && *from != member);
        self.ways.retain(|_, way| way.to != member && way.by != member);
    }
}

#[derive(Clone, Copy)]
struct Way {
    to: MemberId,
    by: MemberId,
}

impl Inside {
    /// Tells the others whom we have links with, where there are others to pass something on for, and goes through them
    /// where a link is missing.
    pub fn look_after_forwards(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        if self.participants.len() < 2 {
            return;
        }
        let real = |p: &&Participant| p.link.is_some_and(|link| !is_forwarded(link));
        let sees: Vec<_> = self.participants.values().filter(real).map(|p| p.member.id).collect();
        let is_in = self.call.is_in();
        let pause = if is_in { TELL_IN_CALL } else { TELL };
        if sees != self.forwards.told && self.forwards.told_at.is_none_or(|at| now >= at + pause) {
            self.forwards.told.clone_from(&sees);
            self.forwards.told_at = Some(now);
            // Beside the group: it is said to each at every link that comes or goes, and each message of the group is to be
            // verified and its keys written down.
            let bytes = wire::encode(&LinkMessage::Sees(sees.iter().map(|member| member.0).collect()));
            let links = self.participants.values().filter(|p| !p.to_be_removed).filter_map(|p| p.link);
            out.extend(links.map(|link| Output::Send { link, bytes: bytes.clone() }));
        }
        let us = self.agreement.group().my_id();
        let lost = |p: &&Participant| {
            // What they have said of a call is not known before there is a way to them.
            let (patience, again) = match is_in {
                true => (PATIENCE_IN_CALL, AGAIN_IN_CALL),
                false => (PATIENCE, AGAIN),
            };
            let tried = self.forwards.tried.get(&p.member.id);
            p.link.is_none()
                && !p.said_goodbye
                && !p.to_be_removed
                && us < p.member.id
                && p.linkless_since.is_some_and(|since| now >= since + patience)
                && tried.is_none_or(|at| now >= *at + again)
        };
        let lost: Vec<_> =
            self.participants.values().filter(lost).map(|p| (p.member.id, p.newest_endpoint())).collect();
        for (to, endpoint) in lost {
            let between = sees.iter().find(|by| self.forwards.sees.get(by).is_some_and(|sees| sees.contains(&to)));
            if let Some(by) = between.copied() {
                self.forwards.tried.insert(to, now);
                self.close_ways_to(to, now, out);
                let link = self.way(to, by);
                self.link_opened(now, link, endpoint, true, out);
                self.link_route(link, Route::Forwarded);
            }
        }
    }

    /// An attempt that has led nowhere makes room for the next.
    fn close_ways_to(&mut self, to: MemberId, now: Instant, out: &mut VecDeque<Output>) {
        let ways = self.forwards.ways.iter().filter(|(_, way)| way.to == to);
        for link in ways.map(|(link, _)| *link).collect::<Vec<_>>() {
            self.link_closed(now, link, out);
            self.forwards.ways.remove(&link);
        }
    }

    pub fn way(&mut self, to: MemberId, by: MemberId) -> LinkId {
        self.forwards.opened += 1;
        let link = LinkId(FIRST + self.forwards.opened);
        self.forwards.ways.insert(link, Way { to, by });
        link
    }

    /// Whom a member has links with. A way through them to somebody whom they lost leads nowhere.
    pub fn sees(&mut self, now: Instant, member: MemberId, sees: Vec<[u8; 16]>, out: &mut VecDeque<Output>) {
        let by = self.participants.get(&member).map(|p| p.member.id);
        let Some(by) = by.filter(|_| sees.len() <= super::MAX_MEMBERS) else {
            return;
        };
        let sees: Vec<_> = sees.into_iter().map(MemberId).collect();
        let cut = |(_, way): &(&LinkId, &Way)| way.by == by && !sees.contains(&way.to);
        let cut: Vec<_> = self.forwards.ways.iter().filter(cut).map(|(link, _)| *link).collect();
        self.forwards.sees.insert(by, sees);
        for way in cut {
            out.push_back(Output::Close { link: way });
            self.link_closed(now, way, out);
        }
    }

    /// What the room wants done, with what goes over a way through another member turned into what that member is asked.
    pub fn reroute(&mut self, output: Output) -> Option<Output> {
        match output {
            Output::Send { link, bytes } if is_forwarded(link) => {
                let Way { to, by } = *self.forwards.ways.get(&link)?;
                let sealed = self.protect(&RoomMessage::Over { to: to.0, bytes })?;
                let link = self.real_link(by)?;
                Some(Output::Send { link, bytes: wire::encode(&LinkMessage::Forward { to: to.0, sealed }) })
            }
            Output::SendDatagram { link, bytes } if is_forwarded(link) => {
                let Way { to, by } = *self.forwards.ways.get(&link)?;
                let index = u8::try_from(self.by_id(to)?.member.index.0).ok()?;
                let link = self.real_link(by)?;
                Some(Output::SendDatagram { link, bytes: framed(PASS_ON, index, &bytes) })
            }
            Output::Close { link } if is_forwarded(link) => {
                self.forwards.ways.remove(&link);
                None
            }
            Output::Vouch { link } | Output::LetWait { link } if is_forwarded(link) => None,
            other => Some(other),
        }
    }

    /// A member asks us to pass something on. It is sealed; only who it is for can tell whether it is worth anything.
    ///
    /// What goes beyond the budget of its sender is dropped: it must not crowd out what we have to say ourselves.
    pub fn pass_on(&mut self, now: Instant, from: MemberId, to: [u8; 16], sealed: Vec<u8>, out: &mut VecDeque<Output>) {
        if let Some(link) = self.real_link(MemberId(to))
            && self.charge(now, from, Cost::Forward(sealed.len()), out)
        {
            let bytes = wire::encode(&LinkMessage::Forwarded { from: from.0, sealed });
            out.push_back(Output::Forward { link, bytes });
        }
    }

    /// Something was passed on by a member, who may claim anything; the group's protection says who it is from.
    pub fn passed_on(
        &mut self,
        now: Instant,
        by: MemberId,
        from: [u8; 16],
        sealed: Vec<u8>,
        out: &mut VecDeque<Output>,
    ) {
        let from = MemberId(from);
        if !self.participants.contains_key(&from) || !self.forwards.may_try(now, by, from) {
            return tracing::debug!("too little of what is passed on for a member can be read; it is dropped");
        }
        self.forwards.last_by = self.participants.get(&by).map(|p| p.member.id);
        if let Some(LinkMessage::Group(bytes)) = wire::decode(&sealed)
            && !self.group_message(now, by, &bytes, out)
        {
            self.forwards.note_failure(now, by, from);
        }
        self.forwards.last_by = None;
    }

    /// A link message of a member's, out of the group's protection.
    pub fn over(&mut self, now: Instant, from: MemberId, to: [u8; 16], bytes: Vec<u8>, out: &mut VecDeque<Output>) {
        if to != self.agreement.group().my_id().0 {
            return;
        }
        let Some((id, endpoint)) = self.participants.get(&from).map(|p| (p.member.id, p.newest_endpoint())) else {
            return;
        };
        let known = self.forwards.ways.iter().find(|(_, way)| way.to == id).map(|(link, _)| *link);
        let link = match (known, self.forwards.last_by) {
            (Some(link), _) => link,
            // Nobody is on the way to themselves.
            (None, Some(by)) if by != id => {
                let link = self.way(id, by);
                self.link_opened(now, link, endpoint, false, out);
                self.link_route(link, Route::Forwarded);
                link
            }
            // It waited for its epoch, and who brought it is forgotten. They will say it again.
            (None, _) => return,
        };
        self.heard_within(now, link, &bytes, out);
    }

    /// A datagram that came over a member's link.
    pub fn link_datagram(&mut self, now: Instant, link: LinkId, bytes: &[u8], out: &mut VecDeque<Output>) {
        if let Some(member) = self.by_link(link)
            && self.charge(now, member, Cost::Datagram(bytes.len()), out)
            && self.datagram_passed(now, link, bytes, out).is_none()
        {
            self.in_media(now, out, |media, at| media.on_link_datagram(at, member, bytes));
        }
    }

    /// A datagram to pass on or passed on; `None`: it is another's business.
    fn datagram_passed(&mut self, now: Instant, link: LinkId, bytes: &[u8], out: &mut VecDeque<Output>) -> Option<()> {
        let (&kind, rest) = bytes.split_first()?;
        let (&index, rest) = rest.split_first().filter(|_| kind >= PASSED_ON)?;
        let sender = self.by_link(link)?;
        let other = self.participants.values().find(|p| p.member.index.0 == u32::from(index))?.member.id;
        if kind == PASS_ON {
            let to = self.participants.get(&other)?.link.filter(|link| !is_forwarded(*link))?;
            let index = u8::try_from(self.participants.get(&sender)?.member.index.0).ok()?;
            if !self.charge(now, sender, Cost::ForwardMedia(rest.len()), out) {
                return Some(());
            }
            out.push_back(Output::SendDatagram { link: to, bytes: framed(PASSED_ON, index, rest) });
        } else if self.participants.get(&other)?.link.is_some_and(is_forwarded) {
            self.in_media(now, out, |media, at| media.on_link_datagram(at, other, rest));
        }
        Some(())
    }

    /// The links through a member whose own link is gone.
    pub fn lost_ways(&self, by: MemberId) -> Vec<LinkId> {
        self.forwards.ways.iter().filter(|(_, way)| way.by == by).map(|(link, _)| *link).collect()
    }

    fn real_link(&self, member: MemberId) -> Option<LinkId> {
        let p = self.participants.values().find(|p| p.member.id == member && !p.to_be_removed)?;
        p.link.filter(|link| !is_forwarded(*link))
    }
}

pub(super) fn is_forwarded(link: LinkId) -> bool {
    link.0 >= FIRST
}

fn framed(kind: u8, index: u8, bytes: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(bytes.len() + 2);
    framed.extend_from_slice(&[kind, index]);
    framed.extend_from_slice(bytes);
    framed
}
