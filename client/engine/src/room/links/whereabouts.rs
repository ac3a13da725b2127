//! Where members are: each signs it for themselves, and the others pass that on.
//!
//! A place that a member's Hello has proven is kept and dialled as often as it takes. One that others tell is beside it, and is
//! dialled seldom: whoever signed it may have written down somebody else's addresses.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::time::{Duration, Instant};

use group_crypto::MemberId;

use super::{Around, Links, Output, dialing::HIGHER_WAITS, party::Party};
use crate::{
    rendezvous::Whereabouts,
    room::{
        budget::Cost,
        company::Directory,
        keep::Keep,
        meter::later,
        size::MAX_MEMBERS,
        wire::{Few, RoomMessage, Statement},
    },
    wall::Wall,
};

const LABEL: &str = "whereabouts";
/// Between two dials to where one member is said to be; and how often one statement is tried.
const DIAL_EVERY: Duration = Duration::from_secs(30);
const TRIES: u32 = 4;
/// Members, those with the ids nearest to a newcomer's, that introduce the newcomer and the others to each other at once. If
/// all did, everybody would be told everything as often as there are members. The rest look a while later for members whom the
/// newcomer has no link with, so it does no harm if these eight keep silent.
const TELLERS: usize = 8;
/// Addresses of a statement that are dialled.
const ADDRESSES: usize = 4;

/// What a member has signed about where they are.
#[derive(Default)]
pub(in crate::room) struct Stated {
    statement: Option<Statement>,
    /// Others told it, and no Hello has proven it.
    is_hearsay: bool,
    dial_at: Option<Instant>,
    dialled: Option<Instant>,
    tries: u32,
    /// They have come, and others are to introduce them. It is looked later whether that was done.
    is_left_to_others: bool,
    /// They are elsewhere than before, and we have told nobody.
    has_moved: bool,
}

impl Stated {
    /// From the member's own Hello.
    pub fn prove(&mut self, statement: Option<Statement>) {
        let Self { dialled, is_left_to_others, has_moved, .. } = *self;
        *self = Self { statement, dialled, is_left_to_others, has_moved, ..Self::default() };
    }

    /// Their place is known in another way.
    pub fn set_aside(&mut self) {
        (self.is_hearsay, self.dial_at) = (false, None);
    }

    pub fn is_due(&self, now: Instant) -> bool {
        self.dial_at.is_some_and(|at| at <= now)
    }

    pub fn endpoint(&self) -> Option<[u8; 32]> {
        self.statement.as_ref().filter(|_| self.is_hearsay).map(|statement| statement.at.endpoint)
    }

    /// Where to dial now, if it is time for that.
    pub fn dial(&mut self, now: Instant, wall: &Wall) -> Option<Whereabouts> {
        if !self.is_due(now) || !self.is_hearsay {
            return None;
        }
        self.tries = self.tries.saturating_add(1);
        self.dialled = Some(now);
        self.dial_at = (self.tries < TRIES).then_some(later(now, DIAL_EVERY));
        let mut to = Whereabouts::from(self.statement.as_ref()?.at.clone());
        to.addresses.retain(|address| wall.permits_told(*address));
        to.addresses.truncate(ADDRESSES);
        Some(to)
    }
}

impl Statement {
    /// Whether the member that it is about has signed it.
    pub(super) fn is_signed(&self, directory: &dyn Directory) -> bool {
        directory.verify(MemberId(self.member), LABEL, &self.content(), &self.signature)
    }
}

impl Links {
    /// Our own whereabouts are others now: those who are here are told.
    pub fn on_moved(&mut self, around: Around<'_>) {
        if let Some(ours) = self.own_statement(around) {
            self.out.push_back(Output::TellLinked(RoomMessage::Whereabouts([ours].into())));
        }
    }

