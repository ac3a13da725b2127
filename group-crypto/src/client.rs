//! One MLS client per member and room: fresh signature key, in-memory storage, our rules.

use std::time::Duration;

use mls_rs::client_builder::{BaseConfig, WithCryptoProvider, WithIdentityProvider, WithMlsRules, WithPskStore};
use mls_rs::error::MlsError;
use mls_rs::identity::SigningIdentity;
use mls_rs::storage_provider::in_memory::InMemoryGroupStateStorage;
use mls_rs::time::MlsTime;
use mls_rs::{CipherSuiteProvider, Client, CryptoProvider};
use mls_rs_crypto_awslc::AwsLcCryptoProvider;

use crate::identity::{CardIdentity, credential};
use crate::invitation::Invitations;
use crate::rules::RoomRules;
use crate::{Card, CardError, Suite};

pub(crate) type RoomConfig = WithMlsRules<
    RoomRules,
    WithPskStore<Invitations, WithIdentityProvider<CardIdentity, WithCryptoProvider<AwsLcCryptoProvider, BaseConfig>>>,
>;
pub(crate) type MlsClient = Client<RoomConfig>;
pub(crate) type MlsGroup = mls_rs::Group<RoomConfig>;

/// The time given to MLS wherever it asks for one, in seconds since 1970.
///
/// A key package lives for one handshake over a live link, and the invitation limits when that may
/// be; its lifetime is therefore unlimited, and two people with wrong clocks still meet.
pub(crate) const NO_TIME: u64 = 0;

/// For so many past epochs messages that were under way can still be read.
const PAST_EPOCHS: usize = 3;

#[derive(Debug)]
pub(crate) enum ClientError {
    Card(CardError),
    Crypto,
}

/// A fresh signature key for every room: no two rooms of a person share one.
pub(crate) fn client(card: &Card, suite: Suite, invitations: Invitations) -> Result<MlsClient, ClientError> {
    let crypto = AwsLcCryptoProvider::with_enabled_cipher_suites(Suite::ALL.map(Suite::mls).into());
    let (signer, signature_key) = crypto
        .cipher_suite_provider(suite.mls())
        .and_then(|provider| provider.signature_key_generate().ok())
        .ok_or(ClientError::Crypto)?;
    let credential = credential(card).map_err(ClientError::Card)?;
    let identity = SigningIdentity::new(credential, signature_key);
    let storage =
        InMemoryGroupStateStorage::new().with_max_epoch_retention(PAST_EPOCHS).map_err(|_| ClientError::Crypto)?;
    Ok(Client::builder()
        .group_state_storage(storage)
        .crypto_provider(crypto)
        .identity_provider(CardIdentity)
        .psk_store(invitations)
        .mls_rules(RoomRules)
        .key_package_lifetime(Duration::from_secs(u64::MAX))
        .signing_identity(identity, signer, suite.mls())
        .build())
}

pub(crate) fn create_group(client: &MlsClient) -> Result<MlsGroup, MlsError> {
    client.create_group(Default::default(), Default::default(), Some(MlsTime::from(NO_TIME)))
}
