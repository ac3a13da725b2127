//! What a call shows: the tiles and their pictures, the header over them and the bar under them.

pub mod bar;
pub mod header;
pub mod mark;
pub mod reading;
pub mod scan;
pub mod tile;
pub mod video;

pub fn plugin(app: &mut bevy::prelude::App) {
    app.add_plugins((tile::plugin, video::plugin, header::plugin, bar::plugin, reading::plugin));
}
