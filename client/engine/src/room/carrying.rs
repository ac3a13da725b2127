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

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use ::media::{EncodedFrame, Lane, Layer, Seal, SealedFrame, Stream, carried::Carried};
use aws_lc_rs::digest::{SHA256, digest};
use group_crypto::MemberId;

use super::{
    MAX_IN_CALL, Output, forward::is_forwarded, inside::Inside, media::Parked, participant::Participant, send,
    wire::LinkMessage,
};

const LABEL: &str = "carried picture";
/// Others get too little for so long before somebody is asked to carry.
const SHORT: Duration = Duration::from_secs(6);
/// An answer is waited for, and what changes is told, for so long.
const ANSWER: Duration = Duration::from_secs(3);
const TELL: Duration = Duration::from_secs(1);
/// Where it did not work, it is tried again after this, and after twice as long each time.
const AGAIN: Duration = Duration::from_secs(15);
const LONGEST_AGAIN: Duration = Duration::from_secs(300);
/// A queue so soon after it began is taken to be its doing.
const RELAPSE: Duration = Duration::from_secs(6);
/// What a carrier cannot give beside its own pictures for so long, it gives up.
const CROWDED: Duration = Duration::from_secs(2);
/// No picture is carried for less, in kilobits per second.
const LEAST: u32 = 80;
/// It has to be worth it: a picture gets so many tenths of what it has, at least.
const WORTH_TENTHS: u32 = 15;
/// Of what is to spare, so many tenths are given away.
const GIVEN_TENTHS: u64 = 8;
/// Nothing carried came for so long: the way has ended.
const STALL: Duration = Duration::from_millis(500);
/// A keyframe that comes straight so long after the change of ways is meant.
const CHANGING: Duration = Duration::from_secs(2);
/// Carried pictures leave a carrier faster than they may come by so many halves.
const PACE_HALVES: u64 = 3;

/// One who carries our pictures, or is asked to.
struct Carrier {
    member: MemberId,
    asked: Instant,
    told: BTreeSet<MemberId>,
    /// By their answer: to whom, and kilobits per second at most.
    to: BTreeSet<MemberId>,
    most_kbps: u32,
    answered: bool,
    /// Pictures go there to be carried.
    begun: bool,
    /// Who sees them by that way.
    seen_by: BTreeSet<MemberId>,
}

/// Somebody's pictures that we carry.
struct Load {
    to: BTreeSet<MemberId>,
    since: Instant,
    most_kbps: u32,
    told: (BTreeSet<MemberId>, u32, Instant),
    /// Bytes since, and kilobits per second before.
    bytes: u64,
    counted: Instant,
    kbps: u32,
}

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

/// How a member's pictures come.
#[derive(Default)]
pub(super) struct Coming {
    /// By way of whom; the member, where we are the carrier.
    by: Option<MemberId>,
    since: Option<Instant>,
    last: Option<Instant>,
    /// The highest number so far.
    newest: Option<u32>,
}

impl Coming {
    fn has_stalled(&self, now: Instant) -> bool {
        self.last.is_none_or(|at| now >= at + STALL)
    }
}

impl Carrying {
    /// With how many lines a member's picture is wanted straight from us, where their own wish is `lines`.
    pub fn lines_for(&self, member: MemberId, lines: u16, wishes: impl Fn(MemberId) -> u16) -> u16 {
        match &self.carrier {
            Some(carrier) if carrier.member == member && carrier.answered => {
                carrier.to.iter().map(|to| wishes(*to)).fold(lines, u16::max)
            }
            Some(carrier) if carrier.seen_by.contains(&member) => 0,
            _ => lines,
        }
    }

    /// What our camera takes at most on the path to a member, in kilobits per second.
    pub fn limit_for(&self, member: MemberId) -> Option<u32> {
        self.carrier.as_ref().filter(|carrier| carrier.member == member && carrier.answered).map(|c| c.most_kbps)
    }

    /// Bits per second that we pass on to a member.
    pub fn takes(&self, now: Instant, member: MemberId) -> u64 {
        let loads = self.loads.values().filter(|load| load.to.contains(&member));
        loads.map(|load| u64::from(load.takes(now)) * 1000).sum()
    }

