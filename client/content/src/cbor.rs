//! CBOR in the only form that the drafts allow (RFC 8949, section 4.2.1): read and written item by item over minicbor.
//!
//! minicbor reads any well-formed item. That an item has its shortest form and a definite length is asked here, once for all.

use minicbor::{
    Decoder, Encoder,
    data::{Token, Type},
};

use crate::error::{ContentError, Field};

/// Numbers of this simple value and above take two bytes; below they must not.
const FIRST_LONG_SIMPLE: u8 = 32;
/// The only NaN there may be.
const NAN: [u8; 3] = [0xf9, 0x7e, 0x00];

/// One item, or the beginning of one that has others in it.
pub enum Item<'b> {
    Number(i128),
    Bytes(&'b [u8]),
    Text(&'b str),
    /// The items of an array follow.
    Array(u64),
    /// Pairs of key and value follow.
    Map(u64),
    /// One item follows.
    Tag(u64),
    Bool(bool),
    Null,
    /// A float, `undefined` or another simple value.
    Other,
}

/// Items of a slice in their order. It borrows what it reads, and takes no memory.
pub struct Reader<'b> {
    decoder: Decoder<'b>,
}

impl<'b> Reader<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { decoder: Decoder::new(bytes) }
    }

    /// The next item, of any kind.
    ///
    /// # Errors
    /// When there is none, when it is not well-formed, or not in the one form that it may have.
    pub fn item(&mut self) -> Result<Item<'b>, ContentError> {
        let start = self.position();
        let token: Token<'b> = self.decoder.decode().map_err(|error| self.unreadable(start, &error))?;
        let bytes = self.since(start);
        check_form(&token, bytes)?;
        Ok(match token {
            Token::U8(number) => Item::Number(number.into()),
            Token::U16(number) => Item::Number(number.into()),
            Token::U32(number) => Item::Number(number.into()),
            Token::U64(number) => Item::Number(number.into()),
            Token::I8(number) => Item::Number(number.into()),
            Token::I16(number) => Item::Number(number.into()),
            Token::I32(number) => Item::Number(number.into()),
            Token::I64(number) => Item::Number(number.into()),
            Token::Int(number) => Item::Number(number.into()),
            Token::Bytes(bytes) => Item::Bytes(bytes),
            Token::String(text) => Item::Text(text),
            Token::Array(length) => Item::Array(length),
            Token::Map(length) => Item::Map(length),
            Token::Tag(tag) => Item::Tag(tag.into()),
            Token::Bool(is_true) => Item::Bool(is_true),
            Token::Null => Item::Null,
            Token::F16(_) | Token::F32(_) | Token::F64(_) | Token::Simple(_) | Token::Undefined => Item::Other,
            Token::BeginBytes | Token::BeginString | Token::BeginArray | Token::BeginMap => {
                return Err(ContentError::IndefiniteLength);
            }
            Token::Break => return Err(ContentError::Malformed),
        })
    }

    /// An array of as many items as are asked for.
    pub fn array_of(&mut self, length: u64, field: Field) -> Result<(), ContentError> {
        if self.array(field)? == length { Ok(()) } else { Err(ContentError::Unexpected(field)) }
    }

    pub fn array(&mut self, field: Field) -> Result<u64, ContentError> {
        match self.item()? {
            Item::Array(length) => Ok(length),
            _ => Err(ContentError::Unexpected(field)),
        }
    }

    /// A number of the range that its type has.
    pub fn number<N: TryFrom<i128>>(&mut self, field: Field) -> Result<N, ContentError> {
        match self.item()? {
            Item::Number(number) => N::try_from(number).map_err(|_| ContentError::OutOfRange(field)),
            _ => Err(ContentError::Unexpected(field)),
        }
    }

    pub fn bool(&mut self, field: Field) -> Result<bool, ContentError> {
        match self.item()? {
            Item::Bool(is_true) => Ok(is_true),
            _ => Err(ContentError::Unexpected(field)),
        }
    }

    pub fn bytes(&mut self, field: Field, max: usize) -> Result<&'b [u8], ContentError> {
        match self.item()? {
            Item::Bytes(bytes) if bytes.len() <= max => Ok(bytes),
            Item::Bytes(_) => Err(ContentError::TooLong(field)),
            _ => Err(ContentError::Unexpected(field)),
        }
    }

    pub fn text(&mut self, field: Field, max: usize) -> Result<&'b str, ContentError> {
        match self.item()? {
            Item::Text(text) if text.len() <= max => Ok(text),
            Item::Text(_) => Err(ContentError::TooLong(field)),
            _ => Err(ContentError::Unexpected(field)),
        }
    }

    pub fn position(&self) -> usize {
        self.decoder.position()
    }

    /// What was read since a position.
    pub fn since(&self, start: usize) -> &'b [u8] {
        self.decoder.input().get(start..self.position()).unwrap_or_default()
    }

    /// # Errors
    /// When there is more.
    pub fn finish(self) -> Result<(), ContentError> {
        if self.position() == self.decoder.input().len() { Ok(()) } else { Err(ContentError::Trailing) }
    }

    fn unreadable(&mut self, start: usize, error: &minicbor::decode::Error) -> ContentError {
        if error.is_end_of_input() {
            return ContentError::Truncated;
        }
        self.decoder.set_position(start);
        match self.decoder.datatype() {
            Ok(Type::String) => ContentError::NotUtf8,
            _ => ContentError::Malformed,
        }
    }
}

