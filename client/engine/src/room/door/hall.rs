//! The room as the door sees it.

use group_crypto::Suite;

use crate::{rendezvous::Whereabouts, room::view::View};

/// The room as the door sees it.
#[derive(Clone, Copy)]
pub(in crate::room) struct Hall<'a> {
    pub view: View<'a>,
    /// Where our links are, for invitations.
    pub at: &'a Whereabouts,
    pub suite: Suite,
    /// Members of the group, ourselves included.
    pub members: usize,
    /// Nobody else was ever a member, and nobody is about to be: another group is as good as this one.
    pub may_begin_anew: bool,
}
