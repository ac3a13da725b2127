//! Whose pictures are carried: asks for a carrier, sends them there, and goes back.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use ::media::{EncodedFrame, Lane, Layer, Seal, carried::Carried};
use group_crypto::MemberId;

use super::{
    Media, MediaView, Output,
    carrying::{Carrying, LABEL, LEAST, TELL, can_carry, said, wait},
};
use crate::room::wire::{LinkMessage, MemberIds};

/// Others get too little for so long before somebody is asked to carry.
const SHORT: Duration = Duration::from_secs(6);
/// An answer is waited for so long.
const ANSWER: Duration = Duration::from_secs(3);
/// It has to be worth it: a picture gets so many tenths of what it has, at least.
const WORTH_TENTHS: u32 = 15;
/// And our way to the carrier takes so many tenths of what the way in the middle does, at least.
const NARROW_TENTHS: u64 = 7;
/// A carrier's word brings a keyframe at most so often.
const KEYFRAME_EVERY: Duration = Duration::from_secs(1);

/// One who carries our pictures, or is asked to.
pub(super) struct Carrier {
    member: MemberId,
    asked: Instant,
    told: BTreeSet<MemberId>,
    /// By their answer: to whom, and kilobits per second at most.
    to: BTreeSet<MemberId>,
    most_kbps: u32,
    answered: bool,
    /// Pictures go there to be carried.
    begun: bool,
    /// A keyframe was made at their word.
    keyframe_asked: Option<Instant>,
    /// Who sees them by that way.
    seen_by: BTreeSet<MemberId>,
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

    /// Our pictures go to the member to be carried.
    pub fn goes_by(&self, member: MemberId) -> bool {
        self.carrier.as_ref().is_some_and(|carrier| carrier.begun && carrier.member == member)
    }

    /// By way of whom a member sees our pictures: what they miss of them, they miss of that member's.
    pub fn way_to(&self, member: MemberId) -> Option<MemberId> {
        self.carrier.as_ref().filter(|carrier| carrier.seen_by.contains(&member)).map(|carrier| carrier.member)
    }

    /// Who carries our pictures.
    #[cfg(any(test, feature = "simulation"))]
    pub fn carrier(&self) -> Option<MemberId> {
        self.carrier.as_ref().filter(|carrier| carrier.begun).map(|carrier| carrier.member)
    }

    /// How many see them that way, beside the carrier.
    #[cfg(test)]
    pub fn is_seen_by(&self) -> usize {
        self.carrier.as_ref().map_or(0, |carrier| carrier.seen_by.len())
    }

    /// Our pictures go straight again.
    fn end(&mut self, now: Instant, failed: bool) {
        self.carrier = None;
        self.short_since = None;
        if failed {
            (self.not_before, self.failures) = (Some(now + wait(self.failures)), self.failures + 1);
        }
    }
}

impl Media {
    pub(super) fn look_after_carrier(&mut self, at: MediaView<'_>) {
        let looks = self.all_live(at).filter(|(_, peer, _)| peer.wants.camera > 0).map(|(id, ..)| id);
        let receivers: BTreeSet<_> = looks.filter(|id| can_carry(at, *id)).collect();
        match &self.carrying.carrier {
            Some(_) => self.keep_carrier(at, &receivers),
            None => self.ask_for_carrier(at, receivers),
        }
    }

    /// Ends what leads nowhere, and tells the carrier who is to have our pictures.
    fn keep_carrier(&mut self, at: MediaView<'_>, receivers: &BTreeSet<MemberId>) {
        let Some(member) = self.carrying.carrier.as_ref().map(|carrier| carrier.member) else {
            return;
        };
        let is_here = self.may_carry(at, member);
        let Some(carrier) = self.carrying.carrier.as_mut() else {
            return;
        };
        let to: BTreeSet<_> = receivers.iter().copied().filter(|id| *id != member).collect();
        let is_late = !carrier.answered && at.now() >= carrier.asked + ANSWER;
        if !is_here || is_late || to.is_empty() || !at.streams.camera {
            self.send(member, LinkMessage::Carry(MemberIds::default()));
            self.end_carrying(at, !is_here || is_late);
        } else if to != carrier.told && at.now() >= carrier.asked + TELL {
            (carrier.told, carrier.asked) = (to.clone(), at.now());
            self.send(member, LinkMessage::Carry(to.iter().map(|id| id.0).collect()));
        }
    }

    /// Where others have got too little for long, asks the member who can carry most.
    fn ask_for_carrier(&mut self, at: MediaView<'_>, receivers: BTreeSet<MemberId>) {
        let now = at.now();
        // While a screen is shared the camera makes way for it, and has the room again between two pages.
        let is_short = at.streams.camera && receivers.len() > 1 && !at.streams.screen && self.uplink.is_short();
        if !is_short {
            self.carrying.short_since = None;
            return;
        }
        let since = *self.carrying.short_since.get_or_insert(now);
        if now < since + SHORT || self.carrying.not_before.is_some_and(|at| now < at) {
            return;
        }
        let Some((member, kbps)) = self.ablest(at, &receivers) else {
            return;
        };
        let told: BTreeSet<_> = receivers.into_iter().filter(|id| *id != member).collect();
        self.send(member, LinkMessage::Carry(told.iter().map(|id| id.0).collect()));
        self.carrying.carrier = Some(Carrier {
            member,
            asked: now,
            told,
            to: BTreeSet::new(),
            most_kbps: kbps,
            answered: false,
            begun: false,
            keyframe_asked: None,
            seen_by: BTreeSet::new(),
        });
    }

