//! The way to the engine, and the mirror of what it tells.

pub mod door;
pub mod mirror;

pub fn plugin(app: &mut bevy::prelude::App) {
    app.add_plugins((door::plugin, mirror::plugin));
}
