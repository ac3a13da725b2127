//! The invitation as a picture and as a link.

mod dialog;
mod plugin;
mod qr;

use bevy::prelude::*;
use engine::invitation::Invitation;
pub use plugin::plugin;

/// The newest invitation of the room, and whether the dialog waits for it.
#[derive(Resource, Default)]
pub struct Invitations {
    pub newest: Option<Invitation>,
    pub open: bool,
    /// Whether the link is in the clipboard since the dialog opened.
    pub copied: bool,
}

#[derive(Component)]
struct Dialog;
