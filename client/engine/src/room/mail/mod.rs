//! The chat: every line reaches everyone it is for, once and in order, whenever they come.
//!
//! A sender counts its lines; a reader keeps the next one and says how far it is. What is not said to be kept is sent
//! again on the next link, so a line is lost by nobody's crash; what was kept already is only confirmed again, so it is
//! not shown twice. At most [`WINDOW`](post::WINDOW) lines to one reader are under way. A reader takes lines in no faster
//! than the sender's budget allows and confirms them then, so a sender with much to say is slowed down and loses nothing.
//! Where a line is nowhere any more, its readers are told how many are missing, and go on.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

mod held;
mod post;
mod reading;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use group_crypto::MemberId;

use self::held::Held;
pub(super) use self::post::Post;
use super::{
    Output, chat_text,
    inside::Inside,
    keep::Keep,
    numbers::{Sequence, UnixMs},
    participant::Participant,
    wire::{MAX_CHAT, MAX_TITLE, RoomMessage, Said},
};
use crate::{
    api::{Body, Line, RoomEvent, RoomKind, Trouble},
    invitation::MAX_TEXT,
};

/// Messages protected in one epoch before it is renewed: a reader follows at most 1024 that they never saw (mls-rs).
const WORN: u32 = 600;
/// Lines wait for the next epoch from here on.
const WORN_OUT: u32 = 960;
/// A renewal that did not come is asked for again after this.
const RENEWAL: Duration = Duration::from_secs(10);

/// Our own lines.
pub(super) struct Mail {
    /// How many there are.
    pub lines: Sequence,
    held: Held,
    /// Lines behind this one are wanted from the disk, and were asked for.
    wanted: Option<Sequence>,
    asked: Option<Sequence>,
    /// Everybody has our lines up to this one, as told last.
    delivered: Sequence,
    /// Of which epoch's keys a renewal was asked for last, and when.
    renewal_asked: Option<(u64, Instant)>,
}

impl Mail {
    pub fn new(kind: RoomKind) -> Self {
        Self::restored(kind, Sequence::ZERO, Sequence::ZERO)
    }

    pub fn restored(kind: RoomKind, lines: Sequence, delivered: Sequence) -> Self {
        Self { lines, held: Held::new(kind), wanted: None, asked: None, delivered, renewal_asked: None }
    }

    pub fn take_wanted(&mut self) -> Option<u64> {
        self.asked = self.wanted.take();
        self.asked.map(Sequence::get)
    }
}

impl Inside {
    pub fn say(&mut self, now: Instant, said: Said, out: &mut VecDeque<Output>) {
        if self.is_read_only(out) {
            return;
        }
        let said = match said {
            Said::Text(text) => match chat_text(&text) {
                Ok(text) => Said::Text(text),
                Err(trouble) => return self.trouble(trouble, out),
            },
            other => other,
        };
        let Some(sequence) = self.mail.lines.next() else {
            return tracing::error!("a room can hold no more lines");
        };
        self.mail.lines = sequence;
        let at = UnixMs::clamped(self.own.clock.unix_ms(now));
        self.mail.held.push(sequence, at, said.clone());
        self.keep(Keep::Own { sequence: sequence.get(), at_ms: at.get(), said: said.clone() });
        out.push_back(Output::Event(RoomEvent::Said(Line {
            id: None,
            member: self.agreement.group().my_id(),
            name: self.own.name.clone(),
            mine: true,
            sequence: sequence.get(),
            at_ms: at.get(),
            body: said.into(),
            delivered: false,
        })));
        self.deliver(now, out);
    }

    /// Sends what readers may get now. One protected message serves all who are at the same line.
    pub fn deliver(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        while let Some((after, next)) = self.next_due() {
            if self.is_worn_out(now, out) {
                break;
            }
            let message = match self.mail.held.get(next).cloned() {
                Some((at_ms, body)) => RoomMessage::Line { sequence: next, at_ms, body },
                // Nobody has it any more: whoever missed it goes on behind it.
                None if self.kind == RoomKind::Ephemeral => self.missing_from(next),
                None => {
                    self.mail.wanted = Some(after);
                    break;
                }
            };
            if !self.send_line(after, &message, out) {
                break;
            }
        }
        self.tell_delivered(out);
    }

    /// The line that the reader who is furthest behind gets next, and the one before it.
    fn next_due(&self) -> Option<(Sequence, Sequence)> {
        let lines = self.mail.lines;
        let due = self.participants.values().filter(|p| p.takes_lines() && p.post.sent < lines);
        let after = due.map(|p| p.post.sent).min()?;
        Some((after, after.next()?))
    }

    /// Says that our lines from this one up to the next that is held are gone.
    fn missing_from(&self, sequence: Sequence) -> RoomMessage {
        let before = self.mail.held.first_from(sequence).and_then(Sequence::previous);
        RoomMessage::Missing { up_to: before.unwrap_or(self.mail.lines) }
    }

    /// Sends a line, or that lines are missing, to all who have what is before it.
    fn send_line(&mut self, after: Sequence, message: &RoomMessage, out: &mut VecDeque<Output>) -> bool {
        let up_to = match message {
            RoomMessage::Line { sequence, .. } => *sequence,
            RoomMessage::Missing { up_to } => *up_to,
            _ => return false,
        };
        let Some(bytes) = self.protect(message).filter(|_| up_to > after) else {
            return false;
        };
        for p in self.participants.values_mut() {
            if let Some(link) = p.link.filter(|_| p.takes_lines() && p.post.sent == after) {
                p.post.sent = up_to;
                out.push_back(Output::Send { link, bytes: bytes.clone() });
            }
        }
        true
    }

