//! What people write to each other.

mod panel;
mod plugin;
#[cfg(test)]
mod tests;

use bevy::prelude::*;
pub use panel::spawn;
pub use plugin::plugin;

/// Whether the chat is open beside the tiles.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChatOpen(pub bool);

/// Messages that came while the chat was closed.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unread(pub u32);

/// A message in the list.
#[derive(Component)]
pub struct Message {
    /// Order of arrival.
    pub number: u64,
}

/// The field that messages are written in.
#[derive(Component)]
pub struct Draft;

#[derive(Component)]
struct Panel;

/// The list of messages.
#[derive(Component)]
struct List;

/// Said in the list while it has no messages.
#[derive(Component)]
struct Nothing;

/// The list keeps so many messages; the oldest goes first.
const MOST: usize = 500;
/// In characters.
const LONGEST: usize = 2000;
