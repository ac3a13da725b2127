//! Lines to stdout and stderr.

use std::{fmt, io::Write, path::Path};

use serde::Serialize;

use crate::error::PeerError;

/// A reader may have closed stdout; that ends nothing.
pub fn say(line: impl fmt::Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// One JSON value on one line.
pub fn say_json(value: &impl Serialize) -> Result<(), PeerError> {
    say(serde_json::to_string(value).map_err(|why| PeerError::Figures(why.into()))?);
    Ok(())
}

pub fn complain(why: &dyn fmt::Display) {
    let _ = writeln!(std::io::stderr(), "incamera-peer: {why}");
}

/// One message stays one line, and steers no terminal.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

pub fn write_figures(path: &Path, figures: &impl Serialize) -> Result<(), PeerError> {
    let text = serde_json::to_string_pretty(figures).map_err(|why| PeerError::Figures(why.into()))?;
    std::fs::write(path, text + "\n").map_err(PeerError::Figures)
}
