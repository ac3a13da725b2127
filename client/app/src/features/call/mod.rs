//! Calls: made, answered, declined; and who knocks at a room's door.

mod knock;
mod plugin;
mod ring;
#[cfg(test)]
mod tests;

use bevy::prelude::*;
pub use plugin::plugin;

use crate::ui::{
    action::Action,
    binding::{Binding, HOME},
    page::Page,
};

/// Where it can ring: wherever a profile may be open.
const RINGING: &[Page] = &[Page::Home, Page::Lobby, Page::Room, Page::Ended];

/// Calls, and takes calls.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallAction {
    Call,
    CallWithVideo,
    Answer,
    AnswerWithVideo,
    Decline,
}

impl Action for CallAction {
    const KEYS: &'static [Binding<Self>] = &[
        Binding::shift('y', HOME, Self::Call),
        Binding::shift('u', HOME, Self::CallWithVideo),
        Binding::ctrl('y', RINGING, Self::Answer).over_sheets(),
        Binding::ctrl('u', RINGING, Self::AnswerWithVideo).over_sheets(),
        Binding::ctrl('d', RINGING, Self::Decline).over_sheets(),
    ];

    fn sends_more_of_a_person(&self) -> bool {
        match self {
            Self::Call | Self::CallWithVideo | Self::Answer | Self::AnswerWithVideo => true,
            Self::Decline => false,
        }
    }
}
