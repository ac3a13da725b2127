//! Who a member is: a stable id, a place in the ratchet tree, and the card they show.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};

use crate::Card;
use crate::derive::first_bytes;

/// The most members a room can have: what the member index field of an SFrame key id holds.
pub const MAX_MEMBERS: usize = 256;

/// Names a member inside one room: the first 16 bytes of SHA-256 of their signature public key.
///
/// Safe to log, because every room has fresh signature keys: it tells nothing outside its room.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub [u8; 16]);

impl MemberId {
    pub(crate) fn of_signature_key(key: &[u8]) -> Self {
        Self(first_bytes(digest(&SHA256, key).as_ref()))
    }
}

impl fmt::Debug for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "{a:02x}{b:02x}{c:02x}{d:02x}")
    }
}

/// A member's leaf index in the ratchet tree (RFC 9420, section 4.1).
///
/// Unique within an epoch only: the leaf of a removed member goes to the next one who joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberIndex(pub u32);

/// One line of the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub index: MemberIndex,
    pub id: MemberId,
    pub card: Card,
}
