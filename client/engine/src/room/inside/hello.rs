//! Hello: which member is at the other end of a link, where they are in this run, and how far both are with each other.
//!
//! A link proves an endpoint's key, which is new in every run. The member's own signature binds it to the member, so
//! somebody who comes back with a new endpoint and a new address is known at once, by everyone in the room and nobody else.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{collections::VecDeque, time::Instant};

use aws_lc_rs::digest::{SHA256, digest};
use group_crypto::{InvitationSecret, MemberId, RunId};

use crate::rendezvous::Whereabouts;
use crate::room::{
    LinkId, Output,
    budget::Cost,
    inside::Inside,
    inside::whereabouts::is_well_formed,
    numbers::Sequence,
    output::send,
    wire::{Hello, LinkMessage, Statement, Streams},
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

impl Inside {
    /// Says who we are to the endpoint `to`. `whom`: the member that is meant, if that is known.
    pub fn say_hello(&mut self, link: LinkId, to: [u8; 32], whom: Option<MemberId>, out: &mut VecDeque<Output>) {
        let Some(statement) = self.own_statement() else {
            return tracing::error!("a hello could not be signed");
        };
        let p = whom.and_then(|whom| self.participants.get(&whom));
        let progress = whom.map(|whom| self.chat.progress(whom)).unwrap_or_default();
        let at = &self.about.own.at;
        let mut hello = Hello {
            member: self.membership.agreement.group().my_id().0,
            whom: whom.map(|whom| whom.0),
            run: *self.about.own.run.as_bytes(),
            fingerprint: self.about.own.certificate.fingerprint().0,
            relays: at.relays.clone(),
            addresses: at.addresses.clone(),
            stated: statement.number,
            statement: statement.signature,
            received: progress.received,
            acknowledged: progress.acknowledged,
            pair: check(p.and_then(|p| p.reach.pair)),
            streams: self.call.streams(),
            abilities: self.about.own.abilities.clone(),
            signature: Vec::new(),
        };
        let Ok(signature) = self.membership.agreement.group().sign(LABEL, &hello.content(&at.endpoint, &to)) else {
            return tracing::error!("a hello could not be signed");
        };
        hello.signature = signature;
        send(out, link, &LinkMessage::Hello(hello));
    }

    /// The member a Hello is from, if its signature is theirs. They may have been lost.
    pub fn check_hello(&self, link: LinkId, from: &[u8; 32], hello: &Hello) -> Option<MemberId> {
        let id = MemberId(hello.member);
        let is_known = self.participants.contains_key(&id) || self.membership.agreement.knows(id);
        if id == self.membership.agreement.group().my_id()
            || !is_known
            || !is_well_formed(&hello.relays, hello.addresses.len())
        {
            return None;
        }
        // The member in between can read a Hello and repeat it on a way of its own.
        if self.links.forwarding.way(link).is_some_and(|way| way.to != id) {
            return None;
        }
        let content = hello.content(from, &self.about.own.at.endpoint);
        self.membership.agreement.verify(id, LABEL, &content, &hello.signature).then_some(id)
    }

    /// A member has said Hello on a link that is now theirs.
    pub fn greeted(&mut self, now: Instant, index: MemberId, from: [u8; 32], hello: Hello, out: &mut VecDeque<Output>) {
        let (us, streams) = (self.membership.agreement.group().my_id(), self.call.streams());
        let told = Told::from(&hello);
        let at = Whereabouts { endpoint: from, relays: hello.relays, addresses: hello.addresses };
        let (number, signature) = (hello.stated, hello.statement);
        let statement = Statement { member: hello.member, at: (&at).into(), number, signature };
        let statement = Some(statement).filter(|statement| self.is_theirs(statement));
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        let Some(link) = p.link else {
            return;
        };
        if p.greeting.dialled {
            // Our own Hello was said when the link opened; what has changed since, nobody has told them.
            send(out, link, &LinkMessage::Streams(streams));
        }
        let in_new_run = p.fingerprint != hello.fingerprint;
        if in_new_run {
            self.links.forwarding.forget_seen_by(index);
        }
        let moved = p.reach.at != at;
        // What it says about the chat and the pair's secret is about the member that was meant. One who took our endpoint
        // for another's says Hello once more when they have heard ours.
        let told = match hello.whom {
            Some(whom) if whom == us.0 => Some(told),
            Some(_) => None,
            None => Some(Told::nothing()),
        };
        p.greeting.is_misdialled = told.is_none();
        if in_new_run {
            // They count anew what they tell of it.
            p.streams = Streams::default();
        }
        let theirs = if p.streams.number <= hello.streams.number { hello.streams } else { p.streams };
        p.on_hello(at, hello.fingerprint, hello.abilities);
        p.reach.stated.prove(statement);
        let member = p.member.id;
        self.in_media(now, out, |media, _| media.on_hello(member, RunId::from_bytes(hello.run), in_new_run));
        self.keep_member(member);
        self.membership.agreement.linked(now, index);
        self.carry_out(now, out);
        if let Some(told) = told {
            self.told_by_hello(now, index, told, out);
        }
        self.in_call(now, out, |call, view, rows| call.on_streams(view, index, theirs, rows));
        self.in_media(now, out, |media, at| media.tell_candidates(at, index));
        self.tell_of_newcomer(now, member, moved, out);
        self.in_media(now, out, |media, at| media.retry_parked(at));
    }

    /// A Hello on a link that is the member's already. It says something new only after one that was meant for another.
    pub fn greeted_again(&mut self, now: Instant, index: MemberId, hello: &Hello, out: &mut VecDeque<Output>) {
        let waiting = self.participants.get(&index).filter(|p| p.greeting.is_misdialled);
        let Some((link, from)) = waiting.and_then(|p| Some((p.link?, p.reach.at.endpoint))) else {
            return;
        };
        let is_for_us = hello.whom == Some(self.membership.agreement.group().my_id().0);
        if !is_for_us || self.check_hello(link, &from, hello) != Some(index) {
            self.charge(now, index, Cost::Unreadable, out);
            return;
        }
        if let Some(p) = self.participants.get_mut(&index) {
            p.greeting.is_misdialled = false;
        }
        self.told_by_hello(now, index, Told::from(hello), out);
    }

    fn told_by_hello(&mut self, now: Instant, index: MemberId, told: Told, out: &mut VecDeque<Output>) {
        let us = self.membership.agreement.group().my_id();
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        let mut is_changed = false;
        if p.reach.pair.is_some() && told.pair == check(p.reach.pair) && p.reach.first_pair.take().is_some() {
            is_changed = true;
        }
        // The lower of the two makes what both find each other by.
        // Never by way of another, who could read it and find the two for good.
        if us < index
            && (p.reach.pair.is_none() || told.pair != check(p.reach.pair))
            && let Some(link) = p.link.filter(|link| !link.is_through())
        {
            let pair = p.reach.pair.unwrap_or_else(|| *InvitationSecret::generate().as_bytes());
            p.reach.pair = Some(pair);
            send(out, link, &LinkMessage::Pair(pair));
            is_changed = true;
        }
        if is_changed {
            self.keep_member(index);
        }
        self.renew_imported_keys(now, out);
        self.in_chat(now, out, |chat, _, _| chat.on_met(now, index, told.received, told.acknowledged));
    }

    /// The lower member's secret of the two of us, or ours once the other has it.
    pub fn on_pair(&mut self, index: MemberId, secret: [u8; 32], out: &mut VecDeque<Output>) {
        let us = self.membership.agreement.group().my_id();
        let Some(p) = self.participants.get_mut(&index).filter(|p| !p.lacks_link()) else {
            return;
        };
        if index < us {
            p.reach.pair = Some(secret);
            if let Some(link) = p.link {
                send(out, link, &LinkMessage::Pair(secret));
            }
        } else if p.reach.pair != Some(secret) || p.reach.first_pair.is_none() {
            return;
        }
        // Nobody else who has the invitation is to find the two from here on.
        p.reach.first_pair = None;
        self.keep_member(index);
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
