//! Calls: made, answered, declined; and who knocks at a room's door.

mod knock;
mod plugin;
mod ring;
#[cfg(test)]
mod tests;

pub use plugin::plugin;
