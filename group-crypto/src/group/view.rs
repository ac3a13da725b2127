//! One epoch, read out of MLS once: roster, keys and authenticator.

use mls_rs::error::MlsError;

use crate::client::MlsGroup;
use crate::identity::card_of;
use crate::media_keys::BaseKey;
use crate::{EpochKeys, Member, MemberId, MemberIndex};

/// The exporter label that RFC 9605, section 5.2, prescribes; the context is empty.
const SFRAME_LABEL: &[u8] = b"SFrame 1.0 Base Key";

pub(super) struct View {
    pub epoch: u64,
    pub me: MemberIndex,
    pub my_id: MemberId,
    /// Sorted by index.
    pub members: Vec<Member>,
    pub keys: EpochKeys,
    pub authenticator: [u8; 32],
}

impl View {
    pub fn of(mls: &MlsGroup) -> Result<Self, MlsError> {
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
            me: MemberIndex(mls.current_member_index()),
            my_id: MemberId::of_signature_key(my_key),
            members,
            keys: EpochKeys::new(mls.current_epoch(), base_key),
            authenticator: mls.epoch_authenticator()?.as_bytes().try_into().expect("both suites hash with SHA-256"),
        })
    }

    pub fn member(&self, index: MemberIndex) -> Option<&Member> {
        let at = self.members.binary_search_by_key(&index, |m| m.index);
        at.ok().map(|at| &self.members[at])
    }

    /// By id and not by index: a commit may remove a member and give the leaf to another.
    pub fn members_not_in(&self, other: &View) -> Vec<Member> {
        let is_new = |member: &&Member| !other.members.iter().any(|m| m.id == member.id);
        self.members.iter().filter(is_new).cloned().collect()
    }
}
