//! What happens to a voice between the microphone and the encoder.

mod level;
mod noise;
mod speech;

pub use level::{Level, LevelMeter};
pub use speech::{Cleaning, Speech};
