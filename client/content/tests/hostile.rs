//! Bytes that break a rule of the draft or a bound: each is refused for its own reason.

use content::{
    Body, ContentError, Disposition, Expires, ExtensionKey, Field, MAX_CONTENT, MAX_DEPTH, MAX_EXTENSIONS, MAX_PARTS,
    MAX_STATUSES, MAX_TOPIC, MAX_VALUE, MessageId, MimiContent, NestedPart, Semantics, StatusReport, Value,
};

const SALT: &str = "5000112233445566778899aabbccddeeff";
const NULL_PART: &str = "83016000";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A message of the given extensions and body, both in hexadecimal.
fn message(extensions: &str, body: &str) -> Vec<u8> {
    bytes(&format!("87 {SALT} f6 40 f6 f6 {extensions} {body}"))
}

fn refusal(message: &[u8]) -> ContentError {
    MimiContent::decode(message).err().expect("the message is taken")
}

fn refused_extensions(extensions: &str) -> ContentError {
    refusal(&message(extensions, NULL_PART))
}

fn refused_body(body: &str) -> ContentError {
    refusal(&message("a0", body))
}

#[test]
fn smallest_message_is_read() {
    let content = MimiContent::decode(&message("a0", NULL_PART)).ok().unwrap();
    assert!(content.body.body == Body::Null && content.body.disposition == Disposition::Render);
}

#[test]
fn message_that_ends_early_is_refused_at_each_byte() {
    let whole = message("a1 01 62 6162", "85 01 60 01 61 61 42 0102");
    assert!(MimiContent::decode(&whole).is_ok());
    for end in 0..whole.len() {
        assert_eq!(refusal(&whole[..end]), ContentError::Truncated, "{end}");
    }
}

#[test]
fn bytes_behind_the_end_are_refused() {
    assert_eq!(refusal(&[message("a0", NULL_PART), vec![0]].concat()), ContentError::Trailing);
}

#[test]
fn message_over_the_bound_is_refused_unread() {
    assert_eq!(refusal(&vec![0; MAX_CONTENT + 1]), ContentError::TooLarge);
}

#[test]
fn lengths_that_lie_take_no_memory() {
    for (body, reason) in [
        ("85 01 60 01 60 5b ffffffffffffffff", ContentError::Truncated),
        ("85 01 7b ffffffffffffffff", ContentError::Truncated),
        ("85 01 60 03 00 9b ffffffffffffffff", ContentError::TooManyParts),
        ("9b ffffffffffffffff 01 60 04", ContentError::TooLong(Field::Part)),
    ] {
        assert_eq!(refused_body(body), reason, "{body}");
    }
    assert_eq!(refused_extensions("bb ffffffffffffffff"), ContentError::TooManyExtensions);
    // The items are looked for in what follows, up to its end.
    assert_eq!(refused_extensions("a1 03 9b ffffffffffffffff"), ContentError::Truncated);
    assert_eq!(refused_extensions("a1 03 bb ffffffffffffffff"), ContentError::ForbiddenKey);
}

#[test]
fn longer_forms_of_numbers_and_lengths_are_refused() {
    for body in ["83 1801 60 00", "83 01 7800 00", "83 01 60 1800", "9803 01 60 00", "83 01 60 1b 0000000000000000"] {
        assert_eq!(refused_body(body), ContentError::NotShortest, "{body}");
    }
    for value in ["3800", "390010", "3a00000100", "5800", "d81700", "d9001f00", "b800", "1900ff", "1a0000ffff"] {
        assert_eq!(refused_extensions(&format!("a1 03 {value}")), ContentError::NotShortest, "{value}");
    }
}

#[test]
fn indefinite_lengths_are_refused() {
    assert_eq!(refused_body("9f 01 60 00 ff"), ContentError::IndefiniteLength);
    assert_eq!(refused_body("83 01 7f 60 ff 00"), ContentError::IndefiniteLength);
    assert_eq!(refused_extensions("bf ff"), ContentError::IndefiniteLength);
    assert_eq!(refused_extensions("a1 03 5f 40 ff"), ContentError::IndefiniteLength);
    assert_eq!(refused_extensions("a1 03 ff"), ContentError::Malformed);
}

