//! Codecs.

mod h264;
mod opus;

pub use h264::*;
pub use opus::*;
