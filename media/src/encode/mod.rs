//! Codecs.

mod h264;
mod layers;
mod opus;

pub use h264::*;
pub use layers::{LayeredEncoder, Wanted};
pub use opus::*;
