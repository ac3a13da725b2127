//! Invitations: made, shown as a picture and as a link, revoked.

mod draw;
mod plugin;
#[cfg(test)]
mod tests;

use std::time::Duration;

use bevy::prelude::*;
#[cfg(test)]
pub use draw::InviteSheet;
use engine::api::{InvitationId, RoomId, Terms};
pub use plugin::plugin;

use crate::ui::{
    action::Action,
    binding::{Binding, HOME},
    page::Page,
};

/// Makes, shows and revokes invitations.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum InviteAction {
    /// For a contact to be.
    Someone,
    Many(bool),
    Lasting(Lifetime),
    WaitingRoom,
    Make,
    Show(RoomId, InvitationId),
    Revoke(RoomId, InvitationId),
    Copy,
}

impl Action for InviteAction {
    const KEYS: &'static [Binding<Self>] = &[
        Binding::shift('i', HOME, Self::Someone),
        Binding::ctrl('i', &[Page::Home, Page::Room], Self::Copy).over_sheets(),
    ];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

/// How long an invitation is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lifetime {
    Hour,
    Day,
    Week,
    Forever,
}

/// The settings of the sheet.
#[derive(Resource, Clone, Copy, PartialEq, Eq)]
struct Inviting {
    many: bool,
    lasting: Lifetime,
    waiting_room: bool,
    /// The one to show; without it, the newest.
    selected: Option<InvitationId>,
    /// Whether the link is in the clipboard since the sheet opened.
    copied: bool,
}

impl Default for Inviting {
    fn default() -> Self {
        Self { many: false, lasting: Lifetime::Week, waiting_room: false, selected: None, copied: false }
    }
}

impl Inviting {
    fn terms(self) -> Terms {
        let hours = match self.lasting {
            Lifetime::Hour => Some(1),
            Lifetime::Day => Some(24),
            Lifetime::Week => Some(7 * 24),
            Lifetime::Forever => None,
        };
        let valid = hours.map(|hours| Duration::from_secs(hours * 3600));
        Terms { many: self.many, valid, waiting_room: self.waiting_room }
    }
}

/// How long terms last, as near as the sheet can say.
fn lasting(terms: Terms) -> Lifetime {
    match terms.valid.map(|valid| valid.as_secs() / 3600) {
        None => Lifetime::Forever,
        Some(0..=1) => Lifetime::Hour,
        Some(2..=24) => Lifetime::Day,
        Some(_) => Lifetime::Week,
    }
}
