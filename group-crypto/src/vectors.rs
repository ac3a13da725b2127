//! RFC 9420 as others understand it: vectors of its working group for cipher suite 1, through what we call of the library,
//! as we build it. They are excerpts of <https://github.com/mlswg/mls-implementations>, `test-vectors/`.

use aws_lc_rs::digest::{SHA256, digest};
use mls_rs::crypto::SignatureSecretKey;
use mls_rs::identity::basic::BasicIdentityProvider;
use mls_rs::mls_rs_codec::{self, MlsEncode, MlsSize};
use mls_rs::psk::{ExternalPskId, PreSharedKey};
use mls_rs::storage_provider::in_memory::InMemoryKeyPackageStorage;
use mls_rs::time::MlsTime;
use mls_rs::{CipherSuiteProvider, Client, MlsMessage};
use mls_rs_core::key_package::KeyPackageData;

use crate::Suite;
use crate::client::{cipher, crypto};
use crate::derive::expand;

/// `passive-client-handling-commit.json`, the first case: somebody is let in with an external pre-shared key, as ours are,
/// and follows two commits. A name and its hexadecimal value in each line.
const PASSIVE_CLIENT: &str = include_str!("vectors/passive_client.txt");

/// In seconds since 1970: one within the lifetime of the vectors' key packages.
const THEN: u64 = 1_720_000_000;

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn values<'a>(name: &'a str) -> impl Iterator<Item = Vec<u8>> + 'a {
    PASSIVE_CLIENT.lines().filter_map(move |line| Some(bytes(line.strip_prefix(name)?.strip_prefix(' ')?)))
}

fn value(name: &str) -> Vec<u8> {
    values(name).next().unwrap()
}

#[test]
fn a_client_follows_the_room_of_the_working_group() {
    let cipher = cipher(Suite::Classical).unwrap();
    let message = MlsMessage::from_bytes(&value("key_package")).unwrap();
    let reference = message.key_package_reference(&cipher).unwrap().unwrap();
    let key_package = message.into_key_package().unwrap();
    let kept = KeyPackageData::new(
        key_package.mls_encode_to_vec().unwrap(),
        value("init_priv").into(),
        value("encryption_priv").into(),
        u64::MAX,
    );
    let storage = InMemoryKeyPackageStorage::new();
    storage.insert(reference.to_vec(), kept);
    let signer = SignatureSecretKey::from(value("signature_priv"));
    let client = Client::builder()
        .crypto_provider(crypto())
        .identity_provider(BasicIdentityProvider::new())
        .key_package_repo(storage)
        .psk(ExternalPskId::new(value("psk_id")), PreSharedKey::from(value("psk")))
        .signing_identity(key_package.signing_identity().clone(), signer, Suite::Classical.mls())
        .build();

    let welcome = MlsMessage::from_bytes(&value("welcome")).unwrap();
    let (mut group, _) = client.join_group(None, &welcome, Some(MlsTime::from(THEN))).unwrap();
    let mut authenticators = values("authenticator");
    assert_eq!(group.epoch_authenticator().unwrap().to_vec(), authenticators.next().unwrap());
    for commit in values("commit") {
        let commit = MlsMessage::from_bytes(&commit).unwrap();
        group.process_incoming_message_with_time(commit, MlsTime::from(THEN)).unwrap();
        assert_eq!(group.epoch_authenticator().unwrap().to_vec(), authenticators.next().unwrap());
    }
    assert_eq!(authenticators.next(), None);
}

/// RFC 9420, section 5.1.2. Our statements have one field more, and another prefix (see `group::statement`).
#[derive(MlsSize, MlsEncode)]
struct SignContent {
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    label: Vec<u8>,
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    content: Vec<u8>,
}