/// Holds an item to its shortest form, and a float to the NaN that is allowed.
fn check_form(token: &Token<'_>, bytes: &[u8]) -> Result<(), ContentError> {
    let is_shortest = match token {
        Token::Simple(number) if *number < FIRST_LONG_SIMPLE && bytes.len() > 1 => return Err(ContentError::Malformed),
        Token::F16(number) if number.is_nan() && bytes != NAN => return Err(ContentError::ForbiddenNan),
        Token::F32(number) if number.is_nan() => return Err(ContentError::ForbiddenNan),
        Token::F64(number) if number.is_nan() => return Err(ContentError::ForbiddenNan),
        Token::F32(number) => !fits_half(*number),
        Token::F64(number) => !fits_single(*number),
        _ => bytes.len() == minicbor::len(token),
    };
    if is_shortest { Ok(()) } else { Err(ContentError::NotShortest) }
}

/// Whether a float of 16 bits has this very value.
fn fits_half(number: f32) -> bool {
    let half = written(|out| out.put(Token::F16(number)));
    Decoder::new(&half).f16().is_ok_and(|short| short == number)
}

#[expect(clippy::cast_possible_truncation, reason = "it asks whether anything is cut off")]
fn fits_single(number: f64) -> bool {
    f64::from(number as f32) == number
}

/// Items that are written, each in its shortest form.
pub struct Writer {
    encoder: Encoder<Vec<u8>>,
}

impl Writer {
    #[expect(clippy::expect_used, reason = "a vector takes all bytes")]
    pub fn put(&mut self, token: Token<'_>) {
        self.encoder.encode(token).expect("a vector takes all bytes");
    }

    pub fn number(&mut self, number: impl Into<u64>) {
        self.put(Token::U64(number.into()));
    }

    pub fn text(&mut self, text: &str) {
        self.put(Token::String(text));
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.put(Token::Bytes(bytes));
    }

    pub fn array(&mut self, length: usize) {
        self.put(Token::Array(length as u64));
    }

    pub fn map(&mut self, length: usize) {
        self.put(Token::Map(length as u64));
    }

    /// Whole items that are in their form already.
    pub fn raw(&mut self, items: &[u8]) {
        self.encoder.writer_mut().extend_from_slice(items);
    }
}

pub fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer { encoder: Encoder::new(Vec::new()) };
    write(&mut out);
    out.encoder.into_writer()
}
