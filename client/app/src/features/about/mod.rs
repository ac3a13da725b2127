//! The sheets of a contact and of a room: what is known of them, and what may be done.

mod contact;
mod plugin;
mod room;
#[cfg(test)]
mod tests;

use bevy::prelude::*;
use engine::api::{MemberId, RoomId, RoomKind, Rules, Verification};
#[cfg(test)]
pub use plugin::AboutSheet;
pub use plugin::plugin;

use crate::ui::{action::Action, binding::Binding, page::Page};

/// The actions on the sheet of a contact or room.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum AboutAction {
    /// Opens the sheet of the one that is shown.
    Open,
    Save,
    MayRing,
    MayRingWithVideo,
    Forget(RoomId),
    Remove(RoomId, MemberId),
    /// Asks which room to bring the contact into.
    Bring,
    BringInto(RoomId),
}

impl Action for AboutAction {
    const KEYS: &'static [Binding<Self>] = &[Binding::shift('o', &[Page::Home, Page::Room], Self::Open)];

    fn sends_more_of_a_person(&self) -> bool {
        match self {
            Self::BringInto(_) => true,
            Self::Open
            | Self::Save
            | Self::MayRing
            | Self::MayRingWithVideo
            | Self::Forget(_)
            | Self::Remove(..)
            | Self::Bring => false,
        }
    }
}

/// Whether the choice of a room is asked about.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq)]
struct Asked {
    bring: bool,
}

/// All that a sheet shows.
#[derive(Clone, PartialEq)]
struct View {
    id: RoomId,
    title: String,
    kind: Option<RoomKind>,
    rules: Rules,
    /// The words of the room.
    code: Option<String>,
    asked: Asked,
    /// Everybody but ourselves.
    members: Vec<Listed>,
    knocks: Vec<(engine::api::KnockId, String)>,
    invitations: usize,
    /// Rooms that a contact could be brought into.
    rooms: Vec<(RoomId, String)>,
}

#[derive(Clone, PartialEq)]
struct Listed {
    member: MemberId,
    name: String,
    presence: &'static str,
    verification: Verification,
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
