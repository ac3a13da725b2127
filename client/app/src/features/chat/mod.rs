//! What people write to each other, in every room.

mod line;
mod lines;
mod list;
mod panel;
mod plugin;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use bevy::prelude::*;
use engine::api::Line;
pub use line::{summary, time};
pub use panel::{Place, spawn};
pub use plugin::plugin;

/// Whether the chat is open beside the tiles.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChatOpen(pub bool);

/// Of a room: lines that came while its chat was not in sight.
#[derive(Component, Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unread(pub u32);

/// Of a room: its lines as far as the window has them, oldest first.
#[derive(Component, Default)]
pub struct Lines {
    pub all: VecDeque<Line>,
    /// There are older ones in the store.
    pub more: bool,
    /// They are asked for.
    asked: bool,
    /// Counts lines that were ever appended.
    appended: u64,
    /// Which of all lines that came while the window was open was the last here.
    came: u64,
    /// Changes whenever lines came before others or went.
    revision: u64,
}

/// When something came to a room last: while the window is open, and otherwise its place in the store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Moved {
    came: u64,
    id: Option<i64>,
}

/// A line in the list.
#[derive(Component)]
pub struct Message;

/// The field that messages are written in.
#[derive(Component)]
pub struct Draft;

/// The window keeps so many lines of a room; the oldest go first, and can be asked for again where they are stored.
const MOST: usize = 500;
/// So many at once: every time some go, the list is drawn anew.
const GOING: usize = 50;
/// In characters.
const LONGEST: usize = 2000;
