//! What one member may cost the others: messages and their bytes, media, dials, offers, proposals, durable writes.
//!
//! Every cost is charged to the member whose word causes it, where that word comes in (see `hearing`). A member whose
//! budget is used up waits; one who goes on all the same loses their own link, and nobody else's.
//!
//! Two costs are charged elsewhere, by the same rule: what lines take on the disk in `chat` and `rows`, where a line waits
//! with its sender, and the time to decode pictures in `studio::turns`. That time is known only after the picture was decoded,
//! on another thread and behind a queue, and a stream that has used up its share rests there at once; a charge here would come
//! later and take the member's voice and words away with their link.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

#[cfg(test)]
mod tests;

use std::{collections::VecDeque, time::Instant};

use super::{
    meter::{Limit, Meter},
    wire::{self, LinkMessage},
};

/// Messages of one member that wait for their budget, and their bytes; beyond either the member's link is closed.
const HELD: usize = 1024;
const HELD_BYTES: usize = 1024 * 1024;

/// Something that a member's word makes this program do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// To read a link message of so many bytes.
    Message(usize),
    /// To read a media datagram of so many bytes that came over the link.
    Datagram(usize),
    /// To pass on a message of so many bytes to another member.
    Forward(usize),
    /// To pass on a media datagram of so many bytes.
    ForwardMedia(usize),
    /// To read a message of so many bytes that another member wrote: charged to the one it came by.
    Forwarded(usize),
    /// To dial where a member is said to be, by a statement of their own that others tell.
    Dial,
    /// To tell everybody where a member is now, and the member where everybody is.
    Move,
    /// To send lines of the chat once more.
    Resend,
    /// To begin media anew, or to try other addresses for it.
    Offer,
    /// To note where a member is now, by a statement of their own that others tell.
    Statement,
    /// To go by another name, which everybody reads and keeps.
    Name,
    /// To be found by another secret, which is written and published anew.
    Pair,
    /// To try keys on a message that none of them opens.
    Unreadable,
    /// To follow a message about keys, or to do what it proposes.
    Proposal,
    /// To take in a Hello, and to answer with all that is said on a link that begins.
    Greeting,
    /// To tell a commit of so many bytes that the member missed.
    Told(usize),
}

/// Why something is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spent {
    /// The budget suffices at this time, if nothing else is charged meanwhile.
    Until(Instant),
    /// It has been overdrawn for long: the member's link is to be closed.
    Overuse,
}

// A room of 128 whose members all come back at once stays within these, and so does a call of 16 by way of one member.
const MESSAGES: Limit = Limit::per_second(2500, 250);
const KIB: Limit = Limit::per_second(16 * 1024, 1024);
const DATAGRAM_KIB: Limit = Limit::per_second(8 * 1024, 4 * 1024);
/// What one passes on for several comes by one link.
const FORWARDED: Limit = Limit::per_second(5000, 500);
const FORWARDED_KIB: Limit = Limit::per_second(16 * 1024, 1024);
pub(super) const FORWARD_KIB: Limit = Limit::per_second(512, 128);
/// One who comes back tells and is told what both missed, at once.
pub(super) const FORWARDS: Limit = Limit::per_second(256, 64);
const FORWARD_MEDIA_KIB: Limit = Limit::per_second(1024, 1024);
/// One who is let in hears at once where everybody is.
const DIALS: Limit = Limit::per_second(256, 1);
const MOVES: Limit = Limit::per_minute(8, 6);
const RESENDS: Limit = Limit::per_second(32, 2);
const OFFERS: Limit = Limit::per_second(4, 1);
const PAIRS: Limit = Limit::per_minute(8, 6);
const STATEMENTS: Limit = Limit::per_second(2500, 4);
const NAMES: Limit = Limit::per_minute(16, 1);
const UNREADABLE: Limit = Limit::per_second(256, 4);
/// One who comes back after long is told of each epoch, and so is everybody when a room of 128 fills up.
const PROPOSALS: Limit = Limit::per_second(1024, 8);
/// Two members that dial each other at once greet each other twice, and one whose network is bad comes back every few
/// seconds.
const GREETINGS: Limit = Limit::per_minute(12, 30);
/// All commits that are kept twice, as a link may break on the way; then as fast as they are told again in the end.
const TOLD_KIB: Limit = Limit::per_second(4 * 1024, 64);
/// Refusals that are forgiven.
const REFUSALS: Limit = Limit::per_second(512, 8);

