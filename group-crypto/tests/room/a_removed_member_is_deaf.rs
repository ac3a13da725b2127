//! From the commit that removes them on, a member can read, open, say and change nothing.

use crate::common::{Room, joiner};
use group_crypto::{Change, CommitError, MemberIndex, OpenError, ProcessError, ProtectError, Received, Suite};

#[test]
fn a_removed_member_reads_and_opens_nothing_of_the_new_epoch() {
    for suite in Suite::ALL {
        let mut room = Room::of(4, suite);
        let mut deaf = room.opener(2);
        let gone = room.members[2].me();
        let committed = room.members[0].commit(&[Change::Remove(gone)]).unwrap();
        for other in [1, 3] {
            room.members[other].process(&committed.commit).unwrap();
        }
        let received = room.members[2].process(&committed.commit).unwrap();
        let Received::Epoch(change) = received else { panic!("a commit is not a message") };
        assert!(change.removed_me && change.added.is_empty());
        assert_eq!(change.removed, committed.change.removed);

        let said = room.members[1].protect(b"is he gone?").unwrap();
        let (speaker, roster) = (room.id(1), room.members[1].members().to_vec());
        let removed = &mut room.members[2];
        assert_eq!(removed.process(&said).err(), Some(ProcessError::Rejected));
        assert_eq!(removed.protect(b"hello?").err(), Some(ProtectError::Removed));
        assert_eq!(removed.commit(&[]).err(), Some(CommitError::Removed));
        // Its keys are still those of the epoch before, and do not help even if it pretends.
        let mut pretended = group_crypto::Opener::new();
        pretended.add_epoch(&removed.epoch_keys(), &roster);

        let (mut sealed, mut opened) = (Vec::new(), Vec::new());
        room.sealer(1).seal(0, b"frame", &mut sealed).unwrap();
        for opener in [&mut deaf, &mut pretended] {
            let refused = opener.open(speaker, &sealed, &mut opened).err();
            assert_eq!(refused, Some(OpenError::UnknownEpoch));
            assert!(opened.is_empty());
        }
        room.opener(3).open(speaker, &sealed, &mut opened).unwrap();
        assert_eq!(opened, b"frame");
    }
}

#[test]
fn a_removed_member_is_not_heard_any_more() {
    let mut room = Room::of(3, Suite::Classical);
    let late = room.members[2].protect(b"one more thing").unwrap();
    let mut sealer = room.sealer(2);
    let gone = room.members[2].me();
    room.commit(&[Change::Remove(gone)]);

    let refused = room.members[1].process(&late).err();
    assert_eq!(refused, Some(ProcessError::Rejected));

    // Somebody who has the new epoch's keys still can't seal as a member who is not in it.
    sealer.rotate(&room.members[1].epoch_keys(), gone).unwrap();
    let (mut sealed, mut opened) = (Vec::new(), Vec::new());
    sealer.seal(0, b"frame", &mut sealed).unwrap();
    let refused = room.opener(1).open(room.id(2), &sealed, &mut opened).err();
    assert_eq!(refused, Some(OpenError::WrongMember));
}

#[test]
fn late_message_is_not_of_the_next_owner_of_its_leaf() {
    let mut room = Room::of(3, Suite::Classical);
    let late = room.members[2].protect(b"from the one before").unwrap();
    let newcomer = joiner("newcomer", Suite::Classical);
    let secret = room.secret.clone();
    let committed = room.commit(&[
        Change::Remove(MemberIndex(2)),
        Change::Admit { key_package: newcomer.key_package(), secret: &secret },
    ]);
    assert_eq!(committed.change.added[0].index, MemberIndex(2));
    let refused = room.members[1].process(&late).err();
    assert_eq!(refused, Some(ProcessError::Rejected));
}
