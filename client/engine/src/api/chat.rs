//! The lines of a chat.

use serde::{Deserialize, Serialize};

use super::MemberId;

pub use content::MessageId;

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
    /// What all members call it; `None` for notes, and for lines of which an older version kept no name.
    pub message: Option<MessageId>,
    /// The line that it answers.
    pub reply_to: Option<MessageId>,
    /// In the order in which they came.
    pub reactions: Vec<Reaction>,
    /// What it said before it was edited, the first version first; at most [`Line::MOST_VERSIONS`].
    pub former: Vec<Body>,
}

/// A member's reaction to a line.
#[derive(Clone, PartialEq, Eq)]
pub struct Reaction {
    pub member: MemberId,
    pub mine: bool,
    /// One emoji or letter.
    pub sign: String,
    /// The message that it came in, by which its author takes it back.
    pub message: MessageId,
}

impl Line {
    /// Reactions of one line that are shown; beyond it new ones are not.
    pub const MOST_REACTIONS: usize = 256;
    /// Reactions of one member to one line that are shown.
    pub const MOST_OF_ONE: usize = 16;
    /// Former versions that are shown; beyond it the second oldest goes.
    pub const MOST_VERSIONS: usize = 16;

    /// A line that stands for itself. `at_ms`: Unix time.
    pub fn new(member: MemberId, name: String, at_ms: i64, body: Body) -> Self {
        Self {
            id: None,
            member,
            name,
            mine: false,
            sequence: 0,
            at_ms,
            body,
            delivered: true,
            message: None,
            reply_to: None,
            reactions: Vec::new(),
            former: Vec::new(),
        }
    }
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
    /// Its author deleted it for everybody.
    Deleted,
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
