//! Our own lines, on their way to those who lack them.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::time::Instant;

use group_crypto::MemberId;

use super::{Chat, Output, post::Post};
use crate::{
    api::{RoomEvent, RoomKind},
    room::{
        keep::Keep,
        numbers::{Sequence, UnixMs},
        view::View,
        wire::{RoomMessage, Said},
    },
};

/// Lines wait for the next epoch when so many messages were sealed in this one, and leave room for what is not said again. The
/// agreement renews the keys well before that.
const WORN: u32 = 900;

impl Chat {
    /// Gives out the next message that somebody may get now. One protected message serves all who are at the same line.
    /// False: nothing more is due.
    pub(super) fn deliver_next(&mut self, view: View<'_>, sealed: u32) -> bool {
        let Some((after, next)) = self.next_due(view) else {
            return false;
        };
        if sealed > WORN {
            return false;
        }
        let message = match self.held.get(next).cloned() {
            Some((at_ms, body)) => RoomMessage::Line { sequence: next, at_ms, body },
            // Nobody has it any more: a reader that missed it goes on behind it.
            None if view.kind == RoomKind::Ephemeral => self.missing_from(next),
            None => {
                self.wanted = Some(after);
                return false;
            }
        };
        self.tell(view, after, message)
    }

    /// The line that the reader who is furthest behind gets next, and the one before it.
    fn next_due(&self, view: View<'_>) -> Option<(Sequence, Sequence)> {
        let due = |(member, post): &(&MemberId, &Post)| {
            post.sent < self.lines && post.takes_lines(view.members.get(**member))
        };
        let after = self.posts.iter().filter(due).map(|(_, post)| post.sent).min()?;
        Some((after, after.next()?))
    }

    /// Says that our lines from this one up to the next that is held are gone.
    fn missing_from(&self, sequence: Sequence) -> RoomMessage {
        let before = self.held.first_from(sequence).and_then(Sequence::previous);
        RoomMessage::Missing { up_to: before.unwrap_or(self.lines) }
    }

    /// Says a line, or that lines are missing, to all who have what is before it.
    fn tell(&mut self, view: View<'_>, after: Sequence, message: RoomMessage) -> bool {
        let up_to = match &message {
            RoomMessage::Line { sequence, .. } => *sequence,
            RoomMessage::Missing { up_to } => *up_to,
            _ => return false,
        };
        if up_to <= after {
            return false;
        }
        let mut to = Vec::new();
        for (member, post) in &mut self.posts {
            if post.sent == after && post.takes_lines(view.members.get(*member)) {
                post.sent = up_to;
                to.push(*member);
            }
        }
        self.reached = self.reached.max(up_to);
        self.out.push_back(Output::Tell { to, after, message });
        true
    }

    /// What was to be told to these members could not be sealed: it is still to be sent, with the next input.
    pub fn on_unsealed(&mut self, to: &[MemberId], after: Sequence) {
        for member in to {
            if let Some(post) = self.posts.get_mut(member) {
                post.sent = after;
            }
        }
        self.is_due = false;
    }

    /// Own lines from the disk, as [`Self::take_wanted`] asked: number, Unix time in milliseconds, content.
    pub fn on_lines_read(&mut self, view: View<'_>, lines: Vec<(u64, i64, Said)>) {
        let Some(after) = self.asked.take() else {
            return;
        };
        // The disk may have been written by a version that took any time for true.
        let lines = lines
            .into_iter()
            .map(|(sequence, at_ms, said)| (Sequence::clamped(sequence), UnixMs::clamped(at_ms), said));
        self.held.load(lines);
        if let Some(next) = after.next().filter(|next| self.held.get(*next).is_none()) {
            tracing::warn!("lines that are to be delivered are gone from the store");
            let message = self.missing_from(next);
            self.tell(view, after, message);
        }
        self.is_due = true;
    }

    /// A member says how far they are with our lines. `again`: lines behind that could not be read.
    ///
    /// Lines are sealed anew when they are sent again, as a reader that has opened a message once cannot open it again.
    pub fn on_received(&mut self, now: Instant, by: MemberId, up_to: Sequence, again: bool) {
        let Some(post) = self.posts.get_mut(&by).filter(|_| up_to <= self.lines) else {
            return;
        };
        let is_news = post.confirm(up_to, self.lines);
        if again {
            post.ask_resend();
            post.resend_if_due(now);
        }
        if is_news {
            self.out.push_back(Output::Keep(Keep::Acknowledged { member: by, up_to: up_to.get() }));
        }
        self.is_due = true;
    }

    /// Says up to which line everybody has ours, where that is news.
    pub(super) fn tell_delivered(&mut self, view: View<'_>) {
        let there = view.members.iter().filter(|member| !member.said_goodbye);
        let have = there.filter_map(|member| Some(self.posts.get(&member.id)?.progress().acknowledged));
        let up_to = have.min().unwrap_or_default().min(self.lines);
        if up_to > self.delivered {
            self.delivered = up_to;
            self.out.push_back(Output::Event(RoomEvent::Delivered { up_to: up_to.get() }));
        }
    }
}
