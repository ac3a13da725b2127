//! Codes are read from picture files, by name or dropped, and from the camera, for the sheet that is open.

mod draw;
mod plugin;
mod scan;

use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
pub use draw::{camera, file};
pub use plugin::{Read, plugin};
pub use scan::Scanner;

use crate::{
    engine::mirror::{Own, Rooms},
    ui::kit::Sheet,
};

/// What a picture said, for the sheet that is open.
#[derive(Message, Clone)]
pub struct ReadOut(pub String);

/// What a picture said, or why nothing could be read.
type Found = Result<String, &'static str>;

/// Filled by threads of their own: reading a picture takes a moment.
#[derive(Resource, Default, Clone)]
pub struct Reading(Arc<Mutex<Option<Found>>>);

impl Reading {
    pub fn put(&self, found: Found) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
    }

    fn take(&self) -> Option<Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Whether the camera may be looked at for a code: one that is opened in a call would be seen by all who are in it.
pub fn may_scan(rooms: &Rooms<'_, '_>, own: &Own) -> bool {
    rooms.in_call().is_none() || own.camera_on
}

/// Whether a sheet has a use for a code.
fn wanted(sheet: Sheet) -> bool {
    matches!(sheet, Sheet::Accept | Sheet::Verify(..))
}
