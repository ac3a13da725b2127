//! The carrier: takes loads as far as it has upload to spare, passes them on, and puts them down.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use ::media::{Lane, carried::Carried};
use group_crypto::MemberId;

use super::{
    Media, MediaView,
    carrying::{Carrying, LEAST, TELL, can_carry, wait},
};
use crate::room::{
    numbers::Kbps,
    size::MAX_IN_CALL,
    wire::{LinkMessage, MemberIds},
};

/// A queue so soon after it began is taken to be its doing.
const RELAPSE: Duration = Duration::from_secs(6);
/// What a carrier cannot give beside its own pictures for so long, it gives up.
const CROWDED: Duration = Duration::from_secs(2);
/// Of what is to spare, so many tenths are given away.
const GIVEN_TENTHS: u64 = 8;
/// Carried pictures leave a carrier faster than they may come by so many halves.
const PACE_HALVES: u64 = 3;

/// Somebody's pictures that we carry.
pub(super) struct Load {
    to: BTreeSet<MemberId>,
    since: Instant,
    most_kbps: u32,
    told: (BTreeSet<MemberId>, u32, Instant),
    /// Bytes since, and kilobits per second before.
    bytes: u64,
    counted: Instant,
    kbps: u32,
}

impl Carrying {
    /// Bits per second that we pass on to a member.
    pub fn takes(&self, now: Instant, member: MemberId) -> u64 {
        let loads = self.loads.values().filter(|load| load.to.contains(&member));
        loads.map(|load| u64::from(load.takes(now)) * 1000).sum()
    }

    /// Somebody came who has not been told, and in a new run has nothing to be carried yet.
    pub fn met(&mut self, member: MemberId, in_new_run: bool) {
        self.spare = None;
        if in_new_run {
            self.loads.remove(&member);
        }
    }

    /// Our packets stand in a queue.
    pub fn crowded(&mut self, now: Instant) {
        if self.loads.values().any(|load| now < load.since + RELAPSE) {
            self.rest(now);
        }
    }

    /// Carries nothing for a while, and for longer each time.
    fn rest(&mut self, now: Instant) {
        (self.rests_until, self.rests) = (Some(now + wait(self.rests)), self.rests + 1);
        self.loads.values_mut().for_each(|load| load.to.clear());
    }

    fn rests(&self, now: Instant) -> bool {
        self.rests_until.is_some_and(|until| now < until)
    }
}

impl Load {
    fn new(now: Instant) -> Self {
        Self {
            to: BTreeSet::new(),
            since: now,
            most_kbps: 0,
            told: (BTreeSet::new(), 0, now),
            bytes: 0,
            counted: now,
            kbps: 0,
        }
    }

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

impl Media {
    /// A member asks us to carry their pictures to these, or to none any more.
    pub(super) fn on_carry(&mut self, at: MediaView<'_>, from: MemberId, to: MemberIds) {
        let wanted = to.into_iter().take(MAX_IN_CALL).map(MemberId).filter(|id| *id != at.view.me.id && *id != from);
        let wanted: BTreeSet<_> = wanted.filter(|id| self.is_live(at, *id)).collect();
        let mut load = self.carrying.loads.remove(&from).unwrap_or_else(|| Load::new(at.now()));
        if wanted.is_empty() {
            return;
        }
        if !wanted.is_subset(&load.to) {
            load.since = at.now();
        }
        load.most_kbps = self.to_give(at.now(), &wanted, &load);
        load.to = if load.most_kbps < LEAST { BTreeSet::new() } else { wanted };
        self.tell_load(at, from, load);
    }

    /// Kilobits per second that can be given to a load for these, with what it has.
    fn to_give(&self, now: Instant, to: &BTreeSet<MemberId>, load: &Load) -> u32 {
        if self.carrying.rests(now) || self.uplink.is_short() || self.carrying.carrier.is_some() {
            return 0;
        }
        let spare = self.uplink.spare(to.iter().copied()).unwrap_or(0);
        (spare * GIVEN_TENTHS / 10 / 1000) as u32 + if load.to.is_empty() { 0 } else { load.takes(now) }
    }

