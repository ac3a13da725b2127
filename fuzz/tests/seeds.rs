//! The inputs that are kept, in every run of the tests.

use std::{collections::BTreeSet, fs, thread};

use fuzz::TARGETS;

/// Half of what the workers of the engine have: a sender that leaves the padding out can nest twice as deep.
const STACK: usize = 1 << 20;

#[test]
fn each_target_survives_the_inputs_that_are_kept_for_it() {
    for target in TARGETS {
        let seeds = target.seeds().unwrap();
        assert!(!seeds.is_empty(), "{} has no seeds", target.name);
        for (name, bytes) in seeds {
            assert!(bytes.len() <= target.longest, "{}/{name} is longer than what is given", target.name);
            println!("{}/{name}", target.name);
            thread::Builder::new().stack_size(STACK).spawn(move || (target.run)(&bytes)).unwrap().join().unwrap();
        }
    }
}

#[test]
fn seeds_are_kept_for_targets_that_there_are() {
    let folder = TARGETS[0].folder();
    let kept = fs::read_dir(folder.parent().unwrap()).unwrap();
    let kept: BTreeSet<_> = kept.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(kept, TARGETS.iter().map(|target| target.name.to_owned()).collect());
}
