//! The sheet of the own profile, and the outcomes of errands to the safe.

mod plugin;
mod sheet;
#[cfg(test)]
mod tests;

use bevy::prelude::*;
pub use plugin::plugin;

use crate::ui::{
    action::Action,
    binding::{Binding, HOME},
};

/// The actions on the sheet of the own profile.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProfileAction {
    /// Opens it.
    Open,
    /// Keeps the name.
    SaveFace,
    ComesToFront,
    Switch,
    Export,
    Delete,
    /// Asks for the word that confirms it.
    DeleteEverything,
    DeleteEverythingSurely,
}

impl Action for ProfileAction {
    const KEYS: &'static [Binding<Self>] = &[Binding::ctrl('p', HOME, Self::Open)];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}
