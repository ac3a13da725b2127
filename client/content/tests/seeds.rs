//! What the fuzzer begins with, so that none of it goes stale.

use std::{fs, path::Path};

use content::{MimiContent, StatusReport};

#[test]
fn fuzzer_begins_with_good_and_with_bad_seeds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/content");
    let mut good = 0;
    for seed in fs::read_dir(folder).unwrap() {
        let path = seed.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let expected = path.file_name().unwrap().to_string_lossy().starts_with("good");
        let is_taken = MimiContent::decode(&bytes).is_ok() || StatusReport::decode(&bytes).is_ok();
        assert_eq!(is_taken, expected, "{}", path.display());
        good += u32::from(expected);
    }
    assert!(good > 0, "there is no good seed");
}
