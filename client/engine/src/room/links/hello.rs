//! Hello: which member is at the other end of a link, where they are in this run, and how far both are with each other.
//!
//! A link proves an endpoint's key, which is new in every run. The member's own signature binds it to the member, so
//! somebody who comes back with a new endpoint and a new address is known at once, by everyone in the room and nobody else.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use aws_lc_rs::digest::{SHA256, digest};
use group_crypto::{InvitationSecret, MemberId, RunId};

use super::{Around, Links, Output};
use crate::{
    rendezvous::Whereabouts,
    room::{
        budget::Cost,
        link::LinkId,
        numbers::Sequence,
        wire::{Hello, LinkMessage, Place, Statement},
    },
};

const LABEL: &str = "hello";

/// What a Hello says about the two whom it is from and for.
struct Told {
    received: Option<Sequence>,
    acknowledged: Sequence,
    pair: [u8; 8],
}

impl Told {
    /// By one who is new.
    fn nothing() -> Self {
        Self { received: None, acknowledged: Sequence::ZERO, pair: check(None) }
    }
}

impl From<&Hello> for Told {
    fn from(hello: &Hello) -> Self {
        Self { received: hello.received, acknowledged: hello.acknowledged, pair: hello.pair }
    }
}

impl Links {
    /// Says who we are to the endpoint `to`. `whom`: the member that is meant, if that is known.
    pub(super) fn say_hello(&mut self, around: Around<'_>, link: LinkId, to: [u8; 32], whom: Option<MemberId>) {
        match self.own_hello(around, &to, whom) {
            Some(hello) => self.send(link, &LinkMessage::Hello(hello)),
            None => tracing::error!("a hello could not be signed"),
        }
    }

    pub(super) fn own_hello(&mut self, around: Around<'_>, to: &[u8; 32], whom: Option<MemberId>) -> Option<Hello> {
        let statement = self.own_statement(around)?;
        let pair = whom.and_then(|whom| self.parties.get(&whom)?.reach.pair);
        let progress = whom.map(around.progress).unwrap_or_default();
        let own = around.own;
        let place = Place::from(&own.at);
        let mut hello = Hello {
            member: around.directory.me().0,
            whom: whom.map(|whom| whom.0),
            run: *own.run.as_bytes(),
            fingerprint: own.certificate.fingerprint().0,
            relays: place.relays,
            addresses: place.addresses,
            stated: statement.number,
            statement: statement.signature,
            received: progress.received,
            acknowledged: progress.acknowledged,
            pair: check(pair),
            streams: around.streams,
            abilities: own.abilities.clone(),
            signature: Vec::new(),
        };
        hello.signature = around.directory.sign(LABEL, &hello.content(&own.at.endpoint, to))?.to_vec();
        Some(hello)
    }

    /// The member a Hello is from, if its signature is theirs. They may have been lost.
    pub fn check_hello(&self, around: Around<'_>, link: LinkId, from: &[u8; 32], hello: &Hello) -> Option<MemberId> {
        let id = MemberId(hello.member);
        let is_known = self.parties.contains_key(&id) || around.directory.may_return(id);
        if id == around.directory.me() || !is_known {
            return None;
        }
        // The member in between can read a Hello and repeat it on a way of its own.
        if self.forwarding.way(link).is_some_and(|way| way.to != id) {
            return None;
        }
        let content = hello.content(from, &around.own.at.endpoint);
        around.directory.verify(id, LABEL, &content, &hello.signature).then_some(id)
    }

    /// Whether a Hello is from the removed member that it names.
    pub(super) fn is_of_removed(around: Around<'_>, from: &[u8; 32], hello: &Hello) -> bool {
        let content = hello.content(from, &around.own.at.endpoint);
        around.directory.verify_removed(MemberId(hello.member), LABEL, &content, &hello.signature)
    }

