//! Sealed frames: no replay, any order, a few epochs, no counter twice.

use crate::common::{Room, run};
use group_crypto::{KeyId, MemberIndex, OpenError, Opener, RETAINED_EPOCHS, RotateError, SealError, Sealer, Suite};

#[test]
fn a_replayed_frame_is_refused() {
    let room = Room::of(2, Suite::Classical);
    let (mut sealer, mut opener) = (room.sealer(0), room.opener(1));
    let (mut sealed, mut out) = (Vec::new(), Vec::new());
    sealer.seal(1, b"frame", &mut sealed).unwrap();
    opener.open(room.id(0), &sealed, &mut out).unwrap();
    let again = opener.open(room.id(0), &sealed, &mut out).err();
    assert_eq!(again, Some(OpenError::Replayed));
    assert!(out.is_empty());
}

#[test]
fn frames_open_in_any_order_within_the_window() {
    let room = Room::of(2, Suite::Classical);
    let (mut sealer, mut opener) = (room.sealer(0), room.opener(1));
    let mut out = Vec::new();
    let frames: Vec<_> = (0u32..1100)
        .map(|n| {
            let mut sealed = Vec::new();
            sealer.seal(0, &n.to_be_bytes(), &mut sealed).unwrap();
            sealed
        })
        .collect();
    opener.open(room.id(0), frames.last().unwrap(), &mut out).unwrap();
    for (n, frame) in frames.iter().enumerate().rev().skip(1) {
        let opened = opener.open(room.id(0), frame, &mut out);
        if n + 1024 > 1099 {
            opened.unwrap();
            assert_eq!(out, (n as u32).to_be_bytes());
        } else {
            assert_eq!(opened.err(), Some(OpenError::Replayed));
        }
    }
}

#[test]
fn streams_do_not_disturb_each_other() {
    let room = Room::of(3, Suite::Classical);
    let mut opener = room.opener(2);
    let mut sealers = [room.sealer(0), room.sealer(1)];
    let (mut sealed, mut out) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        for (sealer, member) in sealers.iter_mut().zip([0, 1]) {
            for context in [0, 1, 15, 255] {
                sealer.seal(context, &[context], &mut sealed).unwrap();
                let claimed = KeyId { context, member: MemberIndex(member), epoch_bits: 2 };
                assert_eq!(Opener::peek(&sealed), Some(claimed));
                let opened = opener.open(room.id(member as usize), &sealed, &mut out).unwrap();
                assert_eq!((opened.context, opened.member.0), (context, member));
                assert_eq!(out, [context]);
            }
        }
    }
}

#[test]
fn the_overhead_of_a_usual_frame_is_at_most_twenty_one_bytes() {
    let room = Room::of(2, Suite::Classical);
    let mut sealer = room.sealer(1);
    let mut sealed = Vec::new();
    for _ in 0..300 {
        sealer.seal(4, &[0; 100], &mut sealed).unwrap();
        assert!(sealed.len() <= 121);
    }
}

#[test]
fn an_epoch_is_never_sealed_for_twice() {
    let mut room = Room::of(2, Suite::Classical);
    let old = room.members[0].epoch_keys();
    let me = room.members[0].me();
    let mut sealer = room.sealer(0);
    assert_eq!(sealer.rotate(&old, me), Err(RotateError));
    room.commit(&[]);
    sealer.rotate(&room.members[0].epoch_keys(), me).unwrap();
    assert_eq!(sealer.epoch(), room.members[0].epoch());
    assert_eq!(sealer.rotate(&old, me), Err(RotateError));
}

#[test]
fn an_index_beyond_the_largest_room_seals_nothing() {
    let room = Room::of(2, Suite::Classical);
    let mut sealer = Sealer::new(&room.members[0].epoch_keys(), MemberIndex(256), run(MemberIndex(256)));
    let sealed = sealer.seal(0, b"frame", &mut Vec::new());
    assert_eq!(sealed, Err(SealError::MemberIndex));
}

