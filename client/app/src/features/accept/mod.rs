//! An invitation is taken up: pasted, read from a picture file, or from the camera.

mod draw;
mod plugin;
#[cfg(test)]
mod tests;

pub use plugin::plugin;