#[test]
fn bytes_that_are_no_cbor_are_refused() {
    for value in ["1c", "3d", "5e", "fc", "f800", "f818", "f81f"] {
        assert_eq!(refused_extensions(&format!("a1 03 {value}")), ContentError::Malformed, "{value}");
    }
    assert_eq!(refused_body("83 01 61 ff 00"), ContentError::NotUtf8);
    assert_eq!(refused_extensions("a1 03 62 c328"), ContentError::NotUtf8);
}

#[test]
fn floats_are_refused_unless_shortest() {
    for shortest in ["f93c00", "fa47c35000", "fb3ff199999999999a", "f97e00", "f97c00", "f98000", "f820", "f7"] {
        assert!(MimiContent::decode(&message(&format!("a1 03 {shortest}"), NULL_PART)).is_ok(), "{shortest}");
    }
    for longer in ["fa3f800000", "fb3ff0000000000000", "fb7ff0000000000000", "fa80000000", "fb40f86a0000000000"] {
        assert_eq!(refused_extensions(&format!("a1 03 {longer}")), ContentError::NotShortest, "{longer}");
    }
    for nan in ["f97e01", "f9fe00", "fa7fc00000", "fb7ff8000000000000", "fb7ff0000000000001"] {
        assert_eq!(refused_extensions(&format!("a1 03 {nan}")), ContentError::ForbiddenNan, "{nan}");
    }
}

#[test]
fn big_numbers_are_refused_where_small_ones_would_do() {
    assert!(MimiContent::decode(&message("a1 03 c2 49 010000000000000000", NULL_PART)).is_ok());
    for value in ["c2 41 01", "c3 48 ffffffffffffffff", "c2 49 00ffffffffffffffff", "c2 40"] {
        assert_eq!(refused_extensions(&format!("a1 03 {value}")), ContentError::NotShortest, "{value}");
    }
    assert_eq!(refused_extensions("a1 03 c2 01"), ContentError::Malformed);
}

#[test]
fn keys_twice_or_out_of_order_are_refused() {
    assert_eq!(refused_extensions("a2 03 00 03 00"), ContentError::DuplicateKey);
    assert_eq!(refused_extensions("a2 04 00 03 00"), ContentError::UnsortedKeys);
    assert_eq!(refused_extensions("a2 20 00 03 00"), ContentError::UnsortedKeys, "negative numbers follow");
    assert_eq!(refused_extensions("a2 62 6161 00 61 62 00"), ContentError::UnsortedKeys, "shorter names come first");
    assert_eq!(refused_extensions("a1 03 a2 01 00 01 00"), ContentError::DuplicateKey);
    assert_eq!(refused_extensions("a1 03 a2 61 61 00 41 61 00"), ContentError::UnsortedKeys);
}

#[test]
fn keys_of_other_kinds_are_refused() {
    for key in ["40", "f6", "f5", "80", "f93c00", "60", "1b 0020000000000000", "3b 001fffffffffffff"] {
        assert_eq!(refused_extensions(&format!("a1 {key} 00")), ContentError::ForbiddenKey, "{key}");
    }
    assert_eq!(refused_extensions("a1 03 a1 f6 00"), ContentError::ForbiddenKey);
    assert_eq!(refused_extensions("a1 03 a1 1b 0020000000000000 00"), ContentError::ForbiddenKey);
    let name = format!("a1 79 0100 {} 00", "61".repeat(256));
    assert_eq!(refused_extensions(&name), ContentError::TooLong(Field::ExtensionKey));
    assert!(MimiContent::decode(&message("a2 1b 001fffffffffffff 00 3b 001ffffffffffffe 00", NULL_PART)).is_ok());
}

#[test]
fn extensions_of_the_draft_must_be_texts() {
    assert_eq!(refused_extensions("a1 01 02"), ContentError::Unexpected(Field::SenderUri));
    assert_eq!(refused_extensions("a1 02 40"), ContentError::Unexpected(Field::RoomUri));
}

#[test]
fn extensions_nested_too_deeply_are_refused() {
    // The example of section 6.3, in short: an array in an array with a tag on the fourth level.
    assert!(MimiContent::decode(&message("a1 190100 81 82 42 1234 d820 61 61", NULL_PART)).is_ok());
    for value in ["81 81 81 81 00", "81 81 81 80", "a1 00 81 81 80", "81 81 d820 d820 60"] {
        assert_eq!(refused_extensions(&format!("a1 03 {value}")), ContentError::TooDeep, "{value}");
    }
    assert_eq!(refused_extensions(&format!("a1 03 {}", "81".repeat(60_000))), ContentError::TooDeep);
}

