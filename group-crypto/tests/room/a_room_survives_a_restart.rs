//! Saved and loaded: everybody goes on, and nothing opens twice.

use crate::common::{Room, card, joiner, text};
use group_crypto::{
    Change, Group, InvitationSecret, LoadError, MAX_SKIPPED_GENERATIONS, ProcessError, Received, Suite,
};

fn restart(group: &mut Group) {
    *group = Group::load(&group.save().unwrap()).unwrap();
}

#[test]
fn a_loaded_group_is_the_one_that_was_saved() {
    for suite in Suite::ALL {
        let room = Room::of(3, suite);
        for saved in &room.members {
            let loaded = Group::load(&saved.save().unwrap()).unwrap();
            assert_eq!(loaded.members(), saved.members());
            assert_eq!((loaded.me(), loaded.my_id(), loaded.suite()), (saved.me(), saved.my_id(), suite));
            assert_eq!((loaded.epoch(), loaded.epoch_authenticator()), (saved.epoch(), saved.epoch_authenticator()));
            assert_eq!(loaded.export("test", b"").unwrap(), saved.export("test", b"").unwrap());
            assert_eq!(loaded.save().unwrap(), saved.save().unwrap());
        }
    }
}

#[test]
fn after_a_restart_of_both_each_reads_what_the_other_says_next() {
    let mut room = Room::of(2, Suite::PostQuantum);
    for round in 0..5u8 {
        for (sender, receiver) in [(0, 1), (1, 0)] {
            let said = room.members[sender].protect(&[round]).unwrap();
            restart(&mut room.members[sender]);
            restart(&mut room.members[receiver]);
            assert_eq!(text(room.members[receiver].process(&said)).1, [round]);
        }
    }
    assert_eq!(room.members[0].generations_used(), 5);
}

#[test]
fn what_was_read_before_the_save_is_a_replay_after_the_load() {
    let mut room = Room::of(2, Suite::Classical);
    let [first, second] = [b"first", b"again"].map(|plain| room.members[0].protect(plain).unwrap());
    text(room.members[1].process(&second));
    restart(&mut room.members[1]);
    assert_eq!(room.members[1].process(&second).err(), Some(ProcessError::AlreadyRead));
    // The one that was skipped is still open.
    assert_eq!(text(room.members[1].process(&first)).1, b"first");
}

#[test]
fn messages_of_past_epochs_are_read_after_a_restart_and_once() {
    let mut room = Room::of(2, Suite::Classical);
    let said = room.say_across_epochs(4);
    let receiver = &mut room.members[1];
    text(receiver.process(&said[3]));
    restart(receiver);
    assert_eq!(receiver.process(&said[0]).err(), Some(ProcessError::PastEpoch));
    assert_eq!(text(receiver.process(&said[1])).1, [1]);
    restart(receiver);
    assert_eq!(text(receiver.process(&said[2])).1, [2]);
    for again in &said[1..] {
        assert_eq!(receiver.process(again).err(), Some(ProcessError::AlreadyRead));
    }
}

#[test]
fn commits_go_on_after_everyone_restarted() {
    let mut room = Room::of(3, Suite::Classical);
    for _ in 0..5 {
        room.members.iter_mut().for_each(restart);
        room.commit(&[]);
    }
    room.members.iter_mut().for_each(restart);
    room.admit(&["newcomer"]);
    room.members.iter_mut().for_each(restart);
    let second = room.members[1].me();
    room.commit(&[Change::Remove(second)]);
    room.members.iter_mut().for_each(restart);
    // The one who was removed stays so.
    assert!(room.members[1].protect(b"still here").is_err());
    let said = room.members[3].protect(b"hello").unwrap();
    for reader in [0, 2] {
        assert_eq!(text(room.members[reader].process(&said)).1, b"hello");
    }
}

#[test]
fn invitations_known_before_the_restart_are_known_after_it() {
    let mut room = Room::of(2, Suite::Classical);
    let guest = joiner("guest", Suite::Classical);
    let other = InvitationSecret::generate();
    let [host, member] = &mut room.members[..] else { panic!("a room of two") };
    member.learn_invitation(&other);
    restart(member);
    let admit = Change::Admit { key_package: guest.key_package(), secret: &other };
    let commit = host.commit(&[admit]).unwrap().commit;
    assert!(matches!(member.process(&commit), Ok(Received::Epoch(_))));
}

#[test]
fn unsaved_messages_cost_as_many_after_a_restart() {
    const UNSAVED: u8 = 7;
    let mut room = Room::of(2, Suite::Classical);
    let old = room.members[0].save().unwrap();
    for n in 0..UNSAVED {
        let said = room.members[0].protect(&[n]).unwrap();
        text(room.members[1].process(&said));
    }
    room.members[0] = Group::load(&old).unwrap();
    for n in 0..UNSAVED {
        let said = room.members[0].protect(&[n]).unwrap();
        assert_eq!(room.members[1].process(&said).err(), Some(ProcessError::AlreadyRead));
    }
    let said = room.members[0].protect(b"heard").unwrap();
    assert_eq!(text(room.members[1].process(&said)).1, b"heard");
}

