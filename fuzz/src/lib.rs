//! Hostile bytes for everything that reads what a stranger, a member, a file or a device gives.
//!
//! A target is a function of bytes that panics when a promise is broken. `incamera-fuzz smoke` throws kept and changed
//! inputs at each, on the stable compiler and with what the program itself is built of; `libfuzzer/` drives the same
//! functions by coverage.

mod target;
mod targets;

pub use target::Target;
pub use targets::TARGETS;

pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
