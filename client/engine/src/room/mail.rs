//! The chat: every line reaches everyone it is for, once and in order, whenever they come.
//!
//! A sender counts its lines; a reader keeps the next one and says how far it is. What is not said to be kept is sent
//! again on the next link, so a line is lost by nobody's crash; what was kept already is only confirmed again, so it is
//! not shown twice. At most [`WINDOW`] lines to one reader are under way.

use std::collections::{BTreeMap, VecDeque};

use group_crypto::MemberId;

use super::{
    Output, chat_text,
    inside::Inside,
    keep::Keep,
    participant::Participant,
    send,
    wire::{LinkMessage, MAX_CHAT, MAX_TITLE, RoomMessage, Said},
};
use crate::{
    api::{Body, Line, RoomEvent, RoomKind},
    invitation::MAX_TEXT,
};

/// Lines to one reader that are sent and not yet confirmed.
const WINDOW: u64 = 32;
/// Own lines held in memory; a kept room reads older ones from the disk when somebody needs them, others forget them.
const HELD: usize = 512;
/// Messages protected in one epoch before it is renewed: a reader follows at most 1024 that they never saw (mls-rs).
const WORN: u32 = 600;

/// How far the chat with one member is.
#[derive(Clone, Copy, Default)]
pub(super) struct Post {
    /// The last of their lines that we have; `None`: they have not told where they begin.
    pub received: Option<u64>,
    /// The last of our lines that they have.
    pub acknowledged: u64,
    /// The last of our lines that is on its way to them.
    sent: u64,
    asked_again: bool,
}

impl Post {
    /// Of a member who gets what is said from now on.
    pub fn beginning(lines: u64) -> Self {
        Self { received: None, acknowledged: lines, sent: lines, asked_again: false }
    }

    pub fn restored(received: Option<u64>, acknowledged: u64) -> Self {
        Self { received, acknowledged, sent: acknowledged, asked_again: false }
    }
}

/// Our own lines.
#[derive(Default)]
pub(super) struct Mail {
    /// How many there are.
    pub lines: u64,
    held: BTreeMap<u64, (i64, Said)>,
    /// Lines behind this one are wanted from the disk.
    wanted: Option<u64>,
    /// Everybody has our lines up to this one, as told last.
    delivered: u64,
}

impl Mail {
    pub fn restored(lines: u64, delivered: u64) -> Self {
        Self { lines, delivered, ..Self::default() }
    }

    fn hold(&mut self, sequence: u64, at_ms: i64, said: Said) {
        self.held.insert(sequence, (at_ms, said));
        if self.held.len() > HELD {
            self.held.pop_first();
        }
    }

    pub fn take_wanted(&mut self) -> Option<u64> {
        self.wanted.take()
    }
}

impl Inside {
    pub fn say(&mut self, now: std::time::Instant, said: Said, out: &mut VecDeque<Output>) {
        let said = match said {
            Said::Text(text) => match chat_text(&text) {
                Ok(Some(text)) => Said::Text(text.to_owned()),
                Ok(None) => return,
                Err(trouble) => return self.trouble(trouble, out),
            },
            other => other,
        };
        self.mail.lines += 1;
        let (sequence, at_ms) = (self.mail.lines, self.own.clock.unix_ms(now));
        self.mail.hold(sequence, at_ms, said.clone());
        self.keep(Keep::Own { sequence, at_ms, said: said.clone() });
        out.push_back(Output::Event(RoomEvent::Said(Line {
            id: None,
            member: self.agreement.group().my_id(),
            name: self.own.name.clone(),
            mine: true,
            sequence,
            at_ms,
            body: said.into(),
            delivered: false,
        })));
        self.deliver(out);
    }

    /// Sends what readers may get now. One protected message serves all who are at the same line.
    pub fn deliver(&mut self, out: &mut VecDeque<Output>) {
        loop {
            let due = |p: &Participant| p.takes_lines() && p.post.sent < self.mail.lines;
            let Some(next) = self.participants.values().filter(|p| due(p)).map(|p| p.post.sent + 1).min() else {
                break;
            };
            let Some((at_ms, said)) = self.mail.held.get(&next).cloned() else {
                if self.kind == RoomKind::Ephemeral {
                    // Nobody has it any more: whoever missed it goes on behind it.
                    for p in self.participants.values_mut().filter(|p| p.post.sent + 1 == next) {
                        p.post.sent = next;
                    }
                    continue;
                }
                self.mail.wanted = Some(next - 1);
                break;
            };
            let message = RoomMessage::Line { sequence: next, at_ms, body: said };
            let Some(bytes) = self.protect(&message) else {
                break;
            };
            for p in self.participants.values_mut() {
                if let Some(link) = p.link.filter(|_| p.takes_lines() && p.post.sent + 1 == next) {
                    p.post.sent = next;
                    out.push_back(Output::Send { link, bytes: bytes.clone() });
                }
            }
        }
        self.tell_delivered(out);
    }