#[test]
fn extensions_over_a_bound_are_refused() {
    let many = |count: usize| {
        let pairs: String = (0..count).map(|key| format!("19{:04x}00", 0x100 + key)).collect();
        format!("b8{count:02x}{pairs}")
    };
    assert!(MimiContent::decode(&message(&many(MAX_EXTENSIONS), NULL_PART)).is_ok());
    assert_eq!(refused_extensions(&many(MAX_EXTENSIONS + 1)), ContentError::TooManyExtensions);
    let long = format!("a1 03 59{:04x}{}", MAX_VALUE, "00".repeat(MAX_VALUE));
    assert_eq!(refused_extensions(&long), ContentError::TooLong(Field::ExtensionValue));
}

/// A part with others in it, down to the given level.
fn nested(levels: usize) -> String {
    if levels == 1 { NULL_PART.to_owned() } else { format!("85 01 60 03 02 82 {NULL_PART} {}", nested(levels - 1)) }
}

#[test]
fn parts_nested_too_deeply_are_refused() {
    assert!(MimiContent::decode(&message("a0", &nested(MAX_DEPTH))).is_ok());
    assert_eq!(refused_body(&nested(MAX_DEPTH + 1)), ContentError::TooDeep);
    assert_eq!(refused_body(&nested(3000)), ContentError::TooDeep);
}

#[test]
fn parts_over_the_bound_are_refused() {
    let several = |count: usize| format!("85 01 60 03 02 99{count:04x} {}", NULL_PART.repeat(count));
    assert!(MimiContent::decode(&message("a0", &several(MAX_PARTS - 1))).is_ok());
    assert_eq!(refused_body(&several(MAX_PARTS)), ContentError::TooManyParts);
    // Two parts with as many as fit into one.
    let half = several(MAX_PARTS / 2);
    assert_eq!(refused_body(&format!("85 01 60 03 02 82 {half} {half}")), ContentError::TooManyParts);
}

#[test]
fn parts_of_a_wrong_shape_are_refused() {
    for (body, reason) in [
        ("82 01 60", ContentError::Unexpected(Field::Part)),
        ("84 01 60 00 00", ContentError::Unexpected(Field::Part)),
        ("84 01 60 01 60", ContentError::Unexpected(Field::Part)),
        ("85 01 60 02 60 60", ContentError::Unexpected(Field::Part)),
        ("83 190100 60 00", ContentError::OutOfRange(Field::Disposition)),
        ("83 20 60 00", ContentError::OutOfRange(Field::Disposition)),
        ("83 01 40 00", ContentError::Unexpected(Field::Language)),
        ("83 01 60 20", ContentError::OutOfRange(Field::Cardinality)),
        ("85 01 60 01 60 60", ContentError::Unexpected(Field::PartContent)),
        ("85 01 60 03 03 82 83016000 83016000", ContentError::UnknownSemantics),
        ("85 01 60 03 00 81 83016000", ContentError::TooFewParts),
        ("85 01 60 03 00 80", ContentError::TooFewParts),
        ("a0", ContentError::Unexpected(Field::Part)),
    ] {
        assert_eq!(refused_body(body), reason, "{body}");
    }
    let language = format!("83 01 79 0101 {} 00", "61".repeat(257));
    assert_eq!(refused_body(&language), ContentError::TooLong(Field::Language));
    let kind = format!("85 01 60 01 79 0201 {} 40", "61".repeat(513));
    assert_eq!(refused_body(&kind), ContentError::TooLong(Field::ContentType));
}

