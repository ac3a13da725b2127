//! Where members are: each signs it for themselves, and the others pass that on.
//!
//! A place that a member's Hello has proven is kept and dialled as often as it takes. One that others tell is beside it, and is
//! dialled seldom: whoever signed it may have written down somebody else's addresses.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use group_crypto::MemberId;

use crate::room::{
    MAX_MEMBERS, Output,
    budget::Cost,
    inside::Inside,
    inside::dialing::HIGHER_WAITS,
    inside::participant::Participant,
    keep::Keep,
    meter::later,
    wire::{RoomMessage, Statement},
};
use crate::{
    rendezvous::whereabouts::{MAX_ADDRESSES, MAX_RELAY_URL, MAX_RELAYS, Whereabouts},
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

    fn endpoint(&self) -> Option<[u8; 32]> {
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

impl Participant {
    /// Whether this endpoint is where they are, or are said to be.
    pub fn is_at(&self, endpoint: &[u8; 32]) -> bool {
        self.reach.at.endpoint == *endpoint || self.reach.stated.endpoint().as_ref() == Some(endpoint)
    }

    /// The newest endpoint of theirs that we know of.
    pub fn newest_endpoint(&self) -> [u8; 32] {
        self.reach.stated.endpoint().unwrap_or(self.reach.at.endpoint)
    }
}

impl Statement {
    fn is_well_formed(&self) -> bool {
        is_well_formed(&self.at.relays, self.at.addresses.len())
    }
}

pub(in crate::room) fn is_well_formed(relays: &[String], addresses: usize) -> bool {
    relays.len() <= MAX_RELAYS && relays.iter().all(|relay| relay.len() <= MAX_RELAY_URL) && addresses <= MAX_ADDRESSES
}

impl Inside {
    /// Our own whereabouts are others now.
    pub fn moved(&mut self, now: Instant, at: Whereabouts, out: &mut VecDeque<Output>) {
        if self.about.own.at == at {
            return;
        }
        self.about.own.at = at;
        self.membership.agreement.set_card(self.about.own.card());
        if let Some(us) = self.own_statement() {
            self.tell_linked(&RoomMessage::Whereabouts(vec![us]), out);
        }
        self.at_door(now, out, |door, hall| door.show_all(hall));
    }

    /// Our own statement, made anew when we are elsewhere. It counts higher than any before: by the clock, so that one restored
    /// from an old copy goes on too, and by what is kept, as the clock may have been set back.
    pub fn own_statement(&mut self) -> Option<Statement> {
        let known =
            self.links.own_statement.take().filter(|known| Whereabouts::from(known.at.clone()) == self.about.own.at);
        if known.is_none() {
            let clock = u64::try_from(self.about.own.clock.unix_ms).unwrap_or(0);
            self.links.stated = clock.max(self.links.stated.saturating_add(1));
            let member = self.membership.agreement.group().my_id().0;
            let mut statement =
                Statement { member, at: (&self.about.own.at).into(), number: self.links.stated, signature: Vec::new() };
            statement.signature = self.membership.agreement.group().sign(LABEL, &statement.content()).ok()?;
            self.links.own_statement = Some(statement);
            self.keep(Keep::Stated(self.links.stated));
        } else {
            self.links.own_statement = known;
        }
        self.links.own_statement.clone()
    }

    /// Whether the member whom a statement is about has signed it.
    pub fn is_theirs(&self, statement: &Statement) -> bool {
        let member = MemberId(statement.member);
        self.membership.agreement.verify(member, LABEL, &statement.content(), &statement.signature)
    }

    /// A member has just come. If that is our part, tells them where the others are with whom we have a link, and, if they
    /// have moved, the others where they are.
    pub fn tell_of_newcomer(&mut self, now: Instant, member: MemberId, moved: bool, out: &mut VecDeque<Output>) {
        let is_ours = self.is_teller_for(member);
        let Some(p) = self.participants.get_mut(&member) else { return };
        p.reach.stated.is_left_to_others = !is_ours;
        p.reach.stated.has_moved |= moved;
        if is_ours {
            let others = self.linked_but(member, &[]);
            self.introduce(now, member, &others, out);
        }
    }

    /// A while after a member has come: introduces them to those whom they still have no link with, by their own word. The
    /// members whose part it was may have kept silent, or may not reach them.
    pub fn tell_what_is_missing(&mut self, now: Instant, member: MemberId, out: &mut VecDeque<Output>) {
        let Some(p) = self.participants.get_mut(&member).filter(|p| p.link.is_some() && !p.standing.to_be_removed)
        else {
            return;
        };
        if std::mem::take(&mut p.reach.stated.is_left_to_others) {
            let others = self.linked_but(member, self.links.forwarding.seen_by(member));
            self.introduce(now, member, &others, out);
        }
    }

    fn is_teller_for(&self, member: MemberId) -> bool {
        let distance = |id: MemberId| u128::from_be_bytes(id.0) ^ u128::from_be_bytes(member.0);
        let ours = distance(self.membership.agreement.group().my_id());
        let linked = self.participants.values().filter(|p| p.member.id != member && p.link.is_some());
        linked.filter(|p| distance(p.member.id) < ours).count() < TELLERS
    }

    /// With whom we have a link, but for this member and those.
    fn linked_but(&self, member: MemberId, those: &[MemberId]) -> Vec<MemberId> {
        let linked =
            self.participants.values().filter(|p| p.link.is_some() && !p.standing.to_be_removed).map(|p| p.member.id);
        linked.filter(|id| *id != member && !those.contains(id)).collect()
    }

    /// Tells these others where a member is who has moved, and the member where these others are.
    fn introduce(&mut self, now: Instant, member: MemberId, others: &[MemberId], out: &mut VecDeque<Output>) {
        let stated = self.participants.get_mut(&member).map(|p| &mut p.reach.stated);
        let moved = stated.is_some_and(|stated| std::mem::take(&mut stated.has_moved));
        if others.is_empty() {
            return;
        }
        if moved && self.affords(now, member, Cost::Move) {
            let statement = self.participants.get(&member).and_then(|p| p.reach.stated.statement.clone());
            if let Some(statement) = statement {
                self.tell_some(others, &RoomMessage::Whereabouts(vec![statement]), out);
            }
        }
        let others = others.iter().filter_map(|id| self.participants.get(id));
        let told: Vec<_> = others.filter_map(|p| p.reach.stated.statement.clone()).collect();
        if !told.is_empty() {
            self.tell_some(&[member], &RoomMessage::Whereabouts(told), out);
        }
    }

    /// What a member passes on of where others say they are. It leads to a dial only where there is no link, and what it costs
    /// is charged to the member who signed it; a false one, to the member who told it.
    pub fn told_where(&mut self, now: Instant, by: MemberId, told: Vec<Statement>, out: &mut VecDeque<Output>) {
        let us = self.membership.agreement.group().my_id();
        for statement in told.into_iter().take(MAX_MEMBERS) {
            let member = MemberId(statement.member);
            let is_news = |p: &&Participant| {
                !p.standing.said_goodbye
                    && p.reach.stated.statement.as_ref().is_none_or(|known| known.number < statement.number)
            };
            if !statement.is_well_formed() || self.participants.get(&member).filter(is_news).is_none() {
                continue;
            }
            if !self.is_theirs(&statement) {
                if self.charge(now, by, Cost::Unreadable, out) {
                    continue;
                }
                return;
            }
            let endpoint = statement.at.endpoint;
            if self.is_proven_of_another(member, &endpoint) {
                continue;
            }
            let lacks_link = self.participants.get(&member).is_some_and(Participant::lacks_link);
            if !self.affords(now, member, if lacks_link { Cost::Dial } else { Cost::Statement }) {
                continue;
            }
            let Some(p) = self.participants.get_mut(&member) else { continue };
            if lacks_link {
                let soon = if us < member { now } else { later(now, HIGHER_WAITS) };
                let dial_at = p.reach.stated.dialled.map_or(soon, |dialled| soon.max(later(dialled, DIAL_EVERY)));
                // One statement after the other must not put off a dial for ever.
                let dial_at = p.reach.stated.dial_at.map_or(dial_at, |planned| planned.min(dial_at));
                (p.reach.stated.is_hearsay, p.reach.stated.dial_at, p.reach.stated.tries) = (true, Some(dial_at), 0);
                p.reach.stated.statement = Some(statement);
            } else {
                let at = Whereabouts::from(statement.at.clone());
                p.reach.stated.statement = Some(statement);
                // Where they can be found next time: the endpoint of a link is proven.
                if p.reach.at.endpoint == endpoint && p.reach.at != at {
                    p.reach.at = at;
                    self.keep_member(member);
                }
            }
        }
        self.look_after_links(now, out);
    }

    /// Whether a link has proven that another member is at this endpoint. A mere claim holds up nobody: whom it is about says
    /// Hello in the end.
    fn is_proven_of_another(&self, member: MemberId, endpoint: &[u8; 32]) -> bool {
        self.participants.values().any(|p| p.member.id != member && p.reach.at.endpoint == *endpoint && !p.lacks_link())
    }

    /// Where a member was found by what only they and we know. Only their Hello proves it.
    ///
    /// It was searched for by us, so they may not know that there is anybody to dial.
    pub fn found(&mut self, now: Instant, member: MemberId, at: Whereabouts, out: &mut VecDeque<Output>) {
        if self.is_proven_of_another(member, &at.endpoint) {
            return;
        }
        let Some(p) = self.by_id(member) else {
            return;
        };
        if p.standing.said_goodbye || !is_well_formed(&at.relays, at.addresses.len()) {
            return;
        }
        if !p.lacks_link() {
            if p.reach.at.endpoint == at.endpoint && p.reach.at != at {
                p.reach.at = at;
                self.keep_member(member);
            }
            return;
        }
        p.reach.at = at;
        p.reach.stated.set_aside();
        p.reach.dial_at = Some(now);
        self.look_after_links(now, out);
    }
}
