//! A stranger who asks to be let in, and what they show.

use group_crypto::Suite;

use super::link::LinkId;

/// A stranger on a link.
#[derive(Clone, Copy)]
pub(super) struct Guest {
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
pub(super) struct Shown {
    pub invitation: [u8; 16],
    pub tag: [u8; 32],
    pub suite: Suite,
    pub key_package: Vec<u8>,
}
