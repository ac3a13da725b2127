//! Prints what a frame and a commit cost; asserts nothing about it. Run with `--nocapture`.

use std::time::Instant;

use crate::common::{Room, joiner};
use group_crypto::{Group, Suite, check_key_package};

#[test]
fn what_sealing_and_committing_cost() {
    let room = Room::of(2, Suite::Classical);
    let (mut sealer, mut opener) = (room.sealer(0), room.opener(1));
    const FRAMES: usize = 20_000;
    let frame = vec![7; 2500];
    let (mut sealed, mut out) = (Vec::new(), Vec::new());
    let start = Instant::now();
    for _ in 0..FRAMES {
        sealer.seal(0, &frame, &mut sealed).unwrap();
    }
    report("seal 2.5 kB", start, FRAMES);
    let start = Instant::now();
    for _ in 0..FRAMES {
        sealer.seal(0, &frame, &mut sealed).unwrap();
        opener.open(room.id(0), &sealed, &mut out).unwrap();
    }
    report("seal and open 2.5 kB", start, FRAMES);

    for suite in Suite::ALL {
        let mut room = Room::of(8, suite);
        println!("{}, 8 people", suite.name());
        const COMMITS: usize = 50;
        let (first, others) = room.members.split_first_mut().unwrap();
        let mut commits = Vec::new();
        let start = Instant::now();
        for _ in 0..COMMITS {
            commits.push(first.commit(&[]).unwrap().commit);
        }
        report("  commit", start, COMMITS);
        let start = Instant::now();
        for commit in &commits {
            others[0].process(commit).unwrap();
        }
        report("  process a commit", start, COMMITS);
        let start = Instant::now();
        let said: Vec<_> = (0..COMMITS).map(|_| first.protect(b"hello").unwrap()).collect();
        report("  protect a text", start, COMMITS);
        let start = Instant::now();
        for said in &said {
            others[0].process(said).unwrap();
        }
        report("  process a text", start, COMMITS);
        println!("  commit {} B, text {} B", commits[0].len(), said[0].len());

        let guest = joiner("guest", suite);
        let start = Instant::now();
        for _ in 0..COMMITS {
            check_key_package(guest.key_package(), suite).unwrap();
        }
        report("  check a key package", start, COMMITS);
    }
}

#[test]
fn what_saving_and_loading_cost() {
    for suite in Suite::ALL {
        for people in [2, 8] {
            let mut room = Room::of(people, suite);
            // Past epochs, and a ratchet for everyone: what a room has after some talk.
            for _ in 0..4 {
                for sender in 0..people {
                    let said = room.members[sender].protect(b"hello").unwrap();
                    for reader in (0..people).filter(|&reader| reader != sender) {
                        room.members[reader].process(&said).unwrap();
                    }
                }
                room.commit(&[]);
            }
            const TIMES: usize = 100;
            let saved = room.members[1].save().unwrap();
            println!("{}, {people} people: saved {} B", suite.name(), saved.len());
            let start = Instant::now();
            for _ in 0..TIMES {
                room.members[1].save().unwrap();
            }
            report("  save", start, TIMES);
            let start = Instant::now();
            for _ in 0..TIMES {
                Group::load(&saved).unwrap();
            }
            report("  load", start, TIMES);
            let start = Instant::now();
            for _ in 0..TIMES {
                room.members[1].safety(room.members[0].me()).unwrap();
            }
            report("  safety", start, TIMES);
        }
    }
}

fn report(what: &str, start: Instant, times: usize) {
    let each = start.elapsed().as_secs_f64() * 1e6 / times as f64;
    println!("{what}: {each:.1} µs");
}
