//! Links reorder: what comes too early can be kept, what comes late is still read, nothing is read twice.

use crate::common::{Room, text};
use group_crypto::{ProcessError, Suite};

#[test]
fn a_message_of_an_epoch_to_come_is_read_after_the_commit() {
    let mut room = Room::of(3, Suite::Classical);
    let committed = room.members[0].commit(&[]).unwrap();
    let early = room.members[0].protect(b"early").unwrap();

    let late = &mut room.members[1];
    assert_eq!(late.process(&early).err(), Some(ProcessError::FutureEpoch));
    late.process(&committed.commit).unwrap();
    assert_eq!(text(late.process(&early)).1, b"early");
}

#[test]
fn message_under_way_is_read_for_three_epochs() {
    let mut room = Room::of(2, Suite::Classical);
    let said = room.say_across_epochs(5);
    let receiver = &mut room.members[1];
    for too_old in &said[..2] {
        assert_eq!(receiver.process(too_old).err(), Some(ProcessError::PastEpoch));
    }
    for (n, message) in said.iter().enumerate().skip(2).rev() {
        assert_eq!(text(receiver.process(message)).1, [n as u8]);
    }
}

#[test]
fn messages_of_one_epoch_may_come_in_any_order_but_once() {
    let mut room = Room::of(2, Suite::Classical);
    let said: Vec<_> = (0..50).map(|n| room.members[0].protect(&[n]).unwrap()).collect();
    for (n, message) in said.iter().enumerate().rev() {
        assert_eq!(text(room.members[1].process(message)).1, [n as u8]);
    }
    for message in &said {
        let again = room.members[1].process(message).err();
        assert_eq!(again, Some(ProcessError::AlreadyRead));
    }
}

#[test]
fn own_messages_and_commits_that_come_back_are_told_apart() {
    let mut room = Room::of(2, Suite::Classical);
    let said = room.members[0].protect(b"echo").unwrap();
    let back = room.members[0].process(&said).err();
    assert_eq!(back, Some(ProcessError::OwnMessage));
    let committed = room.commit(&[]);
    for member in &mut room.members {
        let again = member.process(&committed.commit).err();
        assert_eq!(again, Some(ProcessError::PastEpoch));
    }
}

#[test]
fn a_message_of_another_room_is_refused() {
    let mut here = Room::of(2, Suite::Classical);
    let mut there = Room::of(2, Suite::Classical);
    let said = there.members[0].protect(b"hello").unwrap();
    let refused = here.members[1].process(&said).err();
    assert_eq!(refused, Some(ProcessError::Rejected));
}

#[test]
fn of_two_commits_in_one_epoch_the_second_is_refused() {
    let mut room = Room::of(3, Suite::Classical);
    let first = room.members[0].commit(&[]).unwrap();
    let second = room.members[1].commit(&[]).unwrap();
    room.members[2].process(&first.commit).unwrap();
    let refused = room.members[2].process(&second.commit).err();
    assert_eq!(refused, Some(ProcessError::PastEpoch));
}