/// `crypto-basics.json`, `sign_with_label`.
#[test]
fn signatures_are_those_of_sign_with_label() {
    const SEED: &str = "a2f640dd5005fcad6adb8e9bd8b60d70946bb802e1e788307929fdac81e1ec74";
    const PUBLIC: &str = "85600e54e5c2919ccbd0742126e5d837cf7a2ba50d75a69b3f35dcfe4a50ffe2";
    const CONTENT: &str = "cd289cc7ba2869f64f3c32ffd133f500d17abace919a5ffe7faa974200d81932";
    const SIGNATURE: &str = "996bd223ddb4d55a2b57d85cb2944f21facc95696053ddf66d590060fdc719f4\
                             a26c6212ce605414e0d5e66a55921dd99d11122218c35bc23408b0076e8bc40b";
    let content = SignContent { label: b"MLS 1.0 SignWithLabel".to_vec(), content: bytes(CONTENT) };
    let content = content.mls_encode_to_vec().unwrap();
    let cipher = cipher(Suite::Classical).unwrap();
    let signer = SignatureSecretKey::from([bytes(SEED), bytes(PUBLIC)].concat());
    assert_eq!(cipher.sign(&signer, &content).unwrap(), bytes(SIGNATURE));
    cipher.verify(&bytes(PUBLIC).into(), &bytes(SIGNATURE), &content).unwrap();
    let damaged = [&content[..], &[0]].concat();
    assert!(cipher.verify(&bytes(PUBLIC).into(), &bytes(SIGNATURE), &damaged).is_err());
}

/// RFC 9420, section 8.
#[derive(MlsSize, MlsEncode)]
struct KdfLabel {
    length: u16,
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    label: Vec<u8>,
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    context: Vec<u8>,
}

fn expand_with_label<const N: usize>(secret: &[u8], label: &str, context: &[u8]) -> [u8; N] {
    let label = ["MLS 1.0 ", label].concat().into_bytes();
    let info = KdfLabel { length: N as u16, label, context: context.to_vec() };
    let mut out = [0; N];
    expand(secret, &[&info.mls_encode_to_vec().unwrap()], &mut out);
    out
}

/// `crypto-basics.json`, `expand_with_label`.
#[test]
fn our_derivation_is_that_of_expand_with_label() {
    const SECRET: &str = "1499360a561335f4ef51d0a1b0d586900dc8007ae405b1ab79bf4207bb3d67e4";
    const CONTEXT: &str = "2ff8c1f9d9c1248f82e372ddb5791c771695e01882abca6a64097bd2f04c971f";
    let out: [u8; 16] = expand_with_label(&bytes(SECRET), "ExpandWithLabel", &bytes(CONTEXT));
    assert_eq!(out, *bytes("c1e8eb360391526c0c64039f13e0c5b1"));
}

/// `key-schedule.json`, `exporter` of the first epoch. The library gives out what it exports and not what it exports from,
/// so this shows the derivation (RFC 9420, section 8.5), and that ours can make it.
#[test]
fn our_derivation_is_that_of_the_exporter() {
    const EXPORTER_SECRET: &str = "5a097e149f2a375d0b9e1d1f4dc3a9c6c1788df888e5441f41a8791f4dc56cea";
    const LABEL: &str = "9ba13d54ecdec7cbefcb47b4268d7b1990fabc6d6e67681e167959389d84e4e4";
    const CONTEXT: &str = "884f1af892ab002f5be4c5d5081ade9e0e6418c6ea7a9a92e90534f19dcef785";
    const SECRET: &str = "dbce4e25e59ab4dfa6f6200f113ed08393cf6e7286d024811141c6a4dd11c0cb";
    let derived: [u8; 32] = expand_with_label(&bytes(EXPORTER_SECRET), LABEL, b"");
    let context = digest(&SHA256, &bytes(CONTEXT));
    let exported: [u8; 32] = expand_with_label(&derived, "exported", context.as_ref());
    assert_eq!(exported, *bytes(SECRET));
}

/// RFC 5869, appendix A.1, of which we have the second step alone.
#[test]
fn our_derivation_is_that_of_hkdf_expand() {
    const KEY: &str = "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5";
    const OUT: &str = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    let mut out = [0; 42];
    expand(&bytes(KEY), &[&[0xf0, 0xf1, 0xf2], &[0xf3, 0xf4], &[0xf5, 0xf6, 0xf7, 0xf8, 0xf9]], &mut out);
    assert_eq!(out, *bytes(OUT));
}
