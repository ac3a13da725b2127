//! What a message does in a conversation. Each thing that a person can do is written and recognized in one place.

mod attachment;
mod markdown;
mod media_type;
mod paragraphs;
mod pieces;
mod reaction;
mod text;

pub use attachment::{Attachment, Conference, Location, Role};
pub use markdown::{MAX_MENTIONS, Mention, mention};
pub use paragraphs::{MAX_PARAGRAPHS, Marker, Paragraph, Span, Style};
pub use pieces::{Piece, Pieces};
pub use reaction::{MAX_REACTIONS, Reactions};
pub use text::{Format, Text};

use crate::{
    container::{Expires, MimiContent},
    extensions::Extensions,
    id::{MessageId, Salt},
    part::{Body, Disposition, NestedPart},
};

/// A message as a person knows it.
///
/// It is a view of content: of alternatives it has the one that is shown, and of a media type not how it was spelled. What was
/// written with it is recognized as the same again.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub properties: Properties,
    pub act: Act,
}

/// What all messages have.
#[derive(Clone, PartialEq, Eq)]
pub struct Properties {
    pub salt: Salt,
    /// Empty without a topic.
    pub topic: Vec<u8>,
    pub expires: Option<Expires>,
    pub extensions: Extensions,
}

/// What the sender does. What edits, deletes or takes back counts only if it is by the sender of what it is about.
#[derive(Clone, PartialEq, Eq)]
pub enum Act {
    Say {
        pieces: Pieces,
        reply_to: Option<MessageId>,
    },
    /// Says it again in other words.
    Edit {
        /// The first version of the message.
        edited: MessageId,
        pieces: Pieces,
        reply_to: Option<MessageId>,
    },
    /// Takes back whatever it was. That may be a reaction, too.
    Delete {
        /// The first version of the message.
        deleted: MessageId,
        reply_to: Option<MessageId>,
    },
    React {
        to: MessageId,
        reactions: Reactions,
        /// The own reactions that these stand in place of.
        replaced: Option<MessageId>,
    },
    Unreact {
        /// The message with the reactions.
        reaction: MessageId,
        to: Option<MessageId>,
    },
    /// Of a later version, or without sense.
    Unknown {
        replaces: Option<MessageId>,
        in_reply_to: Option<MessageId>,
        body: NestedPart,
    },
}

impl Message {
    /// Recognizes what content does. `languages` are those of the person who reads, the best one first, such as `fr`: they
    /// choose where a message comes in several.
    pub fn of(content: MimiContent, languages: &[&str]) -> Self {
        let MimiContent { salt, replaces, topic, expires, in_reply_to, extensions, body } = content;
        let act = Act::of(replaces, in_reply_to, body, languages);
        Self { properties: Properties { salt, topic, expires, extensions }, act }
    }

    pub fn into_content(self) -> MimiContent {
        let Properties { salt, topic, expires, extensions } = self.properties;
        let (replaces, in_reply_to, body) = self.act.into_parts();
        MimiContent { salt, replaces, topic, expires, in_reply_to, extensions, body }
    }
}

impl Act {
    fn of(replaces: Option<MessageId>, in_reply_to: Option<MessageId>, body: NestedPart, languages: &[&str]) -> Self {
        let is_reaction = body.disposition == Disposition::Reaction;
        match (replaces, in_reply_to) {
            (Some(reaction), to) if is_reaction && body.body == Body::Null => Self::Unreact { reaction, to },
            (Some(deleted), reply_to) if body.body == Body::Null => Self::Delete { deleted, reply_to },
            (replaced, Some(to)) if is_reaction => match Reactions::of(&body) {
                Some(reactions) => Self::React { to, reactions, replaced },
                None => Self::Unknown { replaces, in_reply_to, body },
            },
            _ if is_reaction => Self::Unknown { replaces, in_reply_to, body },
            (replaces, reply_to) => match (Pieces::of(&body, languages), replaces) {
                (Some(pieces), Some(edited)) => Self::Edit { edited, pieces, reply_to },
                (Some(pieces), None) => Self::Say { pieces, reply_to },
                (None, _) => Self::Unknown { replaces, in_reply_to, body },
            },
        }
    }

    /// What it replaces, what it is in reply to, and its body.
    fn into_parts(self) -> (Option<MessageId>, Option<MessageId>, NestedPart) {
        match self {
            Self::Say { pieces, reply_to } => (None, reply_to, pieces.into_part()),
            Self::Edit { edited, pieces, reply_to } => (Some(edited), reply_to, pieces.into_part()),
            Self::Delete { deleted, reply_to } => (Some(deleted), reply_to, NestedPart::nothing()),
            Self::React { to, reactions, replaced } => (replaced, Some(to), reactions.into_part()),
            Self::Unreact { reaction, to } => {
                (Some(reaction), to, NestedPart { disposition: Disposition::Reaction, ..NestedPart::nothing() })
            }
            Self::Unknown { replaces, in_reply_to, body } => (replaces, in_reply_to, body),
        }
    }
}
