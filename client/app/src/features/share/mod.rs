//! Sharing of the screen: the choice of what, and the wish. What others share is a tile.

mod draw;
mod plugin;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
#[cfg(test)]
pub use draw::ShareSheet;
use engine::api::ScreenInfo;
pub use plugin::plugin;

use crate::ui::{action::Action, binding::Binding, page::Page};

/// Shares the screen.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShareAction {
    /// Opens the sheet of what to share, or stops sharing it.
    Toggle,
    /// The entry of that sheet, counted from the top.
    This(usize),
}

impl Action for ShareAction {
    const KEYS: &'static [Binding<Self>] = &[Binding::shift('s', &[Page::Room], Self::Toggle)];

    fn sends_more_of_a_person(&self) -> bool {
        true
    }
}

/// What can be shared. It is asked for whenever the sheet opens, on a thread of its own: the desktop may take its time.
#[derive(Resource, Default)]
struct Offers {
    /// `None` until the desktop has answered.
    screens: Option<Vec<ScreenInfo>>,
    arriving: Arc<Mutex<Option<Vec<ScreenInfo>>>>,
}

impl Offers {
    fn arrived(&self) -> Option<Vec<ScreenInfo>> {
        self.arriving.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
