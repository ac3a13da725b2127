//! A disk that was put back: an older copy of itself, of which others have seen more than it holds.

use super::{
    tests::{hears, inside, said, says},
    world::{CLEAR, OPEN, SECOND, World},
};
use crate::{
    api::{RoomEvent, RoomKind, Terms, Trouble},
    room::{Input, wire::Said},
};

const ANNA: usize = 0;
const BEA: usize = 1;

/// Two contacts: Bea said four lines, a copy was made of her disk, then three more, and Anna two. Then it was put back.
fn put_back(seed: u64) -> World {
    let mut world = World::new(seed, CLEAR);
    world.classical = true;
    let anna = world.found("Anna", RoomKind::Contact);
    let invitation = world.invite_with(anna, Terms { many: false, ..OPEN });
    world.join("Bea", &invitation);
    world.run(2 * SECOND);
    for n in 0..4 {
        says(&mut world, BEA, &format!("before {n}"));
    }
    world.run(SECOND);
    let copy = world.beings[BEA].disk.clone();
    for n in 0..3 {
        says(&mut world, BEA, &format!("since {n}"));
    }
    for n in 0..2 {
        says(&mut world, ANNA, &format!("answer {n}"));
    }
    world.run(SECOND);
    world.kill(BEA);
    world.run(10 * SECOND);
    world.beings[BEA].disk = copy;
    world.beings[BEA].events.clear();
    world.restart(BEA);
    world
}

fn meet(world: &mut World) {
    world.rendezvous();
    world.run(5 * SECOND);
}

#[test]
fn nothing_is_lost_that_an_older_copy_says() {
    let mut world = put_back(71);
    // Under numbers that Anna has seen already.
    for n in 0..3 {
        says(&mut world, BEA, &format!("important {n}"));
    }
    meet(&mut world);
    says(&mut world, BEA, "and now");
    says(&mut world, ANNA, "I see");
    world.run(2 * SECOND);
    let heard = said(&world, ANNA);
    for text in ["important 0", "important 1", "important 2", "and now"] {
        assert_eq!(heard.iter().filter(|line| *line == text).count(), 1, "{text}");
    }
    assert!(hears(&world, BEA, "I see"), "Bea waits for what her other copy has read");
    let told = world.beings[BEA].troubles.iter().filter(|trouble| **trouble == Trouble::OlderCopy).count();
    assert_eq!(told, 1);
    // Once more, from a disk that knows.
    world.restart(BEA);
    says(&mut world, BEA, "again");
    meet(&mut world);
    assert!(hears(&world, ANNA, "again"));
    let told = world.beings[BEA].troubles.iter().filter(|trouble| **trouble == Trouble::OlderCopy).count();
    assert_eq!(told, 1, "it is not told again");
}

#[test]
fn older_copy_renews_keys_that_its_other_copy_used() {
    let mut world = World::new(73, CLEAR);
    world.classical = true;
    let anna = world.found("Anna", RoomKind::Contact);
    let invitation = world.invite_with(anna, Terms { many: false, ..OPEN });
    world.join("Bea", &invitation);
    world.run(2 * SECOND);
    says(&mut world, BEA, "before");
    world.run(SECOND);
    let copy = world.beings[BEA].disk.clone();
    for _ in 0..3 {
        let now = world.now;
        inside(&mut world, ANNA).roster.agreement().renew(now);
        world.input(ANNA, Input::Timeout);
        world.run(2 * SECOND);
    }
    // In an epoch that the copy knows nothing of, and comes to by the commits that it missed.
    says(&mut world, BEA, "since");
    world.run(SECOND);
    let epoch = |world: &World| world.beings[ANNA].room.summary().unwrap().epoch;
    let before = epoch(&world);
    world.kill(BEA);
    world.run(10 * SECOND);
    world.beings[BEA].disk = copy;
    world.restart(BEA);
    says(&mut world, BEA, "important");
    meet(&mut world);
    assert!(hears(&world, ANNA, "important"));
    assert!(epoch(&world) > before, "it says so in an epoch in which it may have spoken before");
}

#[test]
fn older_copy_counts_nothing_as_delivered_that_nobody_saw() {
    let mut world = put_back(72);
    says(&mut world, BEA, "important");
    // Nothing of what Bea says of the chat arrives.
    world.tamper = Some(Box::new(|who, output| match &output {
        crate::room::Output::Send { purpose: crate::room::wire::Purpose::Chat, .. } if who == BEA => Vec::new(),
        _ => vec![output],
    }));
    meet(&mut world);
    let delivered = |event: &&RoomEvent| matches!(event, RoomEvent::Delivered { .. });
    assert_eq!(world.beings[BEA].events.iter().filter(delivered).count(), 0);
    world.tamper = None;
    world.run(20 * SECOND);
    world.input(BEA, Input::Say(Said::Text("more".into())));
    world.run(2 * SECOND);
    assert!(hears(&world, ANNA, "important") && hears(&world, ANNA, "more"));
    assert!(world.beings[BEA].events.iter().filter(delivered).count() > 0);
}
