//! What is said on links: by whom, and where it goes.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{collections::VecDeque, time::Instant};

use group_crypto::MemberId;

use crate::api::{LeftBecause, ReadOnly, RoomEvent, RoomKind};
use crate::room::{
    LinkId, Output,
    budget::{Cost, Heard, Spent},
    inside::Inside,
    inside::participant::Participant,
    wire::{self, LinkMessage},
};

/// Messages, and their bytes, that are not read yet within one input; beyond it they are dropped.
const UNREAD: usize = 1024;
const UNREAD_BYTES: usize = 4 * 1024 * 1024;
/// How deep a message may lie within messages of the group. One is honest, and a second comes of messages that waited for
/// an epoch which a passed-on commit begins.
const DEEPEST: u8 = 2;

/// Messages in the order in which they are read. What is found within one of them goes to the end of the queue, so that
/// no message is read while another is.
#[derive(Default)]
pub(in crate::room) struct Unread {
    queue: VecDeque<Said>,
    bytes: usize,
    /// How deep the one that is being read lay within others.
    depth: u8,
}

struct Said {
    link: LinkId,
    message: LinkMessage,
    length: usize,
    depth: u8,
}

impl Unread {
    fn push(&mut self, said: Said) {
        if self.queue.len() >= UNREAD || self.bytes.saturating_add(said.length) > UNREAD_BYTES {
            return tracing::debug!("too much is said at once; a message is dropped");
        }
        self.bytes = self.bytes.saturating_add(said.length);
        self.queue.push_back(said);
    }

    fn pop(&mut self) -> Option<Said> {
        let said = self.queue.pop_front()?;
        self.bytes = self.bytes.saturating_sub(said.length);
        self.depth = said.depth;
        Some(said)
    }
}

impl Inside {
    pub fn link_message(&mut self, now: Instant, link: LinkId, bytes: Vec<u8>, out: &mut VecDeque<Output>) {
        let allowed = self.links.strangers.get_mut(&link).is_none_or(|stranger| stranger.may_say(bytes.len()));
        let message = if allowed { wire::decode::<LinkMessage>(&bytes) } else { None };
        match message {
            Some(message) => self.links.unread.push(Said { link, message, length: bytes.len(), depth: 0 }),
            None => {
                tracing::debug!("a link said what cannot be read; it is closed");
                self.lose_link(now, link, out);
            }
        }
    }

    /// A message that lay within another. It is read after that one, and only what has a place there.
    pub fn heard_within(&mut self, now: Instant, link: LinkId, bytes: &[u8], out: &mut VecDeque<Output>) {
        let depth = self.links.unread.depth.saturating_add(1);
        let allowed = self.links.strangers.get_mut(&link).is_none_or(|stranger| stranger.may_say(bytes.len()));
        match wire::decode::<LinkMessage>(bytes).filter(|_| allowed) {
            Some(LinkMessage::Forward { .. } | LinkMessage::Forwarded { .. }) => {}
            Some(_) if depth > DEEPEST => tracing::debug!("messages lie too deep within each other; one is dropped"),
            Some(message) => self.links.unread.push(Said { link, message, length: bytes.len(), depth }),
            None => self.lose_link(now, link, out),
        }
    }

    /// What was said on a link before it was known to be this member's.
    pub fn heard_before(&mut self, link: LinkId, said: Vec<LinkMessage>) {
        for message in said {
            // Its bytes were counted as a stranger's.
            self.links.unread.push(Said { link, message, length: 0, depth: self.links.unread.depth });
        }
    }

    pub fn lose_link(&mut self, now: Instant, link: LinkId, out: &mut VecDeque<Output>) {
        self.link_closed(now, link, out);
        out.push_back(Output::Close { link });
    }

    /// Reads what was said, one message after the other, as far as the budget of each member goes.
    pub fn read(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let waiting = self.participants.values().filter(|p| !p.inbox.is_empty()).map(|p| p.member.id);
        for member in waiting.collect::<Vec<_>>() {
            while let Some(message) = self.participants.get_mut(&member).and_then(|p| p.inbox.next(now)) {
                self.links.unread.depth = 0;
                self.member_said(now, member, message, out);
                self.read_new(now, out);
            }
        }
        self.read_new(now, out);
        self.links.unread.depth = 0;
    }

    fn read_new(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        while let Some(Said { link, message, length, .. }) = self.links.unread.pop() {
            let Some(member) = self.by_link(link) else {
                self.stranger_said(now, link, message, out);
                continue;
            };
            if let LinkMessage::Forwarded { from, .. } = &message {
                // It is another's word, so nothing of the member's own waits for it, and too much of it is dropped. From whom
                // it is, the member only says.
                let from = MemberId(*from);
                if self.participants.contains_key(&from)
                    && self.affords(now, member, Cost::Forwarded(length))
                    && self.links.forwarding.limits.leaves_room(now, member, from, length)
                {
                    self.member_said(now, member, message, out);
                }
                continue;
            }
            let Some(p) = self.participants.get_mut(&member) else { continue };
            match p.inbox.hear(now, message, length) {
                Heard::Now(message) => self.member_said(now, member, *message, out),
                Heard::Later => {}
                Heard::TooMuch => {
                    tracing::debug!(?member, "a member says more than anybody may; their link is closed");
                    self.lose_link(now, link, out);
                }
            }
        }
    }

