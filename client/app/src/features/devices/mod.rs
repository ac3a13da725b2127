//! Camera, microphone and speaker: which of them, whether they are heard, and how. In the lobby, and in a sheet over
//! the room.

mod draw;
mod level;
mod list;
pub mod picker;
mod sheet;
#[cfg(test)]
mod tests;

use bevy::prelude::*;

use crate::{
    stage::bar::{Bar, BarButton, Look},
    ui::{
        action::{Action, Actions},
        binding::Binding,
        kit::{Icon, Sheet},
        page::Page,
    },
};

pub use draw::column;
pub use sheet::DevicesSheet;

/// Chooses camera, microphone and speaker.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DevicesAction {
    /// Opens the sheet of them.
    Open,
    /// Plays a few notes, to find out whether the speaker is heard.
    PlayTone,
    OpenList(Equipment),
    /// The entry of a list, counted from the top.
    Choose(Equipment, usize),
}

impl Action for DevicesAction {
    const KEYS: &'static [Binding<Self>] = &[
        Binding::shift('e', &[Page::Room], Self::Open),
        Binding::ctrl('p', &[Page::Lobby, Page::Room], Self::PlayTone),
    ];

    fn sends_more_of_a_person(&self) -> bool {
        match self {
            Self::Choose(..) => true,
            Self::Open | Self::PlayTone | Self::OpenList(_) => false,
        }
    }
}

pub fn plugin(app: &mut App) {
    let button = BarButton::new(4, DevicesAction::Open, Look::plain(Icon::Speaker, "bar-devices"));
    app.world_mut().get_resource_or_init::<Bar>().add(button);
    app.add_action::<DevicesAction>().add_plugins((draw::plugin, level::plugin, picker::plugin, sheet::plugin));
}

/// The kinds of devices that are chosen in the lobby and during a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Equipment {
    Camera,
    Microphone,
    Speaker,
}

/// Whether devices can be chosen now.
fn shown(page: Res<State<Page>>, sheet: Res<Sheet>) -> bool {
    *page.get() == Page::Lobby || sheet.shows(DevicesSheet)
}
