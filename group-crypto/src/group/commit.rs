//! Changing the room: many changes, one commit, one new epoch.

use std::collections::BTreeSet;

use mls_rs::error::MlsError;
use mls_rs::time::MlsTime;

use super::{EpochChange, Group};
use crate::client::NO_TIME;
use crate::key_package::Candidate;
use crate::redact::redacted_debug;
use crate::{InvitationSecret, KeyPackageError, MAX_MEMBERS, MemberIndex};

/// One change of the room.
#[derive(Clone, Copy)]
pub enum Change<'a> {
    /// Adds the owner of the key package, binding the new epoch to the invitation's secret.
    Admit {
        key_package: &'a [u8],
        secret: &'a InvitationSecret,
    },
    Remove(MemberIndex),
}

// A key package shows its owner's card.
redacted_debug!(Change<'_>);

/// A commit that is already applied here, and what the others need to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// For all who were members before.
    pub commit: Vec<u8>,
    /// For all who are admitted; one message for everybody.
    pub welcome: Option<Vec<u8>>,
    pub change: EpochChange,
}

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
    #[error("members can't remove themselves: somebody else has to")]
    CannotRemoveMyself,
    #[error("the room would have more than {MAX_MEMBERS} members")]
    Full,
    #[error("this member was removed from the room")]
    Removed,
    #[error("MLS refused the commit")]
    Rejected,
}

impl Group {
    /// Applies all changes as one commit, always with an update path: the new epoch's secrets are
    /// unknown to whoever was removed, and to whoever held this member's old keys.
    ///
    /// Without changes it renews the keys. Whose commit counts, when two members commit in the same
    /// epoch, is for the caller to order.
    pub fn commit(&mut self, changes: &[Change<'_>]) -> Result<Committed, CommitError> {
        if !self.present {
            return Err(CommitError::Removed);
        }
        let plan = self.plan(changes)?;
        let was_known = plan.invitation.map(|i| self.local.invitations.knows(i.id()));
        if let Some(secret) = plan.invitation {
            self.local.invitations.learn(secret);
        }
        self.build(&plan).map_err(|_| {
            if let (Some(secret), Some(false)) = (plan.invitation, was_known) {
                self.local.invitations.forget(secret.id());
            }
            CommitError::Rejected
        })
    }

    /// Finds, before anything is built, each change that can't be made.
    fn plan<'a>(&self, changes: &[Change<'a>]) -> Result<Plan<'a>, CommitError> {
        let mut plan = Plan::default();
        let mut verifier = self.mls.clone();
        let mut ids: BTreeSet<_> = self.view.members.iter().map(|m| m.id).collect();
        for (at, change) in changes.iter().enumerate() {
            match *change {
                Change::Admit { key_package, secret } => {
                    let invitation = *plan.invitation.get_or_insert(secret);
                    if invitation.id() != secret.id() {
                        return Err(CommitError::MixedInvitations { at });
                    }
                    let candidate = Candidate::parse(key_package, self.local.suite)
                        .and_then(|c| c.verify(&mut verifier).map(|()| c))
                        .map_err(|error| CommitError::KeyPackage { at, error })?;
                    if !ids.insert(candidate.id) {
                        return Err(CommitError::AlreadyMember { at });
                    }
                    plan.admitted.push(candidate);
                }
                Change::Remove(index) if index == self.view.me => {
                    return Err(CommitError::CannotRemoveMyself);
                }
                Change::Remove(index) => {
                    self.view.member(index).ok_or(CommitError::NoSuchMember { at })?;
                    plan.removed.insert(index);
                }
            }
        }
        if self.view.members.len() - plan.removed.len() + plan.admitted.len() > MAX_MEMBERS {
            return Err(CommitError::Full);
        }
        Ok(plan)
    }

    fn build(&mut self, plan: &Plan<'_>) -> Result<Committed, MlsError> {
        let mut mls = self.mls.clone();
        let mut builder = mls.commit_builder().commit_time(MlsTime::from(NO_TIME));
        for &MemberIndex(index) in &plan.removed {
            builder = builder.remove_member(index)?;
        }
        for candidate in &plan.admitted {
            builder = builder.add_member(candidate.message.clone())?;
        }
        if let Some(secret) = plan.invitation {
            builder = builder.add_external_psk(secret.id().psk_id())?;
        }
        let output = builder.build()?;
        mls.apply_pending_commit()?;

        let commit = output.commit_message.to_bytes()?;
        let welcome = output.welcome_messages.first();
        let welcome = welcome.map(|message| message.to_bytes()).transpose()?;
        let change = self.advance(mls, self.view.me)?;
        Ok(Committed { commit, welcome, change })
    }
}

#[derive(Default)]
struct Plan<'a> {
    admitted: Vec<Candidate>,
    removed: BTreeSet<MemberIndex>,
    invitation: Option<&'a InvitationSecret>,
}