    /// Charges a member for what is about to be done at their word. False: it is not to be done, and one who goes on all
    /// the same loses their link.
    pub fn charge(&mut self, now: Instant, member: MemberId, cost: Cost, out: &mut VecDeque<Output>) -> bool {
        let Some(p) = self.participants.get_mut(&member) else {
            return false;
        };
        match p.inbox.budget.charge(now, cost) {
            Ok(()) => true,
            Err(Spent::Until(_)) => false,
            Err(Spent::Overuse) => {
                if let Some(link) = p.link {
                    tracing::debug!(?member, "a member costs more than anybody may; their link is closed");
                    self.lose_link(now, link, out);
                }
                false
            }
        }
    }

    /// Charges a member for what is done at their word, though it may have come from another.
    pub fn affords(&mut self, now: Instant, member: MemberId, cost: Cost) -> bool {
        self.participants.get_mut(&member).is_some_and(|p| p.inbox.budget.affords(now, cost))
    }

    pub fn by_link(&self, link: LinkId) -> Option<MemberId> {
        let theirs = |p: &&Participant| p.link == Some(link) || p.former_link.is_some_and(|(former, _)| former == link);
        self.participants.values().find(theirs).map(|p| p.member.id)
    }

    pub fn member_said(&mut self, now: Instant, index: MemberId, message: LinkMessage, out: &mut VecDeque<Output>) {
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        self.media.on_heard(now, index);
        match message {
            LinkMessage::Group(bytes) => _ = self.group_message(now, index, &bytes, out),
            LinkMessage::Pair(secret) => self.on_pair(index, secret, out),
            LinkMessage::Streams(streams) => {
                self.in_call(now, out, |call, view, rows| call.on_streams(view, index, streams, rows));
            }
            LinkMessage::Handshake { .. }
            | LinkMessage::Probe { .. }
            | LinkMessage::Verdict { .. }
            | LinkMessage::Candidates { .. }
            | LinkMessage::Want(_)
            | LinkMessage::Spare(_)
            | LinkMessage::Carry(_)
            | LinkMessage::Carries { .. }
            | LinkMessage::Through(_) => self.in_media(now, out, |media, at| media.on_message(at, index, message)),
            LinkMessage::Received { up_to, again } => {
                self.in_chat(now, out, |chat, _, _| chat.on_received(now, index, up_to, again));
            }
            LinkMessage::Forward { to, sealed } => self.pass_on(now, index, to, sealed, out),
            LinkMessage::Forwarded { from, sealed } => self.on_forwarded(now, index, from, sealed, out),
            LinkMessage::Sees(sees) => {
                let sees = sees.into_iter().map(MemberId).collect();
                self.in_forwarding(now, out, |forwarding| forwarding.on_sees(index, sees));
            }
            LinkMessage::Goodbye(statement) => self.goodbye(now, index, statement, out),
            LinkMessage::Rest => {
                // They will dial, or be found; until then nobody need wonder where they are.
                p.reach.seen = false;
                if let Some(link) = p.link {
                    self.link_closed(now, link, out);
                    out.push_back(Output::Close { link });
                }
            }
            LinkMessage::Hello(hello) => self.greeted_again(now, index, &hello, out),
            // A member has no business at the door, and what a later version says is skipped.
            LinkMessage::Unknown
            | LinkMessage::Join { .. }
            | LinkMessage::Wait
            | LinkMessage::Instead(_)
            | LinkMessage::Classical
            | LinkMessage::Admitted { .. }
            | LinkMessage::Removed { .. }
            | LinkMessage::Refused(_) => {}
        }
    }

    fn goodbye(&mut self, now: Instant, index: MemberId, statement: Vec<u8>, out: &mut VecDeque<Output>) {
        if !self.membership.agreement.is_goodbye(index, &statement) {
            self.charge(now, index, Cost::Unreadable, out);
            return;
        }
        if let Some(p) = self.participants.get_mut(&index)
            && !p.standing.said_goodbye
        {
            p.standing.said_goodbye = true;
            self.media.drop_path(index);
            if let Some(link) = p.link.take() {
                out.push_back(Output::Close { link });
            }
            out.push_back(Output::Event(RoomEvent::Left { member: p.member.id, why: LeftBecause::Goodbye }));
            self.in_forwarding(now, out, |forwarding| forwarding.on_unlinked(index));
            if self.about.kind == RoomKind::Contact {
                // There is nobody left to have a relationship with. What was said stays until we delete it.
                return self.close(now, ReadOnly::ContactEnded, out);
            }
            self.membership.agreement.part(now, index, statement);
            self.carry_out(now, out);
        }
    }
}
