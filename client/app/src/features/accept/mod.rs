//! An invitation is taken up: pasted, read from a picture file, or from the camera.

mod draw;
mod plugin;
#[cfg(test)]
mod tests;

use bevy::prelude::*;
#[cfg(test)]
pub use draw::AcceptSheet;
pub use plugin::plugin;

use crate::ui::{
    action::Action,
    binding::{Binding, HOME},
};

/// Takes up an invitation.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum AcceptAction {
    /// Opens the sheet where one is pasted or read.
    Open,
    Take,
}

impl Action for AcceptAction {
    const KEYS: &'static [Binding<Self>] = &[Binding::ctrl('o', HOME, Self::Open)];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}
