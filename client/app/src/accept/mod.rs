//! An invitation is taken up: pasted, read from a picture file, or from the camera.

mod draw;
mod plugin;
mod scan;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
pub use plugin::plugin;
pub use scan::Scanner;

/// What a picture said, or why nothing could be read.
type Found = Result<String, &'static str>;

/// Filled by threads of their own: reading a picture takes a moment.
#[derive(Resource, Default, Clone)]
struct Reading(Arc<Mutex<Option<Found>>>);

impl Reading {
    fn put(&self, found: Found) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
    }

    fn take(&self) -> Option<Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
