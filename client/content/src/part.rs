//! The body of a message: one part, which may hold others.

use crate::{
    cbor::{Reader, Writer},
    error::{ContentError, Field},
    external::{External, MAX_CONTENT_TYPE},
    value::Value,
};

/// Levels of parts, the body as the first (section 6.3 of the draft).
pub const MAX_DEPTH: usize = 4;
/// Parts of a message, on all levels together (section 9.1 of the draft).
pub const MAX_PARTS: usize = 1024;
/// The language tags of a part, in bytes.
const MAX_LANGUAGE: usize = 256;
/// Items of a part of an unknown kind.
const MAX_FIELDS: u64 = 32;
/// Items that every part has: disposition, language, cardinality.
const COMMON: u64 = 3;

/// One part (section 4.4 of the draft).
#[derive(Clone, PartialEq, Eq)]
pub struct NestedPart {
    pub disposition: Disposition,
    /// Language tags of RFC 5646 with commas between them; empty when it is not said.
    pub language: String,
    pub body: Body,
}

/// What a part is, by its cardinality.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// Nothing: what it replaces is deleted.
    Null,
    Single(Single),
    External(Box<External>),
    Multi {
        semantics: Semantics,
        /// Two at least.
        parts: Vec<NestedPart>,
    },
    /// A cardinality that the draft does not know, and what stands behind it.
    Unknown {
        cardinality: u64,
        fields: Vec<Value>,
    },
}

/// Content that travels in the message.
#[derive(Clone, PartialEq, Eq)]
pub struct Single {
    /// A media type with its parameters.
    pub content_type: String,
    pub content: Vec<u8>,
}

/// What a part is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    Unspecified,
    Render,
    Reaction,
    Profile,
    Inline,
    Icon,
    Attachment,
    Session,
    Preview,
    /// To be treated as [`Disposition::Render`].
    Unknown(u8),
}

/// How the parts of a part belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Semantics {
    /// The reader takes one of them.
    ChooseOne,
    /// All, or none where the reader does not understand one.
    SingleUnit,
    /// As many as the reader understands.
    ProcessAll,
}

impl NestedPart {
    /// A part that says nothing.
    pub(crate) fn nothing() -> Self {
        Self { disposition: Disposition::Render, language: String::new(), body: Body::Null }
    }

    /// Reads a body, with all parts in it.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, ContentError> {
        let mut left = MAX_PARTS;
        Self::read_at(reader, 1, &mut left)
    }

    /// `left` is how many parts the message may still have. It goes no deeper than [`MAX_DEPTH`].
    fn read_at(reader: &mut Reader<'_>, depth: usize, left: &mut usize) -> Result<Self, ContentError> {
        *left = left.checked_sub(1).ok_or(ContentError::TooManyParts)?;
        let length = reader.array(Field::Part)?;
        let fields = length.checked_sub(COMMON).ok_or(ContentError::Unexpected(Field::Part))?;
        let disposition = Disposition::from(reader.number::<u8>(Field::Disposition)?);
        let language = reader.text(Field::Language, MAX_LANGUAGE)?.to_owned();
        let cardinality = reader.number(Field::Cardinality)?;
        let body = match (cardinality, fields) {
            (NULL, 0) => Body::Null,
            (SINGLE, 2) => Body::Single(Single {
                content_type: reader.text(Field::ContentType, MAX_CONTENT_TYPE)?.to_owned(),
                content: reader.bytes(Field::PartContent, usize::MAX)?.to_owned(),
            }),
            (EXTERNAL, External::FIELDS) => Body::External(Box::new(External::read(reader)?)),
            (MULTI, 2) => Self::read_multi(reader, depth, left)?,
            (NULL | SINGLE | EXTERNAL | MULTI, _) => return Err(ContentError::Unexpected(Field::Part)),
            (_, 0..=MAX_FIELDS) => {
                let fields = (0..fields).map(|_| Value::read(reader)).collect::<Result<_, _>>()?;
                Body::Unknown { cardinality, fields }
            }
            _ => return Err(ContentError::TooLong(Field::Part)),
        };
        Ok(Self { disposition, language, body })
    }

    fn read_multi(reader: &mut Reader<'_>, depth: usize, left: &mut usize) -> Result<Body, ContentError> {
        let semantics = match reader.number::<u64>(Field::Semantics)? {
            0 => Semantics::ChooseOne,
            1 => Semantics::SingleUnit,
            2 => Semantics::ProcessAll,
            _ => return Err(ContentError::UnknownSemantics),
        };
        let length = reader.array(Field::Part)?;
        if length < 2 {
            return Err(ContentError::TooFewParts);
        }
        if length > *left as u64 {
            return Err(ContentError::TooManyParts);
        }
        let depth = depth.checked_add(1).filter(|depth| *depth <= MAX_DEPTH).ok_or(ContentError::TooDeep)?;
        let parts = (0..length).map(|_| Self::read_at(reader, depth, left)).collect::<Result<_, _>>()?;
        Ok(Body::Multi { semantics, parts })
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        let (cardinality, fields) = match &self.body {
            Body::Null => (NULL, 0),
            Body::Single(_) => (SINGLE, 2),
            Body::External(_) => (EXTERNAL, External::FIELDS),
            Body::Multi { .. } => (MULTI, 2),
            Body::Unknown { cardinality, fields } => (*cardinality, fields.len() as u64),
        };
        out.put(minicbor::data::Token::Array(COMMON.saturating_add(fields)));
        out.number(u8::from(self.disposition));
        out.text(&self.language);
        out.number(cardinality);
        match &self.body {
            Body::Null => {}
            Body::Single(single) => {
                out.text(&single.content_type);
                out.bytes(&single.content);
            }
            Body::External(external) => external.write(out),
            Body::Multi { semantics, parts } => {
                out.number(*semantics as u8);
                out.array(parts.len());
                parts.iter().for_each(|part| part.write(out));
            }
            Body::Unknown { fields, .. } => fields.iter().for_each(|field| out.raw(field.as_cbor())),
        }
    }
}

const NULL: u64 = 0;
const SINGLE: u64 = 1;
const EXTERNAL: u64 = 2;
const MULTI: u64 = 3;

impl From<u8> for Disposition {
    fn from(number: u8) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Render,
            2 => Self::Reaction,
            3 => Self::Profile,
            4 => Self::Inline,
            5 => Self::Icon,
            6 => Self::Attachment,
            7 => Self::Session,
            8 => Self::Preview,
            _ => Self::Unknown(number),
        }
    }
}

impl From<Disposition> for u8 {
    fn from(disposition: Disposition) -> Self {
        match disposition {
            Disposition::Unspecified => 0,
            Disposition::Render => 1,
            Disposition::Reaction => 2,
            Disposition::Profile => 3,
            Disposition::Inline => 4,
            Disposition::Icon => 5,
            Disposition::Attachment => 6,
            Disposition::Session => 7,
            Disposition::Preview => 8,
            Disposition::Unknown(number) => number,
        }
    }
}
