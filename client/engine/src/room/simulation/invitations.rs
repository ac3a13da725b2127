//! What withdraws invitations for many, and what does not.

use std::{collections::BTreeSet, time::Duration};

use super::world::{CLEAR, SECOND, World};
use crate::{
    api::{JoinFailed, LeftBecause, OverBecause, RoomEvent, RoomKind, Terms},
    invitation::Invitation,
    room::{
        Input, Output, Phase, Whom,
        wire::{self, LinkMessage, Said},
    },
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
    let goodbye = inside.roster.group().sign_goodbye().unwrap();
    world.say_on_link(3, HOST, &LinkMessage::Goodbye(goodbye));
    world.input(1, Input::Remove(unwanted));
    world.run(3 * SECOND);
    assert_eq!(members(&world, HOST), 3);
    assert!(is_withdrawn(&world));
    let again = world.join("Guest 3", &invitation);
    world.run(3 * SECOND);
    assert_eq!(world.beings[again].ended, Some(OverBecause::JoinFailed(JoinFailed::Refused)));
}

/// What is lost of the first words on the link by which a newcomer comes in.
#[derive(Clone, Copy, Debug)]
enum Lost {
    /// All that either says from this long after they are in.
    After(Duration),
    /// The newcomer's Hello and all that follows from it.
    Hello,
}

/// A newcomer to a kept room ends as soon as they are in; later both start elsewhere. True where the host is the lower.
fn newcomer_ends_and_is_found(seed: u64, lost: Lost) -> bool {
    let mut world = World::new(seed, CLEAR);
    world.found("Ann", RoomKind::Kept);
    // In another run than the one that the group's card of her is of.
    world.restart(HOST);
    let invitation = world.invite_with(HOST, Terms { many: false, valid: None, waiting_room: false });
    if matches!(lost, Lost::Hello) {
        world.tamper = Some(Box::new(|_, output| match &output {
            Output::Send { bytes, .. } if matches!(wire::decode(bytes), Some(LinkMessage::Hello(_))) => Vec::new(),
            _ => vec![output],
        }));
    }
    let bea = world.join("Bea", &invitation);
    let is_in = |event: &RoomEvent| matches!(event, RoomEvent::Entered { .. });
    while !world.beings[bea].events.iter().any(is_in) {
        world.run(Duration::from_millis(1));
    }
    if let Lost::After(time) = lost {
        world.run(time);
    }
    world.kill(bea);
    world.tamper = None;
    world.run(10 * SECOND);
    for round in 1..=2 {
        world.restart(HOST);
        world.restart(bea);
        world.run(SECOND);
        world.rendezvous();
        world.run(2 * SECOND);
        for (from, to) in [(HOST, bea), (bea, HOST)] {
            world.input(from, Input::Say(Said::Text(format!("{round}"))));
            world.run(SECOND);
            assert_eq!(world.beings[to].disk.theirs.len(), round, "{lost:?}: {from} has not found {to}");
        }
        // They have a secret of their own by now, and nobody else with the invitation finds them.
        let [host, newcomer] = [HOST, bea].map(|who| world.beings[who].room.pairs());
        for pairs in [&host, &newcomer] {
            assert!(pairs.len() == 1 && matches!(pairs[0].whom, Whom::Member(_)), "{lost:?}");
        }
        assert!(host[0].secret == newcomer[0].secret);
    }
    world.id(HOST) < world.id(bea)
}

#[test]
fn newcomer_who_ends_on_entering_is_found_again() {
    let moments = [0, 5, 11, 16, 22, 27, 33, 45].map(|ms| Lost::After(Duration::from_millis(ms)));
    for lost in moments.into_iter().chain([Lost::Hello]) {
        let mut orders = BTreeSet::new();
        // Ids are random, and each of the two may be the lower.
        for seed in 0..64 {
            orders.insert(newcomer_ends_and_is_found(84 + seed, lost));
            if orders.len() == 2 {
                break;
            }
        }
        assert_eq!(orders.len(), 2);
    }
}
