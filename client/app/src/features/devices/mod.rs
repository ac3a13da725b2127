//! Camera, microphone and speaker: which of them, whether they are heard, and how. In the lobby, and in a sheet over the room.

mod draw;
mod level;
mod list;
pub mod picker;
mod sheet;
#[cfg(test)]
mod tests;

use bevy::prelude::*;

use crate::ui::{kit::Sheet, page::Page};

pub use draw::column;

pub fn plugin(app: &mut App) {
    app.add_plugins((draw::plugin, level::plugin, picker::plugin, sheet::plugin));
}

/// Whether devices can be chosen now.
fn shown(page: Res<State<Page>>, sheet: Res<Sheet>) -> bool {
    *page.get() == Page::Lobby || *sheet == Sheet::Devices
}
