//! The chat: every line reaches everyone it is for, once and in order, whenever they come.
//!
//! A sender counts its lines; a reader keeps the next one and says how far it is. A line that is not said to be kept is sent
//! again on the next link, so no crash loses a line; a line that was kept already is only confirmed again, so it is not
//! shown twice. At most [`WINDOW`](post::WINDOW) lines to one reader are under way. A reader takes lines in no faster
//! than the sender's budget allows and confirms them then, so a sender with much to say is slowed down and loses nothing.
//! Where a line is nowhere any more, its readers are told how many are missing, and go on.
//!
//! [`Chat`] knows neither keys nor links. It is told what members say, and what it wants done comes out of [`Chat::poll`].
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

mod held;
mod older;
mod post;
mod reading;
mod said;
mod sending;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use group_crypto::MemberId;

use self::{held::Held, post::Post};

pub(crate) use self::said::checked_text;
use super::{
    content::{Changed, Meaning, Names, RoomUri},
    keep::Keep,
    numbers::{Progress, Sequence, UnixMs},
    rows::Rows,
    view::{MemberView, View},
    wire::{Ability, RoomMessage, Said},
};
use crate::api::{Body, Line, RoomEvent, RoomKind, Trouble};

/// What the chat wants of the rest of the room.
pub(super) enum Output {
    /// To be sealed for the group and sent to these members. If it cannot be sealed, [`Chat::on_unsealed`] is to be called.
    Tell {
        to: Vec<MemberId>,
        after: Sequence,
        message: RoomMessage,
    },
    /// Tells a member how far we are with their lines. `again`: lines behind that could not be read.
    Received {
        to: MemberId,
        up_to: Sequence,
        again: bool,
    },
    /// The chat with a member has begun, which is to be kept of them.
    Met(MemberId),
    /// Keys may have been used by another copy of this disk: they are to be renewed before anything more is said.
    Renew,
    Keep(Keep),
    /// A line is changed by another one.
    Changed(Changed),
    Event(RoomEvent),
    Trouble(Trouble),
}

pub(super) struct Chat {
    /// As message IDs know the room.
    room: RoomUri,
    /// How many lines are our own.
    lines: Sequence,
    held: Held,
    posts: BTreeMap<MemberId, Post>,
    /// Lines behind this one are wanted from the disk, and were asked for.
    wanted: Option<Sequence>,
    asked: Option<Sequence>,
    /// Everybody has our lines up to this one, as told last.
    delivered: Sequence,
    /// Nobody can have more of our lines from this disk: those that it had when this run began, and what was sent since.
    reached: Sequence,
    /// Members after whose word we counted on, in this run.
    counted_on: BTreeSet<MemberId>,
    /// Lines may be due to somebody.
    is_due: bool,
    out: VecDeque<Output>,
}

impl Chat {
    pub fn new(room: RoomUri, kind: RoomKind) -> Self {
        Self::restored(room, kind, Sequence::ZERO, Sequence::ZERO)
    }

    /// `lines`: the number of our own. `delivered`: everybody has them up to this one.
    pub fn restored(room: RoomUri, kind: RoomKind, lines: Sequence, delivered: Sequence) -> Self {
        Self {
            room,
            lines,
            held: Held::new(kind),
            posts: BTreeMap::new(),
            wanted: None,
            asked: None,
            delivered,
            reached: lines,
            counted_on: BTreeSet::new(),
            is_due: false,
            out: VecDeque::new(),
        }
    }

    /// Another group takes the place of the one in which nobody else ever was.
    pub fn begin_anew(&mut self, room: RoomUri) {
        self.room = room;
    }

    /// A member who gets what is said from now on, unless the chat with them has begun.
    pub fn begin(&mut self, member: MemberId) {
        self.posts.entry(member).or_insert_with(|| Post::beginning(self.lines));
    }

    /// A member with whom the disk has the chat so far.
    pub fn resume(&mut self, member: MemberId, progress: Progress) {
        self.posts.insert(member, Post::restored(progress));
    }

    pub fn forget(&mut self, member: MemberId) {
        self.posts.remove(&member);
    }

    pub fn progress(&self, member: MemberId) -> Progress {
        self.posts.get(&member).map(Post::progress).unwrap_or_default()
    }

    /// Whether something in the chat is done by itself within moments.
    pub fn is_busy(&self) -> bool {
        self.posts.values().any(Post::is_busy)
    }