#[test]
fn frames_of_the_retained_epochs_open_and_older_ones_do_not() {
    let mut room = Room::of(2, Suite::Classical);
    let mut opener = room.opener(1);
    let mut sealer = room.sealer(0);
    let mut out = Vec::new();
    let (mut frames, mut retained) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        let mut sealed = Vec::new();
        sealer.seal(0, b"frame", &mut sealed).unwrap();
        frames.push(sealed);
        room.commit(&[]);
        let [sender, receiver] = &room.members[..] else { panic!("a room of two") };
        sealer.rotate(&sender.epoch_keys(), sender.me()).unwrap();
        opener.add_epoch(&receiver.epoch_keys(), receiver.members());
        retained.push(receiver.epoch_keys().id());
    }
    let retained = retained.split_off(20 - RETAINED_EPOCHS);
    assert_eq!(opener.epochs().collect::<Vec<_>>(), retained);

    // One epoch of the retained ones has no frame: the newest.
    let (old, fresh) = frames.split_at(20 - (RETAINED_EPOCHS - 1));
    for frame in fresh.iter().rev() {
        opener.open(room.id(0), frame, &mut out).unwrap();
    }
    for frame in old {
        let refused = opener.open(room.id(0), frame, &mut out).err();
        // Where the epoch's bits are those of a retained epoch, the key tells them apart.
        assert!(matches!(refused, Some(OpenError::UnknownEpoch | OpenError::Rejected)));
        assert!(out.is_empty());
    }

    let newest = room.members[1].epoch_keys().id();
    retained.iter().filter(|&&epoch| epoch != newest).for_each(|&epoch| opener.forget(epoch));
    assert_eq!(opener.epochs().collect::<Vec<_>>(), [newest]);
    let refused = opener.open(room.id(0), frames.last().unwrap(), &mut out);
    assert_eq!(refused, Err(OpenError::UnknownEpoch));
}

#[test]
fn adding_an_epoch_again_does_not_let_its_frames_be_replayed() {
    let room = Room::of(2, Suite::Classical);
    let (mut sealer, mut opener) = (room.sealer(0), room.opener(1));
    let (mut sealed, mut out) = (Vec::new(), Vec::new());
    sealer.seal(0, b"frame", &mut sealed).unwrap();
    opener.open(room.id(0), &sealed, &mut out).unwrap();
    opener.add_epoch(&room.members[1].epoch_keys(), room.members[1].members());
    let again = opener.open(room.id(0), &sealed, &mut out).err();
    assert_eq!(again, Some(OpenError::Replayed));
}

#[test]
fn forgotten_epoch_stays_closed_when_added_again() {
    let room = Room::of(2, Suite::Classical);
    let (mut sealer, mut opener) = (room.sealer(0), room.opener(1));
    let (mut sealed, mut out) = (Vec::new(), Vec::new());
    sealer.seal(0, b"frame", &mut sealed).unwrap();
    opener.open(room.id(0), &sealed, &mut out).unwrap();
    opener.forget(room.members[1].epoch_keys().id());
    opener.add_epoch(&room.members[1].epoch_keys(), room.members[1].members());
    let again = opener.open(room.id(0), &sealed, &mut out).err();
    assert_eq!(again, Some(OpenError::UnknownEpoch));
}

#[test]
fn frame_in_anothers_name_costs_the_other_nothing() {
    let room = Room::of(3, Suite::Classical);
    let mut opener = room.opener(2);
    let mut forger = Sealer::new(&room.members[1].epoch_keys(), room.members[0].me(), run(room.members[0].me()));
    let (mut sealed, mut out) = (Vec::new(), Vec::new());
    for _ in 0..2000 {
        forger.seal(0, b"forged", &mut sealed).unwrap();
        assert_eq!(opener.open(room.id(1), &sealed, &mut out), Err(OpenError::WrongMember));
    }
    room.sealer(0).seal(0, b"genuine", &mut sealed).unwrap();
    opener.open(room.id(0), &sealed, &mut out).unwrap();
    assert_eq!(out, b"genuine");
}
