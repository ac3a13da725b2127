#![no_main]

use std::sync::LazyLock;

use fuzz::agreement::{Disks, World};
use libfuzzer_sys::fuzz_target;

static DISKS: LazyLock<Disks> = LazyLock::new(|| Disks::new().expect("a room can be made"));

// The properties: whatever arrives, from whomever, nothing breaks, nobody who was removed is back or is heard, nobody
// speaks as another, and what was due is not due again at once.
fuzz_target!(|input: &[u8]| World::run(&DISKS, input));
