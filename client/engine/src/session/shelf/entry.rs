//! Lines of the history as they are stored. A variant never changes its place or its fields: what an older version has written
//! is read for ever.

use serde::{Deserialize, Serialize};

use crate::{api::CallOutcome, room::wire::Said};

/// A line of the history as it is stored.
#[derive(Serialize, Deserialize)]
pub enum Entry {
    Said(Content),
    Call {
        by: [u8; 16],
        name: String,
        mine: bool,
        video: bool,
        outcome: CallOutcome,
    },
    Missing {
        by: [u8; 16],
        name: String,
        count: u64,
    },
    Renamed {
        member: [u8; 16],
        from: String,
        to: String,
    },
    /// Its author deleted it for everybody, and what it said is gone.
    Deleted,
}

/// What a line says, as it is stored: apart from [`Said`], which is how it is sent.
#[derive(Serialize, Deserialize)]
pub enum Content {
    Text(String),
    Invitation {
        title: String,
        link: String,
    },
    /// Of a version newer than the one that stored it.
    Unknown {
        kind: u32,
        bytes: Vec<u8>,
    },
    /// MIMI content in CBOR, as it was sent.
    Mimi(Vec<u8>),
}

impl From<&Said> for Content {
    fn from(said: &Said) -> Self {
        match said {
            Said::Text(text) => Self::Text(text.clone()),
            Said::Invitation { title, link } => Self::Invitation { title: title.clone(), link: link.clone() },
            Said::Content(bytes) => Self::Mimi(bytes.clone()),
            Said::Unknown { kind, bytes } => Self::Unknown { kind: *kind, bytes: bytes.clone() },
        }
    }
}

impl From<Content> for Said {
    /// Content that an older version could not read may be readable now.
    fn from(content: Content) -> Self {
        match content {
            Content::Text(text) => Self::Text(text),
            Content::Invitation { title, link } => Self::Invitation { title, link },
            Content::Mimi(bytes) => Self::Content(bytes),
            Content::Unknown { kind, bytes } => Self::of_kind(kind, &bytes).unwrap_or(Self::Unknown { kind, bytes }),
        }
    }
}
