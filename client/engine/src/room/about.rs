//! What the room is, to us.

use super::{
    keep::{Details, Keep},
    own::Own,
};
use crate::api::{RoomKind, Rules};

/// What the room is, to us.
pub(super) struct About {
    pub own: Own,
    pub kind: RoomKind,
    pub title: String,
    /// Our own name for it.
    pub label: Option<String>,
    pub rules: Rules,
}

impl About {
    pub fn new(own: Own, kind: RoomKind, title: String) -> Self {
        Self { own, kind, title, label: None, rules: Rules::default() }
    }

    /// As the disk has it. An older rule took titles that are none any more, and an import may hold any.
    pub fn restored(own: Own, details: Details) -> Self {
        let plain = |title: String| group_crypto::plain_name(&title);
        Self {
            own,
            kind: details.kind,
            title: plain(details.title),
            label: details.label.map(plain),
            rules: details.rules,
        }
    }

    /// What is kept of the room.
    pub fn details(&self, renew: bool) -> Keep {
        Keep::Details(Details {
            kind: self.kind,
            title: self.title.clone(),
            label: self.label.clone(),
            rules: self.rules,
            verified: false,
            renew,
        })
    }

    pub fn relabel(&mut self, label: &str) {
        self.label = Some(label.trim().to_owned()).filter(|label| is_fine_title(label));
    }

    /// Our note of whom a contact is for is nobody else's business.
    pub fn title_for_others(&self) -> String {
        match self.kind {
            RoomKind::Contact => self.own.name.clone(),
            _ => self.title.clone(),
        }
    }

    /// What the room is called here: a contact by our label, or by the name of `them`.
    pub fn shown_title(&self, them: Option<&str>) -> String {
        let them = them.filter(|_| self.kind == RoomKind::Contact);
        self.label.as_deref().or(them).unwrap_or(&self.title).to_owned()
    }
}

/// Titles and labels stand beside names, and follow their rules.
pub(super) fn is_fine_title(title: &str) -> bool {
    group_crypto::check_name(title).is_ok()
}
