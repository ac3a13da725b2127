//! What messages are called: a hash of all that they say, of the sender and of the room.

use aws_lc_rs::digest::{Context, SHA256};
use minicbor::data::Token;
use thiserror::Error;

use crate::{
    cbor::{Item, Reader, Writer},
    error::{ContentError, Field},
};

/// Random bytes that make a message one of its kind. They come from a cryptographic source.
pub type Salt = [u8; 16];

/// SHA-256 in IANA's registry of named information hashes.
const SHA_256: u8 = 1;

/// The name of a message (section 3.3 of the draft): the number of a hash function, and the first 31 bytes of the hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId([u8; Self::LENGTH]);

/// A URI has more than 65,535 bytes, and no message ID can be made with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a URI is too long for a message ID")]
pub struct UriTooLong;

impl MessageId {
    /// In bytes.
    pub const LENGTH: usize = 32;

    /// What a message is called. `message` is the whole encoded content, as it was sent.
    ///
    /// # Errors
    /// When a URI is too long.
    pub fn of(sender_uri: &str, room_uri: &str, message: &[u8], salt: &Salt) -> Result<Self, UriTooLong> {
        let mut context = Context::new(&SHA256);
        for uri in [sender_uri, room_uri] {
            let length = u16::try_from(uri.len()).map_err(|_| UriTooLong)?;
            context.update(&length.to_be_bytes());
            context.update(uri.as_bytes());
        }
        context.update(message);
        // Twice, once in the message and once behind it, so that nobody continues the hash.
        context.update(salt);
        let hash = context.finish();
        let mut id = [SHA_256; Self::LENGTH];
        id.iter_mut().skip(1).zip(hash.as_ref()).for_each(|(to, from)| *to = *from);
        Ok(Self(id))
    }

    /// # Errors
    /// [`ContentError::UnknownHash`] when it is not of SHA-256, and [`ContentError::Unexpected`] when it has another length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ContentError> {
        let id = <[u8; Self::LENGTH]>::try_from(bytes).map_err(|_| ContentError::Unexpected(Field::MessageId))?;
        if id.first() == Some(&SHA_256) { Ok(Self(id)) } else { Err(ContentError::UnknownHash) }
    }

    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, ContentError> {
        Self::read_optional(reader)?.ok_or(ContentError::Unexpected(Field::MessageId))
    }

    pub(crate) fn read_optional(reader: &mut Reader<'_>) -> Result<Option<Self>, ContentError> {
        match reader.item()? {
            Item::Null => Ok(None),
            Item::Bytes(bytes) => Self::from_bytes(bytes).map(Some),
            _ => Err(ContentError::Unexpected(Field::MessageId)),
        }
    }

    pub(crate) fn write_optional(id: Option<&Self>, out: &mut Writer) {
        out.put(id.map_or(Token::Null, |id| Token::Bytes(&id.0)));
    }
}
