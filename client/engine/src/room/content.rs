//! What a line says, as MIMI content: how it is read, and how ours is made.
//!
//! Content is in the form of draft-ietf-mimi-content-08. It lies in a line of the chat, which counts, orders and confirms it; the
//! draft leaves that to its hub. A line in the form of an older version has the content that it would have had, so that it can
//! be answered, too.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use aws_lc_rs::digest::{Context, SHA256};
use content::{Act, Conference, Extensions, Message, MimiContent, Piece, Pieces, Properties, Reactions, Salt, Text};
use data_encoding::HEXLOWER;
use group_crypto::MemberId;

use super::{
    numbers::Sequence,
    wire::{MAX_CHAT, MAX_TITLE, Said},
};
use crate::{
    api::{Body, MessageId},
    invitation::MAX_TEXT,
};

const OLDER_LINE: &[u8] = b"In Camera 1 line";

/// What a line is to the conversation.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    Says {
        body: Body,
        reply_to: Option<MessageId>,
    },
    /// It changes another line. It counts only as far as its author may do that; see [`Change::apply`].
    Changes {
        target: MessageId,
        change: Change,
    },
}

/// How a line is changed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Edit(Body),
    Delete,
    /// `replaced`: the author's own reactions that these stand in place of.
    React {
        signs: Vec<String>,
        replaced: Option<MessageId>,
    },
    Unreact {
        reaction: MessageId,
    },
}

/// A change of a line that came, or was made here.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Changed {
    pub by: MemberId,
    /// What the line with the change is called.
    pub message: MessageId,
    pub target: MessageId,
    pub change: Change,
}

/// By what a line is found in the conversation.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub message: Option<MessageId>,
    /// The line that it changes.
    pub target: Option<MessageId>,
    /// What the target said is to be gone.
    pub deletes: bool,
}

/// A room, as message IDs know it: by the ID of its group, which never changes.
#[derive(Clone)]
pub(crate) struct RoomUri(String);

impl RoomUri {
    pub fn new(group: &[u8]) -> Self {
        Self(format!("incamera:r/{}", HEXLOWER.encode(group)))
    }

    /// What a line is called. `None` where its content cannot be read.
    pub fn name(&self, author: MemberId, sequence: Sequence, said: &Said) -> Option<MessageId> {
        let sender = format!("incamera:m/{}", HEXLOWER.encode(&author.0));
        let (bytes, salt) = match said {
            Said::Content(bytes) => (bytes.clone(), MimiContent::decode(bytes).ok()?.salt),
            Said::Text(_) | Said::Invitation { .. } => {
                let salt = older_salt(author, sequence);
                (encoded(said.act()?, salt)?, salt)
            }
            Said::Unknown { .. } => return None,
        };
        MessageId::of(&sender, &self.0, &bytes, &salt).ok()
    }
}

/// The salt of a line in an older form: the same for everybody.
fn older_salt(author: MemberId, sequence: Sequence) -> Salt {
    let mut context = Context::new(&SHA256);
    context.update(OLDER_LINE);
    context.update(&author.0);
    context.update(&sequence.get().to_be_bytes());
    let mut salt = Salt::default();
    salt.iter_mut().zip(context.finish().as_ref()).for_each(|(to, from)| *to = *from);
    salt
}

fn encoded(act: Act, salt: Salt) -> Option<Vec<u8>> {
    let properties = Properties { salt, topic: Vec::new(), expires: None, extensions: Extensions::default() };
    Message { properties, act }.into_content().encode().ok()
}

impl Said {
    /// What we do, as content. `None` where it is longer than content may be.
    pub fn content(act: Act, salt: Salt) -> Option<Self> {
        encoded(act, salt).map(Self::Content)
    }

    /// What it does, in either form.
    fn act(&self) -> Option<Act> {
        let piece = match self {
            Said::Content(bytes) => return Some(Message::of(MimiContent::decode(bytes).ok()?, &[]).act),
            Said::Text(text) => Piece::Text(Text::plain(text)),
            Said::Invitation { title, link } => {
                Piece::Conference(Conference { url: link.clone(), description: title.clone() })
            }
            Said::Unknown { .. } => return None,
        };
        Some(Act::Say { pieces: Pieces::new(vec![piece])?, reply_to: None })
    }

    /// What it is to the conversation, as it may be kept and shown.
    pub fn meaning(&self) -> Meaning {
        let unknown = Meaning::Says { body: Body::NeedsNewerVersion, reply_to: None };
        match self {
            Said::Text(text) => Meaning::Says { body: Body::Text(text.clone()), reply_to: None },
            Said::Invitation { title, link } => {
                Meaning::Says { body: Body::Invitation { title: title.clone(), link: link.clone() }, reply_to: None }
            }
            Said::Content(_) => self.act().and_then(meaning).unwrap_or(unknown),
            Said::Unknown { .. } => unknown,
        }
    }

    /// By what it is found, as the line of this number of its author.
    pub fn names(&self, room: &RoomUri, author: MemberId, sequence: Sequence) -> Names {
        let message = room.name(author, sequence, self);
        match self.meaning() {
            Meaning::Says { .. } => Names { message, target: None, deletes: false },
            Meaning::Changes { target, change } => {
                Names { message, target: Some(target), deletes: change == Change::Delete }
            }
        }
    }

    /// A text that says no more than a line of an older version can, in that form.
    pub(super) fn in_older_form(&self) -> Option<Self> {
        match self.meaning() {
            Meaning::Says { body: Body::Text(text), reply_to: None } => Some(Said::Text(text)),
            _ => None,
        }
    }
}

fn meaning(act: Act) -> Option<Meaning> {
    Some(match act {
        Act::Say { pieces, reply_to } => Meaning::Says { body: body(&pieces)?, reply_to },
        Act::Edit { edited, pieces, .. } => Meaning::Changes { target: edited, change: Change::Edit(body(&pieces)?) },
        Act::Delete { deleted, .. } => Meaning::Changes { target: deleted, change: Change::Delete },
        Act::React { to, reactions, replaced } => {
            Meaning::Changes { target: to, change: Change::React { signs: shown(&reactions)?, replaced } }
        }
        Act::Unreact { reaction, to: Some(target) } => {
            Meaning::Changes { target, change: Change::Unreact { reaction } }
        }
        Act::Unreact { to: None, .. } | Act::Unknown { .. } => return None,
    })
}

/// Reactions as they may be shown: one letter or emoji each, and nothing that turns the text around it.
fn shown(reactions: &Reactions) -> Option<Vec<String>> {
    let is_one = |sign: &String| group_crypto::plain_text(sign) == *sign && group_crypto::is_one_letter(sign);
    let signs = reactions.signs();
    signs.iter().all(is_one).then(|| signs.to_vec())
}

/// What pieces say, as it may be kept and shown; `None` where this version cannot show all of it.
fn body(pieces: &Pieces) -> Option<Body> {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => Some(text.text.clone()),
        _ => None,
    };
    match pieces.as_slice() {
        [Piece::Conference(Conference { url, description })] => {
            let is_link = !url.contains(char::is_whitespace) && url.len() <= MAX_TEXT;
            (is_link && description.len() <= MAX_TITLE).then(|| Body::Invitation {
                title: group_crypto::plain_name(description),
                link: group_crypto::plain_text(url),
            })
        }
        pieces => {
            let text = pieces.iter().map(text).collect::<Option<Vec<_>>>()?.join("\n");
            let plain = (text.len() <= MAX_CHAT).then(|| group_crypto::plain_text(&text))?;
            (!group_crypto::is_blank(&plain)).then_some(Body::Text(plain))
        }
    }
}
