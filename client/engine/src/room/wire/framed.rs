//! How kinds are framed: a number, a length, and that many bytes of fields.
//!
//! A reader skips a kind that it does not know, and ignores bytes behind the fields that it does know. So a later version can add
//! kinds, and fields at the end of a kind, and this version still understands the rest.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// A kind and its fields as they are written.
#[derive(Serialize, Deserialize)]
pub(super) struct Framed<'a> {
    pub kind: u32,
    /// Behind their length, as postcard writes bytes.
    #[serde(borrow)]
    pub fields: &'a [u8],
}

/// An enum with a derived form, in which postcard writes the kind and the fields right behind it.
pub(super) trait Kinds {
    fn serialize_plain<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// A message in its derived form, without the frame.
pub(crate) struct Plain<'a, T>(pub &'a T);

impl<T: Kinds> Serialize for Plain<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize_plain(serializer)
    }
}

pub(super) fn write<S: Serializer>(message: &impl Kinds, serializer: S) -> Result<S::Ok, S::Error> {
    let plain = postcard::to_stdvec(&Plain(message)).map_err(ser::Error::custom)?;
    let (kind, fields) = postcard::take_from_bytes(&plain).map_err(ser::Error::custom)?;
    Framed { kind, fields }.serialize(serializer)
}

/// The bytes that postcard reads as the derived form.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let Framed { kind, fields } = Framed::deserialize(deserializer)?;
    let kind = postcard::to_stdvec(&kind).map_err(de::Error::custom)?;
    Ok([&kind, fields].concat())
}

/// Makes the enum written and read in frames. `#[serde(remote = "Self")]` keeps its derived form apart, and the last variant is
/// `#[serde(other)]`: it stands for every kind that this version does not know.
macro_rules! framed {
    ($message:ident) => {
        impl $crate::room::wire::framed::Kinds for $message {
            fn serialize_plain<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $message::serialize(self, serializer)
            }
        }

        impl serde::Serialize for $message {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::room::wire::framed::write(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $message {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let plain = $crate::room::wire::framed::read(deserializer)?;
                let mut fields = postcard::Deserializer::from_bytes(&plain);
                $message::deserialize(&mut fields).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(super) use framed;
