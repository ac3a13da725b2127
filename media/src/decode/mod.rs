//! Codecs.

mod h264;
mod opus;
pub mod process;

pub use h264::*;
pub use opus::*;
