//! Whether a member is who they say: what the two compare, in words, digits and pictures, and what came of it.

mod draw;
mod plugin;
#[cfg(test)]
mod tests;

use bevy::prelude::*;
use engine::api::{CodeError, Compared};

#[cfg(test)]
pub use plugin::VerifySheet;
pub use plugin::plugin;

use crate::ui::action::Action;

/// The person says whether the two sides are the same.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verify(pub bool);

impl Action for Verify {
    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

/// A safety code as it is read aloud: groups of five, four to a line.
fn groups(code: &str) -> Vec<String> {
    let digits: Vec<char> = code.chars().filter(char::is_ascii_digit).collect();
    let groups: Vec<String> = digits.chunks(5).map(|group| group.iter().collect()).collect();
    groups.chunks(4).map(|line| line.join("   ")).collect()
}

/// The key of the words for the outcome of a comparison.
fn outcome_key(outcome: Result<Compared, CodeError>) -> &'static str {
    match outcome {
        Ok(Compared::Same) => "verify-matches",
        Ok(Compared::Different) => "verify-differs",
        Err(CodeError::NotACode) => "verify-no-code",
        Err(CodeError::Damaged | CodeError::Incomplete) => "verify-damaged",
        Err(CodeError::Newer) => "verify-newer",
        Err(CodeError::Own) => "verify-own",
    }
}
