//! What the call wants done.

use group_crypto::MemberId;

use crate::{
    api::{RoomEvent, Trouble},
    room::{
        keep::Keep,
        wire::{RoomMessage, Streams},
    },
};

/// What the call wants of the rest of the room.
pub(in crate::room) enum Output {
    /// To be sealed for the group and sent to those who have a link.
    TellLinked(RoomMessage),
    /// To be sealed for the group and sent to this member, now or when they have a link.
    TellOne(MemberId, RoomMessage),
    /// Our part in the call, for all who have a link.
    SendStreams(Streams),
    /// A member's part in the call is this from now on.
    Part(MemberId, Streams),
    /// This member and we are in the call together: media may flow.
    Together(MemberId),
    /// This member is out of the call: media with them ends.
    Apart(MemberId),
    /// We went into the call: the figures are of this call from here on.
    Entered,
    /// We are out of the call: all media ends.
    HungUp,
    /// Our camera, microphone or screen was turned on or off in the call.
    Switched,
    /// Our camera, microphone and screen are to be turned off: we have told all that they are.
    TurnOff,
    /// Out of the room for good: an ephemeral room is nothing without its call.
    Leave,
    Keep(Keep),
    Event(RoomEvent),
    Trouble(Trouble),
}
