//! Codes are read from picture files, by name or dropped, and from the camera, for the sheet that is open.

mod draw;
mod plugin;

use bevy::prelude::*;
pub use draw::{camera, file};
pub use plugin::{Drops, Read, plugin};

use crate::{
    engine::mirror::{Own, Rooms},
    ui::action::Action,
};

/// The text of a code that was read, for the sheet that is open.
#[derive(Message, Clone)]
pub struct ReadOut(pub String);

/// Reads a code.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReadingAction {
    /// With the camera, or no longer.
    Scan,
    /// From the picture file that the field names.
    ReadFile,
}

impl Action for ReadingAction {
    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

/// Whether the camera may be looked at for a code: one that is opened in a call would be seen by all who are in it.
pub fn may_scan(rooms: &Rooms<'_, '_>, own: &Own) -> bool {
    rooms.in_call().is_none() || own.camera_on
}
