//! Who was verified: what members compare with each other, and a mark that breaks when somebody else comes by the name.

use std::collections::{BTreeMap, VecDeque};

use group_crypto::{Compared, EpochId, MemberId, Safety};

use super::{
    Output,
    inside::Inside,
    keep::{Keep, StoredMember, Verified},
    participant::Participant,
};
use crate::api::{RoomEvent, RoomKind, Trouble, Verification};

/// Members whose mark is remembered. Beyond it whoever has left, and else whoever was verified longest ago, is forgotten.
const MAX_VERIFIED: usize = 256;

#[derive(Default)]
pub(super) struct Trust {
    /// Newest last, those who have left too: somebody else may come by their name.
    verified: Vec<Verified>,
    /// Whose values are still to be told; each costs milliseconds, so they are told one at a time. At most the members.
    untold: VecDeque<MemberId>,
    /// The epoch whose code was told last.
    code_of: Option<EpochId>,
}

impl Trust {
    pub fn restored(mut verified: Vec<Verified>) -> Self {
        verified.drain(..verified.len().saturating_sub(MAX_VERIFIED));
        Self { verified, ..Self::default() }
    }

    /// Another group: its code is to be told anew.
    pub fn forget_code(&mut self) {
        self.code_of = None;
    }

    /// Anything is to be told yet.
    pub fn is_busy(&self) -> bool {
        !self.untold.is_empty()
    }

    /// How the one stands who goes by this name, `here` being everybody who is in the room.
    pub fn of(&self, member: MemberId, name: &str, here: &[MemberId]) -> Verification {
        if self.verified.iter().any(|known| known.member == member.0) {
            return Verification::Verified;
        }
        let gone = |known: &&Verified| !here.contains(&MemberId(known.member));
        match self.verified.iter().filter(gone).any(|known| is_same_name(&known.name, name)) {
            true => Verification::Broken,
            false => Verification::Not,
        }
    }

    fn mark(&mut self, member: MemberId, name: String, here: &[MemberId]) {
        let is_here = |known: &Verified| here.contains(&MemberId(known.member));
        // They take the place of whoever had the name, and were verified, before.
        self.verified.retain(|known| known.member != member.0 && (is_here(known) || !is_same_name(&known.name, &name)));
        if self.verified.len() >= MAX_VERIFIED {
            let first = self.verified.iter().position(|known| !is_here(known)).unwrap_or(0);
            self.verified.remove(first);
            tracing::warn!("too many members were verified here; the first is forgotten");
        }
        self.verified.push(Verified { member: member.0, name });
    }

    fn unmark(&mut self, member: MemberId) {
        self.verified.retain(|known| known.member != member.0);
    }

    /// Follows those who are still here to their new names. Whether any had one.
    fn follow_names(&mut self, people: &BTreeMap<MemberId, Participant>) -> bool {
        let mut changed = false;
        for known in &mut self.verified {
            let now = people.values().find(|p| p.member.id.0 == known.member).map(|p| &p.name);
            if let Some(name) = now.filter(|name| **name != known.name) {
                known.name.clone_from(name);
                changed = true;
            }
        }
        changed
    }
}

/// As people read names: whoever looks like somebody else is taken for them.
fn is_same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

impl Inside {
    fn members_here(&self) -> Vec<MemberId> {
        self.participants.values().filter(|p| !p.said_goodbye).map(|p| p.member.id).collect()
    }

    fn safety_of(&self, member: MemberId) -> Option<Safety> {
        let group = self.agreement.group();
        let member = group.members().iter().find(|known| known.id == member)?;
        group.safety(member.index)
    }

    /// Somebody is here: what to compare with them follows, of a contact at once.
    pub fn meet(&mut self, index: MemberId, out: &mut VecDeque<Output>) {
        if self.kind == RoomKind::Contact {
            return self.tell_safety(index, out);
        }
        let Some(member) = self.participants.get(&index).map(|p| p.member.id) else {
            return;
        };
        let here = &self.participants;
        self.trust.untold.retain(|known| *known != member && here.values().any(|p| p.member.id == *known));
        self.trust.untold.push_back(member);
    }

    fn tell_safety(&self, index: MemberId, out: &mut VecDeque<Output>) {
        if let (Some(p), Some(safety)) = (self.participants.get(&index), self.safety_of(index)) {
            out.push_back(Output::Event(RoomEvent::Safety { member: p.member.id, safety: Box::new(safety) }));
        }
    }

    /// How everybody here stands, by index.
    pub fn verifications(&self) -> Vec<Verification> {
        let here = self.members_here();
        self.participants.values().map(|p| self.trust.of(p.member.id, &p.name, &here)).collect()
    }