    /// A member has said Hello on a link that is now theirs.
    pub(super) fn greeted(&mut self, around: Around<'_>, member: MemberId, from: [u8; 32], hello: Hello) {
        let told = Told::from(&hello);
        let place = Place { endpoint: from, relays: hello.relays, addresses: hello.addresses };
        let (number, signature) = (hello.stated, hello.statement);
        let statement = Statement { member: hello.member, at: place.clone(), number, signature };
        let statement = Some(statement).filter(|statement| statement.is_signed(around.directory));
        let at = Whereabouts::from(place);
        let Some(party) = self.parties.get_mut(&member) else {
            return;
        };
        let Some(link) = party.link else {
            return;
        };
        let is_new_run = party.fingerprint != hello.fingerprint;
        let has_moved = !link.is_through() && party.reach.at != at;
        // What it says about the chat and the pair's secret is about the member that was meant. One who took our endpoint
        // for another's says Hello once more when they have heard ours.
        let told = match hello.whom {
            Some(whom) if whom == around.directory.me().0 => Some(told),
            Some(_) => None,
            None => Some(Told::nothing()),
        };
        party.greeting.is_misdialled = told.is_none();
        let is_dialled = party.greeting.is_dialled;
        party.on_hello(hello.fingerprint, hello.abilities);
        match link.is_through() {
            // Nobody has seen them there.
            true => {
                party.reach.move_to(from);
                self.take_hearsay(around, member, statement);
            }
            false => {
                party.reach.at = at;
                party.reach.stated.prove(statement);
            }
        }
        if is_dialled {
            // Our own Hello was said when the link opened; what has changed since, nobody has told them.
            self.send(link, &LinkMessage::Streams(around.streams));
        }
        if is_new_run {
            self.forwarding.forget_seen_by(member);
        }
        self.out.push_back(Output::Changed(member));
        let (run, streams) = (RunId::from_bytes(hello.run), hello.streams);
        self.out.push_back(Output::Greeted { by: member, run, is_new_run, streams });
        if let Some(told) = told {
            self.told_by_hello(around, member, &told);
        }
        self.tell_of_newcomer(around, member, has_moved);
    }

    /// A Hello on a link that is the member's already. It says something new only after one that was meant for another.
    pub(super) fn greeted_again(&mut self, around: Around<'_>, member: MemberId, hello: &Hello) {
        let waiting = self.parties.get(&member).filter(|party| party.greeting.is_misdialled);
        let Some((link, from)) = waiting.and_then(|party| Some((party.link?, party.reach.at.endpoint))) else {
            return;
        };
        let is_for_us = hello.whom == Some(around.directory.me().0);
        if !is_for_us || self.check_hello(around, link, &from, hello) != Some(member) {
            self.charge(around, member, Cost::Unreadable);
            return;
        }
        if let Some(party) = self.parties.get_mut(&member) {
            party.greeting.is_misdialled = false;
        }
        self.told_by_hello(around, member, &Told::from(hello));
    }

    fn told_by_hello(&mut self, around: Around<'_>, member: MemberId, told: &Told) {
        let Some(party) = self.parties.get_mut(&member) else {
            return;
        };
        let reach = &mut party.reach;
        if reach.pair.is_some() && told.pair == check(reach.pair) && reach.first_pair.take().is_some() {
            self.out.push_back(Output::Changed(member));
        }
        // The lower of the two makes what both find each other by.
        // Never by way of another, who could read it and find the two for good.
        if around.directory.me() < member
            && (reach.pair.is_none() || told.pair != check(reach.pair))
            && let Some(link) = party.link.filter(|link| !link.is_through())
        {
            let pair = *reach.pair.get_or_insert_with(|| *InvitationSecret::generate().as_bytes());
            self.send(link, &LinkMessage::Pair(pair));
            self.out.push_back(Output::Changed(member));
        }
        let (received, acknowledged) = (told.received, told.acknowledged);
        self.out.push_back(Output::Met { by: member, received, acknowledged });
    }

    /// The lower member's secret of the two of us, or ours once the other has it.
    pub(super) fn on_pair(&mut self, around: Around<'_>, member: MemberId, secret: [u8; 32]) {
        let Some(party) = self.parties.get_mut(&member) else {
            return;
        };
        let Some(link) = party.own_link() else {
            return;
        };
        if member < around.directory.me() {
            party.reach.pair = Some(secret);
        } else if party.reach.pair != Some(secret) || party.reach.first_pair.is_none() {
            return;
        }
        // Nobody else who has the invitation is to find the two from here on.
        party.reach.first_pair = None;
        if member < around.directory.me() {
            self.send(link, &LinkMessage::Pair(secret));
        }
        self.out.push_back(Output::Changed(member));
    }
}

/// Shows without telling that both have the same secret.
fn check(pair: Option<[u8; 32]>) -> [u8; 8] {
    let mut first = [0; 8];
    if let Some(pair) = pair {
        first = digest(&SHA256, &pair).as_ref().first_chunk().copied().unwrap_or(first);
    }
    first
}
