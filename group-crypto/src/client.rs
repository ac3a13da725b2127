//! One MLS client per member and room: fresh signature key, own storage, our rules.

use std::time::Duration;

use mls_rs::client_builder::{
    BaseConfig, ClientBuilder, WithCryptoProvider, WithGroupStateStorage, WithIdentityProvider, WithMlsRules,
    WithPskStore,
};
use mls_rs::crypto::{SignaturePublicKey, SignatureSecretKey};
use mls_rs::error::MlsError;
use mls_rs::identity::SigningIdentity;
use mls_rs::time::MlsTime;
use mls_rs::{CipherSuiteProvider, Client, CryptoProvider};
use mls_rs_crypto_awslc::AwsLcCryptoProvider;

use crate::identity::{CardIdentity, credential};
use crate::invitation::Invitations;
use crate::rules::RoomRules;
use crate::storage::Storage;
use crate::{Card, CardError, Suite};

pub(crate) type RoomConfig = WithMlsRules<
    RoomRules,
    WithPskStore<
        Invitations,
        WithIdentityProvider<
            CardIdentity,
            WithCryptoProvider<AwsLcCryptoProvider, WithGroupStateStorage<Storage, BaseConfig>>,
        >,
    >,
>;
pub(crate) type MlsClient = Client<RoomConfig>;
pub(crate) type MlsGroup = mls_rs::Group<RoomConfig>;

/// The time given to MLS wherever it asks for one, in seconds since 1970.
///
/// A key package lives for one handshake over a live link, and the invitation limits when that may
/// be; its lifetime is therefore unlimited, and two people with wrong clocks still meet.
pub(crate) const NO_TIME: u64 = 0;

#[derive(Debug)]
pub(crate) enum ClientError {
    Card(CardError),
    Crypto,
}

/// What a member has in one room beside the MLS group, and shares with it.
#[derive(Clone)]
pub(crate) struct Local {
    pub suite: Suite,
    /// MLS has it too, but does not give it out.
    pub signer: SignatureSecretKey,
    pub invitations: Invitations,
    pub storage: Storage,
}

impl Local {
    /// A fresh signature key for every room: no two rooms of a person share one.
    pub fn new_client(card: &Card, suite: Suite) -> Result<(MlsClient, Self), ClientError> {
        let (signer, public) =
            cipher(suite).and_then(|cipher| cipher.signature_key_generate().ok()).ok_or(ClientError::Crypto)?;
        let identity = SigningIdentity::new(credential(card).map_err(ClientError::Card)?, public);
        let local = Self { suite, signer, invitations: Invitations::default(), storage: Storage::default() };
        let client = local.builder().signing_identity(identity, local.signer.clone(), suite.mls()).build();
        Ok((client, local))
    }

    /// A client for another try at the same room: the same key, a storage of its own.
    pub fn again(&self, card: &Card) -> Result<(MlsClient, Self), ClientError> {
        let public = self.signature_key().ok_or(ClientError::Crypto)?;
        let identity = SigningIdentity::new(credential(card).map_err(ClientError::Card)?, public);
        let (suite, signer) = (self.suite, self.signer.clone());
        let local = Self { suite, signer, invitations: self.invitations.clone(), storage: Storage::default() };
        let client = local.builder().signing_identity(identity, local.signer.clone(), suite.mls()).build();
        Ok((client, local))
    }

    /// Reads the group back from the storage.
    pub fn load_group(&self, group_id: &[u8]) -> Result<MlsGroup, MlsError> {
        self.builder().build().load_group(group_id)
    }

    /// None where the signature key is not one of the suite.
    pub fn signature_key(&self) -> Option<SignaturePublicKey> {
        cipher(self.suite)?.signature_key_derive_public(&self.signer).ok()
    }

    fn builder(&self) -> ClientBuilder<RoomConfig> {
        Client::builder()
            .group_state_storage(self.storage.clone())
            .crypto_provider(crypto())
            .identity_provider(CardIdentity)
            .psk_store(self.invitations.clone())
            .mls_rules(RoomRules)
            .key_package_lifetime(Duration::from_secs(u64::MAX))
    }
}

pub(crate) fn create_group(client: &MlsClient) -> Result<MlsGroup, MlsError> {
    client.create_group(Default::default(), Default::default(), Some(MlsTime::from(NO_TIME)))
}

/// The functions of a suite; there are always some, as far as we know the library.
pub(crate) fn cipher(suite: Suite) -> Option<impl CipherSuiteProvider> {
    crypto().cipher_suite_provider(suite.mls())
}

pub(crate) fn crypto() -> AwsLcCryptoProvider {
    AwsLcCryptoProvider::with_enabled_cipher_suites(Suite::ALL.map(Suite::mls).into())
}
