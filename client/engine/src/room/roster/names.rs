//! What members are called.

use group_crypto::MemberId;

use super::{Output, Roster};
use crate::{
    api::{Body, Line, RoomEvent},
    room::keep::Keep,
};

impl Roster {
    /// The rows that a member's new name takes in the history, in bytes of text. `None` where it is none, or no name.
    pub fn length_of_renaming(&self, member: MemberId, name: &str) -> Option<usize> {
        let entry = self.members.get(&member).filter(|entry| entry.name != name)?;
        group_crypto::check_name(name).ok()?;
        Some(entry.name.len().saturating_add(name.len()))
    }

    /// A member's new name. It stands in the history, so that nobody becomes another without a word. `at_ms`: Unix time.
    pub fn on_name(&mut self, member: MemberId, name: String, at_ms: i64) {
        let Some(entry) = self.members.get_mut(&member) else {
            return;
        };
        let from = std::mem::replace(&mut entry.name, name.clone());
        self.out.push_back(Output::Changed(member));
        self.out.push_back(Output::Named { member, name: name.clone() });
        self.out.push_back(Output::Keep(Keep::Renamed { member, from: from.clone(), to: name.clone(), at_ms }));
        self.out.push_back(Output::Event(RoomEvent::Renamed { member, name: name.clone() }));
        let line = Line::new(member, from, at_ms, Body::Renamed { to: name });
        self.out.push_back(Output::Event(RoomEvent::Said(line)));
        self.out.push_back(Output::Retitled);
    }
}
