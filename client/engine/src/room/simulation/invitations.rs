//! What withdraws invitations for many, and what does not.

use std::time::Duration;

use super::world::{CLEAR, SECOND, World};
use crate::{
    api::{JoinFailed, LeftBecause, OverBecause, RoomEvent, RoomKind},
    invitation::Invitation,
    room::{Input, Phase, wire::LinkMessage},
};

const HOST: usize = 0;

/// A kept room of so many guests, and the host's invitation for many.
fn room(seed: u64, guests: usize) -> (World, Invitation) {
    let mut world = World::new(seed, CLEAR);
    world.found("Host", RoomKind::Kept);
    let invitation = world.invite(HOST);
    for n in 1..=guests {
        world.join(&format!("Guest {n}"), &invitation);
        world.run(SECOND);
    }
    (world, invitation)
}

fn members(world: &World, who: usize) -> usize {
    world.beings[who].room.summary().map_or(0, |summary| summary.names.len())
}

fn is_withdrawn(world: &World) -> bool {
    world.beings[HOST].events.iter().any(|event| matches!(event, RoomEvent::InvitationOver { .. }))
}

#[test]
fn slow_newcomer_voids_no_invitation() {
    let (mut world, invitation) = room(81, 2);
    let slow = world.join("Slow", &invitation);
    while members(&world, HOST) < 4 {
        world.run(Duration::from_millis(5));
    }
    // Let in, and not heard of for so long that the room gives them up.
    world.sleep(slow);
    world.run(90 * SECOND);
    assert_eq!(members(&world, HOST), 3);
    assert!(!is_withdrawn(&world));
    let next = world.join("Next", &invitation);
    world.run(3 * SECOND);
    assert_eq!(world.beings[next].ended, None);
    assert_eq!(members(&world, HOST), 4);
}

#[test]
fn member_who_leaves_voids_no_invitation() {
    let (mut world, invitation) = room(82, 3);
    // The host does not hear the goodbye, but that the others did.
    world.apart = vec![(HOST, 3)];
    world.break_link(HOST, 3);
    world.input(3, Input::Leave);
    world.run(3 * SECOND);
    let left = |event: &RoomEvent| matches!(event, RoomEvent::Left { why: LeftBecause::Goodbye, .. });
    for who in 0..3 {
        assert_eq!(members(&world, who), 3);
        assert!(world.beings[who].events.iter().any(left), "person {who} takes it for a removal");
    }
    assert!(!is_withdrawn(&world));
    let next = world.join("Next", &invitation);
    world.run(3 * SECOND);
    assert_eq!(world.beings[next].ended, None);
    assert_eq!(members(&world, HOST), 4);
}

#[test]
fn goodbye_does_not_save_the_invitation_of_a_removed_member() {
    let (mut world, invitation) = room(83, 3);
    let unwanted = world.id(3);
    // They see it coming, and are first with the host, who commits at once.
    let Phase::Inside(inside) = &world.beings[3].room.phase else { panic!("they are in") };
    let goodbye = inside.agreement.group().sign_goodbye().unwrap();
    world.say_on_link(3, HOST, &LinkMessage::Goodbye(goodbye));
    world.input(1, Input::Remove(unwanted));
    world.run(3 * SECOND);
    assert_eq!(members(&world, HOST), 3);
    assert!(is_withdrawn(&world));
    let again = world.join("Guest 3", &invitation);
    world.run(3 * SECOND);
    assert_eq!(world.beings[again].ended, Some(OverBecause::JoinFailed(JoinFailed::Refused)));
}
