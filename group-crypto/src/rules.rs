//! What a commit may contain in a room: admissions and removals, nothing else.
//!
//! That an admission needs an invitation is not among the rules: any member may make one, so a commit without one proves
//! no less. Whoever is invited checks that the room knows the invitation ([`Joiner`](crate::Joiner)); whoever comes back
//! is known by their signature key.

use mls_rs::MlsRules;
use mls_rs::client_builder::PaddingMode;
use mls_rs::error::IntoAnyError;
use mls_rs::group::{GroupContext, Roster};
use mls_rs::mls_rules::{CommitDirection, CommitOptions, CommitSource, EncryptionOptions, ProposalBundle};

use crate::MAX_MEMBERS;

/// Checked by the one who commits and by everyone who processes the commit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoomRules;

#[derive(Debug, thiserror::Error)]
pub(crate) enum RuleError {
    #[error("the commit does something that rooms don't know")]
    UnknownChange,
    #[error("the room would have more than {MAX_MEMBERS} members")]
    TooManyMembers,
    #[error("the commit comes from outside the room")]
    FromOutside,
}

impl IntoAnyError for RuleError {}

impl MlsRules for RoomRules {
    type Error = RuleError;

    fn filter_proposals(
        &self,
        _: CommitDirection,
        source: CommitSource,
        roster: &Roster,
        _: &GroupContext,
        proposals: ProposalBundle,
    ) -> Result<ProposalBundle, RuleError> {
        if !matches!(source, CommitSource::ExistingMember(_)) {
            return Err(RuleError::FromOutside);
        }
        let added = proposals.add_proposals().len();
        let removed = proposals.remove_proposals().len();
        let invitations = proposals.psk_proposals();
        let by_value = proposals.iter_proposals().all(|p| p.is_by_value());
        let external = invitations.iter().all(|psk| psk.proposal.external_psk_id().is_some());
        let known = added.saturating_add(removed).saturating_add(invitations.len());
        if !by_value || !external || known != proposals.length() {
            return Err(RuleError::UnknownChange);
        }
        if roster.members_iter().count().saturating_sub(removed).saturating_add(added) > MAX_MEMBERS {
            return Err(RuleError::TooManyMembers);
        }
        Ok(proposals)
    }

    fn commit_options(&self, _: &Roster, _: &GroupContext, _: &ProposalBundle) -> Result<CommitOptions, RuleError> {
        Ok(CommitOptions::new()
            // Every commit renews the committer's keys, also one that only admits.
            .with_path_required(true)
            // There is nobody to fetch the tree from: the Welcome carries it.
            .with_ratchet_tree_extension(true)
            .with_single_welcome_message(true)
            .with_allow_external_commit(false))
    }

    fn encryption_options(&self, _: &Roster, _: &GroupContext) -> Result<EncryptionOptions, RuleError> {
        // Who comes and goes is nobody else's business, and neither is how long a text is.
        Ok(EncryptionOptions::new(true, PaddingMode::StepFunction))
    }
}