    /// Our pictures go to the member to be carried.
    pub fn goes_by(&self, member: MemberId) -> bool {
        self.carrier.as_ref().is_some_and(|carrier| carrier.begun && carrier.member == member)
    }

    /// By way of whom a member sees our pictures: what they miss of them, they miss of that member's.
    pub fn way_to(&self, member: MemberId) -> Option<MemberId> {
        self.carrier.as_ref().filter(|carrier| carrier.seen_by.contains(&member)).map(|carrier| carrier.member)
    }

    /// Who carries our pictures.
    #[cfg(test)]
    pub fn carrier(&self) -> Option<MemberId> {
        self.carrier.as_ref().filter(|carrier| carrier.begun).map(|carrier| carrier.member)
    }

    /// How many see them that way, beside the carrier.
    #[cfg(test)]
    pub fn is_seen_by(&self) -> usize {
        self.carrier.as_ref().map_or(0, |carrier| carrier.seen_by.len())
    }

    /// Somebody came who has not been told.
    pub fn tell_again(&mut self) {
        self.spare = None;
    }

    /// Our packets stand in a queue.
    pub fn crowded(&mut self, now: Instant) {
        if self.loads.values().any(|load| now < load.since + RELAPSE) {
            self.rest(now);
        }
    }

    /// Carries nothing for a while, and for longer each time.
    fn rest(&mut self, now: Instant) {
        let wait = (AGAIN * 2u32.pow(self.rests.min(8))).min(LONGEST_AGAIN);
        (self.rests_until, self.rests) = (Some(now + wait), self.rests + 1);
        self.loads.values_mut().for_each(|load| load.to.clear());
    }

    fn rests(&self, now: Instant) -> bool {
        self.rests_until.is_some_and(|until| now < until)
    }

    /// Our pictures go straight again.
    fn end(&mut self, now: Instant, failed: bool) {
        self.carrier = None;
        self.short_since = None;
        if failed {
            let wait = (AGAIN * 2u32.pow(self.failures.min(8))).min(LONGEST_AGAIN);
            (self.not_before, self.failures) = (Some(now + wait), self.failures + 1);
        }
    }
}

impl Load {
    fn takes(&self, now: Instant) -> u32 {
        // What it takes is not known yet.
        if now < self.since + CROWDED { self.most_kbps.max(self.kbps) } else { self.kbps }
    }

    fn count(&mut self, now: Instant) {
        let lasted = now.saturating_duration_since(self.counted);
        if lasted >= TELL {
            self.kbps = (self.bytes as f64 * 8.0 / lasted.as_secs_f64() / 1000.0) as u32;
            (self.bytes, self.counted) = (0, now);
        }
    }
}

impl Inside {
    /// Asks for a carrier, ends what leads nowhere, and tells what we could carry. After the uplink was shared out.
    pub fn look_after_carrying(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        self.look_after_carrier(now, out);
        self.look_after_loads(now, out);
        self.look_after_coming(now, out);
    }

    fn look_after_carrier(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let receivers: BTreeSet<_> = self.participants.values().filter(|p| sees_us(p)).map(|p| p.member.id).collect();
        let sends = self.streams_now().camera;
        if let Some(carrier) = &mut self.carrying.carrier {
            let to: BTreeSet<_> = receivers.iter().copied().filter(|id| *id != carrier.member).collect();
            let here = self.participants.get(&carrier.member).is_some_and(may_carry);
            let late = !carrier.answered && now >= carrier.asked + ANSWER;
            if !here || late || to.is_empty() || !sends {
                let (member, failed) = (carrier.member, !here || late);
                self.say_to(member, &LinkMessage::Carry(Vec::new()), out);
                self.end_carrying(now, failed, out);
            } else if to != carrier.told && now >= carrier.asked + TELL {
                (carrier.told, carrier.asked) = (to.clone(), now);
                let member = carrier.member;
                self.say_to(member, &LinkMessage::Carry(to.iter().map(|id| id.0).collect()), out);
            }
            return;
        }
        let is_short = sends && receivers.len() > 1 && self.uplink.is_short();
        if !is_short {
            self.carrying.short_since = None;
            return;
        }
        let since = *self.carrying.short_since.get_or_insert(now);
        if now < since + SHORT || self.carrying.not_before.is_some_and(|at| now < at) {
            return;
        }
        let least = (self.uplink.thinnest_kbps() * WORTH_TENTHS / 10).max(LEAST);
        let able = self.participants.values().filter(|p| sees_us(p) && may_carry(p) && p.spare_kbps >= least);
        let Some((member, kbps)) = able.map(|p| (p.member.id, p.spare_kbps)).max_by_key(|(_, kbps)| *kbps) else {
            return;
        };
        let told: BTreeSet<_> = receivers.into_iter().filter(|id| *id != member).collect();
        self.say_to(member, &LinkMessage::Carry(told.iter().map(|id| id.0).collect()), out);
        self.carrying.carrier = Some(Carrier {
            member,
            asked: now,
            told,
            to: BTreeSet::new(),
            most_kbps: kbps,
            answered: false,
            begun: false,
            seen_by: BTreeSet::new(),
        });
    }

