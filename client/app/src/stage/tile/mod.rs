//! A tile for every participant, well laid out from 1 to 16 and beyond.

mod dress;
pub mod layout;
mod look;
mod place;
mod plugin;
mod shared;

use bevy::prelude::*;
pub use plugin::plugin;
pub use shared::ScreenOf;

use crate::ui::{action::Action, binding::Binding, page::Page};

/// A grid, or the speaker large.
#[derive(Resource, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Arrangement {
    #[default]
    Grid,
    Speaker,
}

/// From the grid to the speaker, or back.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub struct SwitchLayout;

impl Action for SwitchLayout {
    const KEYS: &'static [Binding<Self>] = &[Binding::ctrl('l', &[Page::Room], Self)];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

/// The area of the tiles.
#[derive(Component)]
pub struct Stage;

/// The tile of a person.
#[derive(Component, Clone, Copy)]
pub struct TileOf(pub Entity);

/// Parts of a tile, each marked so that it can follow its person's state.
#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// The outline of who speaks.
    Ring,
    /// The circle in place of a picture.
    Initials,
    /// The letters in it.
    Letters,
    /// The microphone or the speaking mark before the name.
    Mark,
    /// The name.
    Name,
    /// The mark behind the name: verified, or no longer.
    Trust,
    /// The words of a mark that is broken.
    TrustWords,
    /// The state of the connection and the keys, if something is wrong with them.
    State,
    /// The words of that.
    StateWords,
}
