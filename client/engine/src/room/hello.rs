//! Hello: which member is at the other end of a link, where they are in this run, and how far both are with each other.
//!
//! A link proves an endpoint's key, which is new in every run. The member's own signature binds it to the member, so
//! somebody who comes back with a new endpoint and a new address is known at once, by everyone in the room and nobody else.

use std::{collections::VecDeque, time::Instant};

use aws_lc_rs::digest::{SHA256, digest};
use group_crypto::{InvitationSecret, MemberId, RunId};

use super::{
    LinkId, Output,
    carrying::Coming,
    forward::is_forwarded,
    inside::Inside,
    keep::Keep,
    send,
    whereabouts::is_well_formed,
    wire::{Hello, Lines, LinkMessage, Statement},
};
use crate::rendezvous::Whereabouts;

const LABEL: &str = "hello";

impl Inside {
    /// Says who we are to the endpoint `to`, as the member it should be or has proven to be, if that is known.
    pub fn say_hello(&mut self, link: LinkId, to: [u8; 32], index: Option<MemberId>, out: &mut VecDeque<Output>) {
        let Some(statement) = self.own_statement() else {
            return tracing::error!("a hello could not be signed");
        };
        let p = index.and_then(|index| self.participants.get(&index));
        let at = &self.own.at;
        let mut hello = Hello {
            member: self.agreement.group().my_id().0,
            run: *self.own.run.as_bytes(),
            fingerprint: self.own.certificate.fingerprint().0,
            relays: at.relays.clone(),
            addresses: at.addresses.clone(),
            stated: statement.number,
            statement: statement.signature,
            received: p.and_then(|p| p.post.received),
            acknowledged: p.map(|p| p.post.acknowledged).unwrap_or_default(),
            pair: check(p.and_then(|p| p.pair)),
            streams: self.streams_now(),
            signature: Vec::new(),
        };
        let Ok(signature) = self.agreement.group().sign(LABEL, &hello.content(&at.endpoint, &to)) else {
            return tracing::error!("a hello could not be signed");
        };
        hello.signature = signature;
        send(out, link, &LinkMessage::Hello(hello));
    }

    /// The member a Hello is from, if its signature is theirs.
    pub fn check_hello(&self, from: &[u8; 32], hello: &Hello) -> Option<MemberId> {
        let well_formed = is_well_formed(&hello.relays, hello.addresses.len());
        let p = self.participants.values().find(|p| p.member.id.0 == hello.member && well_formed)?;
        let content = hello.content(from, &self.own.at.endpoint);
        self.agreement.verify(p.member.id, LABEL, &content, &hello.signature).then_some(p.member.id)
    }

    /// A member has said Hello on a link that is now theirs.
    pub fn greeted(&mut self, now: Instant, index: MemberId, from: [u8; 32], hello: Hello, out: &mut VecDeque<Output>) {
        let (us, streams) = (self.agreement.group().my_id(), self.streams_now());
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
        if p.link_dialled {
            // Our own Hello was said when the link opened; what has changed since, nobody has told them.
            send(out, link, &LinkMessage::Streams(streams));
        }
        // They may be in a new run, which knows nothing of the one before.
        p.wants = Lines::default();
        send(out, link, &LinkMessage::Want(p.asked_for(self.keeps_up_with)));
        let run = RunId::from_bytes(hello.run);
        self.keys.set_run(p.member.id, run);
        let in_new_run = p.fingerprint != hello.fingerprint;
        if in_new_run {
            // Another run: what there was of media is over.
            p.drop_media();
            p.generation = 0;
            (p.coming, p.spare_kbps) = (Coming::default(), 0);
        }
        let moved = p.at != at;
        if in_new_run || p.streams.number <= hello.streams.number {
            p.streams = hello.streams;
        }
        (p.at, p.fingerprint) = (at, hello.fingerprint);
        p.stated.prove(statement);
        // The lower of the two makes what both find each other by.
        // Never by way of another, who could read it and find the two for good.
        if us < p.member.id && (p.pair.is_none() || hello.pair != check(p.pair)) && !is_forwarded(link) {
            let pair = p.pair.unwrap_or_else(|| *InvitationSecret::generate().as_bytes());
            p.pair = Some(pair);
            send(out, link, &LinkMessage::Pair(pair));
        }
        let (kept, member) = (p.keep(), p.member.id);
        self.keep(kept);
        self.agreement.linked(now, index);
        self.carry_out(now, out);
        self.post_begins(now, index, hello.received, hello.acknowledged, out);
        self.call_greeted(now, index, out);
        self.tell_candidates(now, index, out);
        self.carrying.met(index, in_new_run);
        if moved {
            self.tell_where(member, out);
        }
        self.tell_where_all_are(index, out);
        self.retry_parked_frames(now, out);
    }

    /// The lower member's secret of the two of us.
    pub fn pair_came(&mut self, index: MemberId, secret: [u8; 32]) {
        let us = self.agreement.group().my_id();
        if let Some(p) = self.participants.get_mut(&index)
            && p.member.id < us
            && !p.lacks_link()
        {
            p.pair = Some(secret);
            let kept = p.keep();
            self.keep(kept);
        }
    }

    pub fn keep(&mut self, what: Keep) {
        if self.kind != crate::api::RoomKind::Ephemeral {
            self.kept.push(what);
        }
    }
}

/// Shows without telling that both have the same secret.
fn check(pair: Option<[u8; 32]>) -> [u8; 8] {
    let mut first = [0; 8];
    if let Some(pair) = pair {
        first.copy_from_slice(&digest(&SHA256, &pair).as_ref()[..8]);
    }
    first
}