    /// Of those who see us, the member who has most to spare. Not one by whose own word our way to them is worse than the
    /// others: all would see what it lets through.
    fn ablest(&self, at: MediaView<'_>, receivers: &BTreeSet<MemberId>) -> Option<(MemberId, u32)> {
        let least = (self.uplink.thinnest_kbps() * WORTH_TENTHS / 10).max(LEAST);
        let rate = |id: MemberId| self.live(at, id).map_or(0, |path| path.outbound.control.rate());
        let mut rates: Vec<_> = receivers.iter().map(|id| rate(*id)).collect();
        rates.sort_unstable();
        let middle = rates.get(rates.len() / 2).copied().unwrap_or_default();
        let able = receivers.iter().copied().filter_map(|id| Some((id, self.peers.get(&id)?.spare_kbps)));
        let able = able
            .filter(|(id, kbps)| self.may_carry(at, *id) && rate(*id) >= middle / 10 * NARROW_TENTHS && *kbps >= least);
        able.max_by_key(|(_, kbps)| *kbps)
    }

    /// A member who saw our pictures by way of another gets them straight again.
    fn end_carrying(&mut self, at: MediaView<'_>, failed: bool) {
        let begun = self.carrying.carrier.as_ref().filter(|carrier| carrier.begun).map(|carrier| carrier.member);
        if let Some(path) = begun.and_then(|id| self.path_mut(id)) {
            path.peer.discard(Lane::Carried);
            path.outbound.sends = None;
        }
        self.carrying.end(at.now(), failed);
        self.share_uplink_anew(at);
    }

    /// What a carrier of ours does.
    pub(super) fn on_carries(&mut self, at: MediaView<'_>, from: MemberId, to: MemberIds, kbps: u32) {
        let now = at.now();
        let Some(carrier) = self.carrying.carrier.as_mut().filter(|carrier| carrier.member == from) else {
            // Of a member who was asked, and let go.
            return;
        };
        carrier.to = to.into_iter().map(MemberId).filter(|id| carrier.told.contains(id)).collect();
        if carrier.to.is_empty() || kbps < LEAST {
            return self.end_carrying(at, true);
        }
        (carrier.answered, carrier.most_kbps) = (true, kbps);
        carrier.seen_by.retain(|id| carrier.to.contains(id));
        let soon = carrier.keyframe_asked.is_some_and(|asked| now < asked + KEYFRAME_EVERY);
        if !soon {
            carrier.keyframe_asked = Some(now);
        }
        self.share_uplink_anew(at);
        // Those who are new there can begin only with a keyframe.
        let layer = self.path_mut(from).and_then(|path| path.outbound.target);
        self.out.extend(layer.filter(|_| !soon).map(Output::KeyframeWanted));
    }

    /// By way of whom a member sees our pictures.
    pub(super) fn on_through(&mut self, at: MediaView<'_>, from: MemberId, by: Option<[u8; 16]>) {
        if let Some(carrier) = &mut self.carrying.carrier {
            let is_ours = by == Some(carrier.member.0) && carrier.begun && carrier.to.contains(&from);
            if is_ours {
                self.carrying.failures = 0;
                carrier.seen_by.insert(from);
            } else {
                carrier.seen_by.remove(&from);
            }
            self.share_uplink_anew(at);
        }
    }

    /// A picture for the carrier, if it is to be carried: `None` if it goes to them as to anybody. From a keyframe on.
    pub(super) fn send_carried(&mut self, at: MediaView<'_>, layer: Layer, frame: &EncodedFrame) -> Option<MemberId> {
        let carrier = self.carrying.carrier.as_ref().filter(|carrier| carrier.answered)?;
        let (member, has_begun) = (carrier.member, carrier.begun);
        if self.live(at, member)?.outbound.sends != Some(layer) || !(has_begun || frame.keyframe) {
            return None;
        }
        self.carrying.carrier.as_mut()?.begun = true;
        // Sealed apart from what goes straight: a member who gets both would take the second for a replay.
        let Ok(sealed) = self.keys.seal(frame) else {
            return Some(member);
        };
        self.carrying.number = self.carrying.number.wrapping_add(1);
        let index = u16::try_from(at.company.my_index()).ok()?;
        let mut picture = Carried::new(index, self.carrying.number, sealed);
        let Some(proof) = at.company.sign(LABEL, &said(at.endpoint, &picture)) else {
            return Some(member);
        };
        picture.proof = proof;
        for packet in self.splitter.split_carried(&picture) {
            if let Some(path) = self.live_mut(at, member) {
                path.peer.send(at.now(), &packet);
            }
        }
        self.drain(at, member);
        Some(member)
    }
}
