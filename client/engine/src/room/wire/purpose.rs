//! What messages are for: a link carries each purpose on a stream of its own.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use super::{LinkMessage, RoomMessage};

/// Messages of one purpose arrive in their order. A message of any purpose arrives after all control messages that were sent
/// before it; control messages may overtake the chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Control,
    Chat,
    /// Control that arrives after all of the chat that was sent before it.
    Farewell,
}

impl LinkMessage {
    pub fn purpose(&self) -> Purpose {
        match self {
            LinkMessage::Goodbye(_) | LinkMessage::Rest => Purpose::Farewell,
            _ => Purpose::Control,
        }
    }
}

impl RoomMessage {
    pub fn purpose(&self) -> Purpose {
        match self {
            RoomMessage::Line { .. } | RoomMessage::Missing { .. } => Purpose::Chat,
            _ => Purpose::Control,
        }
    }
}
