//! Notes when the program is built: no clock that is right says less. `SOURCE_DATE_EPOCH` (Unix time, s) makes it the same
//! in every build of a release.

use std::{
    env,
    time::{SystemTime, UNIX_EPOCH},
};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let told = env::var("SOURCE_DATE_EPOCH").ok().and_then(|told| told.parse::<u64>().ok());
    let built = told.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()));
    println!("cargo::rustc-env=INCAMERA_BUILT={built}");
}
