//! Who was verified: what members compare with each other, and a mark that breaks when somebody else comes by the name.

#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use group_crypto::{Compared, EpochId, LazySafety, Look, MemberId, SpokenWords};

use super::{
    keep::{Keep, Verified},
    view::{MemberView, View},
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
    out: VecDeque<Output>,
}

/// How somebody stands, and the name for which they were verified, if they go by another one.
pub(super) type Stands = (Verification, Option<String>);
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
    /// As the disk has it. `verified` is none where a version wrote it that knew one mark for a contact: `contact` are the
    /// members who had it.
    pub fn restored(verified: Option<Vec<Verified>>, names: Vec<Verified>, contact: Vec<Verified>) -> Self {
        let is_first = verified.is_none() && !contact.is_empty();
        let verified = Named::restored(verified.unwrap_or(contact), MAX_VERIFIED);
        let mut trust = Self { verified, names: Named::restored(names, MAX_NAMES), ..Self::default() };
        if is_first {
            trust.keep_marks();
        }
        trust
    }

    /// Another group: its code is to be told anew.
    pub fn forget_code(&mut self) {
        self.code_of = None;
    }

    /// How the one stands who goes by this name, `here` being everybody who is in the room.
    fn of(&self, member: MemberId, name: &str, here: &[MemberId]) -> Stands {
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
    fn note_name(&mut self, member: MemberId, name: &str, members: &[MemberId]) -> bool {
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

/// What trust wants of the rest of the room.
pub(super) enum Output {
    Keep(Keep),
    Event(RoomEvent),
    Trouble(Trouble),
}

impl Trust {
    /// How everybody here stands, in the order of their ids. Only anew where something has changed: it is asked for all the
    /// time.
    pub fn verifications(&mut self, view: View<'_>) -> Vec<Stands> {
        let everybody = view.members.iter().map(|member| (member.id, member.said_goodbye)).collect();
        let standpoint: Standpoint = (self.changes, everybody, view.me.name.to_owned());
        if let Some((before, stood)) = &self.stood
            && *before == standpoint
        {
            return stood.clone();
        }
        let (here, own) = (here(view), Look::of(view.me.name));
        let of = |member: MemberView<'_>| match self.of(member.id, member.name, &here) {
            // Somebody else by our own name is at least odd.
            (Verification::Not, _) if own.is_like(&Look::of(member.name)) => (Verification::Ambiguous, None),
            stands => stands,
        };
        let stood: Vec<_> = view.members.iter().map(of).collect();
        self.stood = Some((standpoint, stood.clone()));
        stood
    }

    /// A member is known by this name from now on.
    pub fn on_name(&mut self, view: View<'_>, member: MemberId, name: &str) {
        if self.note_name(member, name, &here(view)) {
            self.out.push_back(Output::Keep(Keep::Names(Named::kept(&self.names))));
        }
    }

    /// Tells the code of the room's epoch, once it lasts. `code` makes it, which takes milliseconds.
    pub fn on_timeout(&mut self, view: View<'_>, epoch: EpochId, code: impl FnOnce() -> SpokenWords) {
        if view.kind == RoomKind::Contact || self.code_of == Some(epoch) {
            return;
        }
        let wanted = self.code_wanted.filter(|(of, _)| *of == epoch);
        let (_, since) = *self.code_wanted.insert(wanted.unwrap_or((epoch, view.now)));
        if self.code_of.is_none() || view.now >= since + SETTLED {
            self.code_of = Some(epoch);
            self.out.push_back(Output::Event(RoomEvent::RoomCode(code())));
        }
    }

    /// A person says that they compared, or takes it back.
    pub fn verify(&mut self, view: View<'_>, member: MemberId, verified: bool) {
        let Some(known) = view.members.get(member) else {
            return self.out.push_back(Output::Trouble(Trouble::NoSuchMember));
        };
        if verified {
            self.mark(member, known.name.to_owned(), &here(view));
        } else {
            self.unmark(member);
        }
        self.keep_marks();
    }

    /// Compares what a member showed or read with what it has to be. `safety` is what it has to be, for one who is in the group.
    pub fn compare(&mut self, view: View<'_>, member: MemberId, safety: Option<&LazySafety>, shown: &str) {
        let Some(safety) = safety else {
            return self.out.push_back(Output::Trouble(Trouble::NoSuchMember));
        };
        let outcome = safety.get().compare(shown);
        match outcome {
            Ok(Compared::Same) => self.verify(view, member, true),
            Ok(Compared::Different) => self.verify(view, member, false),
            // It says nothing about who is there.
            Err(_) => {}
        }
        self.out.push_back(Output::Event(RoomEvent::Compared { member, outcome }));
    }

    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    fn keep_marks(&mut self) {
        self.out.push_back(Output::Keep(Keep::Verified(Named::kept(&self.verified))));
    }
}

fn here(view: View<'_>) -> Vec<MemberId> {
    view.members.iter().filter(|member| !member.said_goodbye).map(|member| member.id).collect()
}
