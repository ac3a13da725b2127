//! Who was verified: what members compare with each other, and a mark that breaks when somebody else comes by the name.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use group_crypto::{Compared, EpochId, LazySafety, Look, MemberId};

use super::{
    Output,
    inside::Inside,
    keep::{Keep, StoredMember, Verified},
    participant::Participant,
};
use crate::api::{RoomEvent, RoomKind, Trouble, Verification};

/// Members whose mark is remembered. Beyond it whoever has left, and else whoever was verified longest ago, is forgotten.
const MAX_VERIFIED: usize = 256;
/// Names that members have or had, each with its member; beyond it the oldest is forgotten.
const MAX_NAMES: usize = 512;
/// Names of one member among them.
const MAX_OWN_NAMES: usize = 4;

/// A code costs milliseconds: where one change follows another, it is told once, when they are over.
const SETTLED: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Trust {
    /// By the name for which it was made, newest last. Those who have left too: somebody else may come by their name.
    verified: Vec<Named>,
    /// All names that members of this room were seen with, oldest first. In a room that is not kept, of those who are here.
    names: Vec<Named>,
    /// Counts what changes here, and how everybody stood at the last count, for these and our own name.
    changes: u64,
    stood: Option<(Standpoint, Vec<Stands>)>,
    /// The epoch whose code was told last.
    code_of: Option<EpochId>,
    /// The epoch whose code is to be told next, and since when.
    code_wanted: Option<(EpochId, Instant)>,
}

/// How somebody stands, and the name for which they were verified, if they go by another one.
type Stands = (Verification, Option<String>);
/// What it depends on: changes here, everybody and whether they said goodbye, and our own name.
type Standpoint = (u64, Vec<(MemberId, bool)>, String);

/// A member by a name that they have, had, or were verified for.
struct Named {
    member: MemberId,
    name: String,
    look: Look,
}

impl Named {
    fn new(member: MemberId, name: String) -> Self {
        let look = Look::of(&name);
        Self { member, name, look }
    }

    fn restored(all: Vec<Verified>, most: usize) -> Vec<Self> {
        let skipped = all.len().saturating_sub(most);
        let known = all.into_iter().skip(skipped);
        known.map(|known| Self::new(MemberId(known.member), group_crypto::plain_name(&known.name))).collect()
    }

    fn kept(all: &[Self]) -> Vec<Verified> {
        all.iter().map(|known| Verified { member: known.member.0, name: known.name.clone() }).collect()
    }
}

impl Trust {
    pub fn restored(verified: Vec<Verified>, names: Vec<Verified>) -> Self {
        let (verified, names) = (Named::restored(verified, MAX_VERIFIED), Named::restored(names, MAX_NAMES));
        Self { verified, names, ..Self::default() }
    }

    /// Another group: its code is to be told anew.
    pub fn forget_code(&mut self) {
        self.code_of = None;
    }

    /// How the one stands who goes by this name, `here` being everybody who is in the room.
    pub fn of(&self, member: MemberId, name: &str, here: &[MemberId]) -> Stands {
        let look = Look::of(name);
        let mark = self.verified.iter().find(|known| known.member == member);
        if mark.is_some_and(|mark| mark.look.is_same(&look)) {
            return (Verification::Verified, None);
        }
        let is_other = |known: &&Named| known.member != member && known.look.is_like(&look);
        let is_here = |known: &Named| here.contains(&known.member);
        let verified_as = mark.map(|mark| mark.name.clone());
        if self.verified.iter().filter(is_other).any(|known| verified_as.is_some() || !is_here(known)) {
            return (Verification::Broken, verified_as);
        }
        if verified_as.is_some() {
            return (Verification::Renamed, verified_as);
        }
        // Of two who share a name, the one who had it first is not in doubt.
        let own = |known: &Named| known.member == member && known.look.is_like(&look);
        let before = self.names.iter().take_while(|known| !own(known)).any(|known| is_other(&known));
        match before || self.verified.iter().any(|known| is_other(&known)) {
            true => (Verification::Ambiguous, None),
            false => (Verification::Not, None),
        }
    }

    fn mark(&mut self, member: MemberId, name: String, here: &[MemberId]) {
        self.changes = self.changes.wrapping_add(1);
        let mark = Named::new(member, name);
        let is_here = |known: &Named| here.contains(&known.member);
        // They take the place of whoever had the name, and were verified, before.
        self.verified.retain(|known| known.member != member && (is_here(known) || !known.look.is_like(&mark.look)));
        if self.verified.len() >= MAX_VERIFIED {
            let first = self.verified.iter().position(|known| !is_here(known)).unwrap_or(0);
            self.verified.remove(first);
            tracing::warn!("too many members were verified here; the first is forgotten");
        }
        self.verified.push(mark);
    }

    fn unmark(&mut self, member: MemberId) {
        self.changes = self.changes.wrapping_add(1);
        self.verified.retain(|known| known.member != member);
    }

