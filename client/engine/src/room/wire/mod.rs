//! What members say to each other: over a link, and inside the group. Nothing here is written on the disk.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

mod abilities;
mod few;
mod framed;
mod group;
mod hello;
mod link;
mod purpose;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use serde::{Serialize, de::DeserializeOwned};

pub(crate) use abilities::{Abilities, Ability};
pub(crate) use few::Few;
#[cfg(feature = "fuzzing")]
pub(crate) use framed::Plain;
pub(crate) use group::{RoomMessage, Said};
pub(crate) use hello::{Hello, Place, Statement};
pub(crate) use link::{Candidates, Heights, LinkMessage, MemberIds, Refusal, Streams, Verdict};
pub(crate) use purpose::Purpose;

/// Longest link message in bytes: a post-quantum Welcome for the largest room has 200,000, and 400,000 when all come at once.
pub const MAX_MESSAGE: usize = 512 * 1024;
/// Longest message in bytes of a caller that has not shown to be a member: a key package has 3,000.
pub const MAX_OF_STRANGER: usize = 16 * 1024;
/// Longest chat text in bytes.
pub const MAX_CHAT: usize = 8 * 1024;
/// Longest content of a line in bytes that a later version may send.
pub const MAX_UNKNOWN: usize = 2 * MAX_CHAT;
/// Longest room title in bytes. What may stand in one, the rules of names say.
pub const MAX_TITLE: usize = group_crypto::MAX_NAME_BYTES;

#[expect(clippy::expect_used, reason = "a type of ours that cannot be written is a fault of the program")]
pub(crate) fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    postcard::to_stdvec(message).expect("these types hold nothing that cannot be written")
}

/// `None` for anything but exactly one message.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    if bytes.len() > MAX_MESSAGE {
        return None;
    }
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Some(message),
        _ => None,
    }
}
