//! The room as the door sees it, and who stands there.

use group_crypto::Suite;

use crate::{
    rendezvous::Whereabouts,
    room::{link::LinkId, view::View},
};

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

/// A stranger on a link.
#[derive(Clone, Copy)]
pub(in crate::room) struct Guest {
    pub link: LinkId,
    /// The link proves it; `None` where the link is gone.
    pub endpoint: Option<[u8; 32]>,
    /// Their admission is under way.
    pub is_asked: bool,
    /// They have been given an invitation of their own.
    pub is_served: bool,
    /// They have been told that the keys here are classical.
    pub told_suite: bool,
    /// A member is at this endpoint: two at one could not be told apart.
    pub is_taken: bool,
}

/// What a guest shows. The tag proves that they know the invitation's secret.
pub(in crate::room) struct Shown {
    pub invitation: [u8; 16],
    pub tag: [u8; 32],
    pub suite: Suite,
    pub key_package: Vec<u8>,
}
