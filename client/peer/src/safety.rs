//! What two members compare, as it is printed.

use std::path::Path;

use engine::{
    api::{CodeError, Compared, Safety},
    qr,
};
use serde::Serialize;

use crate::error::PeerError;

/// The three shapes of a pair's value.
#[derive(Serialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub struct Shown {
    pub digits: String,
    pub you_read: String,
    pub they_read: String,
    /// The text of our QR picture.
    pub qr: String,
}

impl From<&Safety> for Shown {
    fn from(safety: &Safety) -> Self {
        Self {
            digits: safety.code.to_string(),
            you_read: safety.mine.to_string(),
            they_read: safety.theirs.to_string(),
            qr: safety.comparison.to_string(),
        }
    }
}

impl Shown {
    pub fn lines(&self) -> [String; 4] {
        [
            self.digits.clone(),
            format!("you read:  {}", self.you_read),
            format!("they read: {}", self.they_read),
            self.qr.clone(),
        ]
    }
}

/// What the other showed or read: as it was given, or out of a picture file with their QR code.
pub fn given(text: &str) -> Result<String, PeerError> {
    let path = Path::new(text.trim());
    if path.is_file() { Ok(qr::read_file(path)?) } else { Ok(text.to_owned()) }
}

pub fn outcome(outcome: Result<Compared, CodeError>) -> &'static str {
    match outcome {
        Ok(Compared::Same) => "same",
        Ok(Compared::Different) => "different",
        Err(_) => "unreadable",
    }
}