#[test]
fn a_message_processed_after_the_last_save_is_taken_in_again() {
    let mut room = Room::of(2, Suite::Classical);
    let said = room.members[0].protect(b"twice").unwrap();
    let old = room.members[1].save().unwrap();
    text(room.members[1].process(&said));
    room.members[1] = Group::load(&old).unwrap();
    assert_eq!(text(room.members[1].process(&said)).1, b"twice");
}

#[test]
fn unsaved_commit_leaves_its_committer_behind() {
    let mut room = Room::of(2, Suite::Classical);
    let old = room.members.iter().map(|member| member.save().unwrap()).collect::<Vec<_>>();
    let committed = room.commit(&[]);
    let mut committer = Group::load(&old[0]).unwrap();
    assert_eq!(committer.process(&committed.commit).err(), Some(ProcessError::OwnMessage));
    // For everybody else it is a commit like any other.
    let mut follower = Group::load(&old[1]).unwrap();
    assert!(matches!(follower.process(&committed.commit), Ok(Received::Epoch(_))));
    assert_eq!(follower.epoch_authenticator(), room.members[0].epoch_authenticator());
}

#[test]
fn damaged_bytes_and_newer_formats_load_nothing() {
    let group = Group::create(card("member"), Suite::Classical).unwrap();
    let saved = group.save().unwrap();
    for at in (1..saved.len()).step_by(7) {
        let mut damaged = saved.clone();
        damaged[at] ^= 1;
        assert_eq!(Group::load(&damaged).err(), Some(LoadError::Damaged));
        assert_eq!(Group::load(&saved[..at]).err(), Some(LoadError::Damaged));
    }
    let longer = [&saved[..], &[0]].concat();
    assert_eq!(Group::load(&longer).err(), Some(LoadError::Damaged));
    assert_eq!(Group::load(&[]).err(), Some(LoadError::Damaged));
    let mut newer = saved.clone();
    newer[0] = 3;
    assert_eq!(Group::load(&newer).err(), Some(LoadError::Newer(3)));
}

#[test]
fn messages_are_counted_in_their_epoch_and_over_a_restart() {
    let mut room = Room::of(2, Suite::Classical);
    assert_eq!(room.members[0].generations_used(), 0);
    for _ in 0..3 {
        room.members[0].protect(b"counted").unwrap();
    }
    restart(&mut room.members[0]);
    assert_eq!(room.members[0].generations_used(), 3);
    assert_eq!(room.members[1].generations_used(), 0);
    room.commit(&[]);
    assert_eq!(room.members[0].generations_used(), 0);
}

#[test]
fn gap_of_missing_messages_is_bridged_up_to_the_limit() {
    let mut room = Room::of(2, Suite::Classical);
    let [sender, receiver] = &mut room.members[..] else { panic!("a room of two") };
    let early = receiver.save().unwrap();
    for _ in 0..MAX_SKIPPED_GENERATIONS {
        sender.protect(b"lost").unwrap();
    }
    let last = sender.protect(b"bridged").unwrap();
    let beyond = sender.protect(b"too far").unwrap();
    assert_eq!(receiver.process(&beyond).err(), Some(ProcessError::TooManyMissing));
    assert_eq!(text(receiver.process(&last)).1, b"bridged");
    // What was too far from there is near from here.
    assert_eq!(text(receiver.process(&beyond)).1, b"too far");

    let mut receiver = Group::load(&early).unwrap();
    receiver.process(&sender.commit(&[]).unwrap().commit).unwrap();
    let said = sender.protect(b"a new epoch").unwrap();
    assert_eq!(text(receiver.process(&said)).1, b"a new epoch");
}

#[test]
fn skipped_keys_are_bounded_when_a_member_skips_again_and_again() {
    let mut room = Room::of(3, Suite::Classical);
    let [_, receiver, sender] = &mut room.members[..] else { panic!("a room of three") };
    let before = receiver.save().unwrap().len();
    let mut read = 0;
    for round in 0..20 {
        for _ in 0..MAX_SKIPPED_GENERATIONS {
            sender.protect(b"never sent").unwrap();
        }
        let sent = sender.protect(b"sent").unwrap();
        match receiver.process(&sent) {
            Ok(_) => read += 1,
            Err(error) => assert_eq!(error, ProcessError::TooManyMissing),
        }
        if round == 10 {
            restart(receiver);
        }
    }
    assert_eq!(read, 1);
    let grown = receiver.save().unwrap().len() - before;
    assert!(grown <= 64 * 1024, "{grown} bytes");
    receiver.process(&sender.commit(&[]).unwrap().commit).unwrap();
    let said = sender.protect(b"a new epoch").unwrap();
    assert_eq!(text(receiver.process(&said)).1, b"a new epoch");
}
