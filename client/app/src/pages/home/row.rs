//! What the list says of a contact or room.

use bevy::prelude::*;
use engine::api::{CallState, KnockId, ParticipantState, Presence, Reach, RoomId, RoomKind, Verification};

use crate::{
    engine::mirror::{Knocks, Lines, Moved, Room, Unread, WayIn, read_only_words, reason, verification},
    features::chat::{summary, time},
    ui::words::{Words, isolated, shortened},
};

/// Whether somebody of a room can be reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dot {
    Here,
    Reconnecting,
    Away,
}

/// The second line of an entry, and how it is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Under {
    Plain(String),
    /// Something to act on: a call that goes on, somebody at the door.
    Now(String),
    /// Not to be trusted as it is.
    Warning(String),
}

/// An entry of the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    pub id: RoomId,
    pub name: String,
    pub contact: bool,
    pub verification: Verification,
    pub dot: Dot,
    pub under: Under,
    pub at: String,
    pub unread: u32,
    pub shown: bool,
    pub knocks: Option<KnockId>,
    /// For the order: where something came last is first, whatever time its sender claims.
    pub moved: Moved,
    pub rank: u32,
}

pub fn title(room: &Room, words: &Words) -> String {
    match (room.title.trim().is_empty(), room.way_in) {
        (false, _) => room.title.clone(),
        (true, WayIn::In) => words.say("room-untitled"),
        (true, _) => words.say("home-entering"),
    }
}

/// How many are in the room's call, ourselves not counted.
pub fn in_call(others: &[&ParticipantState]) -> usize {
    others.iter().filter(|state| state.in_call).count()
}

pub fn dot(others: &[&ParticipantState]) -> Dot {
    if others.iter().any(|state| matches!(state.presence, Presence::Here(_))) {
        Dot::Here
    } else if others.iter().any(|state| state.presence == Presence::Reconnecting) {
        Dot::Reconnecting
    } else {
        Dot::Away
    }
}

/// Everything that an entry is made of.
pub struct Facts<'a> {
    pub room: &'a Room,
    pub others: &'a [&'a ParticipantState],
    pub lines: &'a Lines,
    pub unread: Unread,
    pub knocks: &'a Knocks,
    pub waits: bool,
    pub shown: bool,
    pub reach: Option<Reach>,
}

/// What to say where somebody may not be whom their name says.
fn doubt(verification: Verification) -> Option<&'static str> {
    match verification {
        Verification::Not | Verification::Verified => None,
        Verification::Renamed => Some("verify-renamed-short"),
        Verification::Ambiguous => Some("verify-ambiguous-short"),
        Verification::Broken => Some("verify-broken-short"),
    }
}

impl Row {
    pub fn of(facts: &Facts<'_>, words: &Words) -> Self {
        let last = facts.lines.all.back();
        let calling = in_call(facts.others);
        let verification = verification(facts.others.iter().map(|state| state.verification));
        let under = if let Some(why) = facts.room.read_only {
            Under::Warning(words.say(read_only_words(why)))
        } else if let Some(doubt) = doubt(verification) {
            Under::Warning(words.say(doubt))
        } else if !facts.knocks.0.is_empty() {
            Under::Now(words.say_with("home-knocks", "count", facts.knocks.0.len()))
        } else {
            match (facts.room.way_in, facts.room.call) {
                (WayIn::Entering, _) => Under::Plain(words.say("lobby-entering")),
                (WayIn::Waiting, _) => Under::Plain(words.say("home-waiting")),
                (_, CallState::Ringing { .. }) => Under::Now(words.say("home-ringing")),
                (_, CallState::Calling) => Under::Now(words.say("home-calling")),
                (_, CallState::In) => Under::Now(words.say("home-in-call")),
                _ if calling > 0 => Under::Now(words.say_with("home-call", "count", calling)),
                _ if dot(facts.others) == Dot::Reconnecting => Under::Plain(words.say(reason(facts.reach))),
                _ => Under::Plain(match last {
                    Some(line) if line.mine && !line.delivered => words.say("home-undelivered"),
                    Some(line) => summary(words, line.mine, &line.body),
                    None if facts.others.is_empty() && facts.waits => words.say("home-invited"),
                    None => words.say("home-nothing"),
                }),
            }
        };
        Self {
            id: facts.room.id,
            name: title(facts.room, words),
            contact: facts.room.kind == Some(RoomKind::Contact),
            verification,
            dot: dot(facts.others),
            under,
            at: last.map(|line| time(line.at_ms)).unwrap_or_default(),
            unread: facts.unread.0,
            shown: facts.shown,
            knocks: facts.knocks.0.first().map(|(knock, _)| *knock),
            moved: facts.lines.moved(),
            rank: facts.room.rank,
        }
    }

    /// The entry in words, for those who hear it.
    pub fn heard(&self, words: &Words) -> String {
        let (Under::Plain(under) | Under::Now(under) | Under::Warning(under)) = &self.under;
        let presence = words.say(match self.dot {
            Dot::Here => "presence-here",
            Dot::Reconnecting => "presence-reconnecting",
            Dot::Away => "presence-away",
        });
        let mut all = vec![isolated(&shortened(&self.name, 64)), presence];
        if self.verification == Verification::Verified {
            all.push(words.say("about-verified"));
        }
        if self.unread > 0 {
            all.push(words.say_with("home-unread", "count", self.unread));
        }
        all.push(under.clone());
        all.join(", ")
    }
}
