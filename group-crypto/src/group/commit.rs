//! Changing the room: many changes, one commit, one new epoch.

mod error;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use mls_rs::error::MlsError;
use mls_rs::group::proposal::Proposal;
use mls_rs::group::{CommitEffect, CommitMessageDescription, CommitOutput};
use mls_rs::mls_rs_codec::{self, MlsDecode, MlsEncode, MlsSize};
use mls_rs::time::MlsTime;

pub use self::error::CommitError;
use super::{EpochChange, Group, ProtectError};
use crate::client::{MlsGroup, NO_TIME};
use crate::key_package::Candidate;
use crate::redact::redacted_debug;
use crate::{InvitationSecret, MAX_MEMBERS, MemberId, MemberIndex};

/// One change of the room.
#[derive(Clone, Copy)]
pub enum Change<'a> {
    /// Adds the owner of the key package, binding the new epoch to the invitation's secret.
    Admit { key_package: &'a [u8], secret: &'a InvitationSecret },
    /// Gives one whom the group knows, or knew, a new leaf under their old signature key: in place of the one they
    /// have, if they have one. It is how somebody comes back whose state of the group is lost or another.
    Readmit { key_package: &'a [u8] },
    /// For good.
    Remove(MemberIndex),
    /// For good, as they said goodbye: nobody wanted them out. Where it is not [their statement](Group::sign_goodbye), it is
    /// a removal.
    Part { member: MemberIndex, goodbye: &'a [u8] },
    /// Takes out one who is lost, and may be readmitted.
    Drop(MemberIndex),
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

impl Group {
    /// Applies all changes as one commit, always with an update path: the new epoch's secrets are
    /// unknown to whoever was removed, and to whoever held this member's old keys.
    ///
    /// Without changes it renews the keys. Whose commit counts, when two members commit in the same
    /// epoch, is for the caller to order.
    pub fn commit(&mut self, changes: &[Change<'_>]) -> Result<Committed, CommitError> {
        self.commit_after(changes, |_| Ok(())).map(|((), committed)| committed)
    }

    /// Like [`commit`](Self::commit), and does something in the epoch that the commit ends, once it is known to be valid.
    pub(crate) fn commit_after<T>(
        &mut self,
        changes: &[Change<'_>],
        before: impl FnOnce(&mut Self) -> Result<T, ProtectError>,
    ) -> Result<(T, Committed), CommitError> {
        if !self.present {
            return Err(CommitError::Removed);
        }
        let plan = self.plan(changes)?;
        let was_known = plan.invitation.map(|i| self.local.invitations.knows(i.id()));
        if let Some(secret) = plan.invitation {
            self.local.invitations.learn(secret);
        }
        self.build(&plan, before).ok_or_else(|| {
            if let (Some(secret), Some(false)) = (plan.invitation, was_known) {
                self.local.invitations.forget(secret.id());
            }
            CommitError::Rejected
        })
    }

    /// Finds, before anything is built, each change that can't be made.
    fn plan<'a>(&self, changes: &[Change<'a>]) -> Result<Plan<'a>, CommitError> {
        let mut plan = Plan::default();
        // Most commits admit nobody.
        let mut verifier = None;
        let mut ids: BTreeSet<_> = self.view.members.iter().map(|m| m.id).collect();
        let (mut returning, mut for_good) = (BTreeSet::new(), BTreeSet::new());
        for (at, change) in changes.iter().enumerate() {
            match *change {
                Change::Admit { key_package, secret } => {
                    let invitation = *plan.invitation.get_or_insert(secret);
                    if invitation.id() != secret.id() {
                        return Err(CommitError::MixedInvitations { at });
                    }
                    let candidate = self.candidate(key_package, &mut verifier, at)?;
                    if !ids.insert(candidate.id) {
                        return Err(CommitError::AlreadyMember { at });
                    }
                    plan.admitted.push(candidate);
                }
                Change::Readmit { key_package } => {
                    let candidate = self.candidate(key_package, &mut verifier, at)?;
                    if candidate.id == self.view.my_id || !returning.insert(candidate.id) {
                        return Err(CommitError::AlreadyMember { at });
                    }
                    ids.insert(candidate.id);
                    plan.replaced.extend(self.view.by_id(candidate.id).map(|member| member.index));
                    plan.admitted.push(candidate);
                }
                Change::Remove(index) | Change::Part { member: index, .. } | Change::Drop(index)
                    if index == self.view.me =>
                {
                    return Err(CommitError::CannotRemoveMyself);
                }
                Change::Remove(index) | Change::Part { member: index, .. } | Change::Drop(index) => {
                    self.view.member(index).ok_or(CommitError::NoSuchMember { at })?;
                    plan.removed.insert(index);
                    match change {
                        Change::Drop(_) => plan.lost.insert(index),
                        Change::Part { goodbye, .. } if self.is_goodbye_in(&self.mls, index, goodbye) => {
                            plan.parted.insert(index, goodbye.to_vec());
                            for_good.insert(index)
                        }
                        _ => for_good.insert(index),
                    };
                }
            }
        }
        plan.lost.retain(|index| !for_good.contains(index));
        if let Some(&index) = plan.replaced.iter().find(|index| plan.removed.contains(index)) {
            return Err(CommitError::ReadmittedAndRemoved { index });
        }
        let gone = plan.removed.len().saturating_add(plan.replaced.len());
        if self.view.members.len().saturating_sub(gone).saturating_add(plan.admitted.len()) > MAX_MEMBERS {
            return Err(CommitError::Full);
        }
        Ok(plan)
    }

    /// `verifier` becomes a copy of the group: checking a key package takes one that may be changed by it.
    fn candidate(
        &self,
        key_package: &[u8],
        verifier: &mut Option<MlsGroup>,
        at: usize,
    ) -> Result<Candidate, CommitError> {
        let verifier = verifier.get_or_insert_with(|| self.mls.clone());
        Candidate::parse(key_package, self.local.suite)
            .and_then(|candidate| candidate.verify(verifier).map(|()| candidate))
            .map_err(|error| CommitError::KeyPackage { at, error })
    }

    fn build<T>(
        &mut self,
        plan: &Plan<'_>,
        before: impl FnOnce(&mut Self) -> Result<T, ProtectError>,
    ) -> Option<(T, Committed)> {
        let (mls, output) = self.build_on_copy(plan).ok()?;
        let commit = output.commit_message.to_bytes().ok()?;
        let welcome = output.welcome_messages.first();
        let welcome = welcome.map(|message| message.to_bytes()).transpose().ok()?;
        let done = before(self).ok()?;
        let added = plan.admitted.iter().map(|candidate| candidate.id).collect();
        let did = Did { by: self.view.me, lost: plan.lost.clone(), parted: plan.parted.clone(), added };
        let change = self.advance(mls, &did).ok()?;
        Some((done, Committed { commit, welcome, change }))
    }

    fn build_on_copy(&self, plan: &Plan<'_>) -> Result<(MlsGroup, CommitOutput), MlsError> {
        let mut mls = self.mls.clone();
        let mut causes = Indexes::of(&plan.lost).mls_encode_to_vec()?;
        causes.extend(Goodbyes::of(&plan.parted).mls_encode_to_vec()?);
        let mut builder = mls.commit_builder().commit_time(MlsTime::from(NO_TIME)).authenticated_data(causes);
        for &MemberIndex(index) in plan.removed.iter().chain(&plan.replaced) {
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
        Ok((mls, output))
    }
}

/// This and [`Goodbyes`] are the authenticated data of a commit (RFC 9420, section 6.3): which of the removals are not for
/// good, and which are of members who said goodbye. All members have to know, also those who read the commit long after.
#[derive(Default, MlsSize, MlsEncode, MlsDecode)]
struct Indexes(Vec<u32>);

impl Indexes {
    fn of(members: &BTreeSet<MemberIndex>) -> Self {
        Self(members.iter().map(|index| index.0).collect())
    }

    fn members(self) -> BTreeSet<MemberIndex> {
        self.0.into_iter().map(MemberIndex).collect()
    }
}

#[derive(Default, MlsSize, MlsEncode, MlsDecode)]
struct Goodbyes(Vec<Goodbye>);

#[derive(MlsSize, MlsEncode, MlsDecode)]
struct Goodbye {
    member: u32,
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    signature: Vec<u8>,
}

impl Goodbyes {
    fn of(members: &BTreeMap<MemberIndex, Vec<u8>>) -> Self {
        let goodbyes = members.iter();
        Self(goodbyes.map(|(member, signature)| Goodbye { member: member.0, signature: signature.clone() }).collect())
    }

    fn members(self) -> BTreeMap<MemberIndex, Vec<u8>> {
        self.0.into_iter().map(|goodbye| (MemberIndex(goodbye.member), goodbye.signature)).collect()
    }
}

/// What a commit did, beside what the two rosters show.
pub(super) struct Did {
    pub by: MemberIndex,
    /// Those of the removed who may be readmitted.
    pub lost: BTreeSet<MemberIndex>,
    /// Those of the removed who said goodbye, as the committer says, and what they signed.
    pub parted: BTreeMap<MemberIndex, Vec<u8>>,
    /// Those who got a leaf, also in place of an old one.
    pub added: BTreeSet<MemberId>,
}

impl Did {
    /// Nobody is lost, and nobody said goodbye, where the authenticated data is not what [`Group::commit`] writes. Versions
    /// before wrote the first list alone.
    pub fn of(commit: &CommitMessageDescription) -> Self {
        let (CommitEffect::NewEpoch(new_epoch) | CommitEffect::Removed { new_epoch, .. }) = &commit.effect else {
            let (lost, parted, added) = Default::default();
            return Self { by: MemberIndex(commit.committer), lost, parted, added };
        };
        let added = new_epoch.applied_proposals().iter().filter_map(|info| match &info.proposal {
            Proposal::Add(add) => Some(MemberId::of_signature_key(&add.signing_identity().signature_key)),
            _ => None,
        });
        let mut causes = commit.authenticated_data.as_slice();
        let lost = Indexes::mls_decode(&mut causes).unwrap_or_default().members();
        let parted = Goodbyes::mls_decode(&mut causes).unwrap_or_default().members();
        Self { by: MemberIndex(commit.committer), lost, parted, added: added.collect() }
    }
}

#[derive(Default)]
struct Plan<'a> {
    admitted: Vec<Candidate>,
    removed: BTreeSet<MemberIndex>,
    /// Those of the removed who may be readmitted.
    lost: BTreeSet<MemberIndex>,
    /// Those of the removed who said goodbye, and what they signed.
    parted: BTreeMap<MemberIndex, Vec<u8>>,
    /// Leaves that give way to a new one of the same member.
    replaced: BTreeSet<MemberIndex>,
    invitation: Option<&'a InvitationSecret>,
}
