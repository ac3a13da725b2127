//! The sheets of a contact and of a room: what is known of them, and what may be done.

mod contact;
mod plugin;
mod room;
#[cfg(test)]
mod tests;

use bevy::prelude::*;
use engine::api::{MemberId, RoomId, Rules};
pub use plugin::plugin;

/// Whether something that cannot be taken back, or the choice of a room, is asked about.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq)]
struct Asked {
    forget: bool,
    bring: bool,
}

/// All that a sheet shows.
#[derive(Clone, PartialEq)]
struct View {
    id: RoomId,
    title: String,
    contact: bool,
    rules: Rules,
    verified: bool,
    safety_code: Option<String>,
    asked: Asked,
    /// Everybody but ourselves.
    members: Vec<(MemberId, String, &'static str)>,
    knocks: Vec<(engine::api::KnockId, String)>,
    invitations: usize,
    /// Rooms that a contact could be brought into.
    rooms: Vec<(RoomId, String)>,
}

/// Minutes of the day as people write them.
fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Back from what was written: `22:00`, `22.00`, `22h00` or `22`.
fn minutes(written: &str) -> Option<u16> {
    let mut parts = written.trim().split([':', '.', 'h']);
    let hours: u16 = parts.next()?.trim().parse().ok()?;
    let minutes: u16 = match parts.next().map(str::trim) {
        None | Some("") => 0,
        Some(text) => text.parse().ok()?,
    };
    (hours < 24 && minutes < 60 && parts.next().is_none()).then_some(hours * 60 + minutes)
}

/// A safety code as it is read aloud: groups of five, four to a line.
fn groups(code: &str) -> Vec<String> {
    let digits: Vec<char> = code.chars().filter(char::is_ascii_digit).collect();
    let groups: Vec<String> = digits.chunks(5).map(|group| group.iter().collect()).collect();
    groups.chunks(4).map(|line| line.join("   ")).collect()
}
