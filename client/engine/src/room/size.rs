//! How many people a room holds.

use crate::api::RoomKind;

/// Most people in a room that is kept.
pub(crate) const MAX_MEMBERS: usize = 128;
/// Most people in a call, and so in a room that is nothing else: everybody sends to everybody.
pub(crate) const MAX_IN_CALL: usize = 16;

/// A contact never has a third.
pub(super) fn most_members(kind: RoomKind) -> usize {
    match kind {
        RoomKind::Contact => 2,
        RoomKind::Ephemeral => MAX_IN_CALL,
        RoomKind::Kept => MAX_MEMBERS,
    }
}
