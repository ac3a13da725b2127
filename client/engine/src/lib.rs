//! A room without a window: people, links, rooms, chat.

pub mod api;
pub mod devices;
pub mod invitation;
pub mod logging;
pub mod stats;

mod driver;
mod room;
mod studio;
mod wall;

mod handle;
pub use handle::{Engine, Pictures, StartError, Tile};

pub mod guests;
