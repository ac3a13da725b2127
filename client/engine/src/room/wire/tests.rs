//! The frames, and the wire as it was recorded.

use super::*;
use crate::room::numbers::Sequence;

/// A message with these fields, and bytes behind them that a later version has added.
fn longer(message: &[u8], by: &[u8]) -> Vec<u8> {
    let framed::Framed { kind, fields } = postcard::from_bytes(message).unwrap();
    encode(&framed::Framed { kind, fields: &[fields, by].concat() })
}

fn frame(kind: u32, fields: &[u8]) -> Vec<u8> {
    encode(&framed::Framed { kind, fields })
}

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
            let is_read = match samples::of_link().iter().any(|(of_link, _)| *of_link == name) {
                true => decode::<LinkMessage>(&short).is_some(),
                false => decode::<RoomMessage>(&short).is_some(),
            };
            assert!(!is_read, "{name} with {end} bytes");
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
