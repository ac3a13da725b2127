//! Statements that a member signs with its leaf's key: who said it, and in which room.

use mls_rs::CipherSuiteProvider;
use mls_rs::crypto::SignaturePublicKey;
use mls_rs::error::MlsError;
use mls_rs::mls_rs_codec::{self, MlsEncode, MlsSize};

use super::{Group, MAX_PLAINTEXT_BYTES};
use crate::client::{MlsGroup, cipher};
use crate::{MemberId, MemberIndex};

/// Where MLS has "MLS 1.0 ": what is signed here is never what MLS signs with the same key.
const LABEL_PREFIX: &str = "In Camera 1 ";

const GOODBYE: &str = "goodbye";

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    #[error("the statement is longer than {MAX_PLAINTEXT_BYTES} bytes")]
    TooLong,
    #[error("this member was removed from the room")]
    Removed,
    #[error("the cryptographic library failed")]
    Crypto,
}

/// The SignContent of RFC 9420, section 5.1.2, with the room in it.
#[derive(MlsSize, MlsEncode)]
struct Statement<'a> {
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    label: &'a [u8],
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    group_id: &'a [u8],
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    content: &'a [u8],
}

impl Group {
    /// Signs a statement of this member (64 bytes of Ed25519). `label` says what kind of statement it is: one signed
    /// under a label never passes for another, nor in another room.
    ///
    /// It holds for as long as this member is in the room, whatever the epoch. A statement that can grow old has to say
    /// in `content` what makes it fresh.
    pub fn sign(&self, label: &str, content: &[u8]) -> Result<Vec<u8>, SignError> {
        if !self.present {
            return Err(SignError::Removed);
        }
        if label.len().saturating_add(content.len()) > MAX_PLAINTEXT_BYTES {
            return Err(SignError::TooLong);
        }
        let statement = self.statement(label, content).map_err(|_| SignError::Crypto)?;
        let cipher = cipher(self.local.suite).ok_or(SignError::Crypto)?;
        cipher.sign(&self.local.signer, &statement).map_err(|_| SignError::Crypto)
    }

    /// Signs that this member leaves the room for good. Without it others who say so remove the member, and are seen to.
    pub fn sign_goodbye(&self) -> Result<Vec<u8>, SignError> {
        self.sign(GOODBYE, &self.view.my_id.0)
    }

    /// Whether this was signed by [`sign_goodbye`](Self::sign_goodbye) of the one whose key it is.
    pub(crate) fn is_goodbye(&self, key: &[u8], goodbye: &[u8]) -> bool {
        self.verify_with_key(key, GOODBYE, &MemberId::of_signature_key(key).0, goodbye)
    }

    /// Like [`is_goodbye`](Self::is_goodbye), of a member.
    pub(crate) fn is_goodbye_of(&self, member: MemberId, goodbye: &[u8]) -> bool {
        self.verify_by_id(member, GOODBYE, &member.0, goodbye)
    }

    /// Like [`is_goodbye`](Self::is_goodbye), of the one who has this index in an epoch of the room.
    pub(super) fn is_goodbye_in(&self, epoch: &MlsGroup, member: MemberIndex, goodbye: &[u8]) -> bool {
        let member = epoch.roster().member_with_index(member.0);
        member.is_ok_and(|member| self.is_goodbye(&member.signing_identity.signature_key, goodbye))
    }

    /// Whether the one who has this index now signed the statement. False where nobody has it.
    pub fn verify(&self, member: MemberIndex, label: &str, content: &[u8], signature: &[u8]) -> bool {
        let key = self.signature_key(member);
        key.is_ok_and(|key| self.signed(&key, label, content, signature))
    }

    /// Like [`verify`](Self::verify), for one person whatever their index. False where they are not a member.
    pub fn verify_by_id(&self, member: MemberId, label: &str, content: &[u8], signature: &[u8]) -> bool {
        let member = self.view.members.iter().find(|known| known.id == member);
        member.is_some_and(|known| self.verify(known.index, label, content, signature))
    }

    /// Like [`verify`](Self::verify), with a key that was some member's.
    pub(crate) fn verify_with_key(&self, key: &[u8], label: &str, content: &[u8], signature: &[u8]) -> bool {
        self.signed(&key.to_vec().into(), label, content, signature)
    }

    /// The signature keys of all members.
    pub(crate) fn signature_keys(&self) -> Vec<(MemberId, Vec<u8>)> {
        let keys = self.mls.roster().members_iter().map(|member| member.signing_identity.signature_key);
        keys.map(|key| (MemberId::of_signature_key(&key), key.to_vec())).collect()
    }

    pub(super) fn signature_key(&self, MemberIndex(index): MemberIndex) -> Result<SignaturePublicKey, MlsError> {
        Ok(self.mls.roster().member_with_index(index)?.signing_identity.signature_key)
    }

    fn signed(&self, key: &SignaturePublicKey, label: &str, content: &[u8], signature: &[u8]) -> bool {
        let (Ok(statement), Some(cipher)) = (self.statement(label, content), cipher(self.local.suite)) else {
            return false;
        };
        cipher.verify(key, signature, &statement).is_ok()
    }

    fn statement(&self, label: &str, content: &[u8]) -> Result<Vec<u8>, mls_rs_codec::Error> {
        let label = [LABEL_PREFIX, label].concat();
        Statement { label: label.as_bytes(), group_id: self.mls.group_id(), content }.mls_encode_to_vec()
    }
}
