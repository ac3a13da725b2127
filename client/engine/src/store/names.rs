//! Our own random names of what the store keeps.

use serde::{Deserialize, Serialize};

/// Our own random name of a room. It never leaves the computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RoomKey(pub [u8; 16]);

/// Our own name of a member, within one room. It never leaves the computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MemberKey(pub [u8; 16]);

/// Our own name of an invitation. It never leaves the computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InvitationKey(pub [u8; 16]);
