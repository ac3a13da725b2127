//! What is said inside the group: encrypted and signed by MLS.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use super::{
    MAX_TITLE,
    few::{Few, Short},
    framed::{Framed, framed},
    hello::Statement,
};
use crate::room::{
    numbers::{Sequence, UnixMs},
    size::MAX_MEMBERS,
};

/// The number of a variant is its place here, so that nothing is ever moved or taken out: new ones go in front of the last.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Self")]
pub(crate) enum RoomMessage {
    /// A line of the chat. The sender counts its lines from 1 without gaps.
    Line {
        sequence: Sequence,
        at_ms: UnixMs,
        body: Said,
    },
    /// Where members are now: their cards say where they were when they joined.
    Whereabouts(Few<Statement, MAX_MEMBERS>),
    /// A link message for a member that the sender has no link with.
    Over {
        to: [u8; 16],
        bytes: Vec<u8>,
    },
    /// The sender's name has changed.
    Name(Short<MAX_TITLE>),
    Ring {
        video: bool,
    },
    Decline,
    /// The sender's lines that the reader lacks are gone, up to this one.
    Missing {
        up_to: Sequence,
    },
    /// A kind of a later version. It is skipped.
    #[serde(other)]
    Unknown,
}

framed!(RoomMessage);

/// What a line says.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Said {
    Text(String),
    Invitation {
        title: String,
        link: String,
    },
    /// MIMI content in CBOR. What it is, `content` says.
    Content(Vec<u8>),
    /// Of a later version. The line counts as received, and its bytes are kept until this program can read them.
    Unknown {
        kind: u32,
        bytes: Vec<u8>,
    },
}

/// Kinds of [`Said`].
const TEXT: u32 = 0;
const INVITATION: u32 = 1;
const CONTENT: u32 = 2;

impl Said {
    /// Reads the content of a line. `None` where a kind that is known lacks fields.
    pub(crate) fn of_kind(kind: u32, bytes: &[u8]) -> Option<Self> {
        match kind {
            TEXT => postcard::take_from_bytes(bytes).ok().map(|(text, _)| Self::Text(text)),
            INVITATION => {
                postcard::take_from_bytes(bytes).ok().map(|((title, link), _)| Self::Invitation { title, link })
            }
            CONTENT => Some(Self::Content(bytes.to_vec())),
            _ => Some(Self::Unknown { kind, bytes: bytes.to_vec() }),
        }
    }
}

impl Serialize for Said {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (kind, fields) = match self {
            Said::Text(text) => (TEXT, postcard::to_stdvec(text)),
            Said::Invitation { title, link } => (INVITATION, postcard::to_stdvec(&(title, link))),
            Said::Content(bytes) => return Framed { kind: CONTENT, fields: bytes }.serialize(serializer),
            Said::Unknown { kind, bytes } => return Framed { kind: *kind, fields: bytes }.serialize(serializer),
        };
        Framed { kind, fields: &fields.map_err(ser::Error::custom)? }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Framed { kind, fields } = Framed::deserialize(deserializer)?;
        Self::of_kind(kind, fields).ok_or_else(|| de::Error::custom("content of a line lacks fields"))
    }
}
