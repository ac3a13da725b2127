//! Files that keep what was received.

mod wav;
mod y4m;

pub use wav::*;
pub use y4m::*;
