//! One epoch, read out of MLS once: roster, keys and authenticator.

use std::cmp::{Ordering, Reverse};

use mls_rs::error::MlsError;

use super::EpochChange;
use super::commit::Did;
use crate::client::MlsGroup;
use crate::identity::card_of;
use crate::media_keys::BaseKey;
use crate::{EpochId, EpochKeys, Member, MemberId, MemberIndex};

/// The exporter label that RFC 9605, section 5.2, prescribes; the context is empty.
const SFRAME_LABEL: &[u8] = b"SFrame 1.0 Base Key";

/// An epoch among those of all branches of a room's history. Of two, the greater one stays: more epochs win; of equally
/// many, the commit of the lower leaf index, which is the sequencer's if it was there; and then the greater id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub epoch: u64,
    /// Who made the commit that started it.
    pub by: MemberIndex,
    pub id: EpochId,
}

impl PartialOrd for Standing {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Standing {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |standing: &Self| (standing.epoch, Reverse(standing.by), standing.id);
        rank(self).cmp(&rank(other))
    }
}

pub(super) struct View {
    pub epoch: u64,
    pub by: MemberIndex,
    pub me: MemberIndex,
    pub my_id: MemberId,
    /// Sorted by index.
    pub members: Vec<Member>,
    pub keys: EpochKeys,
    pub authenticator: [u8; 32],
}

impl View {
    /// `by` made the commit that started the epoch.
    pub fn of(mls: &MlsGroup, by: MemberIndex) -> Result<Self, MlsError> {
        // Only a forged Welcome or save can be there, and the library would go on with epoch 0.
        if mls.current_epoch() == u64::MAX {
            return Err(MlsError::InvalidEpoch);
        }
        let mut members = mls
            .roster()
            .members_iter()
            .map(|member| {
                let identity = &member.signing_identity;
                Ok(Member {
                    index: MemberIndex(member.index),
                    id: MemberId::of_signature_key(&identity.signature_key),
                    card: card_of(identity).map_err(|_| MlsError::MemberNotFound)?,
                })
            })
            .collect::<Result<Vec<_>, MlsError>>()?;
        members.sort_unstable_by_key(|member| member.index);

        let mut base_key = BaseKey::default();
        let exported = mls.export_secret(SFRAME_LABEL, b"", base_key.len())?;
        base_key.copy_from_slice(&exported);

        let my_key = &mls.current_member_signing_identity()?.signature_key;
        Ok(Self {
            epoch: mls.current_epoch(),
            by,
            me: MemberIndex(mls.current_member_index()),
            my_id: MemberId::of_signature_key(my_key),
            members,
            keys: EpochKeys::new(mls.current_epoch(), base_key),
            // Both suites hash with SHA-256.
            authenticator: mls
                .epoch_authenticator()?
                .as_bytes()
                .try_into()
                .map_err(|_| MlsError::UnsupportedCipherSuite(mls.cipher_suite()))?,
        })
    }

    pub fn member(&self, index: MemberIndex) -> Option<&Member> {
        let at = self.members.binary_search_by_key(&index, |m| m.index);
        at.ok().and_then(|at| self.members.get(at))
    }

    pub fn standing(&self) -> Standing {
        Standing { epoch: self.epoch, by: self.by, id: self.keys.id() }
    }

    pub fn by_id(&self, id: MemberId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }

    /// By id and not by index: a commit may remove a member and give the leaf to another.
    pub fn members_not_in(&self, other: &View) -> Vec<Member> {
        let is_new = |member: &&Member| !other.members.iter().any(|m| m.id == member.id);
        self.members.iter().filter(is_new).cloned().collect()
    }

    /// What a commit did that led from here to `next`.
    pub fn change_to(&self, next: &View, did: &Did) -> EpochChange {
        let gone = self.members_not_in(next);
        let parted =
            gone.iter().filter_map(|member| Some((member.id, did.parted.get(&member.index)?.clone()))).collect();
        let (lost, removed) = gone.into_iter().partition(|member| did.lost.contains(&member.index));
        let returned = |member: &&Member| did.added.contains(&member.id) && self.by_id(member.id).is_some();
        EpochChange {
            epoch: next.epoch,
            added: next.members_not_in(self),
            returned: next.members.iter().filter(returned).cloned().collect(),
            removed,
            parted,
            lost,
            by: did.by,
            removed_me: false,
        }
    }
}
