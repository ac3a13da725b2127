//! The chat of every room.

mod choosing;
mod draft;
mod line;
mod list;
mod panel;
mod plugin;
#[cfg(test)]
mod tests;
mod unread;

use bevy::prelude::*;
pub use line::{summary, time};
pub use panel::{Place, spawn};
pub use plugin::plugin;

use crate::ui::{action::Action, binding::Binding, page::Page};

/// Whether the chat is open beside the tiles.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChatOpen(pub bool);

/// The actions of the chat.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChatAction {
    /// Opens or closes it beside the tiles.
    Toggle,
    Send,
    /// Takes up the invitation in a line, counted from the oldest.
    TakeBrought(usize),
    /// Something is to be done with a line, counted from the oldest.
    Choose(usize),
    Unchoose,
    /// One of [`choosing::QUICK`] for the chosen line, or no longer.
    React(usize),
    EditChosen,
    DeleteChosen,
}

impl Action for ChatAction {
    const KEYS: &'static [Binding<Self>] = &[Binding::ctrl('h', &[Page::Room], Self::Toggle)];

    fn sends_more_of_a_person(&self) -> bool {
        match self {
            Self::TakeBrought(_) => true,
            Self::Toggle
            | Self::Send
            | Self::Choose(_)
            | Self::Unchoose
            | Self::React(_)
            | Self::EditChosen
            | Self::DeleteChosen => false,
        }
    }
}

/// A line in the list.
#[derive(Component)]
pub struct Message;

/// The field that messages are written in.
#[derive(Component)]
pub struct Draft;

/// What a message may hold, in bytes: more letters than that never fit.
const LONGEST: usize = engine::api::MAX_TEXT;
