//! The sheet of the own profile, and what comes of errands to where profiles are kept.

mod plugin;
mod sheet;
#[cfg(test)]
mod tests;

pub use plugin::plugin;
