//! The pages of the window by name, one at a time.

use bevy::{input_focus::tab_navigation::TabGroup, prelude::*};

#[derive(States, Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Page {
    /// Which profile, or a first one.
    Profiles,
    /// Rooms of which nothing is kept.
    #[default]
    Start,
    /// The contacts and rooms of a profile.
    Home,
    /// The own picture and the choice of devices, before anybody sees them.
    Lobby,
    /// The call.
    Room,
    /// Why the room is over.
    Ended,
}

/// The root of a page: fills the window and is gone with its state.
pub fn root(page: Page) -> impl Bundle {
    (
        Node { width: percent(100), height: percent(100), flex_direction: FlexDirection::Column, ..default() },
        TabGroup::new(0),
        DespawnOnExit(page),
    )
}

pub fn plugin(app: &mut App) {
    app.init_state::<Page>();
}
