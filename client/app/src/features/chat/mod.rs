//! What people write to each other, in every room.

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

/// Whether the chat is open beside the tiles.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChatOpen(pub bool);

/// A line in the list.
#[derive(Component)]
pub struct Message;

/// The field that messages are written in.
#[derive(Component)]
pub struct Draft;

/// In characters.
const LONGEST: usize = 2000;