/// What one member has left.
#[derive(Default)]
pub(crate) struct Budget {
    messages: Meter,
    kib: Meter,
    datagram_kib: Meter,
    forwards: Meter,
    forward_kib: Meter,
    forward_media_kib: Meter,
    forwarded: Meter,
    forwarded_kib: Meter,
    dials: Meter,
    moves: Meter,
    resends: Meter,
    offers: Meter,
    statements: Meter,
    names: Meter,
    pairs: Meter,
    unreadable: Meter,
    proposals: Meter,
    greetings: Meter,
    told_kib: Meter,
    refusals: Meter,
}

impl Budget {
    /// Charges what is about to be done.
    ///
    /// # Errors
    /// [`Spent`] when it is not to be done. Nothing is charged then, and the refusal is counted.
    pub fn charge(&mut self, now: Instant, cost: Cost) -> Result<(), Spent> {
        let Err(until) = self.take(now, &[Some(cost)]) else {
            return Ok(());
        };
        // Media comes as fast as somebody's own estimate says, and commits for a member who was away as fast as they are asked
        // for. What is too much to be passed on is dropped, as by any network, and is no offence.
        if matches!(cost, Cost::Datagram(_) | Cost::ForwardMedia(_) | Cost::Forward(_)) {
            return Err(Spent::Until(until));
        }
        let is_forgiven = self.refusals.charge(now, 1, &REFUSALS).is_ok();
        Err(if is_forgiven { Spent::Until(until) } else { Spent::Overuse })
    }

    /// Charges for what others do at the member's word. Too much of it is left undone, and is no offence: a member who
    /// passes on what another says must not pay for it with their link.
    pub fn affords(&mut self, now: Instant, cost: Cost) -> bool {
        self.take(now, &[Some(cost)]).is_ok()
    }

    /// Charges for a link message: to read it, and what it asks for.
    ///
    /// # Errors
    /// The time at which the budget suffices. Nothing is charged then.
    fn charge_message(&mut self, now: Instant, length: usize, asks: Option<Cost>) -> Result<(), Instant> {
        self.take(now, &[Some(Cost::Message(length)), asks])
    }

    /// Takes all of it or nothing.
    fn take(&mut self, now: Instant, costs: &[Option<Cost>]) -> Result<(), Instant> {
        let mut until = None;
        for cost in costs.iter().flatten() {
            for (meter, units, limit) in self.meters(*cost).into_iter().flatten() {
                if let Err(at) = meter.after(now, units, limit) {
                    until = until.max(Some(at));
                }
            }
        }
        if let Some(until) = until {
            return Err(until);
        }
        for cost in costs.iter().flatten() {
            for (meter, units, limit) in self.meters(*cost).into_iter().flatten() {
                // It was just seen to suffice.
                let _ = meter.charge(now, units, limit);
            }
        }
        Ok(())
    }