    /// Answers the member whose load it is; one that is carried to nobody is put down.
    fn tell_load(&mut self, at: MediaView<'_>, owner: MemberId, mut load: Load) {
        load.told = (load.to.clone(), load.most_kbps, at.now());
        let to = load.to.iter().map(|id| id.0).collect();
        self.send(owner, LinkMessage::Carries { to, kbps: Kbps::clamped(load.most_kbps) });
        for id in &load.to {
            if let Some(path) = self.live_mut(at, *id) {
                path.peer.pace(Lane::Carried, u64::from(load.most_kbps) * 1000 * PACE_HALVES / 2);
            }
        }
        if !load.to.is_empty() {
            self.carrying.loads.insert(owner, load);
        }
    }

    /// Passes a picture on, if its owner's are our load.
    pub(super) fn pass_load_on(&mut self, at: MediaView<'_>, owner: MemberId, picture: &Carried) {
        let Some(load) = self.carrying.loads.get_mut(&owner) else {
            return;
        };
        load.bytes += picture.frame.bytes().len() as u64;
        let to: Vec<_> = load.to.iter().copied().collect();
        let packets = self.splitter.split_carried(picture);
        for id in to {
            if let Some(path) = self.live_mut(at, id) {
                packets.iter().for_each(|packet| path.peer.send(at.now(), packet));
            }
            self.drain(at, id);
        }
    }

    pub(super) fn look_after_loads(&mut self, at: MediaView<'_>) {
        let now = at.now();
        let since = if self.uplink.is_content() { None } else { Some(self.carrying.crowded_since.unwrap_or(now)) };
        self.carrying.crowded_since = since;
        if !self.carrying.loads.is_empty() && since.is_some_and(|since| now >= since + CROWDED) {
            // Own pictures suffer.
            self.carrying.rest(now);
        }
        for owner in self.carrying.loads.keys().copied().collect::<Vec<_>>() {
            let Some(load) = self.carrying.loads.remove(&owner).filter(|_| self.may_carry(at, owner)) else {
                continue;
            };
            self.look_after_load(at, owner, load);
        }
        self.tell_spare(at);
    }

    fn look_after_load(&mut self, at: MediaView<'_>, owner: MemberId, mut load: Load) {
        load.count(at.now());
        load.to.retain(|id| self.is_live(at, *id));
        let (to, kbps, told) = &load.told;
        let is_changed = *to != load.to;
        if !is_changed && at.now() < *told + TELL {
            self.carrying.loads.insert(owner, load);
            return;
        }
        let gives = self.to_give(at.now(), &load.to, &load);
        if is_changed || gives.abs_diff(*kbps) > kbps / 5 {
            // While it is crowded it gets no more, and keeps what it has.
            load.most_kbps = if gives == 0 { *kbps } else { gives.max(LEAST) };
            self.tell_load(at, owner, load);
        } else {
            self.carrying.loads.insert(owner, load);
        }
    }

    fn tell_spare(&mut self, at: MediaView<'_>) {
        if self.carrying.spare.is_some_and(|(_, told_at)| at.now() < told_at + TELL) {
            return;
        }
        let everybody: Vec<_> = self.all_live(at).map(|(id, ..)| id).collect();
        let rests = self.carrying.rests(at.now()) || self.carrying.carrier.is_some() || self.uplink.is_short();
        let spare = if rests { None } else { self.uplink.spare(everybody.iter().copied()) };
        let kbps = (spare.unwrap_or(0) * GIVEN_TENTHS / 10 / 1000) as u32;
        let told = self.carrying.spare.map_or(0, |(told, _)| told);
        if kbps.abs_diff(told) > told / 4 {
            for member in everybody.into_iter().filter(|id| can_carry(at, *id)) {
                self.send(member, LinkMessage::Spare(Kbps::clamped(kbps)));
            }
            self.carrying.spare = Some((kbps, at.now()));
        }
    }

    pub(super) fn on_spare(&mut self, from: MemberId, kbps: u32) {
        if let Some(peer) = self.peers.get_mut(&from) {
            peer.spare_kbps = kbps;
        }
    }
}
