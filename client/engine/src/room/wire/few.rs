//! Lists and texts whose bound is part of their type: a longer one is refused before it takes memory.
//!
//! A list of small elements takes many times the memory of its bytes, so that no type of the wire has one without a bound. Bytes
//! (`Vec<u8>`) take no more memory than they have on the wire.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{fmt, marker::PhantomData, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, de};

/// At most `MOST` elements, written as any list is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Few<T, const MOST: usize>(Vec<T>);

/// A text of at most `MOST` bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Short<const MOST: usize>(String);

impl<T, const MOST: usize> Default for Few<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// The first of them; what is beyond the bound is left out.
impl<T, const MOST: usize> FromIterator<T> for Few<T, MOST> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        Self(all.into_iter().take(MOST).collect())
    }
}

impl<T, const MOST: usize, const N: usize> From<[T; N]> for Few<T, MOST> {
    fn from(all: [T; N]) -> Self {
        all.into_iter().collect()
    }
}

impl<T, const MOST: usize> IntoIterator for Few<T, MOST> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T, const MOST: usize> Deref for Few<T, MOST> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const MOST: usize> From<Few<T, MOST>> for Vec<T> {
    fn from(few: Few<T, MOST>) -> Self {
        few.0
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Few<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Elements(PhantomData))
    }
}

struct Elements<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> de::Visitor<'de> for Elements<T, MOST> {
    type Value = Few<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MOST} elements")
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let length = elements.size_hint().unwrap_or(0);
        if length > MOST {
            return Err(de::Error::invalid_length(length, &self));
        }
        let mut few = Vec::with_capacity(length);
        while let Some(element) = elements.next_element()? {
            if few.len() == MOST {
                return Err(de::Error::invalid_length(MOST.saturating_add(1), &self));
            }
            few.push(element);
        }
        Ok(Few(few))
    }
}

/// What is beyond the bound is cut off.
impl<const MOST: usize> From<&str> for Short<MOST> {
    fn from(text: &str) -> Self {
        Self(text.get(..text.floor_char_boundary(MOST)).unwrap_or_default().to_owned())
    }
}

impl<const MOST: usize> From<String> for Short<MOST> {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl<const MOST: usize> From<Short<MOST>> for String {
    fn from(short: Short<MOST>) -> Self {
        short.0
    }
}

impl<const MOST: usize> Deref for Short<MOST> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de, const MOST: usize> Deserialize<'de> for Short<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text<const MOST: usize>;

impl<const MOST: usize> de::Visitor<'_> for Text<MOST> {
    type Value = Short<MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a text of at most {MOST} bytes")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.len() > MOST { Err(E::invalid_length(text.len(), &self)) } else { Ok(Short(text.to_owned())) }
    }
}