    /// Whoever saw our pictures by way of another gets them straight again.
    fn end_carrying(&mut self, now: Instant, failed: bool, out: &mut VecDeque<Output>) {
        let begun = self.carrying.carrier.as_ref().filter(|carrier| carrier.begun).map(|carrier| carrier.member);
        if let Some(media) = begun.and_then(|id| self.participants.get_mut(&id)).and_then(|p| p.media.as_mut()) {
            media.peer.discard(Lane::Carried);
            media.sends = None;
        }
        self.carrying.end(now, failed);
        self.share_uplink_anew(now, out);
    }

    /// What a carrier of ours does.
    pub fn carries_came(
        &mut self,
        now: Instant,
        from: MemberId,
        to: Vec<[u8; 16]>,
        kbps: u32,
        out: &mut VecDeque<Output>,
    ) {
        let Some(carrier) = self.carrying.carrier.as_mut().filter(|carrier| carrier.member == from) else {
            // Of one who was asked, and let go.
            return;
        };
        carrier.to = to.into_iter().map(MemberId).filter(|id| carrier.told.contains(id)).collect();
        if carrier.to.is_empty() || kbps < LEAST {
            return self.end_carrying(now, true, out);
        }
        (carrier.answered, carrier.most_kbps) = (true, kbps);
        carrier.seen_by.retain(|id| carrier.to.contains(id));
        self.share_uplink_anew(now, out);
        // Those who are new there can begin only with a keyframe.
        let layer = self.participants.get(&from).and_then(|p| p.media.as_ref()?.target);
        out.extend(layer.map(Output::KeyframeWanted));
    }

    /// By way of whom a member sees our pictures.
    pub fn through_came(&mut self, now: Instant, from: MemberId, by: Option<[u8; 16]>, out: &mut VecDeque<Output>) {
        if let Some(carrier) = &mut self.carrying.carrier {
            let ours = by == Some(carrier.member.0) && carrier.begun && carrier.to.contains(&from);
            if ours {
                self.carrying.failures = 0;
                carrier.seen_by.insert(from);
            } else {
                carrier.seen_by.remove(&from);
            }
            self.share_uplink_anew(now, out);
        }
    }

    /// A picture for the carrier, if it is to be carried: `None` if it goes to them as to anybody. From a keyframe on.
    pub fn send_carried(
        &mut self,
        now: Instant,
        layer: Layer,
        frame: &EncodedFrame,
        out: &mut VecDeque<Output>,
    ) -> Option<MemberId> {
        let carrier = self.carrying.carrier.as_mut().filter(|carrier| carrier.answered)?;
        let member = carrier.member;
        let media = self.participants.get_mut(&member)?.media.as_mut()?;
        if media.sends != Some(layer) || !(carrier.begun || frame.keyframe) {
            return None;
        }
        carrier.begun = true;
        // Sealed apart from what goes straight: who gets both would take the second for a replay.
        let Ok(sealed) = self.keys.seal(frame) else {
            return Some(member);
        };
        self.carrying.number = self.carrying.number.wrapping_add(1);
        let Ok(index) = u16::try_from(self.agreement.group().me().0) else {
            return None;
        };
        let mut picture = Carried { member: index, number: self.carrying.number, proof: [0; 64], frame: sealed };
        match self.agreement.group().sign(LABEL, &said(&picture)).map(<[u8; 64]>::try_from) {
            Ok(Ok(proof)) => picture.proof = proof,
            _ => return Some(member),
        }
        for packet in self.splitter.split_carried(&picture) {
            if let Some(media) = self.participants.get_mut(&member).and_then(|p| p.media.as_mut()) {
                media.peer.send(now, &packet);
            }
        }
        self.drain(now, member, out);
        Some(member)
    }