    fn meters(&mut self, cost: Cost) -> [Option<(&mut Meter, u32, &'static Limit)>; 2] {
        let kib = |bytes: usize| u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        match cost {
            Cost::Message(bytes) => [Some((&mut self.messages, 1, &MESSAGES)), Some((&mut self.kib, kib(bytes), &KIB))],
            // A KiB stands for a short packet, as reading one costs more than its bytes.
            Cost::Datagram(bytes) => [Some((&mut self.datagram_kib, kib(bytes), &DATAGRAM_KIB)), None],
            Cost::Forward(bytes) => {
                [Some((&mut self.forwards, 1, &FORWARDS)), Some((&mut self.forward_kib, kib(bytes), &FORWARD_KIB))]
            }
            Cost::ForwardMedia(bytes) => [Some((&mut self.forward_media_kib, kib(bytes), &FORWARD_MEDIA_KIB)), None],
            Cost::Forwarded(bytes) => [
                Some((&mut self.forwarded, 1, &FORWARDED)),
                Some((&mut self.forwarded_kib, kib(bytes), &FORWARDED_KIB)),
            ],
            Cost::Dial => [Some((&mut self.dials, 1, &DIALS)), None],
            Cost::Move => [Some((&mut self.moves, 1, &MOVES)), None],
            Cost::Resend => [Some((&mut self.resends, 1, &RESENDS)), None],
            Cost::Offer => [Some((&mut self.offers, 1, &OFFERS)), None],
            Cost::Statement => [Some((&mut self.statements, 1, &STATEMENTS)), None],
            Cost::Name => [Some((&mut self.names, 1, &NAMES)), None],
            Cost::Pair => [Some((&mut self.pairs, 1, &PAIRS)), None],
            Cost::Unreadable => [Some((&mut self.unreadable, 1, &UNREADABLE)), None],
            Cost::Proposal => [Some((&mut self.proposals, 1, &PROPOSALS)), None],
            Cost::Greeting => [Some((&mut self.greetings, 1, &GREETINGS)), None],
            Cost::Told(bytes) => [Some((&mut self.told_kib, kib(bytes), &TOLD_KIB)), None],
        }
    }
}

/// What a member has said and what waits to be read, in the order in which it came.
#[derive(Default)]
pub(super) struct Inbox {
    pub budget: Budget,
    held: VecDeque<Held>,
    held_bytes: usize,
}

/// A message that waits. It is decoded again when its time has come: decoded, it may take some times the memory.
struct Held {
    bytes: Vec<u8>,
    asks: Option<Cost>,
}

/// What becomes of a message that has just come.
pub(super) enum Heard {
    /// It is paid for and read now.
    Now(Box<LinkMessage>),
    /// It waits for the budget.
    Later,
    /// More waits than may.
    TooMuch,
}

impl Inbox {
    /// `bytes` are those of the message.
    pub fn hear(&mut self, now: Instant, message: LinkMessage, bytes: Vec<u8>) -> Heard {
        let asks = asked_by(&message);
        if self.held.is_empty() && self.budget.charge_message(now, bytes.len(), asks).is_ok() {
            return Heard::Now(Box::new(message));
        }
        let held_bytes = self.held_bytes.saturating_add(bytes.len());
        if self.held.len() >= HELD || held_bytes > HELD_BYTES {
            return Heard::TooMuch;
        }
        self.held_bytes = held_bytes;
        self.held.push_back(Held { bytes, asks });
        Heard::Later
    }

    /// The next that has waited, if the budget suffices now.
    pub fn next(&mut self, now: Instant) -> Option<LinkMessage> {
        let held = self.held.front()?;
        self.budget.charge_message(now, held.bytes.len(), held.asks).ok()?;
        let held = self.held.pop_front()?;
        self.held_bytes = self.held_bytes.saturating_sub(held.bytes.len());
        wire::decode(&held.bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Forgets what waits, as with a link that breaks.
    pub fn clear(&mut self) {
        self.held.clear();
        self.held_bytes = 0;
    }
}

/// What a link message asks for, beside to be read.
fn asked_by(message: &LinkMessage) -> Option<Cost> {
    match message {
        LinkMessage::Handshake { .. } | LinkMessage::Candidates { .. } => Some(Cost::Offer),
        LinkMessage::Pair(_) => Some(Cost::Pair),
        LinkMessage::Received { again: true, .. } => Some(Cost::Resend),
        _ => None,
    }
}