#[test]
fn external_parts_over_a_bound_are_refused() {
    let external = |position: usize, field: &str| {
        let mut fields = ["60", "60", "00", "00", "00", "40", "40", "40", "00", "40", "60", "60"];
        fields[position] = field;
        format!("8f 06 60 02 {}", fields.join(" "))
    };
    assert!(MimiContent::decode(&message("a0", &external(0, "60"))).is_ok());
    let text = |bytes: usize| format!("79{bytes:04x}{}", "61".repeat(bytes));
    let binary = |bytes: usize| format!("59{bytes:04x}{}", "61".repeat(bytes));
    for (position, bytes, field) in [
        (0, 513, Field::ContentType),
        (1, 2049, Field::Url),
        (10, 4097, Field::Description),
        (11, 256, Field::FileName),
    ] {
        assert_eq!(refused_body(&external(position, &text(bytes))), ContentError::TooLong(field));
    }
    for (position, field) in [(5, Field::Key), (6, Field::Nonce), (9, Field::ContentHash)] {
        let long = format!("5841{}", "61".repeat(65));
        assert_eq!(refused_body(&external(position, &long)), ContentError::TooLong(field));
    }
    assert_eq!(refused_body(&external(7, &binary(1025))), ContentError::TooLong(Field::Aad));
    for (position, number, field) in [
        (2, "1b 0000000100000000", Field::Expires),
        (3, "20", Field::Size),
        (4, "1a 00010000", Field::EncryptionAlgorithm),
        (8, "190100", Field::HashAlgorithm),
    ] {
        assert_eq!(refused_body(&external(position, number)), ContentError::OutOfRange(field));
    }
}

#[test]
fn container_of_a_wrong_shape_is_refused() {
    let id = format!("5820 01{}", "00".repeat(31));
    let whole = |salt: &str, replaces: &str, topic: &str, expires: &str, reply: &str| {
        bytes(&format!("87 {salt} {replaces} {topic} {expires} {reply} a0 {NULL_PART}"))
    };
    assert!(MimiContent::decode(&whole(SALT, &id, "40", "82 f5 05", &id)).is_ok());
    let other_hash = format!("5820 02{}", "00".repeat(31));
    let topic = format!("59 1001 {}", "00".repeat(MAX_TOPIC + 1));
    for (message, reason) in [
        (whole("4f00112233445566778899aabbccddee", "f6", "40", "f6", "f6"), ContentError::Unexpected(Field::Salt)),
        (whole(SALT, "40", "40", "f6", "f6"), ContentError::Unexpected(Field::MessageId)),
        (whole(SALT, "f7", "40", "f6", "f6"), ContentError::Unexpected(Field::MessageId)),
        (whole(SALT, &other_hash, "40", "f6", "f6"), ContentError::UnknownHash),
        (whole(SALT, "f6", "60", "f6", "f6"), ContentError::Unexpected(Field::Topic)),
        (whole(SALT, "f6", &topic, "f6", "f6"), ContentError::TooLong(Field::Topic)),
        (whole(SALT, "f6", "40", "83 f5 05 00", "f6"), ContentError::Unexpected(Field::Expires)),
        (whole(SALT, "f6", "40", "82 05 05", "f6"), ContentError::Unexpected(Field::Expires)),
        (whole(SALT, "f6", "40", "82 f5 1b 0000000100000000", "f6"), ContentError::OutOfRange(Field::Expires)),
        (whole(SALT, "f6", "40", "f6", &other_hash), ContentError::UnknownHash),
        (bytes("86"), ContentError::Unexpected(Field::Content)),
        (bytes("a0"), ContentError::Unexpected(Field::Content)),
        (Vec::new(), ContentError::Truncated),
    ] {
        assert_eq!(refusal(&message), reason);
    }
}

#[test]
fn values_of_a_later_draft_are_kept_as_they_came() {
    for (extensions, body) in [
        ("a0", "83 18ff 60 00"),
        ("a0", "83 09 65 78782d7979 00"),
        ("a0", "86 01 60 18 64 01 82 0203 a1 61 61 f93c00"),
        ("a0", "83 01 60 04"),
        ("a3 190100 83 010203 20 f5 63 6e6577 a1 00 81 40", NULL_PART),
        ("a1 03 d9 0400 f6", NULL_PART),
    ] {
        let bytes = message(extensions, body);
        let content = MimiContent::decode(&bytes).unwrap_or_else(|error| panic!("{extensions} {body}: {error}"));
        assert_eq!(content.encode().unwrap(), bytes, "{extensions} {body}");
    }
    let unknown = MimiContent::decode(&message("a0", "83 18ff 60 00")).ok().unwrap();
    assert_eq!(unknown.body.disposition, Disposition::Unknown(255));
}