    /// Somebody asks us to carry their pictures to these, or to none any more.
    pub fn carry_asked(&mut self, now: Instant, from: MemberId, to: Vec<[u8; 16]>, out: &mut VecDeque<Output>) {
        let us = self.agreement.group().my_id();
        let wanted = to.into_iter().take(MAX_IN_CALL).map(MemberId).filter(|id| *id != us && *id != from);
        let wanted: BTreeSet<_> = wanted.filter(|id| self.participants.get(id).is_some_and(is_connected)).collect();
        let mut load = match self.carrying.loads.remove(&from) {
            Some(load) => load,
            None => Load {
                to: BTreeSet::new(),
                since: now,
                most_kbps: 0,
                told: (BTreeSet::new(), 0, now),
                bytes: 0,
                counted: now,
                kbps: 0,
            },
        };
        if wanted.is_empty() {
            return;
        }
        if !wanted.is_subset(&load.to) {
            load.since = now;
        }
        load.most_kbps = self.to_give(now, &wanted, &load);
        load.to = if load.most_kbps < LEAST { BTreeSet::new() } else { wanted };
        self.tell_load(now, from, load, out);
    }

    /// Kilobits per second that can be given to a load for these, with what it has.
    fn to_give(&self, now: Instant, to: &BTreeSet<MemberId>, load: &Load) -> u32 {
        if self.carrying.rests(now) || self.uplink.is_short() || self.carrying.carrier.is_some() {
            return 0;
        }
        let spare = self.uplink.spare(to.iter().copied()).unwrap_or(0);
        (spare * GIVEN_TENTHS / 10 / 1000) as u32 + if load.to.is_empty() { 0 } else { load.takes(now) }
    }

    /// Answers whose load it is; one that is carried to nobody is put down.
    fn tell_load(&mut self, now: Instant, owner: MemberId, mut load: Load, out: &mut VecDeque<Output>) {
        load.told = (load.to.clone(), load.most_kbps, now);
        let to = load.to.iter().map(|id| id.0).collect();
        self.say_to(owner, &LinkMessage::Carries { to, kbps: load.most_kbps }, out);
        for p in self.participants.values_mut().filter(|p| load.to.contains(&p.member.id)) {
            if let Some(media) = &mut p.media {
                media.peer.pace(Lane::Carried, u64::from(load.most_kbps) * 1000 * PACE_HALVES / 2);
            }
        }
        if !load.to.is_empty() {
            self.carrying.loads.insert(owner, load);
        }
    }

    fn look_after_loads(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let since = if self.uplink.is_content() { None } else { Some(self.carrying.crowded_since.unwrap_or(now)) };
        self.carrying.crowded_since = since;
        if !self.carrying.loads.is_empty() && since.is_some_and(|since| now >= since + CROWDED) {
            // Own pictures suffer.
            self.carrying.rest(now);
        }
        for owner in self.carrying.loads.keys().copied().collect::<Vec<_>>() {
            let Some(mut load) = self.carrying.loads.remove(&owner) else {
                continue;
            };
            if !self.participants.get(&owner).is_some_and(may_carry) {
                continue;
            }
            load.count(now);
            load.to.retain(|id| self.participants.get(id).is_some_and(is_connected));
            let (to, kbps, told) = &load.told;
            let changed = *to != load.to;
            if !changed && now < *told + TELL {
                self.carrying.loads.insert(owner, load);
                continue;
            }
            let gives = self.to_give(now, &load.to, &load);
            if changed || gives.abs_diff(*kbps) > kbps / 5 {
                // While it is crowded it gets no more, and keeps what it has.
                load.most_kbps = if gives == 0 { *kbps } else { gives.max(LEAST) };
                self.tell_load(now, owner, load, out);
            } else {
                self.carrying.loads.insert(owner, load);
            }
        }
        self.tell_spare(now, out);
    }