    /// Remembers that a member goes by this name, sooner than names of those who are no members any more. Whether that is new.
    pub fn note_name(&mut self, member: MemberId, name: &str, members: &[MemberId]) -> bool {
        self.changes = self.changes.wrapping_add(1);
        if self.names.iter().any(|known| known.member == member && known.name == name) {
            return false;
        }
        // A member who renames themselves again and again makes nobody else's name forgotten.
        let own = |known: &Named| known.member == member;
        if self.names.iter().filter(|known| own(known)).count() >= MAX_OWN_NAMES
            && let Some(oldest) = self.names.iter().position(own)
        {
            self.names.remove(oldest);
        }
        if self.names.len() >= MAX_NAMES {
            let former = self.names.iter().position(|known| !members.contains(&known.member));
            self.names.remove(former.unwrap_or(0));
        }
        self.names.push(Named::new(member, name.to_owned()));
        true
    }

    pub fn forget_names(&mut self, member: MemberId) {
        self.changes = self.changes.wrapping_add(1);
        self.names.retain(|known| known.member != member);
    }
}

impl Inside {
    fn members_here(&self) -> Vec<MemberId> {
        self.participants.values().filter(|p| !p.said_goodbye).map(|p| p.member.id).collect()
    }

    fn safety_of(&self, member: MemberId) -> Option<LazySafety> {
        let group = self.agreement.group();
        let member = group.members().iter().find(|known| known.id == member)?;
        group.safety(member.index)
    }

    /// Somebody is here: what to compare with them follows.
    pub fn meet(&self, member: MemberId, out: &mut VecDeque<Output>) {
        if let Some(safety) = self.safety_of(member) {
            out.push_back(Output::Event(RoomEvent::Safety { member, safety }));
        }
    }

    /// How everybody here stands, by index. Only anew where something has changed: it is asked for all the time.
    pub fn verifications(&mut self) -> Vec<Stands> {
        let everybody = self.participants.values().map(|p| (p.member.id, p.said_goodbye)).collect();
        let standpoint: Standpoint = (self.trust.changes, everybody, self.own.name.clone());
        if let Some((before, stood)) = &self.trust.stood
            && *before == standpoint
        {
            return stood.clone();
        }
        let (here, own) = (self.members_here(), Look::of(&self.own.name));
        let of = |p: &Participant| match self.trust.of(p.member.id, &p.name, &here) {
            // Somebody else by our own name is at least odd.
            (Verification::Not, _) if own.is_like(&Look::of(&p.name)) => (Verification::Ambiguous, None),
            stands => stands,
        };
        let stood: Vec<_> = self.participants.values().map(of).collect();
        self.trust.stood = Some((standpoint, stood.clone()));
        stood
    }

    /// A member is known by this name from now on.
    pub fn note_name(&mut self, member: MemberId, name: &str) {
        let members = self.members_here();
        if self.trust.note_name(member, name, &members) && self.kind != RoomKind::Ephemeral {
            self.keep(Keep::Names(Named::kept(&self.trust.names)));
        }
    }

