//! Content made by seed: it is read as it was written, and whatever is changed in it is refused or read as it then stands.

use content::{
    Body, Disposition, Expires, ExtensionKey, Extensions, External, MAX_DEPTH, MAX_MENTIONS, Message, MessageId,
    MimiContent, NestedPart, Semantics, Single, Status, StatusReport, Text, Value,
};
use fastrand::Rng;

const HISTORIES: u64 = 2_000;

fn text(rng: &mut Rng, most: usize) -> String {
    let letters = ['a', 'Z', ' ', 'é', 'ß', '天', '👩', '\n', '\u{202e}', '\0'];
    (0..rng.usize(..most)).map(|_| *rng.choice(&letters).unwrap()).collect()
}

fn binary(rng: &mut Rng, most: usize) -> Vec<u8> {
    (0..rng.usize(..most)).map(|_| rng.u8(..)).collect()
}

fn id(rng: &mut Rng) -> Option<MessageId> {
    rng.bool().then(|| MessageId::of("sender", "room", &binary(rng, 40), &[0; 16]).unwrap())
}

fn extensions(rng: &mut Rng) -> Extensions {
    let mut extensions = Extensions::new();
    for _ in 0..rng.usize(..6) {
        let key = match rng.u8(..3) {
            0 => ExtensionKey::Number(rng.i64(3..1 << 53)),
            1 => ExtensionKey::Number(-rng.i64(1..300)),
            _ => ExtensionKey::Name(format!("x{}", text(rng, 40))),
        };
        let value = match rng.u8(..4) {
            0 => Value::from_text(&text(rng, 300)),
            1 => Value::from_number(rng.u64(..) >> rng.u32(..64)),
            2 => Value::from_bytes(&binary(rng, 300)),
            _ => Value::from_cbor(&[0x82, 0xf5, 0xa1, 0x20, 0xd8, 0x20, 0x60]).ok().unwrap(),
        };
        extensions.set(key, value);
    }
    if rng.bool() {
        extensions.set(ExtensionKey::SENDER_URI, Value::from_text(&text(rng, 80)));
    }
    extensions
}

fn part(rng: &mut Rng, depth: usize) -> NestedPart {
    let body = match rng.u8(..if depth < MAX_DEPTH { 6 } else { 4 }) {
        0 => Body::Null,
        1 => Body::Single(Single { content_type: text(rng, 40), content: binary(rng, 400) }),
        2 => Body::External(Box::new(External {
            content_type: text(rng, 40),
            url: text(rng, 400),
            expires: rng.u32(..),
            size: rng.u64(..) >> rng.u32(..64),
            encryption: rng.u16(..),
            key: binary(rng, 65),
            nonce: binary(rng, 65),
            aad: binary(rng, 400),
            hash_algorithm: rng.u8(..),
            content_hash: binary(rng, 65),
            description: text(rng, 400),
            file_name: text(rng, 60),
        })),
        3 => Body::Unknown {
            cardinality: rng.u64(4..) >> rng.u32(..61) | 4,
            fields: (0..rng.u8(..4)).map(|number| Value::from_number(number.into())).collect(),
        },
        _ => Body::Multi {
            semantics: *rng.choice(&[Semantics::ChooseOne, Semantics::SingleUnit, Semantics::ProcessAll]).unwrap(),
            parts: (0..rng.usize(2..5)).map(|_| part(rng, depth + 1)).collect(),
        },
    };
    NestedPart { disposition: Disposition::from(rng.u8(..12)), language: text(rng, 20), body }
}

fn content(rng: &mut Rng) -> MimiContent {
    MimiContent {
        salt: rng.u128(..).to_be_bytes(),
        replaces: id(rng),
        topic: binary(rng, 60),
        expires: match rng.u8(..3) {
            0 => None,
            1 => Some(Expires::At(rng.u32(..))),
            _ => Some(Expires::AfterReading(rng.u32(..))),
        },
        in_reply_to: id(rng),
        extensions: extensions(rng),
        body: part(rng, 1),
    }
}

#[test]
fn content_is_read_as_it_was_written() {
    for seed in 0..HISTORIES {
        let content = content(&mut Rng::with_seed(seed));
        let bytes = content.encode().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert!(MimiContent::decode(&bytes).is_ok_and(|read| read == content), "seed {seed}");
    }
}

#[test]
fn recognized_content_is_recognized_again_when_written() {
    for seed in 0..HISTORIES {
        let mut rng = Rng::with_seed(seed);
        let mut content = content(&mut rng);
        make_readable(&mut rng, &mut content.body);
        let message = Message::of(content, &["fr"]);
        let bytes = message.clone().into_content().encode().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert!(Message::of(MimiContent::decode(&bytes).ok().unwrap(), &["fr"]) == message, "seed {seed}");
    }
}

/// Gives most parts a type that is known.
fn make_readable(rng: &mut Rng, part: &mut NestedPart) {
    match &mut part.body {
        Body::Single(single) if rng.u8(..4) > 0 => {
            let types = ["text/plain", "text/markdown", "image/png", "text/plain; charset=UTF-8"];
            (*rng.choice(&types).unwrap()).clone_into(&mut single.content_type);
            single.content = text(rng, 60).into_bytes();
        }
        Body::Multi { parts, .. } => parts.iter_mut().for_each(|part| make_readable(rng, part)),
        _ => {}
    }
}

#[test]
fn text_of_any_letters_is_safe_once_it_is_made() {
    let pieces =
        ["<", ">", "[", "](", ")", "b", " ", "\n", "\n\n", "`", "!", "--", "&lt;", "/", "天", "\\", "mi:1", "|", "- "];
    for seed in 0..HISTORIES {
        let mut rng = Rng::with_seed(seed);
        let typed: String = (0..rng.usize(..60)).map(|_| *rng.choice(&pieces).unwrap()).collect();
        let made = Text::markdown(&typed);
        assert!(Text::markdown(&made.text) == made, "seed {seed}: HTML is left in {typed:?}");
        assert!(made.mentions(|_| true).len() <= MAX_MENTIONS);
    }
}

#[test]
fn changed_content_is_refused_or_gives_the_same_bytes() {
    let (mut taken, mut refused) = (0_u32, 0_u32);
    for seed in 0..HISTORIES {
        let mut rng = Rng::with_seed(seed);
        let original = content(&mut rng).encode().unwrap();
        for _ in 0..20 {
            let mut bytes = original.clone();
            for _ in 0..rng.usize(1..4) {
                let place = rng.usize(..bytes.len());
                match rng.u8(..4) {
                    0 => bytes[place] = rng.u8(..),
                    1 => bytes[place] ^= 1 << rng.u8(..8),
                    2 => drop(bytes.drain(place..bytes.len().min(place + 1 + rng.usize(..8)))),
                    _ => bytes.insert(place, rng.u8(..)),
                }
                if bytes.is_empty() {
                    break;
                }
            }
            match MimiContent::decode(&bytes) {
                Ok(content) => {
                    assert_eq!(content.encode().unwrap(), bytes, "seed {seed}");
                    taken += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(taken > 1_000 && refused > 1_000, "{taken} taken, {refused} refused: the changes show nothing");
}

#[test]
fn reports_are_read_as_they_were_written() {
    for seed in 0..HISTORIES {
        let mut rng = Rng::with_seed(seed);
        let statuses = (0..rng.usize(..20)).filter_map(|_| Some((id(&mut rng)?, Status::from(rng.u8(..)))));
        let report = StatusReport(statuses.collect());
        assert!(StatusReport::decode(&report.encode().unwrap()) == Ok(report), "seed {seed}");
    }
}
