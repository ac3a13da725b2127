//! Garbage and damaged bytes are errors everywhere, never a panic, and leave no trace.

use crate::common::{Random, Room, joiner, text};
use group_crypto::{Change, InvitationSecret, MAX_MESSAGE_BYTES, Opener, Suite, check_key_package};

#[test]
fn garbage_is_refused_everywhere() {
    let mut room = Room::of(2, Suite::Classical);
    let mut opener = room.opener(1);
    let mut out = Vec::new();
    for seed in 0..2000 {
        let mut random = Random::new(seed);
        let len = random.below(300);
        let mut bytes = random.bytes(len);
        if seed % 2 == 0 && len > 4 {
            // A valid version and wire format, to get past the first check.
            bytes[..4].copy_from_slice(&[0, 1, 0, 1 + (seed / 2 % 5) as u8]);
        }
        assert!(room.members[1].process(&bytes).is_err());
        assert!(check_key_package(&bytes, Suite::Classical).is_err());
        assert!(opener.open(room.id(0), &bytes, &mut out).is_err());
        assert!(out.is_empty());
        let _ = Opener::peek(&bytes);
    }
    for seed in 0..100 {
        let bytes = Random::new(seed).bytes(200);
        let guest = joiner("guest", Suite::Classical);
        assert!(guest.join(&bytes, &room.secret).is_err());
    }
    let long = vec![0; MAX_MESSAGE_BYTES + 1];
    assert!(room.members[1].process(&long).is_err());
    assert!(check_key_package(&long, Suite::Classical).is_err());
}

#[test]
fn a_damaged_message_is_refused_and_the_genuine_one_still_read() {
    let mut room = Room::of(3, Suite::Classical);
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let said = room.members[0].protect(&seed.to_be_bytes()).unwrap();
        for _ in 0..3 {
            let damaged = random.damage(&said);
            assert!(room.members[1].process(&damaged).is_err());
        }
        assert_eq!(text(room.members[1].process(&said)).1, seed.to_be_bytes());
    }
}

#[test]
fn genuine_commit_is_followed_after_a_damaged_one() {
    for suite in Suite::ALL {
        let mut room = Room::of(3, suite);
        for seed in 0..20 {
            let mut random = Random::new(seed);
            let committed = room.members[0].commit(&[]).unwrap();
            for other in [1, 2] {
                for _ in 0..5 {
                    let damaged = random.damage(&committed.commit);
                    assert!(room.members[other].process(&damaged).is_err());
                }
                room.members[other].process(&committed.commit).unwrap();
            }
        }
    }
}

#[test]
fn a_damaged_key_package_is_refused() {
    for suite in Suite::ALL {
        let guest = joiner("guest", suite);
        for seed in 0..300 {
            let damaged = Random::new(seed).damage(guest.key_package());
            assert!(check_key_package(&damaged, suite).is_err());
        }
        check_key_package(guest.key_package(), suite).unwrap();
    }
}

#[test]
fn a_damaged_welcome_is_refused() {
    let secret = InvitationSecret::generate();
    for seed in 0..100 {
        let mut room = Room::new(Suite::Classical);
        let guest = joiner("guest", Suite::Classical);
        let admit = Change::Admit { key_package: guest.key_package(), secret: &secret };
        let welcome = room.commit(&[admit]).welcome.unwrap();
        let damaged = Random::new(seed).damage(&welcome);
        assert!(guest.join(&damaged, &secret).is_err());
    }
}

#[test]
fn a_damaged_frame_is_refused_and_the_genuine_one_still_opened() {
    let room = Room::of(2, Suite::Classical);
    let (mut sealer, mut opener) = (room.sealer(0), room.opener(1));
    let (mut sealed, mut out) = (Vec::new(), Vec::new());
    for seed in 0..2000 {
        let mut random = Random::new(seed);
        let len = random.below(50);
        let frame = random.bytes(len);
        sealer.seal(random.draw() as u8, &frame, &mut sealed).unwrap();
        assert!(opener.open(room.id(0), &random.damage(&sealed), &mut out).is_err());
        assert!(out.is_empty());
        opener.open(room.id(0), &sealed, &mut out).unwrap();
        assert_eq!(out, frame);
    }
}
