//! One program for all targets, as linking takes longer than compiling: `FUZZ_TARGET` names the one that runs.
#![no_main]

use std::sync::LazyLock;

use fuzz::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
    fuzz::find(&name).expect("FUZZ_TARGET names a target that there is")
});

fuzz_target!(|input: &[u8]| (TARGET.run)(input));