    fn tell_spare(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        if self.carrying.spare.is_some_and(|(_, at)| now < at + TELL) {
            return;
        }
        let everybody = self.participants.values().filter(|p| is_connected(p)).map(|p| p.member.id);
        let rests = self.carrying.rests(now) || self.carrying.carrier.is_some() || self.uplink.is_short();
        let spare = if rests { None } else { self.uplink.spare(everybody) };
        let kbps = (spare.unwrap_or(0) * GIVEN_TENTHS / 10 / 1000) as u32;
        let told = self.carrying.spare.map_or(0, |(told, _)| told);
        if kbps.abs_diff(told) > told / 4 {
            let links = self.participants.values().filter(|p| is_connected(p)).filter_map(|p| p.link);
            for link in links {
                send(out, link, &LinkMessage::Spare(kbps));
            }
            self.carrying.spare = Some((kbps, now));
        }
    }

    pub fn spare_came(&mut self, from: MemberId, kbps: u32) {
        if let Some(p) = self.participants.get_mut(&from) {
            p.spare_kbps = kbps;
        }
    }

    /// What somebody sends to be carried, or passes on for another.
    pub fn carried_came(&mut self, now: Instant, by: MemberId, whole: &SealedFrame, out: &mut VecDeque<Output>) {
        let Some(picture) = Carried::read(whole) else {
            return tracing::debug!("a carried picture makes no sense; it is dropped");
        };
        let of = |p: &&Participant| p.member.index.0 == u32::from(picture.member);
        let Some(owner) = self.participants.values().find(of).map(|p| p.member.id) else {
            return;
        };
        if owner == by
            && let Some(load) = self.carrying.loads.get_mut(&by)
        {
            load.bytes += whole.bytes().len() as u64;
            let to: Vec<_> = load.to.iter().copied().collect();
            let packets = self.splitter.split_carried(&picture);
            for id in to {
                if let Some(media) = self.participants.get_mut(&id).and_then(|p| p.media.as_mut()) {
                    packets.iter().for_each(|packet| media.peer.send(now, packet));
                }
                self.drain(now, id, out);
            }
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
        let coming = &p.coming;
        let changes = coming.by != Some(by);
        let comes_anew = picture.frame.keyframe && (coming.by.is_none() || coming.has_stalled(now));
        let is_old = coming.newest.is_some_and(|newest| picture.number <= newest);
        if is_old || changes && !comes_anew {
            return;
        }
        if owner != by && !self.agreement.verify(owner, LABEL, &said(&picture), &picture.proof) {
            return tracing::debug!("a carried picture is not whose it says to be; it is dropped");
        }
        let after_loss = coming.newest.is_none_or(|newest| picture.number != newest.wrapping_add(1));
        p.coming.newest = Some(picture.number);
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
    fn look_after_coming(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let stalled = |p: &&Participant| p.coming.by.is_some() && p.streams.camera && p.coming.has_stalled(now);
        for owner in self.participants.values().filter(stalled).map(|p| p.member.id).collect::<Vec<_>>() {
            self.see_straight(owner, out);
            self.picture_broken(now, owner, Stream::Video, out);
        }
    }

    fn say_to(&self, member: MemberId, message: &LinkMessage, out: &mut VecDeque<Output>) {
        if let Some(link) = self.participants.get(&member).and_then(|p| p.link) {
            send(out, link, message);
        }
    }
}

/// What the proof is over.
fn said(picture: &Carried) -> Vec<u8> {
    [&picture.claim()[..], digest(&SHA256, picture.frame.bytes()).as_ref()].concat()
}

fn is_connected(p: &Participant) -> bool {
    p.media.as_ref().is_some_and(|media| media.connected) && !p.to_be_removed && !p.said_goodbye
}

fn sees_us(p: &Participant) -> bool {
    is_connected(p) && p.wants.camera > 0
}

fn may_carry(p: &Participant) -> bool {
    is_connected(p) && p.link.is_some_and(|link| !is_forwarded(link))
}