    /// Own lines from the disk, as [`super::Room::wanted_lines`] asked.
    pub fn lines_came(&mut self, lines: Vec<(u64, i64, Said)>, out: &mut VecDeque<Output>) {
        if lines.is_empty() {
            // Lines that were expired are nobody's to wait for.
            tracing::warn!("lines that are to be delivered are gone from the store");
            let lowest = self.participants.values().filter(|p| p.link.is_some()).map(|p| p.post.sent).min();
            for p in self.participants.values_mut().filter(|p| Some(p.post.sent) == lowest) {
                p.post.sent = self.mail.lines;
            }
            return;
        }
        for (sequence, at_ms, said) in lines {
            // What is asked for from the disk is needed now; the newest can be read again.
            self.mail.held.insert(sequence, (at_ms, said));
            if self.mail.held.len() > HELD {
                self.mail.held.pop_last();
            }
        }
        self.deliver(out);
    }

    pub fn line_came(&mut self, from: MemberId, (sequence, at_ms, said): (u64, i64, Said), out: &mut VecDeque<Output>) {
        let Some(p) = self.participants.get_mut(&from) else {
            return;
        };
        let Some(received) = p.post.received else {
            return;
        };
        if sequence != received + 1 {
            let again = sequence > received && !p.post.asked_again;
            p.post.asked_again |= again;
            return confirm(p, again, out);
        }
        let (name, id) = (p.name.clone(), p.member.id);
        p.post.received = Some(sequence);
        p.post.asked_again = false;
        if said.is_fine() {
            self.keep(Keep::Theirs { from: id, name: name.clone(), sequence, at_ms, said: said.clone() });
            let (mine, delivered) = (false, true);
            let body = said.into();
            let line = Line { id: None, member: id, name, mine, sequence, at_ms, body, delivered };
            out.push_back(Output::Event(RoomEvent::Said(line)));
        } else {
            // One who writes what cannot be shown is not asked for it again.
            let (received, acknowledged) = (sequence, self.participants[&from].post.acknowledged);
            self.keep(Keep::Begin { member: id, received, acknowledged });
        }
        if let Some(p) = self.participants.get_mut(&from) {
            confirm(p, false, out);
        }
    }

    /// What a member said while the keys were not common may be lost.
    pub fn ask_for_lines(&mut self, member: MemberId, out: &mut VecDeque<Output>) {
        if let Some(p) = self.participants.get(&member) {
            confirm(p, true, out);
        }
    }

    pub fn confirmed(&mut self, by: MemberId, up_to: u64, again: bool, out: &mut VecDeque<Output>) {
        let lines = self.mail.lines;
        let Some(p) = self.participants.get_mut(&by) else {
            return;
        };
        if up_to > lines {
            return;
        }
        if up_to > p.post.acknowledged {
            p.post.acknowledged = up_to;
            let member = p.member.id;
            p.post.sent = p.post.sent.max(up_to);
            self.keep(Keep::Acknowledged { member, up_to });
        }
        if let Some(p) = self.participants.get_mut(&by)
            && again
        {
            p.post.sent = p.post.acknowledged;
        }
        self.deliver(out);
    }

    /// Two members met on a link: both told what they have of each other.
    pub fn post_begins(
        &mut self,
        now: std::time::Instant,
        index: MemberId,
        theirs: Option<u64>,
        from: u64,
        out: &mut VecDeque<Output>,
    ) {
        let lines = self.mail.lines;
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        let post = &mut p.post;
        // What they say they have, as far as that can be.
        post.acknowledged = theirs.unwrap_or(post.acknowledged).clamp(post.acknowledged, lines.max(post.acknowledged));
        post.sent = post.acknowledged;
        post.asked_again = false;
        let (member, acknowledged) = (p.member.id, post.acknowledged);
        if post.received.is_none() {
            post.received = Some(from);
            let kept = p.keep();
            self.keep(kept);
            self.keep(Keep::Begin { member, received: from, acknowledged });
        } else {
            self.keep(Keep::Acknowledged { member, up_to: acknowledged });
        }
        self.renew_if_worn(now, out);
        self.deliver(out);
    }

    fn tell_delivered(&mut self, out: &mut VecDeque<Output>) {
        let everybody = self.participants.values().filter(|p| !p.said_goodbye).map(|p| p.post.acknowledged).min();
        let up_to = everybody.unwrap_or(0).min(self.mail.lines);
        if up_to > self.mail.delivered {
            self.mail.delivered = up_to;
            out.push_back(Output::Event(RoomEvent::Delivered { up_to }));
        }
    }

    /// Whether a new epoch is due before more is said.
    pub fn is_worn(&self) -> bool {
        self.agreement.group().generations_used() > WORN
    }
}

impl Participant {
    /// Nothing more is said to one who is to be removed.
    fn takes_lines(&self) -> bool {
        self.link.is_some() && !self.to_be_removed && self.post.window_is_open()
    }
}

impl Post {
    fn window_is_open(&self) -> bool {
        self.sent < self.acknowledged + WINDOW
    }
}

fn confirm(p: &Participant, again: bool, out: &mut VecDeque<Output>) {
    if let (Some(link), Some(up_to)) = (p.link, p.post.received) {
        send(out, link, &LinkMessage::Received { up_to, again });
    }
}

impl Said {
    fn is_fine(&self) -> bool {
        match self {
            Said::Text(text) => text.len() <= MAX_CHAT,
            Said::Invitation { title, link } => title.len() <= MAX_TITLE && link.len() <= MAX_TEXT,
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