    /// Our own statement, made anew when we are elsewhere. It counts higher than any before: by the clock, so that one restored
    /// from an old copy goes on too, and by what is kept, as the clock may have been set back.
    pub(super) fn own_statement(&mut self, around: Around<'_>) -> Option<Statement> {
        let known = self.own_statement.take().filter(|known| Whereabouts::from(known.at.clone()) == around.own.at);
        self.own_statement = match known {
            Some(known) => Some(known),
            None => {
                let clock = u64::try_from(around.own.clock.unix_ms).unwrap_or(0);
                self.stated = clock.max(self.stated.saturating_add(1));
                let (member, at) = (around.directory.me().0, (&around.own.at).into());
                let mut statement = Statement { member, at, number: self.stated, signature: Vec::new() };
                statement.signature = around.directory.sign(LABEL, &statement.content())?.to_vec();
                self.out.push_back(Output::Keep(Keep::Stated(self.stated)));
                Some(statement)
            }
        };
        self.own_statement.clone()
    }

    /// A member has just come. If that is our part, tells them where the others are with whom we have a link, and, if they
    /// have moved, the others where they are.
    pub(super) fn tell_of_newcomer(&mut self, around: Around<'_>, member: MemberId, has_moved: bool) {
        let is_ours = self.is_teller_for(around, member);
        let Some(party) = self.parties.get_mut(&member) else { return };
        party.reach.stated.is_left_to_others = !is_ours;
        party.reach.stated.has_moved |= has_moved;
        if is_ours {
            let others = self.linked_but(around, member, &[]);
            self.introduce(around, member, &others);
        }
    }

    /// A while after a member has come: introduces them to those whom they still have no link with, by their own word. The
    /// members whose part it was may have kept silent, or may not reach them.
    pub(super) fn tell_what_is_missing(&mut self, around: Around<'_>, member: MemberId) {
        let Some(party) = self.parties.get_mut(&member).filter(|party| party.link.is_some()) else {
            return;
        };
        if !around.is_to_be_removed(member) && std::mem::take(&mut party.reach.stated.is_left_to_others) {
            let others = self.linked_but(around, member, self.forwarding.seen_by(member));
            self.introduce(around, member, &others);
        }
    }

    fn is_teller_for(&self, around: Around<'_>, member: MemberId) -> bool {
        let distance = |id: MemberId| u128::from_be_bytes(id.0) ^ u128::from_be_bytes(member.0);
        let ours = distance(around.directory.me());
        let linked = self.parties.values().filter(|party| party.id != member && party.link.is_some());
        linked.filter(|party| distance(party.id) < ours).count() < TELLERS
    }

    /// With whom we have a link, but for this member and those.
    fn linked_but(&self, around: Around<'_>, member: MemberId, those: &[MemberId]) -> Vec<MemberId> {
        let mut linked = self.linked_members(around);
        linked.retain(|id| *id != member && !those.contains(id));
        linked
    }

    /// Tells these others where a member is who has moved, and the member where these others are.
    fn introduce(&mut self, around: Around<'_>, member: MemberId, others: &[MemberId]) {
        let Some(party) = self.parties.get_mut(&member) else {
            return;
        };
        if others.is_empty() {
            party.reach.stated.has_moved = false;
            return;
        }
        // In both directions: all the others' places are long, and told anew on every link that a member begins.
        if !party.inbox.budget.affords(around.now, Cost::Move) {
            return;
        }
        if std::mem::take(&mut party.reach.stated.has_moved)
            && let Some(statement) = party.reach.stated.statement.clone()
        {
            let message = RoomMessage::Whereabouts([statement].into());
            self.out.push_back(Output::Tell { to: others.to_vec(), message });
        }
        let stated = others.iter().filter_map(|id| self.parties.get(id)?.reach.stated.statement.clone());
        let told: Few<_, MAX_MEMBERS> = stated.collect();
        if !told.is_empty() {
            self.out.push_back(Output::Tell { to: vec![member], message: RoomMessage::Whereabouts(told) });
        }
    }

