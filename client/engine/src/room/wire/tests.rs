//! The frames, and the wire as it was recorded.

use super::{
    few::Short,
    samples::{frame, longer},
    *,
};
use crate::room::numbers::Sequence;

/// What was sent by the version that first wrote each kind like this, as a name and hexadecimal digits. Lines are added, and
/// never changed: links of that version have to be understood.
const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/room/wire/recorded.txt");

#[test]
fn message_with_anything_behind_its_frame_is_refused() {
    let mut bytes = encode(&LinkMessage::Pair([9; 32]));
    assert!(decode::<LinkMessage>(&bytes).is_some());
    bytes.push(0);
    assert!(decode::<LinkMessage>(&bytes).is_none());
}

#[test]
fn fields_of_a_later_version_are_ignored() {
    for (name, message) in samples::of_link() {
        let written = encode(&message);
        let read = decode::<LinkMessage>(&longer(&written, b"more")).unwrap_or_else(|| panic!("{name} is not read"));
        assert_eq!(encode(&read), written, "{name}");
    }
    for (name, message) in samples::of_group() {
        let written = encode(&message);
        let read = decode::<RoomMessage>(&longer(&written, b"more")).unwrap_or_else(|| panic!("{name} is not read"));
        assert_eq!(encode(&read), written, "{name}");
    }
}

#[test]
fn known_kind_that_lacks_bytes_is_refused() {
    for (name, message) in samples::written() {
        let framed::Framed { kind, fields } = postcard::from_bytes(&message).unwrap();
        for end in 0..fields.len() {
            let short = frame(kind, fields.get(..end).unwrap());
            assert!(rewritten(name, &short).is_none(), "{name} with {end} bytes");
        }
    }
}

#[test]
fn kinds_of_a_later_version_are_skipped() {
    for kind in [500, u32::MAX] {
        for fields in [&b""[..], b"\xff", &[7; 3000]] {
            assert!(matches!(decode(&frame(kind, fields)), Some(LinkMessage::Unknown)));
            assert!(matches!(decode(&frame(kind, fields)), Some(RoomMessage::Unknown)));
        }
    }
    assert!(decode::<LinkMessage>(&[0xf4, 0x03, 2, 0]).is_none(), "a frame that ends too soon");
    assert!(matches!(decode(&frame(4, &[77])), Some(LinkMessage::Refused(Refusal::Unknown))));
}

/// A list of so many elements, or a text of so many bytes, in the message that has it.
type Filled = fn(usize) -> Vec<u8>;

fn addresses(number: usize) -> Vec<std::net::SocketAddr> {
    vec![([127, 0, 0, 1], 9).into(); number]
}

fn hello(relays: Vec<String>, addresses: usize, abilities: usize) -> Vec<u8> {
    let (id, none, streams) = ([1_u8; 16], None::<u64>, (3_u32, true, true, true, true));
    let place = (relays, self::addresses(addresses), 7_u64, vec![6_u8]);
    let told = (none, 5_u64, [4_u8; 8], streams, vec![1_u32; abilities], vec![5_u8]);
    frame(6, &encode(&(id, none, id, [3_u8; 32], place, told)))
}

fn statements(number: usize, relays: usize, addresses: usize) -> Vec<u8> {
    let place = ([6_u8; 32], vec![String::new(); relays], self::addresses(addresses));
    frame(1, &encode(&vec![([1_u8; 16], place, 7_u64, Vec::<u8>::new()); number]))
}

/// Each list and text that a message has: in which, how long it may be, and with how much.
const BOUNDED: [(&str, usize, Filled); 17] = [
    ("link/instead", 1024, |n| frame(2, &encode(&"a".repeat(n)))),
    ("link/title", 240, |n| frame(3, &encode(&(Vec::<u8>::new(), "a".repeat(n), [3_u8; 16])))),
    ("link/removed", 64, |n| frame(5, &encode(&vec![Vec::<u8>::new(); n]))),
    ("link/hello-relays", 4, |n| hello(vec![String::new(); n], 0, 0)),
    ("link/hello-relay", 128, |n| hello(vec!["a".repeat(n)], 0, 0)),
    ("link/hello-addresses", 16, |n| hello(Vec::new(), n, 0)),
    ("link/hello-abilities", 64, |n| hello(Vec::new(), 0, n)),
    ("link/handshake-ufrag", 256, |n| frame(9, &encode(&(9_u32, "a".repeat(n), "a", addresses(0))))),
    ("link/handshake-pass", 256, |n| frame(9, &encode(&(9_u32, "a", "a".repeat(n), addresses(0))))),
    ("link/candidates", 16, |n| frame(12, &encode(&(9_u32, addresses(n))))),
    ("link/carry", 128, |n| frame(22, &encode(&vec![[1_u8; 16]; n]))),
    ("link/carries", 128, |n| frame(23, &encode(&(vec![[1_u8; 16]; n], 700_u32)))),
    ("link/sees", 128, |n| frame(25, &encode(&vec![[1_u8; 16]; n]))),
    ("group/whereabouts", 128, |n| statements(n, 0, 0)),
    ("group/whereabouts-relays", 4, |n| statements(1, n, 0)),
    ("group/whereabouts-addresses", 16, |n| statements(1, 0, n)),
    ("group/name", 240, |n| frame(3, &encode(&"a".repeat(n)))),
];

