//! The targets whose bytes reach a codec, by `FUZZ_TARGET`. They are the same files as in `fuzz`, compiled with `media` alone.
#![no_main]

#[path = "../../src/targets/gather.rs"]
mod gather;
#[path = "../../src/targets/picture.rs"]
mod picture;
#[path = "../../src/targets/repair.rs"]
mod repair;
#[path = "../../src/targets/voice.rs"]
mod voice;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<fn(&[u8])> =
    LazyLock::new(|| match std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target").as_str() {
        "gather" => gather::run,
        "picture" => picture::run,
        "repair" => repair::run,
        "voice" => voice::run,
        other => panic!("there is no sanitized target {other}"),
    });

fuzz_target!(|input: &[u8]| TARGET(input));
