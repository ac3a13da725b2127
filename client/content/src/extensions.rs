//! What messages carry beside the fields that all of them have.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, btree_map},
};

use crate::{
    cbor::{Item, Reader, Writer, written},
    error::{ContentError, Field},
    value::{MAX_KEY, Value, check_order},
};

/// Extensions of a message, at most.
pub const MAX_EXTENSIONS: usize = 64;
/// A key that is a text, in bytes.
const MAX_NAME: usize = 255;

/// Where a value stands. Numbers above 0 are IANA's to give; negative ones and names are for private use.
#[derive(Clone, PartialEq, Eq)]
pub enum ExtensionKey {
    Number(i64),
    Name(String),
}

impl ExtensionKey {
    /// The sender, as a MIMI URI.
    pub const SENDER_URI: Self = Self::Number(1);
    /// The room, as a MIMI URI.
    pub const ROOM_URI: Self = Self::Number(2);

    fn read(reader: &mut Reader<'_>) -> Result<Self, ContentError> {
        match reader.item()? {
            Item::Number(number) if (-MAX_KEY..=MAX_KEY).contains(&number) => {
                number.try_into().map(Self::Number).map_err(|_| ContentError::ForbiddenKey)
            }
            Item::Text("") => Err(ContentError::ForbiddenKey),
            Item::Text(name) if name.len() > MAX_NAME => Err(ContentError::TooLong(Field::ExtensionKey)),
            Item::Text(name) => Ok(Self::Name(name.to_owned())),
            _ => Err(ContentError::ForbiddenKey),
        }
    }

    fn write(&self, out: &mut Writer) {
        match self {
            Self::Number(number) => out.put(minicbor::data::Token::I64(*number)),
            Self::Name(name) => out.text(name),
        }
    }
}

/// The order of section 4.2.1 of RFC 8949: that of the encodings.
impl Ord for ExtensionKey {
    fn cmp(&self, other: &Self) -> Ordering {
        written(|out| self.write(out)).cmp(&written(|out| other.write(out)))
    }
}

impl PartialOrd for ExtensionKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// All extensions of a message, those that nobody here knows among them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Extensions(BTreeMap<ExtensionKey, Value>);

impl Extensions {
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a value in place of what was there.
    pub fn set(&mut self, key: ExtensionKey, value: Value) {
        self.0.insert(key, value);
    }

    pub fn get(&self, key: &ExtensionKey) -> Option<&Value> {
        self.0.get(key)
    }

    pub fn iter(&self) -> btree_map::Iter<'_, ExtensionKey, Value> {
        self.0.iter()
    }

    /// Who claims to have sent the message. What MLS says is what counts.
    pub fn sender_uri(&self) -> Option<&str> {
        self.get(&ExtensionKey::SENDER_URI).and_then(Value::as_text)
    }

    pub fn room_uri(&self) -> Option<&str> {
        self.get(&ExtensionKey::ROOM_URI).and_then(Value::as_text)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, ContentError> {
        let length = match reader.item()? {
            Item::Map(length) => length,
            _ => return Err(ContentError::Unexpected(Field::Extensions)),
        };
        if length > MAX_EXTENSIONS as u64 {
            return Err(ContentError::TooManyExtensions);
        }
        let (mut extensions, mut previous) = (Self::new(), None);
        for _ in 0..length {
            let start = reader.position();
            let key = ExtensionKey::read(reader)?;
            let written = reader.since(start);
            check_order(previous, written)?;
            previous = Some(written);
            let value = Value::read(reader)?;
            check_type(&key, &value)?;
            extensions.set(key, value);
        }
        Ok(extensions)
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.map(self.0.len());
        for (key, value) in &self.0 {
            key.write(out);
            out.raw(value.as_cbor());
        }
    }
}

/// Those that the draft defines have a type.
fn check_type(key: &ExtensionKey, value: &Value) -> Result<(), ContentError> {
    let field = match key {
        ExtensionKey::Number(1) => Field::SenderUri,
        ExtensionKey::Number(2) => Field::RoomUri,
        _ => return Ok(()),
    };
    value.as_text().map(drop).ok_or(ContentError::Unexpected(field))
}
