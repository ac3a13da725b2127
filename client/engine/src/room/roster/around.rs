//! The room as the roster sees it.

use std::time::Instant;

use group_crypto::MemberId;

use crate::{
    api::RoomKind,
    room::{company::Linkage, own::Own},
};

/// The room as the roster sees it while it handles one input.
#[derive(Clone, Copy)]
pub(in crate::room) struct Around<'a> {
    pub now: Instant,
    pub kind: RoomKind,
    pub own: &'a Own,
    pub links: &'a dyn Linkage,
    /// Whether a member has said Hello to us once.
    pub has_met: &'a dyn Fn(MemberId) -> bool,
}