    /// What a member passes on of where others say they are. It leads to a dial only where there is no link, and what it costs
    /// is charged to the member who signed it; a false one, to the member who told it.
    pub fn on_told(&mut self, around: Around<'_>, by: MemberId, told: impl IntoIterator<Item = Statement>) {
        for statement in told {
            let member = MemberId(statement.member);
            if !self.is_news(around, member, statement.number) {
                continue;
            }
            if !statement.is_signed(around.directory) {
                if self.charge(around, by, Cost::Unreadable) {
                    continue;
                }
                return;
            }
            if !self.is_proven_of_another(member, &statement.at.endpoint)
                && let Some(party) = self.parties.get_mut(&member)
                && party.take_statement(around, statement)
            {
                self.out.push_back(Output::Changed(member));
            }
        }
        self.look_after_links(around);
    }

    /// Where a member says to be, by way of another: it is dialled as what others tell is.
    pub(super) fn take_hearsay(&mut self, around: Around<'_>, member: MemberId, statement: Option<Statement>) {
        if let Some(statement) = statement.filter(|statement| self.is_news(around, member, statement.number))
            && let Some(party) = self.parties.get_mut(&member)
        {
            party.take_statement(around, statement);
        }
    }

    fn is_news(&self, around: Around<'_>, member: MemberId, number: u64) -> bool {
        let is_newer = |party: &Party| party.reach.stated.statement.as_ref().is_none_or(|known| known.number < number);
        !around.said_goodbye(member) && self.parties.get(&member).is_some_and(is_newer)
    }

    /// Whether a link has proven that another member is at this endpoint. A mere claim holds up nobody: whom it is about says
    /// Hello in the end.
    fn is_proven_of_another(&self, member: MemberId, endpoint: &[u8; 32]) -> bool {
        let is_there = |party: &Party| party.reach.at.endpoint == *endpoint && !party.lacks_link();
        self.parties.values().any(|party| party.id != member && is_there(party))
    }

    /// Where a member was found by what only they and we know. Only their Hello proves it.
    ///
    /// It was searched for by us, so they may not know that there is anybody to dial.
    pub fn on_found(&mut self, around: Around<'_>, member: MemberId, at: Whereabouts) {
        if self.is_proven_of_another(member, &at.endpoint) {
            return;
        }
        let Some(party) = self.parties.get_mut(&member) else {
            return;
        };
        if around.said_goodbye(member) {
            return;
        }
        if !party.lacks_link() {
            if party.note_place(at) {
                self.out.push_back(Output::Changed(member));
            }
            return;
        }
        party.reach.at = at;
        party.reach.stated.set_aside();
        party.reach.dial_at = Some(around.now);
        self.look_after_links(around);
    }
}

impl Party {
    /// Takes in what they have signed about where they are, as far as their budget goes. Whether what is kept of them changes.
    fn take_statement(&mut self, around: Around<'_>, statement: Statement) -> bool {
        let lacks_link = self.lacks_link();
        if !self.inbox.budget.affords(around.now, if lacks_link { Cost::Dial } else { Cost::Statement }) {
            return false;
        }
        if !lacks_link {
            let at = Whereabouts::from(statement.at.clone());
            self.reach.stated.statement = Some(statement);
            return self.note_place(at);
        }
        let stated = &mut self.reach.stated;
        let soon = if around.directory.me() < self.id { around.now } else { later(around.now, HIGHER_WAITS) };
        let dial_at = stated.dialled.map_or(soon, |dialled| soon.max(later(dialled, DIAL_EVERY)));
        // One statement after the other must not put off a dial for ever.
        let dial_at = stated.dial_at.map_or(dial_at, |planned| planned.min(dial_at));
        (stated.is_hearsay, stated.dial_at, stated.tries) = (true, Some(dial_at), 0);
        stated.statement = Some(statement);
        false
    }

    /// Where a member with a link can be found next time: the endpoint of a link is proven. Whether that is another place.
    fn note_place(&mut self, at: Whereabouts) -> bool {
        let is_other = self.reach.at.endpoint == at.endpoint && self.reach.at != at;
        if is_other {
            self.reach.at = at;
        }
        is_other
    }
}