#[test]
fn list_beyond_its_bound_is_refused() {
    for (name, most, filled) in BOUNDED {
        let is_read = |number| rewritten(name, &filled(number)).is_some();
        assert!(is_read(most), "{name} of {most}");
        assert!(!is_read(most + 1), "{name} of more than {most}");
        // As many as fit into the longest message: they would take many times its memory.
        let each = filled(most + 1).len() - filled(most).len();
        assert!(!is_read((MAX_MESSAGE - 300) / each), "{name} of very many");
    }
}

/// Each kind with all of its lists full of the smallest elements.
#[test]
fn full_lists_take_little_memory() {
    let list = |elements: usize, of: usize| elements * of;
    let place = list(4, size_of::<Short<128>>()) + list(16, size_of::<std::net::SocketAddr>());
    let whereabouts = list(128, size_of::<Statement>() + place);
    assert!(whereabouts <= 8 * statements(128, 4, 16).len() && whereabouts <= 128 * 1024, "{whereabouts} bytes");
    assert!(size_of::<LinkMessage>() + place + list(64, 4) <= 2048);
}

#[test]
fn content_of_a_later_version_keeps_its_bytes() {
    let said = |content: &[u8]| decode::<Said>(content);
    assert_eq!(said(&frame(9, b"poll")), Some(Said::Unknown { kind: 9, bytes: b"poll".to_vec() }));
    let text = encode(&"hello");
    assert_eq!(said(&frame(0, &[&text[..], b"more"].concat())), Some(Said::Text("hello".into())));
    assert_eq!(said(&frame(0, &text[..3])), None);
    assert_eq!(encode(&said(&frame(9, b"poll")).unwrap()), frame(9, b"poll"), "as it came");
}

#[test]
fn absurd_confirmation_is_refused() {
    let with = |number: u64| decode::<LinkMessage>(&frame(14, &[encode(&number), vec![0]].concat()));
    assert!(matches!(with(1 << 48), Some(LinkMessage::Received { up_to: Sequence::MAX, again: false })));
    assert!(with(1 << 49).is_none() && with(u64::MAX).is_none());
}

#[test]
fn garbage_is_refused_without_harm() {
    let mut seed = 7u64;
    for length in 0..2000 {
        let bytes: Vec<u8> = (0..length % 200)
            .map(|_| {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                (seed >> 56) as u8
            })
            .collect();
        let _ = decode::<LinkMessage>(&bytes);
        let _ = decode::<RoomMessage>(&bytes);
        // In the place of every kind's fields.
        for kind in 0..30 {
            let _ = decode::<LinkMessage>(&frame(kind, &bytes));
            let _ = decode::<RoomMessage>(&frame(kind, &bytes));
        }
    }
}

/// Reads a message of a link or of the group, as the name says, and writes it again.
fn rewritten(name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    match name.split_once('/') {
        Some(("link", _)) => decode::<LinkMessage>(bytes).map(|message| encode(&message)),
        Some(("group", _)) => decode::<RoomMessage>(bytes).map(|message| encode(&message)),
        _ => None,
    }
}

/// A kind that gains fields is written longer; what was recorded of it stays the beginning.
#[test]
fn recorded_messages_are_read_as_they_were_sent() {
    let recorded = std::fs::read_to_string(RECORDED).unwrap();
    let recorded: Vec<_> = recorded.lines().filter_map(|line| line.split_once(' ')).collect();
    for (name, digits) in &recorded {
        let bytes = data_encoding::HEXLOWER.decode(digits.as_bytes()).unwrap();
        let written = rewritten(name, &bytes).unwrap_or_else(|| panic!("{name} is not read"));
        let framed::Framed { kind, fields } = postcard::from_bytes(&bytes).unwrap();
        let now: framed::Framed<'_> = postcard::from_bytes(&written).unwrap();
        assert!(now.kind == kind && now.fields.starts_with(fields), "{name} is read as something else");
    }
}

/// With RECORD_WIRE set, messages that are not recorded yet are added.
#[test]
fn every_kind_is_recorded_as_it_is_sent() {
    let recorded = std::fs::read_to_string(RECORDED).unwrap();
    let mut missing = String::new();
    for (name, bytes) in samples::written() {
        let line = format!("{name} {}", data_encoding::HEXLOWER.encode(&bytes));
        if !recorded.lines().any(|recorded| recorded == line) {
            missing += &line;
            missing.push('\n');
        }
    }
    if std::env::var_os("RECORD_WIRE").is_some() {
        std::fs::write(RECORDED, format!("{recorded}{missing}")).unwrap();
    } else {
        assert!(missing.is_empty(), "not recorded: {missing}");
    }
}
