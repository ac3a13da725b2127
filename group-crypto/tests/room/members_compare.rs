//! What two members, and all members of a room, compare to know that they are in the same one.

use crate::common::Room;
use group_crypto::{Compared, Group, MemberIndex, Safety, Suite};

fn safety(room: &Room, one: usize, other: usize) -> Safety {
    *room.members[one].safety(room.members[other].me()).unwrap().get()
}

#[test]
fn both_sides_have_equal_codes_and_each_pair_its_own() {
    let room = Room::of(3, Suite::Classical);
    let pairs = [(0, 1), (0, 2), (1, 2)].map(|(one, other)| {
        let (here, there) = (safety(&room, one, other), safety(&room, other, one));
        assert_eq!(here.code.to_string(), there.code.to_string());
        assert_eq!(here.mine.to_string(), there.theirs.to_string());
        assert_eq!(here.theirs.to_string(), there.mine.to_string());
        assert_ne!(here.mine.to_string(), here.theirs.to_string());
        for shown in [there.code.to_string(), there.mine.to_string(), there.comparison.to_string()] {
            assert_eq!(here.compare(&shown), Ok(Compared::Same));
        }
        here
    });
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
        assert!(pairs[one] != pairs[other]);
        let elsewhere = pairs[other];
        for shown in [elsewhere.code.to_string(), elsewhere.mine.to_string(), elsewhere.comparison.to_string()] {
            assert_eq!(pairs[one].compare(&shown), Ok(Compared::Different));
        }
    }
}

#[test]
fn what_two_compare_outlives_epochs_and_restarts() {
    let mut room = Room::of(3, Suite::Classical);
    let before = safety(&room, 0, 1);
    room.commit(&[]);
    assert!(safety(&room, 0, 1) == before);
    let loaded = Group::load(&room.members[0].save().unwrap()).unwrap();
    assert!(*loaded.safety(room.members[1].me()).unwrap().get() == before);
}

#[test]
fn nobody_compares_with_themselves_or_with_nobody() {
    let room = Room::of(2, Suite::Classical);
    let member = &room.members[0];
    assert!(member.safety(member.me()).is_none());
    assert!(member.safety(MemberIndex(7)).is_none());
    assert!(member.safety(MemberIndex(u32::MAX)).is_none());
}

#[test]
fn room_code_is_equal_for_all_and_new_in_each_epoch() {
    let mut room = Room::of(3, Suite::Classical);
    let other = Room::of(3, Suite::Classical);
    let before = room.members[0].room_code().to_string();
    assert_eq!(before.split(' ').count(), 6);
    assert!(room.members.iter().all(|member| member.room_code().to_string() == before));
    assert_ne!(other.members[0].room_code().to_string(), before);
    room.commit(&[]);
    let after = room.members[0].room_code().to_string();
    assert!(room.members.iter().all(|member| member.room_code().to_string() == after));
    assert_ne!(after, before);
}
