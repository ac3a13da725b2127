//! What makes a leaf's credential acceptable: a valid card, and the signature key as the identity.

use mls_rs::error::IntoAnyError;
use mls_rs::identity::{Credential, CredentialType, CustomCredential, SigningIdentity};
use mls_rs::time::MlsTime;
use mls_rs::{ExtensionList, IdentityProvider};
use mls_rs_core::identity::MemberValidationContext;

use crate::{Card, CardError};

/// The credential type of a card, from the private-use range (RFC 9420, section 17.5).
const CARD_CREDENTIAL: CredentialType = CredentialType::new(0xf0ca);

pub(crate) fn credential(card: &Card) -> Result<Credential, CardError> {
    let data = card.encode()?;
    Ok(Credential::Custom(CustomCredential::new(CARD_CREDENTIAL, data)))
}

/// The card of a member.
pub(crate) fn card_of(identity: &SigningIdentity) -> Result<Card, CardError> {
    card_bytes(identity).and_then(Card::decode_of_member)
}

/// The card of one who asks to be let in, by the rules of today.
pub(crate) fn card_of_newcomer(identity: &SigningIdentity) -> Result<Card, CardError> {
    card_bytes(identity).and_then(Card::decode)
}

fn card_bytes(identity: &SigningIdentity) -> Result<&[u8], CardError> {
    match &identity.credential {
        Credential::Custom(custom) if custom.credential_type == CARD_CREDENTIAL => Ok(&custom.data),
        _ => Err(CardError::Malformed),
    }
}

/// Members vouch for their own card by signing their leaf; nobody stands above the members, so there
/// is nothing else to check, and nobody outside the group may send into it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CardIdentity;

#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    #[error("the credential is not a valid card")]
    Card,
    #[error("external senders are not part of a room")]
    ExternalSender,
}

impl IntoAnyError for IdentityError {}

impl IdentityProvider for CardIdentity {
    type Error = IdentityError;

    fn validate_member(
        &self,
        identity: &SigningIdentity,
        _: Option<MlsTime>,
        _: MemberValidationContext<'_>,
    ) -> Result<(), IdentityError> {
        card_of(identity).map_err(|_| IdentityError::Card)?;
        Ok(())
    }

    fn validate_external_sender(
        &self,
        _: &SigningIdentity,
        _: Option<MlsTime>,
        _: Option<&ExtensionList>,
    ) -> Result<(), IdentityError> {
        Err(IdentityError::ExternalSender)
    }

    fn identity(&self, identity: &SigningIdentity, _: &ExtensionList) -> Result<Vec<u8>, IdentityError> {
        Ok(identity.signature_key.to_vec())
    }

    fn valid_successor(
        &self,
        predecessor: &SigningIdentity,
        successor: &SigningIdentity,
        _: &ExtensionList,
    ) -> Result<bool, IdentityError> {
        Ok(predecessor.signature_key == successor.signature_key)
    }

    fn supported_types(&self) -> Vec<CredentialType> {
        vec![CARD_CREDENTIAL]
    }
}
