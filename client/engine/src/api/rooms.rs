//! Rooms and what their doors allow.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// One of our rooms, as this device counts them. Means nothing to anybody else.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub [u8; 16]);

impl fmt::Debug for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoomId({:02x}{:02x})", self.0[0], self.0[1])
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, Serialize, Deserialize)]
#[strum(serialize_all = "lowercase")]
pub enum RoomKind {
    /// Lives while people are in it and leaves nothing on the disk. Its call begins when one enters.
    Ephemeral,
    /// Kept with its keys and its chat; people come and go.
    Kept,
    /// A relationship of two: a kept room that never has a third.
    Contact,
}

/// What an invitation allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Good for many people; otherwise it is used up by the first.
    pub many: bool,
    /// For so long from now; `None`: until it is revoked.
    pub valid: Option<Duration>,
    /// Who comes waits until somebody lets them in. Rooms only.
    pub waiting_room: bool,
}

impl Default for Terms {
    /// Once, within a week.
    fn default() -> Self {
        Self { many: false, valid: Some(Duration::from_secs(7 * 24 * 3600)), waiting_room: false }
    }
}

/// Why a room can be read and nothing more. It stays until the person leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReadOnly {
    /// All members who can be reached say that we were removed. Nobody has proven it, and it may pass.
    SaidRemoved,
    /// We were removed; it is proven.
    Removed,
    /// The contact has ended the relationship.
    ContactEnded,
}

/// Which of a room's invitations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InvitationId(pub [u8; 16]);

/// Somebody in the waiting room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KnockId(pub u64);

/// What a contact or a room may do to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Their calls ring; otherwise they are only noted as missed.
    pub ring: bool,
    /// Their calls may ask for video; otherwise they ring as calls without.
    pub video: bool,
    /// From and until, in minutes of the local day: nothing rings in between.
    pub quiet: Option<(u16, u16)>,
}

impl Rules {
    /// Whether calls make no sound at this minute of the local day.
    pub(crate) fn is_quiet(&self, minute: u16) -> bool {
        self.quiet.is_some_and(|(from, until)| {
            if from <= until { (from..until).contains(&minute) } else { minute >= from || minute < until }
        })
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self { ring: true, video: true, quiet: None }
    }
}
