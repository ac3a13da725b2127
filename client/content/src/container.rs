//! The container of a message: how it behaves, and its body.

use minicbor::data::Token;

use crate::{
    cbor::{Item, Reader, Writer, written},
    error::{ContentError, Field},
    extensions::Extensions,
    id::{MessageId, Salt, UriTooLong},
    part::NestedPart,
};

/// A message with all that it carries, in bytes. Content that is larger lies elsewhere.
pub const MAX_CONTENT: usize = 64 * 1024;
/// The name of a topic, in bytes (section 9.1 of the draft).
pub const MAX_TOPIC: usize = 4096;
/// The farthest end of a message that is plausible, in seconds.
const YEAR: u32 = 366 * 24 * 60 * 60;
/// Items of the container.
const FIELDS: u64 = 7;

/// `mimiContent` of the draft (section 4).
#[derive(Clone, PartialEq, Eq)]
pub struct MimiContent {
    pub salt: Salt,
    /// The message that this one edits or deletes: always its first version. Only its sender may.
    pub replaces: Option<MessageId>,
    /// What messages of one topic have in common; empty without a topic.
    pub topic: Vec<u8>,
    pub expires: Option<Expires>,
    /// The version of a message that this one answers, or reacts to.
    pub in_reply_to: Option<MessageId>,
    pub extensions: Extensions,
    pub body: NestedPart,
}

/// When a message is to be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expires {
    /// So many seconds after it was read.
    AfterReading(u32),
    /// In seconds of Unix time.
    At(u32),
}

impl MimiContent {
    /// Reads what others wrote.
    ///
    /// # Errors
    /// When it is not what the draft says in its one encoding, or beyond a bound.
    pub fn decode(bytes: &[u8]) -> Result<Self, ContentError> {
        if bytes.len() > MAX_CONTENT {
            return Err(ContentError::TooLarge);
        }
        let mut reader = Reader::new(bytes);
        reader.array_of(FIELDS, Field::Content)?;
        let content = Self {
            salt: read_salt(&mut reader)?,
            replaces: MessageId::read_optional(&mut reader)?,
            topic: reader.bytes(Field::Topic, MAX_TOPIC)?.to_owned(),
            expires: Expires::read(&mut reader)?,
            in_reply_to: MessageId::read_optional(&mut reader)?,
            extensions: Extensions::read(&mut reader)?,
            body: NestedPart::read(&mut reader)?,
        };
        reader.finish()?;
        Ok(content)
    }

    /// As it is sent. What was decoded gives the same bytes again.
    ///
    /// # Errors
    /// When others would not read it: it is decoded once, so that each bound is held in one place.
    pub fn encode(&self) -> Result<Vec<u8>, ContentError> {
        let bytes = written(|out| self.write(out));
        Self::decode(&bytes).map(|_| bytes)
    }

    /// What the message is called, from its bytes as they were sent.
    ///
    /// # Errors
    /// When a URI is too long.
    pub fn id(&self, sender_uri: &str, room_uri: &str, encoded: &[u8]) -> Result<MessageId, UriTooLong> {
        MessageId::of(sender_uri, room_uri, encoded, &self.salt)
    }

    fn write(&self, out: &mut Writer) {
        out.put(Token::Array(FIELDS));
        out.bytes(&self.salt);
        MessageId::write_optional(self.replaces.as_ref(), out);
        out.bytes(&self.topic);
        Expires::write(self.expires, out);
        MessageId::write_optional(self.in_reply_to.as_ref(), out);
        self.extensions.write(out);
        self.body.write(out);
    }
}

fn read_salt(reader: &mut Reader<'_>) -> Result<Salt, ContentError> {
    match reader.item()? {
        Item::Bytes(bytes) => bytes.try_into().map_err(|_| ContentError::Unexpected(Field::Salt)),
        _ => Err(ContentError::Unexpected(Field::Salt)),
    }
}

impl Expires {
    /// Whether it is at most a year away (section 9.1 of the draft), at a time in seconds of Unix time.
    pub fn is_plausible(self, now: u32) -> bool {
        match self {
            Self::AfterReading(seconds) => seconds <= YEAR,
            Self::At(time) => time.abs_diff(now) <= YEAR,
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, ContentError> {
        match reader.item()? {
            Item::Null => return Ok(None),
            Item::Array(2) => {}
            _ => return Err(ContentError::Unexpected(Field::Expires)),
        }
        let is_relative = reader.bool(Field::Expires)?;
        let seconds = reader.number(Field::Expires)?;
        Ok(Some(if is_relative { Self::AfterReading(seconds) } else { Self::At(seconds) }))
    }

    fn write(expires: Option<Self>, out: &mut Writer) {
        let (is_relative, seconds) = match expires {
            None => return out.put(Token::Null),
            Some(Self::AfterReading(seconds)) => (true, seconds),
            Some(Self::At(seconds)) => (false, seconds),
        };
        out.array(2);
        out.put(Token::Bool(is_relative));
        out.number(seconds);
    }
}
