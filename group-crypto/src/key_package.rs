//! Checking a joiner's key package before anything is built on it.

use mls_rs::mls_rs_codec::MlsSize;
use mls_rs::time::MlsTime;
use mls_rs::{MlsMessage, WireFormat};

use crate::client::{Local, MlsGroup, NO_TIME, create_group};
use crate::identity::card_of_newcomer;
use crate::{Card, CardError, MemberId, Suite};

/// The longest key package that is looked at. A post-quantum one with a full card has about 3.2 kB.
pub const MAX_KEY_PACKAGE_BYTES: usize = 8 * 1024;

/// Why a key package can't be admitted. Trying the same bytes again never helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyPackageError {
    #[error("not a key package")]
    Malformed,
    #[error("the key package is for another cipher suite")]
    OtherSuite,
    #[error("the key package carries no valid card: {0}")]
    Card(CardError),
    #[error("the key package's keys or signatures are not valid")]
    Rejected,
}

/// Checks that a key package is well formed, of this suite, properly signed and carries a valid
/// card; gives the card, so that people can decide whether to admit its owner.
pub fn check_key_package(bytes: &[u8], suite: Suite) -> Result<Card, KeyPackageError> {
    let candidate = Candidate::parse(bytes, suite)?;
    // The library checks signatures only in the name of a group, so a passing one does it.
    let mut group = Card::new("nobody", [0; 32], [0; 32], Vec::new())
        .ok()
        .and_then(|card| Local::new_client(&card, suite).ok())
        .and_then(|(client, _)| create_group(&client).ok())
        .ok_or(KeyPackageError::Rejected)?;
    candidate.verify(&mut group)?;
    Ok(candidate.card)
}

/// A key package that reads well; its signatures are not verified yet.
pub(crate) struct Candidate {
    pub id: MemberId,
    pub card: Card,
    pub message: MlsMessage,
}

impl Candidate {
    pub fn parse(bytes: &[u8], suite: Suite) -> Result<Self, KeyPackageError> {
        if bytes.len() > MAX_KEY_PACKAGE_BYTES {
            return Err(KeyPackageError::Malformed);
        }
        let message = MlsMessage::from_bytes(bytes).map_err(|_| KeyPackageError::Malformed)?;
        if message.wire_format() != WireFormat::KeyPackage || message.mls_encoded_len() != bytes.len() {
            return Err(KeyPackageError::Malformed);
        }
        let key_package = message.as_key_package().ok_or(KeyPackageError::Malformed)?;
        if key_package.cipher_suite() != suite.mls() {
            return Err(KeyPackageError::OtherSuite);
        }
        let identity = key_package.signing_identity();
        Ok(Self {
            id: MemberId::of_signature_key(&identity.signature_key),
            card: card_of_newcomer(identity).map_err(KeyPackageError::Card)?,
            message,
        })
    }

    /// Leaves the group as it was.
    pub fn verify(&self, group: &mut MlsGroup) -> Result<(), KeyPackageError> {
        group
            .process_incoming_message_with_time(self.message.clone(), MlsTime::from(NO_TIME))
            .map(drop)
            .map_err(|_| KeyPackageError::Rejected)
    }
}
