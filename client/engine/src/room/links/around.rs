//! The room as links see it.

use std::time::Instant;

use group_crypto::MemberId;

use crate::{
    api::RoomKind,
    room::{
        company::Directory,
        link::LinkId,
        numbers::Progress,
        own::Own,
        view::{Me, Members, View},
        wire::Streams,
    },
};

/// The room as links see it while they handle one input.
#[derive(Clone, Copy)]
pub(in crate::room) struct Around<'a> {
    pub now: Instant,
    pub kind: RoomKind,
    pub own: &'a Own,
    pub directory: &'a dyn Directory,
    /// Our part in the call.
    pub streams: Streams,
    /// How far the chat with a member is.
    pub progress: &'a dyn Fn(MemberId) -> Progress,
    /// Whether the one on this link waits for somebody to let them in.
    pub has_knocked: &'a dyn Fn(LinkId) -> bool,
}

impl<'a> Around<'a> {
    pub fn view(self, members: Members<'a>) -> View<'a> {
        let me = Me { id: self.directory.me(), name: &self.own.name };
        View { now: self.now, clock: &self.own.clock, kind: self.kind, me, members }
    }

    /// Whether a member said goodbye, or nothing more is said to them.
    pub fn is_leaving(self, member: MemberId) -> bool {
        self.directory.listed(member).is_some_and(|listed| listed.said_goodbye || listed.to_be_removed)
    }

    pub fn said_goodbye(self, member: MemberId) -> bool {
        self.directory.listed(member).is_some_and(|listed| listed.said_goodbye)
    }

    pub fn is_to_be_removed(self, member: MemberId) -> bool {
        self.directory.listed(member).is_some_and(|listed| listed.to_be_removed)
    }
}
