//! Files, pictures and sounds, and the way into a call or a room.

use super::media_type::is_picture_sound_or_video;
use crate::{
    external::External,
    part::{Body, Disposition, NestedPart, Single},
};

/// Something beside the words.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    pub role: Role,
    pub location: Location,
    /// Language tags with commas between them; empty when it is not said.
    pub language: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is shown among the words.
    Inline,
    /// The reader saves or opens it.
    File,
    /// What the sender made of something else, such as a small picture of a large one.
    Preview,
}

#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// It travels in the message.
    Here(Single),
    There(Box<External>),
}

impl Attachment {
    /// A media type with its parameters, in the sender's words.
    pub fn content_type(&self) -> &str {
        match &self.location {
            Location::Here(single) => &single.content_type,
            Location::There(external) => &external.content_type,
        }
    }

    pub(super) fn of(part: &NestedPart) -> Option<Self> {
        let role = match part.disposition {
            Disposition::Attachment => Role::File,
            Disposition::Preview => Role::Preview,
            Disposition::Unspecified | Disposition::Render | Disposition::Inline | Disposition::Unknown(_) => {
                Role::Inline
            }
            Disposition::Reaction | Disposition::Profile | Disposition::Icon | Disposition::Session => return None,
        };
        let location = match &part.body {
            // Other content that is to be shown is of a kind that only a later version can show.
            Body::Single(single) if role == Role::Inline && !is_picture_sound_or_video(&single.content_type) => {
                return None;
            }
            Body::Single(single) => Location::Here(single.clone()),
            Body::External(external) => Location::There(external.clone()),
            Body::Null | Body::Multi { .. } | Body::Unknown { .. } => return None,
        };
        Some(Self { role, location, language: part.language.clone() })
    }

    pub(super) fn into_part(self) -> NestedPart {
        let disposition = match self.role {
            Role::Inline => Disposition::Inline,
            Role::File => Disposition::Attachment,
            Role::Preview => Disposition::Preview,
        };
        let body = match self.location {
            Location::Here(single) => Body::Single(single),
            Location::There(external) => Body::External(external),
        };
        NestedPart { disposition, language: self.language, body }
    }
}

/// A way into a call or a room (section 5.10 of the draft).
#[derive(Clone, PartialEq, Eq)]
pub struct Conference {
    pub url: String,
    pub description: String,
}

impl Conference {
    pub(super) fn of(part: &NestedPart) -> Option<Self> {
        match &part.body {
            Body::External(external) if part.disposition == Disposition::Session => {
                Some(Self { url: external.url.clone(), description: external.description.clone() })
            }
            _ => None,
        }
    }

    pub(super) fn into_part(self) -> NestedPart {
        let external = External { url: self.url, description: self.description, ..External::default() };
        NestedPart {
            disposition: Disposition::Session,
            language: String::new(),
            body: Body::External(Box::new(external)),
        }
    }
}
