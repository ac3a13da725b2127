//! What the inside of a room holds beside its facets.

use std::{collections::BTreeMap, time::Instant};

use group_crypto::Agreement;

use super::{admission::Asked, closing::Closing, hearing::Unread, links::Stranger};
use crate::{
    api::{OverBecause, RoomKind, Rules},
    room::{
        figures::RoomFigures, forwarding::Forwarding, keep::Keep, link::LinkId, own::Own, rows::Rows, wire::Statement,
    },
};

/// What the room is, to us.
pub(in crate::room) struct About {
    pub own: Own,
    pub kind: RoomKind,
    pub title: String,
    /// Our own name for it.
    pub label: Option<String>,
    pub rules: Rules,
    /// Whether it can only be read, and why.
    pub closing: Closing,
}

/// Who is in the group, and who is about to be.
pub(in crate::room) struct Membership {
    pub agreement: Agreement,
    /// Whom the sequencer was asked to admit, and who waits for it at our door.
    pub asked: Vec<Asked>,
    /// How many messages came out of the group's protection.
    pub told: u64,
    /// What the agreement wants done is being done: a loop further out goes on with it.
    pub carrying_out: bool,
    /// The keys are to be renewed with the first member who comes.
    pub renew: bool,
    /// The figures of those who have left: at most 64.
    pub departed: Vec<RoomFigures>,
}

/// Links that are no member's yet, what is said on links, and where ours are.
#[derive(Default)]
pub(in crate::room) struct Links {
    pub strangers: BTreeMap<LinkId, Stranger>,
    pub forwarding: Forwarding,
    /// What was said and is not read yet: empty between two inputs.
    pub unread: Unread,
    /// What we have signed about where we are, and the highest number of such a statement.
    pub own_statement: Option<Statement>,
    pub stated: u64,
    /// That a member has a program of another version was said once.
    pub told_version: bool,
}

/// What is to be written down, shown and done when an input has been handled.
#[derive(Default)]
pub(in crate::room) struct Pending {
    /// What is to be on the disk before anything more leaves.
    pub kept: Vec<Keep>,
    /// What others may still have written down.
    pub rows: Rows,
    /// When the last input came, where nobody has looked since for changes to be shown.
    pub unshown: Option<Instant>,
    pub over: Option<OverBecause>,
}
