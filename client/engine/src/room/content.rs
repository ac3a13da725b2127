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
    /// It changes another line. It counts only as far as its author may do that, which `session::changes` decides.
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

    /// By what the line of this number of its author is found, and what it is to the conversation. The content is read once.
    pub fn read(&self, author: MemberId, sequence: Sequence, said: &Said) -> (Names, Meaning) {
        let (message, meaning) = match said {
            Said::Content(bytes) => match MimiContent::decode(bytes) {
                Ok(content) => (self.name(author, bytes, &content.salt), meaning(Message::of(content, &[]).act)),
                Err(_) => (None, None),
            },
            said => {
                let salt = older_salt(author, sequence);
                let bytes = said.older_act().and_then(|act| encoded(act, salt));
                (bytes.and_then(|bytes| self.name(author, &bytes, &salt)), None)
            }
        };
        let meaning = meaning.unwrap_or_else(|| said.older_meaning());
        let names = match &meaning {
            Meaning::Says { .. } => Names { message, ..Names::default() },
            Meaning::Changes { target, change } => {
                Names { message, target: Some(*target), deletes: *change == Change::Delete }
            }
        };
        (names, meaning)
    }

    fn name(&self, author: MemberId, content: &[u8], salt: &Salt) -> Option<MessageId> {
        let sender = format!("incamera:m/{}", HEXLOWER.encode(&author.0));
        MessageId::of(&sender, &self.0, content, salt).ok()
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

    /// What a line of an older form does, as content.
    fn older_act(&self) -> Option<Act> {
        let piece = match self {
            Said::Text(text) => Piece::Text(Text::plain(text)),
            Said::Invitation { title, link } => {
                Piece::Conference(Conference { url: link.clone(), description: title.clone() })
            }
            Said::Content(_) | Said::Unknown { .. } => return None,
        };
        Some(Act::Say { pieces: Pieces::new(vec![piece])?, reply_to: None })
    }

    /// What it is to the conversation without being read as content.
    fn older_meaning(&self) -> Meaning {
        let body = match self {
            Said::Text(text) => Body::Text(text.clone()),
            Said::Invitation { title, link } => Body::Invitation { title: title.clone(), link: link.clone() },
            Said::Content(_) | Said::Unknown { .. } => Body::NeedsNewerVersion,
        };
        Meaning::Says { body, reply_to: None }
    }

    /// What it is to the conversation, as it may be kept and shown.
    pub fn meaning(&self) -> Meaning {
        let act = match self {
            Said::Content(bytes) => MimiContent::decode(bytes).ok().map(|content| Message::of(content, &[]).act),
            _ => None,
        };
        act.and_then(meaning).unwrap_or_else(|| self.older_meaning())
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
