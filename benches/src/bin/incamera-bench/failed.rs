//! Why something could not be measured.

use std::path::PathBuf;

/// Why something could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error("a clip cannot be used: {0}")]
    Clip(String),
    #[error("the engine failed: {0}")]
    Engine(String),
    #[error("another program failed: {0}")]
    Child(String),
    #[error("{0} cannot be written: {1}")]
    Write(PathBuf, std::io::Error),
}
