//! One person is one member of a room, by whichever of its invitations they come.

use engine::{
    api::{JoinFailed, Network, NetworkSettings, OverBecause, RoomEvent, RoomId, RoomKind, RoomWish, Terms, Wish},
    invitation::Invitation,
};
use tempfile::{TempDir, tempdir};

use crate::{
    contacts::{Person, invitation, redeem, told},
    restart::{come_back, leave},
    support::{Someone, until},
};

fn person(folder: &TempDir, name: &str) -> Person {
    Person::new(folder, name, NetworkSettings::of(Network::Local))
}

fn return_of(folder: &TempDir, name: &str) -> Person {
    come_back(folder, name, NetworkSettings::of(Network::Local))
}

/// A kept room of this person's.
fn found(person: &mut Person) -> RoomId {
    person.someone.engine.wish(Wish::Found { title: "Choir".into(), kind: RoomKind::Kept });
    let mut room = None;
    until(&mut [&mut person.someone], |p| {
        room = p[0].heard.iter().find_map(|(room, what)| matches!(what, RoomEvent::Entered { .. }).then_some(*room));
        room.is_some()
    });
    room.expect("it was awaited")
}

fn invite(person: &mut Person, room: RoomId, many: bool) -> Invitation {
    let made = |someone: &Someone| {
        told(someone, room, |what| matches!(what, RoomEvent::InvitationReady { .. }).then_some(())).len()
    };
    let before = made(&person.someone);
    person.someone.wish(room, RoomWish::Invite(Terms { many, valid: None, waiting_room: false }));
    until(&mut [&mut person.someone], |p| made(p[0]) > before);
    invitation(&person.someone, room).expect("it was awaited")
}

/// Why this person is not let in by an invitation, while another lives on, too.
fn refusal(person: &mut Person, other: &mut Person, invitation: &Invitation) -> JoinFailed {
    let before = person.someone.heard.len();
    person.someone.engine.wish(Wish::Redeem { invitation: invitation.clone() });
    let mut refused = None;
    until(&mut [&mut person.someone, &mut other.someone], |p| {
        refused = p[0].heard[before..].iter().find_map(|(_, what)| match what {
            RoomEvent::Entered { .. } => panic!("the invitation was taken up"),
            RoomEvent::Over(OverBecause::JoinFailed(why)) => Some(*why),
            _ => None,
        });
        refused.is_some()
    });
    refused.expect("it was awaited")
}

fn joined(someone: &Someone, room: RoomId) -> usize {
    told(someone, room, |what| matches!(what, RoomEvent::Joined { .. }).then_some(())).len()
}

#[test]
fn invitation_to_ones_own_room_is_refused_and_stays_good() {
    let folder = tempdir().unwrap();
    let (mut ann, mut bea) = (person(&folder, "Ann"), person(&folder, "Bea"));
    let room = found(&mut ann);
    for many in [true, false] {
        let link = invite(&mut ann, room, many);
        assert_eq!(refusal(&mut ann, &mut bea, &link), JoinFailed::OwnInvitation);
    }
    let single = invitation(&ann.someone, room).expect("it is good");
    let at_bea = redeem((&mut ann, room), &mut bea, &single);
    assert_eq!((joined(&ann.someone, room), joined(&bea.someone, at_bea)), (1, 1));
}

#[test]
fn member_is_refused_whichever_link_of_the_room_they_use() {
    let folder = tempdir().unwrap();
    let (mut ann, mut bea, mut cid) = (person(&folder, "Ann"), person(&folder, "Bea"), person(&folder, "Cid"));
    let room = found(&mut ann);
    let many = invite(&mut ann, room, true);
    let single = invite(&mut ann, room, false);
    let at_bea = redeem((&mut ann, room), &mut bea, &many);
    let is_there = JoinFailed::TakenUpBefore { room: at_bea };
    assert_eq!(refusal(&mut bea, &mut ann, &many), is_there);
    assert_eq!(refusal(&mut bea, &mut ann, &single), is_there);
    assert_eq!(joined(&ann.someone, room), 1, "nobody asked to be let in");
    redeem((&mut ann, room), &mut cid, &single);

    // In another run Ann is at another endpoint, which Bea learns only where she is let in.
    leave(bea);
    leave(ann);
    let mut ann = return_of(&folder, "Ann");
    let other = invite(&mut ann, room, true);
    let mut bea = return_of(&folder, "Bea");
    until(&mut [&mut bea.someone], |p| {
        !told(p[0], at_bea, |what| matches!(what, RoomEvent::Entered { .. }).then_some(())).is_empty()
    });
    assert_eq!(refusal(&mut bea, &mut ann, &other), is_there);
}

#[test]
fn member_that_left_or_was_removed_may_come_back() {
    let folder = tempdir().unwrap();
    let (mut ann, mut bea) = (person(&folder, "Ann"), person(&folder, "Bea"));
    let room = found(&mut ann);
    let many = invite(&mut ann, room, true);
    let first = redeem((&mut ann, room), &mut bea, &many);
    bea.someone.wish(first, RoomWish::Leave);
    until(&mut [&mut ann.someone, &mut bea.someone], |p| {
        !told(p[1], first, |what| matches!(what, RoomEvent::Over(OverBecause::Left)).then_some(())).is_empty()
    });
    let second = redeem((&mut ann, room), &mut bea, &many);
    until(&mut [&mut ann.someone, &mut bea.someone], |p| joined(p[0], room) == 2);

    let members = told(&ann.someone, room, |what| match what {
        RoomEvent::Joined { member, .. } => Some(*member),
        _ => None,
    });
    ann.someone.wish(room, RoomWish::Remove(*members.last().expect("Bea is there")));
    until(&mut [&mut ann.someone, &mut bea.someone], |p| {
        !told(p[1], second, |what| matches!(what, RoomEvent::ReadOnly(Some(_))).then_some(())).is_empty()
    });
    // A removal ends the links that the removed member may know.
    let anew = invite(&mut ann, room, true);
    redeem((&mut ann, room), &mut bea, &anew);
}
