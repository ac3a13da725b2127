//! Rooms up to 128: everything stays within the limits, by far.

use crate::common::{Random, Room, joiner, text};
use group_crypto::{Change, Group, InvitationSecret, MAX_MESSAGE_BYTES, MemberIndex, Received, Suite};

const LARGE: usize = 128;

/// The members of a room, as it is when one has let all of them in, at once or one after the other.
fn let_in(people: usize, suite: Suite) -> Room {
    let mut room = Room::new(suite);
    let names: Vec<_> = (1..people).map(|n| format!("member {n}")).collect();
    let committed = room.admit(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let (commit, welcome) = (committed.commit.len(), committed.welcome.map_or(0, |welcome| welcome.len()));
    println!("{}: {people} in one commit of {commit} B, Welcome {welcome} B", suite.name());
    assert!(commit <= MAX_MESSAGE_BYTES && welcome <= MAX_MESSAGE_BYTES);
    room
}

fn agree(room: &Room) {
    let authenticator = room.members[0].epoch_authenticator();
    assert!(room.members.iter().all(|member| member.epoch_authenticator() == authenticator));
}

#[test]
fn a_room_of_128_is_built_joined_renewed_left_and_heard() {
    for suite in Suite::ALL {
        let mut room = let_in(LARGE, suite);
        assert_eq!(room.members.len(), LARGE);
        agree(&room);

        let renewed = room.commit(&[]);
        let removed = room.commit(&[Change::Remove(MemberIndex(77))]);
        println!("  renewed by {} B, one removed by {} B", renewed.commit.len(), removed.commit.len());
        assert!(renewed.commit.len().max(removed.commit.len()) <= MAX_MESSAGE_BYTES);
        let gone = room.members.remove(77);
        agree(&room);
        assert_ne!(gone.epoch_authenticator(), room.members[0].epoch_authenticator());

        let last = room.members.last_mut().unwrap();
        let said = last.protect(b"from the last row").unwrap();
        let speaks = last.me();
        assert_eq!(text(room.members[0].process(&said)), (speaks, b"from the last row".to_vec()));

        let (mut sealer, mut opener) = (room.sealer(126), room.opener(0));
        let (mut sealed, mut out) = (Vec::new(), Vec::new());
        sealer.seal(0, b"frame", &mut sealed).unwrap();
        opener.open(room.id(126), &sealed, &mut out).unwrap();
        assert_eq!(out, b"frame");

        let saved = room.members[5].save().unwrap();
        println!("  saved {} B", saved.len());
        assert_eq!(Group::load(&saved).unwrap().epoch_authenticator(), room.members[5].epoch_authenticator());
    }
}

/// The way rooms grow in fact, and the one that makes the longest commits: all of the tree but one path is blank.
#[test]
fn post_quantum_room_of_128_stays_within_the_limits() {
    let suite = Suite::PostQuantum;
    let mut room = Room::of(2, suite);
    let (mut commit, mut welcome) = (0, 0);
    for n in 2..LARGE {
        let newcomer = joiner(&format!("member {n}"), suite);
        let secret = InvitationSecret::generate();
        for member in &mut room.members {
            member.learn_invitation(&secret);
        }
        let admit = Change::Admit { key_package: newcomer.key_package(), secret: &secret };
        let committed = room.commit(&[admit]);
        let letter = committed.welcome.unwrap();
        commit = commit.max(committed.commit.len());
        welcome = welcome.max(letter.len());
        if n + 1 == LARGE {
            let joined = newcomer.join(&letter, &secret).unwrap();
            assert_eq!(joined.members().len(), LARGE);
            room.members.push(joined);
        }
    }
    println!("the longest commit {commit} B, the longest Welcome {welcome} B");
    assert!(commit <= MAX_MESSAGE_BYTES && welcome <= MAX_MESSAGE_BYTES);
    agree(&room);
}

#[test]
fn commits_shrink_once_everyone_has_renewed_their_keys() {
    const PEOPLE: usize = 32;
    let mut room = let_in(PEOPLE, Suite::PostQuantum);
    let before = room.commit(&[]).commit.len();
    for who in 0..PEOPLE {
        let commit = room.members[who].commit(&[]).unwrap().commit;
        for (other, member) in room.members.iter_mut().enumerate() {
            if other != who {
                assert!(matches!(member.process(&commit), Ok(Received::Epoch(_))));
            }
        }
    }
    let after = room.commit(&[]).commit.len();
    println!("renewed by {before} B before, {after} B after everyone has");
    assert!(after * 3 < before);
    agree(&room);
}

#[test]
fn garbage_in_a_large_room_changes_nothing() {
    let mut room = let_in(LARGE, Suite::Classical);
    let commit = room.members[0].commit(&[]).unwrap().commit;
    let before = room.members[1].epoch_authenticator();
    for seed in 0..200 {
        assert!(room.members[1].process(&Random::new(seed).damage(&commit)).is_err());
        assert_eq!(room.members[1].epoch_authenticator(), before);
    }
    room.members[1].process(&commit).unwrap();
}
