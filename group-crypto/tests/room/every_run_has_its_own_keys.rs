//! A restart counts frames from zero again, under other keys.

use crate::common::Room;
use group_crypto::{Group, OpenError, Opener, RunId, Sealer, Suite};

/// As after a start of the program.
fn started(room: &Room, of: usize) -> Sealer {
    Sealer::new(&room.members[of].epoch_keys(), room.members[of].me(), RunId::generate())
}

fn sealed(sealer: &mut Sealer, frame: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    sealer.seal(1, frame, &mut out).unwrap();
    out
}

#[test]
fn runs_seal_the_same_frame_into_unrelated_bytes() {
    const FRAME: [u8; 256] = [0; 256];
    let room = Room::of(2, Suite::Classical);
    let [one, other] = [started(&room, 0), started(&room, 0)].map(|mut sealer| sealed(&mut sealer, &FRAME));
    // Header and key id are the same, and so is the counter in them.
    assert_eq!(Opener::peek(&one), Opener::peek(&other));
    let overhead = one.len() - FRAME.len() - 16;
    let (header, body) = one.split_at(overhead);
    let (other_header, other_body) = other.split_at(overhead);
    assert_eq!(header, other_header);
    // Under one key the two would be equal byte for byte; by chance about one byte of them is.
    let equal = body.iter().zip(other_body).filter(|(a, b)| a == b).count();
    assert!(equal < 16, "{equal} bytes are equal");
}

#[test]
fn a_frame_of_a_sender_whose_run_is_unknown_waits() {
    let room = Room::of(2, Suite::Classical);
    let (keys, me) = (room.members[0].epoch_keys(), room.id(0));
    let mut sealer = started(&room, 0);
    let mut opener = Opener::new();
    opener.add_epoch(&keys, room.members[1].members());
    let frame = sealed(&mut sealer, b"frame");
    let mut out = Vec::new();
    assert_eq!(opener.open(room.id(0), &frame, &mut out), Err(OpenError::UnknownRun));
    opener.set_run(me, RunId::from_bytes(*sealer.run().as_bytes()));
    opener.open(room.id(0), &frame, &mut out).unwrap();
    assert_eq!(out, b"frame");
    opener.forget_run(me);
    assert_eq!(opener.open(room.id(0), &frame, &mut out), Err(OpenError::UnknownRun));
}

#[test]
fn frames_of_the_former_run_stay_closed_after_a_restart() {
    let mut room = Room::of(2, Suite::Classical);
    let mut before = started(&room, 0);
    let mut opener = room.opener(1);
    opener.set_run(room.id(0), before.run());
    let (seen, late) = (sealed(&mut before, b"seen"), sealed(&mut before, b"late"));
    let mut out = Vec::new();
    opener.open(room.id(0), &seen, &mut out).unwrap();

    room.members[0] = Group::load(&room.members[0].save().unwrap()).unwrap();
    let mut after = started(&room, 0);
    opener.set_run(room.id(0), after.run());
    for former in [&seen, &late] {
        assert_eq!(opener.open(room.id(0), former, &mut out), Err(OpenError::Rejected));
        assert!(out.is_empty());
    }
    // Forged frames have not used up the counters of the new run.
    for n in 0..3u8 {
        opener.open(room.id(0), &sealed(&mut after, &[n]), &mut out).unwrap();
        assert_eq!(out, [n]);
    }
}

#[test]
fn the_same_run_announced_again_lets_nothing_be_replayed() {
    let room = Room::of(2, Suite::Classical);
    let (mut sealer, mut opener) = (started(&room, 0), room.opener(1));
    let frame = sealed(&mut sealer, b"frame");
    let mut out = Vec::new();
    opener.set_run(room.id(0), sealer.run());
    opener.open(room.id(0), &frame, &mut out).unwrap();
    opener.set_run(room.id(0), sealer.run());
    assert_eq!(opener.open(room.id(0), &frame, &mut out), Err(OpenError::Replayed));
}

#[test]
fn a_run_goes_on_into_the_next_epoch() {
    let mut room = Room::of(2, Suite::Classical);
    let (mut sealer, mut opener) = (started(&room, 0), room.opener(1));
    let run = sealer.run();
    opener.set_run(room.id(0), run);
    let old = sealed(&mut sealer, b"old");
    room.commit(&[]);
    sealer.rotate(&room.members[0].epoch_keys(), room.members[0].me()).unwrap();
    assert_eq!(sealer.run(), run);
    opener.add_epoch(&room.members[1].epoch_keys(), room.members[1].members());
    let mut out = Vec::new();
    for (frame, plain) in [(sealed(&mut sealer, b"new"), b"new"), (old, b"old")] {
        opener.open(room.id(0), &frame, &mut out).unwrap();
        assert_eq!(&out, plain);
    }
}
