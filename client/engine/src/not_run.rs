//! What a system does not permit to be tested.

use std::io::{Write, stderr};

/// Says so past the test runner, which keeps to itself what a passing test prints.
pub fn not_run(test: &str, why: &str) {
    // Nobody reads what cannot be written.
    let _ = writeln!(stderr(), "!! NOT RUN: {test}: {why}");
}