#[test]
fn content_that_others_would_refuse_is_not_encoded() {
    let null = || NestedPart { disposition: Disposition::Render, language: String::new(), body: Body::Null };
    let several = |parts| Body::Multi { semantics: Semantics::ProcessAll, parts };
    let base = MimiContent::decode(&message("a0", NULL_PART)).ok().unwrap();
    let with = |change: &dyn Fn(&mut MimiContent)| {
        let mut content = base.clone();
        change(&mut content);
        content.encode()
    };
    assert_eq!(with(&|content| content.body.body = several(vec![null()])), Err(ContentError::TooFewParts));
    assert_eq!(with(&|content| content.topic = vec![0; MAX_TOPIC + 1]), Err(ContentError::TooLong(Field::Topic)));
    let sender = |content: &mut MimiContent| content.extensions.set(ExtensionKey::SENDER_URI, Value::from_number(1));
    assert_eq!(with(&sender), Err(ContentError::Unexpected(Field::SenderUri)));
    let name = |content: &mut MimiContent| {
        content.extensions.set(ExtensionKey::Name(String::new()), Value::from_text("x"));
    };
    assert_eq!(with(&name), Err(ContentError::ForbiddenKey));
    let large = |content: &mut MimiContent| {
        let single = content::Single { content_type: "a/b".into(), content: vec![0; MAX_CONTENT] };
        content.body.body = Body::Single(single);
    };
    assert_eq!(with(&large), Err(ContentError::TooLarge));
}

#[test]
fn value_is_one_item_and_no_more() {
    assert!(Value::from_cbor(&bytes("820102")).is_ok());
    assert_eq!(Value::from_cbor(&bytes("0102")).err(), Some(ContentError::Trailing));
    assert_eq!(Value::from_cbor(&[]).err(), Some(ContentError::Truncated));
    assert_eq!(Value::from_number(7).as_number(), Some(7));
    assert_eq!(Value::from_bytes(&[1, 2]).as_bytes(), Some(&[1, 2][..]));
    assert_eq!(Value::from_text("text").as_text(), Some("text"));
    assert_eq!(Value::from_text("text").as_number(), None);
}

#[test]
fn end_of_a_message_over_a_year_away_is_not_plausible() {
    let (now, year) = (1_800_000_000, 366 * 86_400);
    assert!(Expires::AfterReading(year).is_plausible(now) && !Expires::AfterReading(year + 1).is_plausible(now));
    assert!(Expires::At(now + year).is_plausible(now) && !Expires::At(now + year + 1).is_plausible(now));
    assert!(Expires::At(now - year).is_plausible(now) && !Expires::At(now - year - 1).is_plausible(now));
}

#[test]
fn reports_that_break_a_rule_are_refused() {
    let id = format!("5820 01{}", "00".repeat(31));
    let refusal = |hex: &str| StatusReport::decode(&bytes(hex)).err().expect("the report is taken");
    assert!(StatusReport::decode(&bytes("80")).is_ok());
    for (report, reason) in [
        ("9b ffffffffffffffff".to_owned(), ContentError::TooManyStatuses),
        (format!("81 82 {id} 190100"), ContentError::OutOfRange(Field::Status)),
        (format!("81 82 {id} 1802"), ContentError::NotShortest),
        (format!("81 83 {id} 02 00"), ContentError::Unexpected(Field::Status)),
        ("81 82 f6 02".to_owned(), ContentError::Unexpected(Field::MessageId)),
        (format!("81 82 5820 07{} 02", "00".repeat(31)), ContentError::UnknownHash),
        (format!("81 82 {id} 02 00"), ContentError::Trailing),
        (format!("9f 82 {id} 02 ff"), ContentError::IndefiniteLength),
        ("a0".to_owned(), ContentError::Unexpected(Field::Status)),
    ] {
        assert_eq!(refusal(&report), reason, "{report}");
    }
    let id = MessageId::from_bytes(&bytes(&id)[2..]).ok().unwrap();
    let many = StatusReport(vec![(id, 9.into()); MAX_STATUSES + 1]);
    assert_eq!(many.encode(), Err(ContentError::TooManyStatuses));
    let unknown = StatusReport(vec![(id, 9.into())]);
    assert!(StatusReport::decode(&unknown.encode().unwrap()) == Ok(unknown));
}