    /// Own lines from the disk, as [`super::Room::wanted_lines`] asked.
    pub fn lines_came(&mut self, now: Instant, lines: Vec<(u64, i64, Said)>, out: &mut VecDeque<Output>) {
        let Some(after) = self.mail.asked.take() else {
            return;
        };
        let lines = lines.into_iter().map(|(sequence, at_ms, said)| {
            // The disk may have been written by a version that took any time for true.
            (Sequence::clamped(sequence), UnixMs::clamped(at_ms), said)
        });
        self.mail.held.load(lines);
        if let Some(next) = after.next().filter(|next| self.mail.held.get(*next).is_none()) {
            tracing::warn!("lines that are to be delivered are gone from the store");
            let message = self.missing_from(next);
            self.send_line(after, &message, out);
        }
        self.deliver(now, out);
    }

    /// A member says how far they are with our lines; `again`: what came behind it could not be read.
    ///
    /// Lines are sealed anew when they are sent again, as one who has opened a message once cannot open it again.
    pub fn confirmed(&mut self, now: Instant, by: MemberId, up_to: Sequence, again: bool, out: &mut VecDeque<Output>) {
        let lines = self.mail.lines;
        let Some(p) = self.participants.get_mut(&by).filter(|_| up_to <= lines) else {
            return;
        };
        let is_news = p.post.confirm(up_to, lines);
        if again {
            p.post.ask_resend();
            p.post.resend_if_due(now);
        }
        if is_news {
            self.keep(Keep::Acknowledged { member: by, up_to: up_to.get() });
        }
        self.deliver(now, out);
    }

    /// Two members met on a link: both told what they have of each other.
    pub fn post_begins(
        &mut self,
        now: Instant,
        index: MemberId,
        theirs: Option<Sequence>,
        from: Sequence,
        out: &mut VecDeque<Output>,
    ) {
        let lines = self.mail.lines;
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        let post = &mut p.post;
        // What they say they have, as far as that can be.
        post.confirm(theirs.unwrap_or_default().min(lines), lines);
        post.begin_link();
        post.ask_resend();
        post.resend_if_due(now);
        let (member, acknowledged) = (p.member.id, post.acknowledged.get());
        if post.received.is_none() {
            post.received = Some(from);
            let kept = p.keep();
            self.keep(kept);
            self.keep(Keep::Begin { member, received: from.get(), acknowledged });
        } else {
            self.keep(Keep::Acknowledged { member, up_to: acknowledged });
        }
        self.renew_if_worn(now, out);
        self.deliver(now, out);
    }

    /// Does what is due in the chat by itself: lines that waited for a budget or an epoch, and those to be sent again.
    pub fn look_after_mail(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let busy: Vec<_> = self.participants.values().filter(|p| p.post.is_busy()).map(|p| p.member.id).collect();
        for member in busy {
            self.take_in_lines(now, member, out);
            if let Some(p) = self.participants.get_mut(&member) {
                p.post.resend_if_due(now);
            }
        }
        self.deliver(now, out);
        if self.rows.is_to_be_said(now) {
            self.trouble(Trouble::RoomIsCrowded, out);
        }
    }

    fn tell_delivered(&mut self, out: &mut VecDeque<Output>) {
        let everybody = self.participants.values().filter(|p| !p.said_goodbye).map(|p| p.post.acknowledged).min();
        let up_to = everybody.unwrap_or_default().min(self.mail.lines);
        if up_to > self.mail.delivered {
            self.mail.delivered = up_to;
            out.push_back(Output::Event(RoomEvent::Delivered { up_to: up_to.get() }));
        }
    }

    /// Whether a new epoch is due before more is said.
    pub fn is_worn(&self) -> bool {
        self.agreement.group().generations_used() > WORN
    }

    /// Whether lines have to wait for a new epoch, which is asked for well before that.
    fn is_worn_out(&mut self, now: Instant, out: &mut VecDeque<Output>) -> bool {
        if !self.is_worn() {
            return false;
        }
        let epoch = self.agreement.group().epoch();
        if self.mail.renewal_asked.is_none_or(|(of, at)| of != epoch || now.saturating_duration_since(at) >= RENEWAL) {
            self.mail.renewal_asked = Some((epoch, now));
            self.renew_if_worn(now, out);
        }
        self.agreement.group().generations_used() > WORN_OUT
    }
}

impl Participant {
    /// Nothing more is said to one who is to be removed.
    fn takes_lines(&self) -> bool {
        self.link.is_some() && !self.to_be_removed && self.post.window_is_open()
    }
}

impl Said {
    /// As it may be shown; `None` for what is too long, and for a link with white space, which could pass for several lines.
    pub fn plain(self) -> Option<Self> {
        match self {
            Said::Text(text) if text.len() <= MAX_CHAT => Some(Said::Text(group_crypto::plain_text(&text))),
            Said::Invitation { link, .. } if link.contains(char::is_whitespace) => None,
            Said::Invitation { title, link } if title.len() <= MAX_TITLE && link.len() <= MAX_TEXT => {
                Some(Said::Invitation {
                    title: group_crypto::plain_name(&title),
                    link: group_crypto::plain_text(&link),
                })
            }
            _ => None,
        }
    }

    /// In bytes.
    fn len(&self) -> usize {
        match self {
            Said::Text(text) => text.len(),
            Said::Invitation { title, link } => title.len().saturating_add(link.len()),
        }
    }
}

impl From<Said> for Body {
    fn from(said: Said) -> Self {
        match said {
            Said::Text(text) => Body::Text(text),
            Said::Invitation { title, link } => Body::Invitation { title, link },
        }
    }
}
