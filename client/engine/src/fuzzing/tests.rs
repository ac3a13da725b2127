//! The seeds that the fuzzer begins with are still read.

use std::{env, fs, path::PathBuf};

use super::message_kinds;
use crate::room::wire::{LinkMessage, RoomMessage, encode, samples};

fn seeds(target: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../fuzz/seeds", target].iter().collect()
}

/// The seeds are part of the program's own tests, so none goes stale: those named `good` have to be taken.
#[test]
fn fuzzer_begins_with_good_and_with_bad_seeds() {
    type Target = fn(&[u8]) -> bool;
    let targets: [(&str, Target); 5] = [
        ("invitation", super::invitation),
        ("record", super::record),
        ("message", super::message),
        ("envelope", super::envelope),
        ("import", super::import),
    ];
    for (name, target) in targets {
        let mut good = 0;
        for seed in fs::read_dir(seeds(name)).unwrap() {
            let path = seed.unwrap().path();
            let expected = path.file_name().unwrap().to_string_lossy().starts_with("good");
            assert_eq!(target(&fs::read(&path).unwrap()), expected, "{}", path.display());
            good += usize::from(expected);
        }
        assert!(good > 0, "{name} has no good seed");
    }
}

/// The good seeds of the target `message`: one of each kind.
fn messages() -> Vec<(String, Vec<u8>)> {
    samples::written().into_iter().map(|(name, bytes)| (format!("good-{}", name.replace('/', "-")), bytes)).collect()
}

#[test]
fn message_is_named_by_its_kind() {
    assert_eq!(message_kinds(&encode(&LinkMessage::Wait)).0.as_deref(), Some("Wait"));
    assert_eq!(message_kinds(&encode(&LinkMessage::Pair([7; 32]))).0.as_deref(), Some("Pair"));
    assert_eq!(message_kinds(&encode(&RoomMessage::Name("Ann".into()))).1.as_deref(), Some("Name"));
    assert_eq!(message_kinds(b"\xff"), (None, None));
}

/// With RENEW_SEEDS set they are written anew: after a change of the wire.
#[test]
fn the_seeds_of_messages_are_what_is_sent() {
    let folder = seeds("message");
    let made = messages();
    if env::var_os("RENEW_SEEDS").is_some() {
        for seed in fs::read_dir(&folder).unwrap().map(|seed| seed.unwrap()) {
            if seed.file_name().to_string_lossy().starts_with("good") {
                fs::remove_file(seed.path()).unwrap();
            }
        }
        for (name, bytes) in &made {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
    for (name, bytes) in &made {
        assert!(fs::read(folder.join(name)).is_ok_and(|seed| seed == *bytes), "{name} is another: set RENEW_SEEDS");
    }
    let names = fs::read_dir(folder).unwrap().map(|seed| seed.unwrap().file_name());
    let good = names.filter(|name| name.to_string_lossy().starts_with("good")).count();
    assert_eq!(good, made.len(), "there are good seeds that nobody makes");
}
