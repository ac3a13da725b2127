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
    participant::Participant,
    send,
    wire::{Hello, Lines, LinkMessage, Located, RoomMessage},
};
use crate::rendezvous::Whereabouts;

const LABEL: &str = "hello";
const MAX_RELAYS: usize = 4;
const MAX_ADDRESSES: usize = 16;
const MAX_RELAY: usize = 256;

impl Inside {
    /// Says who we are to the endpoint `to`, as the member it should be or has proven to be, if that is known.
    pub fn say_hello(&mut self, link: LinkId, to: [u8; 32], index: Option<MemberId>, out: &mut VecDeque<Output>) {
        let p = index.and_then(|index| self.participants.get(&index));
        let at = &self.own.at;
        let mut hello = Hello {
            member: self.agreement.group().my_id().0,
            run: *self.own.run.as_bytes(),
            fingerprint: self.own.certificate.fingerprint().0,
            relays: at.relays.clone(),
            addresses: at.addresses.clone(),
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
        let well_formed = hello.relays.len() <= MAX_RELAYS
            && hello.relays.iter().all(|relay| relay.len() <= MAX_RELAY)
            && hello.addresses.len() <= MAX_ADDRESSES;
        let p = self.participants.values().find(|p| p.member.id.0 == hello.member && well_formed)?;
        let content = hello.content(from, &self.own.at.endpoint);
        self.agreement.verify(p.member.id, LABEL, &content, &hello.signature).then_some(p.member.id)
    }

    /// A member has said Hello on a link that is now theirs.
    pub fn greeted(&mut self, now: Instant, index: MemberId, from: [u8; 32], hello: Hello, out: &mut VecDeque<Output>) {
        let (us, streams) = (self.agreement.group().my_id(), self.streams_now());
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
        let at = Whereabouts { endpoint: from, relays: hello.relays, addresses: hello.addresses };
        let moved = p.at != at;
        if in_new_run || p.streams.number <= hello.streams.number {
            p.streams = hello.streams;
        }
        (p.at, p.fingerprint) = (at, hello.fingerprint);
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

    /// Tells the others where a member is whose card says something older: they may not have found them.
    fn tell_where(&mut self, member: MemberId, out: &mut VecDeque<Output>) {
        if self.participants.len() < 2 {
            return;
        }
        let Some(p) = self.participants.get(&member) else {
            return;
        };
        let message = RoomMessage::Whereabouts(vec![located(p)]);
        let others: Vec<_> = self
            .participants
            .values()
            .filter(|p| p.member.id != member && p.link.is_some())
            .map(|p| p.member.id)
            .collect();
        for index in others {
            self.tell_one(index, &message, out);
        }
    }

    /// Tells one who has just come where those are with whom we have a link.
    fn tell_where_all_are(&mut self, index: MemberId, out: &mut VecDeque<Output>) {
        let linked = self.participants.values().filter(|p| p.member.id != index && p.link.is_some());
        let told: Vec<_> = linked.map(located).collect();
        if !told.is_empty() {
            self.tell_one(index, &RoomMessage::Whereabouts(told), out);
        }
    }

    /// Where a member was found, or is said to be. Only their Hello proves it.
    ///
    /// `searched`: by us, so they may not know that there is anybody to dial. What others tell, they tell both of a pair,
    /// and then the lower dials.
    pub fn found(
        &mut self,
        now: Instant,
        member: MemberId,
        at: Whereabouts,
        searched: bool,
        out: &mut VecDeque<Output>,
    ) {
        let us = self.agreement.group().my_id();
        // One endpoint is one member's.
        if self.participants.values().any(|p| p.member.id != member && p.at.endpoint == at.endpoint) {
            return;
        }
        let Some(p) = self.by_id(member) else {
            return;
        };
        if p.said_goodbye || at.relays.len() > MAX_RELAYS || at.addresses.len() > MAX_ADDRESSES {
            return;
        }
        if !p.lacks_link() {
            // Where they can be found next time, if it is they who say so: the endpoint of a link is proven.
            if p.at.endpoint == at.endpoint && p.at != at {
                p.at = at;
                let kept = p.keep();
                self.keep(kept);
            }
            return;
        }
        p.at = at;
        p.dial_at = Some(if searched || us < member { now } else { now + super::links::HIGHER_WAITS });
        self.look_after_links(now, out);
    }

    pub fn keep(&mut self, what: Keep) {
        if self.kind != crate::api::RoomKind::Ephemeral {
            self.kept.push(what);
        }
    }
}

fn located(p: &Participant) -> Located {
    Located { member: p.member.id.0, at: (&p.at).into() }
}

/// Shows without telling that both have the same secret.
fn check(pair: Option<[u8; 32]>) -> [u8; 8] {
    let mut first = [0; 8];
    if let Some(pair) = pair {
        first.copy_from_slice(&digest(&SHA256, &pair).as_ref()[..8]);
    }
    first
}
