//! Whose pictures are carried: asks for a carrier, sends them there, and goes back.

use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use ::media::{EncodedFrame, Lane, Layer, Seal, carried::Carried};
use group_crypto::MemberId;

use super::{Carrying, LABEL, LEAST, TELL, may_carry, said, sees_us, wait};
use crate::room::{Output, inside::Inside, participant::Participant, wire::LinkMessage};

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

impl Inside {
    pub(super) fn look_after_carrier(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let receivers: BTreeSet<_> = self.participants.values().filter(|p| sees_us(p)).map(|p| p.member.id).collect();
        let sends = self.call.streams().camera;
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
        // While a screen is shared the camera makes way for it, and has the room again between two pages.
        let is_short = sends && receivers.len() > 1 && !self.call.streams().screen && self.uplink.is_short();
        if !is_short {
            self.carrying.short_since = None;
            return;
        }
        let since = *self.carrying.short_since.get_or_insert(now);
        if now < since + SHORT || self.carrying.not_before.is_some_and(|at| now < at) {
            return;
        }
        let least = (self.uplink.thinnest_kbps() * WORTH_TENTHS / 10).max(LEAST);
        // Not one by whose own word our way to them is worse than the others: all would see what it lets through.
        let rate = |p: &Participant| p.live_media().map_or(0, |media| media.control.rate());
        let mut rates: Vec<_> = self.participants.values().filter(|p| sees_us(p)).map(rate).collect();
        rates.sort_unstable();
        let middle = rates.get(rates.len() / 2).copied().unwrap_or_default();
        let is_wide = |p: &Participant| rate(p) >= middle / 10 * NARROW_TENTHS;
        let able =
            self.participants.values().filter(|p| sees_us(p) && may_carry(p) && is_wide(p) && p.spare_kbps >= least);
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
            keyframe_asked: None,
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
        let soon = carrier.keyframe_asked.is_some_and(|at| now < at + KEYFRAME_EVERY);
        if !soon {
            carrier.keyframe_asked = Some(now);
        }
        self.share_uplink_anew(now, out);
        // Those who are new there can begin only with a keyframe.
        let layer = self.participants.get(&from).and_then(|p| p.media.as_ref()?.target);
        out.extend(layer.filter(|_| !soon).map(Output::KeyframeWanted));
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
        let media = self.participants.get_mut(&member)?.live_media_mut()?;
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
        let mut picture = Carried::new(index, self.carrying.number, sealed);
        match self.agreement.group().sign(LABEL, &said(&self.own.at.endpoint, &picture)).map(<[u8; 64]>::try_from) {
            Ok(Ok(proof)) => picture.proof = proof,
            _ => return Some(member),
        }
        for packet in self.splitter.split_carried(&picture) {
            if let Some(media) = self.participants.get_mut(&member).and_then(Participant::live_media_mut) {
                media.peer.send(now, &packet);
            }
        }
        self.drain(now, member, out);
        Some(member)
    }
}
