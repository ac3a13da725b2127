//! The lines of a chat.

use serde::{Deserialize, Serialize};

use super::MemberId;

/// A line of a room's chat.
#[derive(Clone)]
pub struct Line {
    /// Its place in the history; `None` in an ephemeral room.
    pub id: Option<i64>,
    pub member: MemberId,
    pub name: String,
    pub mine: bool,
    /// Counts the sender's lines in this room, from 1.
    pub sequence: u64,
    /// Unix time in milliseconds, by the sender's clock.
    pub at_ms: i64,
    pub body: Body,
    /// Everybody it is for has it; otherwise it waits in the outbox.
    pub delivered: bool,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    Text(String),
    /// Somebody brings us into a room of theirs: its title, and the link.
    Invitation {
        title: String,
        link: String,
    },
    /// The line is of a kind that only a newer version of this program can show. Its content is kept for that version.
    NeedsNewerVersion,
    /// So many lines of the member's did not arrive and never will: they were gone before we could read them.
    Missing {
        count: u64,
    },
    /// Only in the own history: a call, from whoever the line is of.
    Call {
        video: bool,
        outcome: CallOutcome,
    },
    /// Only in the own history: the member, by the name that the line has, is called this from here on.
    Renamed {
        to: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallOutcome {
    /// It lasted so many seconds.
    Held(u32),
    Missed,
    Declined,
}