    pub fn look_after_trust(&mut self, out: &mut VecDeque<Output>) {
        if self.trust.follow_names(&self.participants) {
            self.keep_trust();
        }
        if let Some(member) = self.trust.untold.pop_front() {
            self.tell_safety(member, out);
        }
        let epoch = self.agreement.group().standing().id;
        if self.kind != RoomKind::Contact && self.trust.code_of != Some(epoch) {
            self.trust.code_of = Some(epoch);
            out.push_back(Output::Event(RoomEvent::RoomCode(self.agreement.group().room_code())));
        }
    }

    /// A person says that they compared, or takes it back.
    pub fn verify(&mut self, member: MemberId, verified: bool, out: &mut VecDeque<Output>) {
        let Some(name) = self.participants.values().find(|p| p.member.id == member).map(|p| p.name.clone()) else {
            return self.trouble(Trouble::NoSuchMember, out);
        };
        if verified {
            let here = self.members_here();
            self.trust.mark(member, name, &here);
        } else {
            self.trust.unmark(member);
        }
        self.keep_trust();
    }

    /// Compares what a member showed or read with what it has to be.
    pub fn compare(&mut self, member: MemberId, shown: &str, out: &mut VecDeque<Output>) {
        let safety = self.safety_of(member);
        let Some(safety) = safety else {
            return self.trouble(Trouble::NoSuchMember, out);
        };
        let outcome = safety.compare(shown);
        match outcome {
            Ok(Compared::Same) => self.verify(member, true, out),
            Ok(Compared::Different) => self.verify(member, false, out),
            // It says nothing about who is there.
            Err(_) => {}
        }
        out.push_back(Output::Event(RoomEvent::Compared { member, outcome }));
    }

    /// `of_contact` is the mark that versions wrote which knew no members'.
    pub fn restore_trust(&mut self, kept: Option<Vec<Verified>>, of_contact: bool, members: &[StoredMember]) {
        let is_first = kept.is_none();
        let others = members.iter().filter(|_| of_contact);
        let others = others.map(|known| Verified { member: known.id.0, name: known.details.name.clone() });
        self.trust = Trust::restored(kept.unwrap_or_else(|| others.collect()));
        if is_first && of_contact {
            self.keep_trust();
        }
    }

    fn keep_trust(&mut self) {
        self.keep(Keep::Verified(self.trust.verified.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: MemberId = MemberId([1; 16]);
    const BEA: MemberId = MemberId([2; 16]);
    const OTHER: MemberId = MemberId([3; 16]);

    #[test]
    fn a_mark_is_of_keys_and_breaks_for_whoever_else_comes_by_the_name() {
        let mut trust = Trust::default();
        assert_eq!(trust.of(ANN, "Ann", &[ANN]), Verification::Not);
        trust.mark(ANN, "Ann".into(), &[ANN]);
        assert_eq!(trust.of(ANN, "Ann", &[ANN, BEA]), Verification::Verified);
        assert_eq!(trust.of(BEA, "Bea", &[ANN, BEA]), Verification::Not);
        // While she is here the other is just somebody of the same name.
        assert_eq!(trust.of(OTHER, "Ann", &[ANN, OTHER]), Verification::Not);
        for name in ["Ann", " ann ", "ANN"] {
            assert_eq!(trust.of(OTHER, name, &[OTHER]), Verification::Broken, "{name}");
        }
        assert_eq!(trust.of(OTHER, "Anna", &[OTHER]), Verification::Not);
        assert_eq!(trust.of(ANN, "Somebody", &[ANN]), Verification::Verified);
    }

    #[test]
    fn whoever_is_verified_by_the_same_name_takes_the_others_place() {
        let mut trust = Trust::default();
        trust.mark(ANN, "Zoë".into(), &[ANN]);
        assert_eq!(trust.of(OTHER, "zoË", &[OTHER]), Verification::Broken);
        trust.mark(OTHER, "zoË".into(), &[OTHER]);
        assert_eq!(trust.of(OTHER, "zoË", &[OTHER]), Verification::Verified);
        assert_eq!(trust.verified.len(), 1);
        trust.unmark(OTHER);
        assert_eq!(trust.of(OTHER, "Zoë", &[OTHER]), Verification::Not);
    }

    #[test]
    fn marks_are_bounded_and_those_who_left_are_forgotten_first() {
        let mut trust = Trust::default();
        let id =
            |number: usize| MemberId([(number >> 8) as u8, number as u8, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        trust.mark(ANN, "Ann".into(), &[ANN]);
        for number in 0..MAX_VERIFIED + 10 {
            trust.mark(id(number), format!("{number}"), &[ANN, id(number)]);
        }
        assert_eq!(trust.verified.len(), MAX_VERIFIED);
        assert_eq!(trust.of(ANN, "Ann", &[ANN]), Verification::Verified);
        let again = Trust::restored([trust.verified.clone(), trust.verified.clone()].concat());
        assert_eq!(again.verified.len(), MAX_VERIFIED);
    }
}
