//! Why nothing was committed.

use crate::{KeyPackageError, MAX_MEMBERS, MemberIndex};

/// Why nothing was committed. The group is as it was; without the change at fault it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// `at` counts in the changes given.
    #[error("change {at} admits nobody: {error}")]
    KeyPackage { at: usize, error: KeyPackageError },
    #[error("change {at} admits somebody who is a member or admitted already")]
    AlreadyMember { at: usize },
    /// Whoever is admitted needs every secret of the commit (RFC 9420, section 12.4.3.1), so a
    /// second invitation takes a second commit.
    #[error("change {at} uses another invitation than the changes before it")]
    MixedInvitations { at: usize },
    #[error("change {at} removes somebody who is not a member")]
    NoSuchMember { at: usize },
    #[error("the member at leaf {} is to be readmitted and removed at once", .index.0)]
    ReadmittedAndRemoved { index: MemberIndex },
    #[error("members can't remove themselves: somebody else has to")]
    CannotRemoveMyself,
    #[error("the room would have more than {MAX_MEMBERS} members")]
    Full,
    #[error("this member was removed from the room")]
    Removed,
    #[error("MLS refused the commit")]
    Rejected,
}

impl CommitError {
    /// Which of the changes is at fault, where that can be told.
    pub(crate) fn at(&self) -> Option<usize> {
        match *self {
            Self::KeyPackage { at, .. }
            | Self::AlreadyMember { at }
            | Self::MixedInvitations { at }
            | Self::NoSuchMember { at } => Some(at),
            _ => None,
        }
    }
}
