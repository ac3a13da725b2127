//! What is said on links: by whom, and where it goes.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::collections::VecDeque;

use group_crypto::MemberId;

use super::{Around, Links, Output};
use crate::room::{
    budget::{Cost, Heard, Spent},
    link::LinkId,
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
pub(super) struct Unread {
    queue: VecDeque<Said>,
    bytes: usize,
    /// How deep the one that is being read lay within others.
    depth: u8,
}

/// Bytes: decoded, they may take some times the memory.
struct Said {
    link: LinkId,
    bytes: Vec<u8>,
    depth: u8,
}

impl Unread {
    fn push(&mut self, said: Said) {
        if self.queue.len() >= UNREAD || self.bytes.saturating_add(said.bytes.len()) > UNREAD_BYTES {
            return tracing::debug!("too much is said at once; a message is dropped");
        }
        self.bytes = self.bytes.saturating_add(said.bytes.len());
        self.queue.push_back(said);
    }

    fn pop(&mut self) -> Option<Said> {
        let said = self.queue.pop_front()?;
        self.bytes = self.bytes.saturating_sub(said.bytes.len());
        self.depth = said.depth;
        Some(said)
    }
}

impl Links {
    pub fn on_message(&mut self, around: Around<'_>, link: LinkId, bytes: Vec<u8>) {
        self.hear(around, Said { link, bytes, depth: 0 });
    }

    /// A message that lay within another. It is read after that one.
    pub(super) fn heard_within(&mut self, around: Around<'_>, link: LinkId, bytes: Vec<u8>) {
        let depth = self.unread.depth.saturating_add(1);
        if depth > DEEPEST {
            return tracing::debug!("messages lie too deep within each other; one is dropped");
        }
        self.hear(around, Said { link, bytes, depth });
    }

    /// A Hello that was said on a link before its member was known. It was counted as a stranger's.
    pub(super) fn heard_before(&mut self, link: LinkId, bytes: Vec<u8>) {
        self.unread.push(Said { link, bytes, depth: self.unread.depth });
    }

    fn hear(&mut self, around: Around<'_>, said: Said) {
        let stranger = self.strangers.get_mut(&said.link);
        if stranger.is_none_or(|stranger| stranger.may_say(said.bytes.len())) {
            self.unread.push(said);
        } else {
            self.lose_link(around, said.link);
        }
    }

    /// Reads the next message as far as the budget of its member goes, so that what it leads to is done before the one behind
    /// it is read. False once there is none.
    pub fn read_next(&mut self, around: Around<'_>) -> bool {
        if let Some(said) = self.unread.pop() {
            self.read(around, said);
            return true;
        }
        self.unread.depth = 0;
        let held = self.parties.values_mut().find_map(|party| Some((party.id, party.inbox.next(around.now)?)));
        let Some((member, message)) = held else {
            return false;
        };
        self.member_said(around, member, message);
        true
    }

    fn read(&mut self, around: Around<'_>, Said { link, bytes, depth }: Said) {
        let Some(message) = wire::decode(&bytes) else {
            tracing::debug!("a link said what cannot be read; it is closed");
            return self.lose_link(around, link);
        };
        if depth > 0 && matches!(message, LinkMessage::Forward { .. } | LinkMessage::Forwarded { .. }) {
            // What is passed on has no place within a message of the group.
            return;
        }
        let length = bytes.len();
        let Some(member) = self.by_link(link) else {
            return self.stranger_said(around, link, message, bytes);
        };
        if let LinkMessage::Forwarded { from, .. } = &message {
            // It is another's word, so nothing of the member's own waits for it, and too much of it is dropped. From whom
            // it is, the member only says; it is not from the member itself, and from nobody who could have said it to us.
            let from = MemberId(*from);
            if from != member
                && self.parties.get(&from).is_some_and(|party| party.needs_others(around.now))
                && self.affords(around, member, Cost::Forwarded(length))
                && self.forwarding.limits.leaves_room(around.now, member, from, length)
            {
                self.member_said(around, member, message);
            }
            return;
        }
        let Some(party) = self.parties.get_mut(&member) else {
            return;
        };
        match party.inbox.hear(around.now, message, bytes) {
            Heard::Now(message) => self.member_said(around, member, *message),
            Heard::Later => {}
            Heard::TooMuch => {
                tracing::debug!(?member, "a member says more than anybody may; their link is closed");
                self.lose_link(around, link);
            }
        }
    }

    /// Charges a member for what is about to be done at their word. False: it is not to be done, and one who goes on all
    /// the same loses their link.
    pub fn charge(&mut self, around: Around<'_>, member: MemberId, cost: Cost) -> bool {
        let Some(party) = self.parties.get_mut(&member) else {
            return false;
        };
        match party.inbox.budget.charge(around.now, cost) {
            Ok(()) => true,
            Err(Spent::Until(_)) => false,
            Err(Spent::Overuse) => {
                if let Some(link) = party.link {
                    tracing::debug!(?member, "a member costs more than anybody may; their link is closed");
                    self.lose_link(around, link);
                }
                false
            }
        }
    }

    /// Charges a member for what is done at their word, though it may have come from another.
    pub(super) fn affords(&mut self, around: Around<'_>, member: MemberId, cost: Cost) -> bool {
        self.parties.get_mut(&member).is_some_and(|party| party.inbox.budget.affords(around.now, cost))
    }

    fn member_said(&mut self, around: Around<'_>, by: MemberId, message: LinkMessage) {
        if !self.parties.contains_key(&by) {
            return;
        }
        self.out.push_back(Output::Heard(by));
        match message {
            LinkMessage::Pair(secret) => self.on_pair(around, by, secret),
            LinkMessage::Forward { to, sealed } => self.pass_on(around, by, MemberId(to), sealed),
            LinkMessage::Forwarded { from, sealed } => self.on_forwarded(around, by, MemberId(from), &sealed),
            LinkMessage::Sees(sees) => {
                self.forwarding.on_sees(by, sees.into_iter().map(MemberId).collect());
                self.follow_forwarding(around);
            }
            LinkMessage::Rest => self.on_rest(around, by),
            LinkMessage::Hello(hello) => self.greeted_again(around, by, &hello),
            // A member has no business at the door, and what a later version says is skipped.
            LinkMessage::Unknown
            | LinkMessage::Join { .. }
            | LinkMessage::Wait
            | LinkMessage::Instead(_)
            | LinkMessage::Classical
            | LinkMessage::Admitted { .. }
            | LinkMessage::Removed { .. }
            | LinkMessage::Refused(_) => {}
            LinkMessage::Group(_)
            | LinkMessage::Streams(_)
            | LinkMessage::Received { .. }
            | LinkMessage::Goodbye(_)
            | LinkMessage::Handshake { .. }
            | LinkMessage::Probe { .. }
            | LinkMessage::Verdict { .. }
            | LinkMessage::Candidates { .. }
            | LinkMessage::Want(_)
            | LinkMessage::Spare(_)
            | LinkMessage::Carry(_)
            | LinkMessage::Carries { .. }
            | LinkMessage::Through(_) => self.out.push_back(Output::Said { by, message }),
        }
    }

    /// A member's program ends. They will dial, or be found; until then nobody need wonder where they are.
    fn on_rest(&mut self, around: Around<'_>, member: MemberId) {
        let Some(party) = self.parties.get_mut(&member) else {
            return;
        };
        party.reach.is_seen = false;
        if let Some(link) = party.link {
            self.lose_link(around, link);
        }
    }
}
