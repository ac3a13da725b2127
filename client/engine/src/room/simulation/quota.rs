//! Members who use up what a room may keep, or how often keys may change: it costs them, and nobody else.

use std::{cell::RefCell, rc::Rc, time::Duration};

use group_crypto::MemberId;

use super::{
    tests::said,
    world::{CLEAR, SECOND, World},
};
use crate::{
    api::{RoomKind, Trouble},
    room::{
        Input, Output, Phase,
        inside::Inside,
        wire::{self, LinkMessage},
    },
};

const ALICE: usize = 0;
const BOB: usize = 1;
const MALLORY: usize = 2;

/// How a message begins that says where its sender stands, as every member tells when a link comes up.
const STAND: u8 = 1;

fn room(seed: u64) -> World {
    let mut world = World::new(seed, CLEAR);
    let host = world.found("Alice", RoomKind::Kept);
    let invitation = world.invite(host);
    for name in ["Bob", "Mallory"] {
        world.join(name, &invitation);
        world.run(SECOND);
    }
    world.run(5 * SECOND);
    world
}

fn inside(world: &mut World, who: usize) -> &mut Inside {
    match &mut world.beings[who].room.phase {
        Phase::Inside(inside) => inside,
        _ => panic!("{who} is in the room"),
    }
}

fn linked(world: &mut World, who: usize, with: MemberId) -> bool {
    inside(world, who).links.link_with(with).is_some()
}

#[test]
fn quota_of_the_room_used_up_delays_only_a_flood() {
    let mut world = room(1);
    let now = world.now;
    // As many who lie would have it.
    let rows = &mut inside(&mut world, ALICE).pending.rows;
    while rows.charge(now, MemberId([0; 16]), 33).is_ok() {}
    for line in 0..100 {
        world.input(MALLORY, Input::Say(format!("{line} {}", "x".repeat(8000)).into()));
    }
    world.run(10 * SECOND);
    let at_once = said(&world, ALICE).len();
    assert!((50..90).contains(&at_once), "{at_once} long lines are a member's share");
    world.input(BOB, Input::Say("and me?".to_owned().into()));
    world.run(SECOND);
    assert!(said(&world, ALICE).iter().any(|line| line == "and me?"));
    let told = world.beings[ALICE].troubles.iter().filter(|trouble| **trouble == Trouble::RoomIsCrowded).count();
    assert_eq!(told, 1);
    world.run(Duration::from_secs(300));
    assert_eq!(said(&world, ALICE).len(), 101, "lines that had to wait are lost");
}

#[test]
fn flood_of_messages_about_keys_costs_its_sender_its_link() {
    let mut world = room(2);
    let stands = Rc::new(RefCell::new(Vec::new()));
    let seen = stands.clone();
    world.tamper = Some(Box::new(move |who, output| {
        if let Output::Send { bytes, .. } = &output
            && who == MALLORY
            && let Some(LinkMessage::Group(inner)) = wire::decode(bytes)
            && inner.first() == Some(&STAND)
        {
            seen.borrow_mut().push(inner);
        }
        vec![output]
    }));
    let (alice, bob, mallory) = (world.id(ALICE), world.id(BOB), world.id(MALLORY));
    world.restart(BOB);
    world.run(10 * SECOND);
    let stand = stands.borrow().last().cloned().expect("Mallory told Bob where they stand");
    for _ in 0..2000 {
        world.say_on_link(MALLORY, ALICE, &LinkMessage::Group(stand.clone()));
    }
    world.run(Duration::from_millis(100));
    assert!(!linked(&mut world, ALICE, mallory), "it costs nothing to change keys on and on");
    assert!(linked(&mut world, ALICE, bob) && linked(&mut world, BOB, alice));
    world.input(ALICE, Input::Say("on we go".to_owned().into()));
    world.run(SECOND);
    assert!(said(&world, BOB).iter().any(|line| line == "on we go"));
}
