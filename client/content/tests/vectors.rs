//! The examples of both drafts: each is read, gives the same bytes again, and has the message ID that the draft says.

use std::{fs, path::Path};

use content::{ExtensionKey, MessageId, MimiContent, Status, StatusReport};

const ROOM: &str = "mimi://example.com/r/engineering_team";
const ALICE: &str = "mimi://example.com/u/alice-smith";
const BOB: &str = "mimi://example.com/u/bob-jones";
const CATHY: &str = "mimi://example.com/u/cathy-washington";

/// Name, sender, and message ID as the draft has it, in hexadecimal.
const EXAMPLES: [(&str, &str, &str); 14] = [
    ("original", ALICE, "017ce54837404c3696e0c747b985cb172716d0ed0a3d249ca63ace7d82a096f4"),
    ("reply", BOB, "015354973c2b65ca937bf1e035ae53a5ab80e947afa43d46920d4202e5cc0b27"),
    ("reaction", CATHY, "0158c4288911e50a8f6be3f47746b6682f10fd91bc8c05557aa589a3157aff68"),
    ("unlike", CATHY, "013aadbb8f313253c8930f4e93c6ca54b2ed06d258185bdcec3870534c8a4ec4"),
    ("edit", BOB, "014028c0deddbdea56bec26172f6ede953d11024cb82b8192b5e2aea62d7fb47"),
    ("delete", BOB, "011d9efc78d04d4dcf4d82b07d5199bbef37011c1f0c7e004b6111c6dda504b4"),
    ("mention", CATHY, "018d825adf9f6be00dcafc5704c4102f5022e74219d0b603e4ba7622654042af"),
    ("mention-html", CATHY, "01967ff8e9a66819738ad5cf26d2e0388a3b81d86b0f61d129c077d043ee2a4e"),
    ("expiring", ALICE, "01e59db8173939facc2c8a4a0f0ae8d0c7a11a81239626630c9464a8d6717a03"),
    ("attachment", BOB, "0176180c7d19a925021fe446d241134d05c38e0d999cdc0f39c391d2377ed9d1"),
    ("conferencing", ALICE, "01496d15a8dba28d7397f9868b70768e4a67f765d5b5b1ae9e03848c5fdeb0ba"),
    ("multipart-1", ALICE, "01da5a515ec5db42cc4dcc19b90c3c31245d8a1cfcce11318f24eb11dce0990e"),
    ("multipart-2", ALICE, "01d65918c6c51c8e76546337276ae6f4bfd873d867d5cb57c76bcdca3d999dd7"),
    ("multipart-3", ALICE, "01cfebeadbdb83c1eefb6403ba4852daf8bbbf9cd53bf5035a74d5d741950c9f"),
];

fn vector(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    fs::read(folder.join(name).with_extension("cbor")).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn examples_of_the_draft_give_the_same_bytes_again() {
    for (name, ..) in EXAMPLES {
        let bytes = vector(name);
        let content = MimiContent::decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(content.encode().unwrap(), bytes, "{name}");
    }
}

#[test]
fn examples_have_the_message_ids_of_the_draft() {
    for (name, sender, id) in EXAMPLES {
        let bytes = vector(name);
        let content = MimiContent::decode(&bytes).ok().unwrap();
        assert_eq!(content.extensions.sender_uri(), Some(sender), "{name}");
        assert_eq!(content.extensions.room_uri(), Some(ROOM), "{name}");
        assert_eq!(hex(content.id(sender, ROOM, &bytes).unwrap().as_bytes()), id, "{name}");
    }
}

#[test]
fn message_id_changes_with_sender_room_and_salt() {
    let (bytes, salt) = (vector("original"), [1; 16]);
    let id = |sender, room, salt| *MessageId::of(sender, room, &bytes, salt).unwrap().as_bytes();
    let here = id(ALICE, ROOM, &salt);
    assert_ne!(here, id(BOB, ROOM, &salt));
    assert_ne!(here, id(ALICE, BOB, &salt));
    assert_ne!(here, id(ALICE, ROOM, &[2; 16]));
    // Lengths stand in front of the URIs, so that none can end in the other.
    assert_ne!(id("ab", "c", &salt), id("a", "bc", &salt));
    let long = "m".repeat(65_536);
    assert!(MessageId::of(&long, ROOM, &bytes, &salt).is_err());
    assert!(MessageId::of(ALICE, &long, &bytes, &salt).is_err());
}

#[test]
fn extensions_of_an_example_are_found_by_their_keys() {
    let content = MimiContent::decode(&vector("original")).ok().unwrap();
    assert_eq!(content.extensions.get(&ExtensionKey::SENDER_URI).unwrap().as_text(), Some(ALICE));
    assert!(content.extensions.get(&ExtensionKey::Number(3)).is_none());
    assert_eq!(content.extensions.iter().count(), 2);
}

#[test]
fn example_of_a_report_gives_the_same_bytes_again() {
    let bytes = vector("status");
    let report = StatusReport::decode(&bytes).ok().unwrap();
    assert_eq!(report.encode().unwrap(), bytes);
    let said: Vec<_> = report.0.iter().map(|(id, status)| (hex(id.as_bytes()), *status)).collect();
    let id = |name: &str| EXAMPLES.iter().find(|(other, ..)| *other == name).unwrap().2.to_owned();
    assert_eq!(
        said,
        [
            (id("original"), Status::Read),
            (id("reply"), Status::Read),
            (id("mention"), Status::Unread),
            (id("expiring"), Status::Expired),
        ]
    );
}