    /// Own lines behind this one are to be read from the disk, for [`Self::on_lines_read`].
    pub fn take_wanted(&mut self) -> Option<u64> {
        self.asked = self.wanted.take();
        self.asked.map(Sequence::get)
    }

    /// Says a line of ours.
    pub fn say(&mut self, view: View<'_>, said: Said) {
        let said = match said.checked() {
            Ok(said) => said,
            Err(trouble) => return self.out.push_back(Output::Trouble(trouble)),
        };
        // A member whose program is older reads a plain text all the same.
        let is_read_by_all = view.members.iter().all(|member| member.has(Ability::Content));
        let older = if is_read_by_all { None } else { said.in_older_form() };
        let said = older.unwrap_or(said);
        let Some(sequence) = self.lines.next() else {
            return tracing::error!("a room can hold no more lines");
        };
        self.lines = sequence;
        let at = UnixMs::clamped(view.unix_ms());
        self.held.push(sequence, at, said.clone());
        let (names, meaning) = self.room.read(view.me.id, sequence, &said);
        let line = Line {
            mine: true,
            sequence: sequence.get(),
            delivered: false,
            ..Line::new(view.me.id, view.me.name.to_owned(), at.get(), Body::NeedsNewerVersion)
        };
        self.out.push_back(Output::Keep(Keep::Own { sequence: sequence.get(), at_ms: at.get(), said, names }));
        self.show(line, names, meaning);
        self.is_due = true;
    }

    /// Shows what a line says, or changes.
    fn show(&mut self, line: Line, names: Names, meaning: Meaning) {
        let by = line.member;
        self.out.extend(match meaning {
            Meaning::Says { body, reply_to } => {
                let message = names.message;
                Some(Output::Event(RoomEvent::Said(Line { body, message, reply_to, ..line })))
            }
            Meaning::Changes { target, change } => {
                names.message.map(|message| Output::Changed(Changed { by, message, target, change }))
            }
        });
    }

    /// Two members met on a link: both told what they have of each other.
    ///
    /// `theirs`: the last of our lines that they say they have. `from`: their lines count from behind this one for us.
    pub fn on_met(
        &mut self,
        view: View<'_>,
        member: MemberId,
        theirs: Option<Sequence>,
        from: Sequence,
        rows: &mut Rows,
    ) {
        self.count_on(view, member, theirs.unwrap_or_default());
        let Some(post) = self.posts.get_mut(&member) else {
            return;
        };
        let now = view.now;
        // What they say they have, as far as that can be.
        post.confirm(theirs.unwrap_or_default().min(self.lines), self.lines);
        post.begin_link();
        post.ask_resend();
        post.resend_if_due(now);
        let Progress { received, acknowledged } = post.progress();
        let acknowledged = acknowledged.get();
        if received.is_none() {
            post.begin_reading(from);
            self.out.push_back(Output::Met(member));
            self.out.push_back(Output::Keep(Keep::Begin { member, received: from.get(), acknowledged }));
        } else {
            self.out.push_back(Output::Keep(Keep::Acknowledged { member, up_to: acknowledged }));
        }
        if received.is_some_and(|received| received < from) {
            // They have it from us that these came: another copy of this disk has them.
            self.on_missing(view, member, from, rows);
        }
        self.is_due = true;
    }

    /// Does what is due by itself: lines that waited for a budget or an epoch, and those to be sent again.
    pub fn on_timeout(&mut self, view: View<'_>, rows: &mut Rows) {
        let busy: Vec<_> = self.posts.iter().filter(|(_, post)| post.is_busy()).map(|(member, _)| *member).collect();
        for member in busy {
            self.take_in(view, member, rows);
            if let Some(post) = self.posts.get_mut(&member) {
                post.resend_if_due(view.now);
            }
        }
        if rows.is_to_be_said(view.now) {
            self.out.push_back(Output::Trouble(Trouble::RoomIsCrowded));
        }
        self.is_due = true;
    }

    /// The next thing that the chat wants done. `sealed`: messages that were sealed in this epoch.
    pub fn poll(&mut self, view: View<'_>, sealed: u32) -> Option<Output> {
        while self.out.is_empty() && self.is_due {
            self.is_due = self.deliver_next(view, sealed);
            if !self.is_due {
                self.tell_delivered(view);
            }
        }
        self.out.pop_front()
    }
}

impl Post {
    /// Nothing more is said to a member who is to be removed.
    fn takes_lines(&self, of: Option<MemberView<'_>>) -> bool {
        of.is_some_and(|member| member.has_link && !member.to_be_removed) && self.window_is_open()
    }
}