    pub fn look_after_trust(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let epoch = self.agreement.group().standing().id;
        if self.kind != RoomKind::Contact && self.trust.code_of != Some(epoch) {
            let wanted = self.trust.code_wanted.filter(|(of, _)| *of == epoch);
            let (_, since) = *self.trust.code_wanted.insert(wanted.unwrap_or((epoch, now)));
            if self.trust.code_of.is_some() && now < since + SETTLED {
                return;
            }
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
        let outcome = safety.get().compare(shown);
        match outcome {
            Ok(Compared::Same) => self.verify(member, true, out),
            Ok(Compared::Different) => self.verify(member, false, out),
            // It says nothing about who is there.
            Err(_) => {}
        }
        out.push_back(Output::Event(RoomEvent::Compared { member, outcome }));
    }

    /// `of_contact` is the mark that versions wrote which knew no members'.
    pub fn restore_trust(
        &mut self,
        kept: (Option<Vec<Verified>>, Vec<Verified>),
        of_contact: bool,
        all: &[StoredMember],
    ) {
        let (verified, names) = kept;
        let is_first = verified.is_none();
        let others = all.iter().filter(|_| of_contact);
        let others = others.map(|known| Verified { member: known.id.0, name: known.details.name.clone() });
        self.trust = Trust::restored(verified.unwrap_or_else(|| others.collect()), names);
        if is_first && of_contact {
            self.keep_trust();
        }
    }

    fn keep_trust(&mut self) {
        self.keep(Keep::Verified(Named::kept(&self.trust.verified)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: MemberId = MemberId([1; 16]);
    const BEA: MemberId = MemberId([2; 16]);
    const OTHER: MemberId = MemberId([3; 16]);

    fn stands(trust: &Trust, member: MemberId, name: &str, here: &[MemberId]) -> Verification {
        trust.of(member, name, here).0
    }

    #[test]
    fn mark_is_of_keys_and_breaks_for_anyone_else_of_the_name() {
        let mut trust = Trust::default();
        assert_eq!(stands(&trust, ANN, "Ann", &[ANN]), Verification::Not);
        trust.mark(ANN, "Ann".into(), &[ANN]);
        assert_eq!(stands(&trust, ANN, "Ann", &[ANN, BEA]), Verification::Verified);
        assert_eq!(stands(&trust, BEA, "Bea", &[ANN, BEA]), Verification::Not);
        // While she is here the other is just somebody of the same name.
        assert_eq!(stands(&trust, OTHER, "Ann", &[ANN, OTHER]), Verification::Ambiguous);
        for name in ["Ann", " ann ", "ANN", "Аnn", "Ann\u{3164}"] {
            assert_eq!(stands(&trust, OTHER, name, &[OTHER]), Verification::Broken, "{name}");
        }
        assert_eq!(stands(&trust, OTHER, "Anna", &[OTHER]), Verification::Not);
    }

    #[test]
    fn mark_says_for_which_name_it_was_made_after_a_renaming() {
        let mut trust = Trust::default();
        trust.mark(OTHER, "Mallory".into(), &[OTHER, BEA]);
        assert_eq!(trust.of(OTHER, "Zed", &[OTHER, BEA]), (Verification::Renamed, Some("Mallory".into())));
        assert_eq!(trust.of(OTHER, "MALLORY", &[OTHER]), (Verification::Verified, None));
        // By the name of another who is verified, here or gone, nothing is left of it.
        trust.mark(BEA, "Bea".into(), &[OTHER, BEA]);
        for here in [&[OTHER, BEA][..], &[OTHER]] {
            assert_eq!(trust.of(OTHER, "Веа", here), (Verification::Broken, Some("Mallory".into())));
            assert_eq!(stands(&trust, BEA, "Bea", here), Verification::Verified);
        }
    }

    #[test]
    fn name_that_another_member_had_first_is_ambiguous() {
        let mut trust = Trust::default();
        assert!(trust.note_name(ANN, "Ann", &[]));
        assert!(!trust.note_name(ANN, "Ann", &[]));
        assert!(trust.note_name(ANN, "Bea", &[]));
        assert!(trust.note_name(OTHER, "ann", &[]));
        for here in [&[ANN, OTHER][..], &[OTHER]] {
            assert_eq!(stands(&trust, OTHER, "ann", here), Verification::Ambiguous);
            assert_eq!(stands(&trust, OTHER, "Bea", here), Verification::Ambiguous);
        }
        assert_eq!(stands(&trust, ANN, "Ann", &[ANN, OTHER]), Verification::Not);
        trust.forget_names(ANN);
        assert_eq!(stands(&trust, OTHER, "ann", &[OTHER]), Verification::Not);
    }

    #[test]
    fn member_who_renames_often_makes_no_other_name_forgotten() {
        let mut trust = Trust::default();
        trust.note_name(ANN, "Ann", &[]);
        for number in 0..2 * MAX_NAMES {
            trust.note_name(OTHER, &format!("{number} it is"), &[ANN, OTHER]);
        }
        assert_eq!(trust.names.len(), 1 + MAX_OWN_NAMES);
        assert_eq!(stands(&trust, BEA, "Ann", &[BEA]), Verification::Ambiguous);
    }

    #[test]
    fn names_of_members_outlast_those_of_many_who_came_and_went() {
        let mut trust = Trust::default();
        trust.note_name(ANN, "Ann", &[ANN]);
        for number in 0..2 * MAX_NAMES as u128 {
            let puppet = MemberId((1_000 + number).to_be_bytes());
            trust.note_name(puppet, "Puppet", &[ANN, puppet]);
        }
        assert_eq!(trust.names.len(), MAX_NAMES);
        assert_eq!(stands(&trust, BEA, "Ann", &[ANN, BEA]), Verification::Ambiguous);
    }

    #[test]
    fn whoever_is_verified_by_the_same_name_takes_the_others_place() {
        let mut trust = Trust::default();
        trust.mark(ANN, "Zoë".into(), &[ANN]);
        assert_eq!(stands(&trust, OTHER, "zoË", &[OTHER]), Verification::Broken);
        trust.mark(OTHER, "zoË".into(), &[OTHER]);
        assert_eq!(stands(&trust, OTHER, "zoË", &[OTHER]), Verification::Verified);
        assert_eq!(trust.verified.len(), 1);
        trust.unmark(OTHER);
        assert_eq!(stands(&trust, OTHER, "Zoë", &[OTHER]), Verification::Not);
    }

    #[test]
    fn marks_are_bounded_and_those_who_left_are_forgotten_first() {
        let mut trust = Trust::default();
        let id =
            |number: usize| MemberId([(number >> 8) as u8, number as u8, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        trust.mark(ANN, "Ann".into(), &[ANN]);
        for number in 0..MAX_VERIFIED + 10 {
            // Letters that look like no others, unlike 0 and 1.
            let name = number.to_string().replace('0', "x").replace('1', "y");
            trust.mark(id(number), name, &[ANN, id(number)]);
        }
        assert_eq!(trust.verified.len(), MAX_VERIFIED);
        assert_eq!(stands(&trust, ANN, "Ann", &[ANN]), Verification::Verified);
        let twice = [Named::kept(&trust.verified), Named::kept(&trust.verified)].concat();
        let again = Trust::restored(twice, Vec::new());
        assert_eq!(again.verified.len(), MAX_VERIFIED);
    }
}
