//! Kept rooms of many people, and calls that are not for all of them.

use std::{collections::BTreeSet, time::Duration};

use super::world::{Weather, World};
use crate::{
    api::{CallState, JoinFailed, OverBecause, RoomEvent, RoomKind, Trouble},
    room::{
        Input, LinkId, Output, Whom,
        size::MAX_IN_CALL,
        wire::{MAX_MESSAGE, MAX_OF_STRANGER, Said},
    },
};

const CLEAR: Weather = Weather { loss_percent: 0, delay_ms: 10, jitter_ms: 2 };
const SECOND: Duration = Duration::from_secs(1);

/// A kept room that somebody joins every so often.
fn room(people: usize, pause: Duration) -> World {
    let mut world = World::new(people as u64, CLEAR);
    world.bursts = true;
    world.relays = vec!["https://relay.example".into()];
    let host = world.found("Person 0", RoomKind::Kept);
    let invitation = world.invite(host);
    for n in 1..people {
        world.join(&format!("Person {n}"), &invitation);
        world.run(pause);
    }
    world.run(10 * SECOND);
    world
}

fn all_agree(world: &World) {
    let people = world.beings.len();
    let ours = world.beings[0].room.summary().unwrap();
    for being in &world.beings {
        assert_eq!(being.ended, None, "{}", being.name);
        let theirs = being.room.summary().expect("they are in");
        assert_eq!(theirs.names.len(), people, "{}", being.name);
        assert_eq!(theirs.authenticator, ours.authenticator, "{}", being.name);
        assert!(
            being.room.pairs().iter().all(|pair| pair.present || matches!(pair.whom, Whom::Bearer(_))),
            "{} lacks a link",
            being.name
        );
    }
}

fn everybody_is_heard_by_everybody(world: &mut World) {
    let people = world.beings.len();
    for who in 0..people {
        world.input(who, Input::Say(Said::Text(format!("from {who}"))));
    }
    world.run(3 * SECOND);
    for (at, being) in world.beings.iter().enumerate() {
        let heard: Vec<_> = being.disk.theirs.iter().map(|(from, ..)| *from).collect();
        assert_eq!(heard.len(), people - 1, "person {at}");
        assert_eq!(heard.iter().collect::<BTreeSet<_>>().len(), people - 1, "person {at}");
    }
}

#[test]
fn thirty_two_who_join_one_by_one_all_hear_each_other() {
    let mut world = room(32, SECOND / 5);
    all_agree(&world);
    everybody_is_heard_by_everybody(&mut world);
}

#[test]
fn sixteen_come_to_a_kept_room_at_once() {
    let mut world = room(17, Duration::ZERO);
    all_agree(&world);
    everybody_is_heard_by_everybody(&mut world);
}

/// Minutes of a processor: `cargo test -p engine -- --ignored largest`.
#[test]
#[ignore = "takes minutes"]
fn the_largest_room_that_is_kept() {
    let mut world = room(128, SECOND / 5);
    all_agree(&world);
    everybody_is_heard_by_everybody(&mut world);
    let invitation = world.invite(0);
    let late = world.join("Late", &invitation);
    world.run(2 * SECOND);
    assert_eq!(world.beings[late].ended, Some(OverBecause::JoinFailed(JoinFailed::Full)));
}

/// All programs end and begin again elsewhere: every pair greets each other within moments, more than once where both dial.
fn all_come_back_at_once(people: usize) {
    let mut world = room(people, SECOND / 5);
    (0..people).for_each(|who| world.kill(who));
    world.run(10 * SECOND);
    (0..people).for_each(|who| world.restart(who));
    world.rendezvous();
    world.run(10 * SECOND);
    all_agree(&world);
    everybody_is_heard_by_everybody(&mut world);
}

#[test]
fn twenty_who_all_come_back_at_once_hear_each_other() {
    all_come_back_at_once(20);
}

/// Minutes of a processor: `cargo test -p engine -- --ignored comes_back`.
#[test]
#[ignore = "takes minutes"]
fn largest_room_hears_each_other_when_all_of_it_comes_back() {
    all_come_back_at_once(128);
}

fn in_call(world: &World, who: usize) -> bool {
    let call = |event: &RoomEvent| match event {
        RoomEvent::Call(state) => Some(*state),
        _ => None,
    };
    world.beings[who].events.iter().rev().find_map(call) == Some(CallState::In)
}

#[test]
fn full_call_refuses_the_seventeenth_until_one_hangs_up() {
    let mut world = room(18, SECOND / 5);
    for who in 0..MAX_IN_CALL {
        world.input(who, Input::Call { video: false });
        world.run(SECOND / 5);
    }
    world.run(5 * SECOND);
    assert!((0..MAX_IN_CALL).all(|who| in_call(&world, who) && world.connected(who) == MAX_IN_CALL - 1));
    world.input(16, Input::Call { video: false });
    world.run(SECOND);
    assert!(!in_call(&world, 16));
    assert_eq!(world.beings[16].troubles, [Trouble::CallFull]);
    world.input(3, Input::HangUp);
    world.run(SECOND);
    // Two at once for one place: nobody sends to more than fifteen.
    world.input(16, Input::Call { video: false });
    world.input(17, Input::Call { video: false });
    world.run(5 * SECOND);
    assert!(in_call(&world, 16) && in_call(&world, 17));
    assert!((0..18).all(|who| world.connected(who) < MAX_IN_CALL));
    assert!(world.connected(16) >= MAX_IN_CALL - 2);
}

#[test]
fn stranger_says_no_more_than_one_long_message() {
    let mut world = World::new(1, CLEAR);
    let host = world.found("Host", RoomKind::Kept);
    let mut number = 900;
    let mut say = |sizes: &[usize]| {
        number += 1;
        let link = LinkId::Own(number);
        world.beings[host].room.handle(world.now, Input::LinkOpened { link, endpoint: [9; 32], dialled: false });
        for size in sizes {
            // A message of the group, which waits for their admission.
            let bytes = crate::room::wire::encode(&crate::room::wire::LinkMessage::Group(vec![0; size - 7]));
            world.beings[host].room.handle(world.now, Input::LinkMessage { link, bytes });
        }
        let mut closed = false;
        while let Some(output) = world.beings[host].room.poll() {
            closed |= matches!(output, Output::Close { link: over } if over == link);
        }
        closed
    };
    assert!(!say(&[MAX_OF_STRANGER]));
    assert!(say(&[MAX_OF_STRANGER + 10]));
    assert!(say(&[MAX_MESSAGE]));
    assert!(!say(&[MAX_OF_STRANGER; 16]));
    assert!(say(&[MAX_OF_STRANGER; 17]));
}
