//! What a client that keeps none of our rules tries, and where it fails.

use mls_rs::client_builder::{ClientBuilder, MlsConfig, PaddingMode};
use mls_rs::group::CommitBuilder;
use mls_rs::identity::SigningIdentity;
use mls_rs::mls_rules::{DefaultMlsRules, EncryptionOptions};
use mls_rs::time::MlsTime;
use mls_rs::{CipherSuiteProvider, Client, CryptoProvider, MlsMessage};
use mls_rs_crypto_awslc::AwsLcCryptoProvider;

use crate::client::NO_TIME;
use crate::identity::{CardIdentity, credential};
use crate::invitation::Invitations;
use crate::{Card, Change, Group, InvitationSecret, JoinError, Joiner, ProcessError, Received, Suite};

const SUITE: Suite = Suite::Classical;

fn card(name: &str) -> Card {
    Card::new(name, [0; 32], [0; 32], Vec::new()).unwrap()
}

/// Like ours, but under the library's own lax rules.
fn lawless(secret: &InvitationSecret, encrypt: bool) -> Client<impl MlsConfig + use<>> {
    let crypto = AwsLcCryptoProvider::with_enabled_cipher_suites(Suite::ALL.map(Suite::mls).into());
    let provider = crypto.cipher_suite_provider(SUITE.mls()).unwrap();
    let (signer, key) = provider.signature_key_generate().unwrap();
    let identity = SigningIdentity::new(credential(&card("impostor")).unwrap(), key);
    let invitations = Invitations::default();
    invitations.learn(secret);
    ClientBuilder::new()
        .crypto_provider(crypto)
        .identity_provider(CardIdentity)
        .psk_store(invitations)
        .mls_rules(DefaultMlsRules::new().with_encryption_options(EncryptionOptions::new(encrypt, PaddingMode::None)))
        .key_package_lifetime(std::time::Duration::from_secs(u64::MAX))
        .signing_identity(identity, signer, SUITE.mls())
        .build()
}

fn no_time() -> Option<MlsTime> {
    Some(MlsTime::from(NO_TIME))
}

#[test]
fn a_room_made_without_the_invitation_is_refused() {
    let secret = InvitationSecret::generate();
    let joiner = Joiner::new(card("guest"), SUITE).unwrap();
    let mut room = lawless(&InvitationSecret::generate(), true)
        .create_group(Default::default(), Default::default(), no_time())
        .unwrap();
    let key_package = MlsMessage::from_bytes(joiner.key_package()).unwrap();
    let output = room
        .commit_builder()
        .commit_time(MlsTime::from(NO_TIME))
        .add_member(key_package)
        .and_then(CommitBuilder::build)
        .unwrap();
    let welcome = output.welcome_messages[0].to_bytes().unwrap();
    let joined = joiner.join(&welcome, &secret);
    assert_eq!(joined.err(), Some(JoinError::WrongInvitation));
}

/// What a lawless member commits, and what our member says to it.
macro_rules! lawless_commit {
    (encrypt: $encrypt:expr, |$builder:ident| $build:expr) => {{
        let secret = InvitationSecret::generate();
        let client = lawless(&secret, $encrypt);
        let key_package = client
            .generate_key_package_message(Default::default(), Default::default(), no_time())
            .and_then(|message| message.to_bytes())
            .unwrap();
        let mut room = Group::create(card("host"), SUITE).unwrap();
        let admit = Change::Admit { key_package: &key_package, secret: &secret };
        let welcome = room.commit(&[admit]).unwrap().welcome.unwrap();
        let welcome = MlsMessage::from_bytes(&welcome).unwrap();
        let (mut impostor, _) = client.join_group(None, &welcome, no_time()).unwrap();
        let $builder = impostor.commit_builder().commit_time(MlsTime::from(NO_TIME));
        let commit = $build.build().unwrap().commit_message.to_bytes().unwrap();
        room.process(&commit)
    }};
}

#[test]
fn a_commit_that_keeps_the_rules_is_followed_whoever_made_it() {
    let received = lawless_commit!(encrypt: true, |builder| builder);
    assert!(matches!(received, Ok(Received::Epoch(_))));
}

#[test]
fn a_commit_that_ends_the_room_for_another_is_refused() {
    let received = lawless_commit!(encrypt: true, |builder| builder
        .reinit(
            None,
            mls_rs::ProtocolVersion::MLS_10,
            SUITE.mls(),
            Default::default()
        )
        .unwrap());
    assert_eq!(received.err(), Some(ProcessError::Rejected));
}

#[test]
fn a_commit_in_the_clear_is_refused() {
    let received = lawless_commit!(encrypt: false, |builder| builder);
    assert_eq!(received.err(), Some(ProcessError::Malformed));
}
