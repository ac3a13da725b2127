//! What happens when others say, or prove, that we are no longer in the room: it can be read on, and only the person deletes
//! it.

use std::time::{Duration, Instant};

use super::{Around, Output, Roster};
use crate::{
    api::{OverBecause, ReadOnly, RoomEvent, RoomKind},
    room::keep::Keep,
};

/// A room that is not kept ends when all who are here have said for so long that we were removed.
const CALLED_OUT: Duration = Duration::from_secs(10);

/// Whether anything can still be said in the room.
#[derive(Default)]
pub(super) struct Closing {
    why: Option<ReadOnly>,
    called_out_since: Option<Instant>,
}

impl Roster {
    /// There is nobody any more to link to, and never will be.
    pub fn is_closed(&self) -> bool {
        matches!(self.closing.why, Some(ReadOnly::Removed | ReadOnly::ContactEnded))
    }

    /// Nothing more can be said in the room.
    pub fn is_read_only(&self) -> bool {
        self.closing.why.is_some()
    }

    /// The id of the group, while something can be said in it.
    pub fn open_group(&self) -> Option<&[u8]> {
        (!self.is_read_only()).then(|| self.group().id())
    }

    /// As the disk has it, the room can only be read.
    pub fn restore_closed(&mut self, why: ReadOnly) {
        self.agreement.retire();
        self.show_closing(Some(why));
    }

    /// We are out for good. Of a room that is kept nothing is lost but its links.
    pub fn close(&mut self, around: Around<'_>, why: ReadOnly) {
        self.agreement.retire();
        if around.kind == RoomKind::Ephemeral {
            return self.out.push_back(Output::Over(OverBecause::Removed));
        }
        self.out.push_back(Output::Keep(Keep::ReadOnly(why)));
        self.show_closing(Some(why));
    }

    /// All who are here say that we were removed, or somebody has shown that we were not. A link that works may come at any
    /// time, so they are dialled on.
    pub(super) fn on_called_out(&mut self, now: Instant, is_called_out: bool) {
        if !self.is_closed() {
            self.closing.called_out_since = is_called_out.then_some(now);
            self.show_closing(is_called_out.then_some(ReadOnly::SaidRemoved));
        }
    }

    pub(super) fn end_if_called_out(&mut self, around: Around<'_>) {
        let lasts = |since| around.now.saturating_duration_since(since) >= CALLED_OUT;
        if around.kind == RoomKind::Ephemeral && self.closing.called_out_since.is_some_and(lasts) {
            self.out.push_back(Output::Over(OverBecause::Removed));
        }
    }

    fn show_closing(&mut self, why: Option<ReadOnly>) {
        self.closing.why = why;
        self.out.push_back(Output::Event(RoomEvent::ReadOnly(why)));
    }

    /// What shows others that it is we who leave.
    pub fn farewell(&self) -> Vec<u8> {
        self.group().sign_goodbye().unwrap_or_default()
    }
}
