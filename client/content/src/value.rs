//! CBOR that this program need not understand: checked, and kept byte for byte.

use crate::{
    cbor::{Item, Reader, written},
    error::{ContentError, Field},
};

/// A value of an extension, in bytes.
pub const MAX_VALUE: usize = 16 * 1024;
/// Levels of maps, arrays and tags, with the map of the extensions as the first (section 6.3 of the draft).
const MAX_LEVELS: usize = 4;
/// Whole numbers up to here are exact in a double, and may be keys (section 6.2 of the draft).
pub const MAX_KEY: i128 = (1 << 53) - 1;
/// The tags of numbers of any size.
const BIGNUMS: [u64; 2] = [2, 3];
/// What has no more bytes than this is no big number.
const SMALL: usize = 8;

/// One item of CBOR in deterministic encoding, with all that is in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Value(Box<[u8]>);

impl Value {
    /// # Errors
    /// When the bytes are not exactly one item in the form of section 6 of the draft, or too long.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, ContentError> {
        let mut reader = Reader::new(bytes);
        let value = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }

    pub fn from_text(text: &str) -> Self {
        Self(written(|out| out.text(text)).into())
    }

    pub fn from_number(number: u64) -> Self {
        Self(written(|out| out.number(number)).into())
    }

    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(written(|out| out.bytes(bytes)).into())
    }

    pub fn as_cbor(&self) -> &[u8] {
        &self.0
    }

    /// What it says, if it is a text.
    pub fn as_text(&self) -> Option<&str> {
        match Reader::new(&self.0).item() {
            Ok(Item::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// What it says, if it is a number of 64 bits without a sign.
    pub fn as_number(&self) -> Option<u64> {
        match Reader::new(&self.0).item() {
            Ok(Item::Number(number)) => number.try_into().ok(),
            _ => None,
        }
    }

    /// What it says, if it is bytes.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match Reader::new(&self.0).item() {
            Ok(Item::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, ContentError> {
        let start = reader.position();
        check(reader, 1)?;
        let bytes = reader.since(start);
        if bytes.len() > MAX_VALUE {
            return Err(ContentError::TooLong(Field::ExtensionValue));
        }
        Ok(Self(bytes.into()))
    }
}

/// Walks through one item, which lies in that many levels of others. It never goes deeper than [`MAX_LEVELS`].
fn check(reader: &mut Reader<'_>, levels: usize) -> Result<(), ContentError> {
    match reader.item()? {
        Item::Array(length) => {
            let levels = deeper(levels)?;
            // Each item has a byte at least, so that a length that lies ends with the bytes.
            (0..length).try_for_each(|_| check(reader, levels))
        }
        Item::Map(length) => check_map(reader, length, deeper(levels)?),
        Item::Tag(tag) => check_tagged(reader, tag, deeper(levels)?),
        _ => Ok(()),
    }
}

fn deeper(levels: usize) -> Result<usize, ContentError> {
    levels.checked_add(1).filter(|levels| *levels <= MAX_LEVELS).ok_or(ContentError::TooDeep)
}

fn check_map(reader: &mut Reader<'_>, length: u64, levels: usize) -> Result<(), ContentError> {
    let mut previous: Option<&[u8]> = None;
    for _ in 0..length {
        let start = reader.position();
        match reader.item()? {
            Item::Number(number) if (-MAX_KEY..=MAX_KEY).contains(&number) => {}
            Item::Text(_) | Item::Bytes(_) => {}
            _ => return Err(ContentError::ForbiddenKey),
        }
        let key = reader.since(start);
        check_order(previous, key)?;
        previous = Some(key);
        check(reader, levels)?;
    }
    Ok(())
}

/// Keys are sorted by their encoding, byte by byte.
pub fn check_order(previous: Option<&[u8]>, key: &[u8]) -> Result<(), ContentError> {
    match previous.map(|previous| previous.cmp(key)) {
        None | Some(std::cmp::Ordering::Less) => Ok(()),
        Some(std::cmp::Ordering::Equal) => Err(ContentError::DuplicateKey),
        Some(std::cmp::Ordering::Greater) => Err(ContentError::UnsortedKeys),
    }
}

/// What a tag is about. A big number that is not big has to be a number.
fn check_tagged(reader: &mut Reader<'_>, tag: u64, levels: usize) -> Result<(), ContentError> {
    if !BIGNUMS.contains(&tag) {
        return check(reader, levels);
    }
    match reader.item()? {
        Item::Bytes(bytes) if bytes.len() > SMALL && bytes.first() != Some(&0) => Ok(()),
        Item::Bytes(_) => Err(ContentError::NotShortest),
        _ => Err(ContentError::Malformed),
    }
}
