//! What stands in for the machine in tests and in pictures of the window.

#[cfg(test)]
pub mod bench;
#[cfg(feature = "scenes")]
pub mod scene;
pub mod screenshot;
#[cfg(any(test, feature = "scenes"))]
pub mod script;
