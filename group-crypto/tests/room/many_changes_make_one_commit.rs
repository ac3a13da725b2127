//! Admissions and removals go into one commit, and a bad one among them spoils nothing.

use crate::common::{Room, joiner, names, run};
use group_crypto::{
    Change, CommitError, InvitationSecret, KeyPackageError, MAX_MEMBERS, MemberIndex, Received, Sealer, Suite,
};

#[test]
fn three_come_and_two_go_in_one_epoch() {
    for suite in Suite::ALL {
        let mut room = Room::of(4, suite);
        let before = room.members[0].epoch();
        let joiners = ["x", "y", "z"].map(|name| joiner(name, suite));
        let secret = room.secret.clone();
        let mut changes: Vec<_> =
            joiners.iter().map(|joiner| Change::Admit { key_package: joiner.key_package(), secret: &secret }).collect();
        changes.extend([1, 3, 3].map(|index| Change::Remove(MemberIndex(index))));

        let committed = room.commit(&changes);
        assert_eq!(committed.change.epoch, before + 1);
        assert_eq!(names(&committed.change.added), ["x", "y", "z"]);
        assert_eq!(names(&committed.change.removed), ["member 1", "member 3"]);
        for joiner in joiners {
            let group = joiner.join(committed.welcome.as_deref().unwrap(), &secret).unwrap();
            assert_eq!(group.members(), room.members[0].members());
            assert_eq!(group.epoch_authenticator(), room.members[2].epoch_authenticator());
        }
        assert_eq!(room.members[2].members(), room.members[0].members());
    }
}

#[test]
fn a_commit_without_changes_renews_the_keys() {
    let mut room = Room::of(3, Suite::Classical);
    let before = room.members[1].epoch_authenticator();
    let committed = room.commit(&[]);
    assert_eq!(committed.welcome, None);
    assert!(committed.change.added.is_empty() && committed.change.removed.is_empty());
    assert_ne!(room.members[1].epoch_authenticator(), before);
    assert_eq!(room.members[1].epoch_authenticator(), room.members[0].epoch_authenticator());
}

#[test]
fn every_member_can_commit() {
    let mut room = Room::of(3, Suite::Classical);
    for by in [2, 0, 1, 2] {
        let committed = room.members[by].commit(&[]).unwrap();
        for other in (0..3).filter(|&other| other != by) {
            let Received::Epoch(change) = room.members[other].process(&committed.commit).unwrap() else {
                panic!("a commit is not a message")
            };
            assert_eq!(change.by, room.members[by].me());
        }
    }
}

#[test]
fn impossible_change_is_named_and_changes_nothing() {
    let mut room = Room::of(2, Suite::Classical);
    let (secret, epoch) = (room.secret.clone(), room.members[0].epoch());
    let admit = |key_package| Change::Admit { key_package, secret: &secret };
    let good = joiner("good", Suite::Classical);
    let other_suite = joiner("other", Suite::PostQuantum);
    let mut forged = joiner("forged", Suite::Classical).key_package().to_vec();
    *forged.last_mut().unwrap() ^= 1;

    let group = &mut room.members[0];
    let mut refused = |changes: &[Change<'_>]| group.commit(changes).err().unwrap();
    let bad = |at, error| CommitError::KeyPackage { at, error };
    assert_eq!(refused(&[admit(good.key_package()), admit(b"garbage")]), bad(1, KeyPackageError::Malformed));
    assert_eq!(refused(&[admit(other_suite.key_package())]), bad(0, KeyPackageError::OtherSuite));
    assert_eq!(refused(&[admit(&forged)]), bad(0, KeyPackageError::Rejected));
    assert_eq!(refused(&[admit(good.key_package()), admit(good.key_package())]), CommitError::AlreadyMember { at: 1 });
    assert_eq!(refused(&[Change::Remove(MemberIndex(9))]), CommitError::NoSuchMember { at: 0 });
    assert_eq!(refused(&[Change::Remove(MemberIndex(0))]), CommitError::CannotRemoveMyself);
    assert_eq!(room.members[0].epoch(), epoch);

    let committed = room.commit(&[admit(good.key_package())]);
    good.join(&committed.welcome.unwrap(), &secret).unwrap();
}

#[test]
fn a_key_package_is_admitted_once() {
    let mut room = Room::new(Suite::Classical);
    let secret = InvitationSecret::generate();
    let guest = joiner("guest", Suite::Classical);
    let admit = Change::Admit { key_package: guest.key_package(), secret: &secret };
    room.commit(&[admit]);
    let again = room.members[0].commit(&[admit]).err();
    assert_eq!(again, Some(CommitError::AlreadyMember { at: 0 }));
}

#[test]
fn the_largest_room_fits_into_one_commit_and_one_more_does_not() {
    for suite in Suite::ALL {
        let mut room = Room::new(suite);
        let secret = room.secret.clone();
        let joiners: Vec<_> = (0..MAX_MEMBERS).map(|n| joiner(&format!("member {n}"), suite)).collect();
        let changes: Vec<_> =
            joiners.iter().map(|joiner| Change::Admit { key_package: joiner.key_package(), secret: &secret }).collect();
        let too_many = room.members[0].commit(&changes).err();
        assert_eq!(too_many, Some(CommitError::Full));

        let committed = room.commit(&changes[1..]);
        let welcome = committed.welcome.unwrap();
        let last = joiners.into_iter().last().unwrap();
        let last = last.join(&welcome, &secret).unwrap();
        assert_eq!(last.me(), MemberIndex(255));
        let mut sealed = Vec::new();
        Sealer::new(&last.epoch_keys(), last.me(), run(last.me())).seal(0, b"frame", &mut sealed).unwrap();
        room.opener(0).open(last.my_id(), &sealed, &mut Vec::new()).unwrap();
    }
}
