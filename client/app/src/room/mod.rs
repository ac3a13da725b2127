//! The room as the engine tells of it: the room, its people, and how sealed it is.

mod plugin;
mod seal;
#[cfg(test)]
mod tests;

use bevy::prelude::*;
use engine::api::{MemberId, ParticipantState};
pub use plugin::plugin;
pub use seal::{Seal, seal};

/// The room that we are in.
#[derive(Component)]
pub struct Room {
    pub title: String,
    /// Whether the suite of the room's keys is a post-quantum one.
    pub post_quantum: bool,
    /// Seconds of the window's clock.
    pub entered: f64,
}

/// A participant, ourselves included.
#[derive(Component)]
pub struct Person {
    pub member: MemberId,
    pub name: String,
    /// Order of arrival; we are last.
    pub rank: u32,
}

/// Marks ourselves.
#[derive(Component)]
pub struct Me;

/// What is known of a participant right now.
#[derive(Component, Clone, PartialEq, Eq, Default)]
pub struct Known(pub ParticipantState);

/// Since when a participant last spoke, in seconds of the window's clock.
#[derive(Component, Default, Clone, Copy, PartialEq, PartialOrd)]
pub struct Spoke(pub f64);

/// The own camera and microphone as they really are.
#[derive(Resource, Default, Clone, Copy, PartialEq, Debug)]
pub struct Own {
    pub camera_on: bool,
    pub microphone_on: bool,
    pub level: f32,
    pub speaking: bool,
}
