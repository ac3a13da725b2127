//! Which keys a room has when somebody's program lacks the post-quantum suite, each a sentence.

use std::time::Duration;

use group_crypto::Suite;

use super::world::{OPEN, Weather, World};
use crate::{
    api::{JoinFailed, OverBecause, RoomEvent, RoomKind, Terms},
    room::{Input, wire::Said},
};

const CLEAR: Weather = Weather { loss_percent: 0, delay_ms: 10, jitter_ms: 2 };
const SECOND: Duration = Duration::from_secs(1);

fn suite(world: &World, who: usize) -> Suite {
    world.beings[who].room.summary().expect("they are in").suite
}

/// What the person was told last of the suite.
fn shown(world: &World, who: usize) -> bool {
    let told = |event: &RoomEvent| match event {
        RoomEvent::Entered { post_quantum, .. } | RoomEvent::Suite { post_quantum, .. } => Some(*post_quantum),
        _ => None,
    };
    world.beings[who].events.iter().rev().find_map(told).expect("they are in")
}

fn knocks(world: &World, who: usize) -> Vec<crate::api::KnockId> {
    let knock = |event: &RoomEvent| match event {
        RoomEvent::Knock { knock, .. } => Some(*knock),
        _ => None,
    };
    world.beings[who].events.iter().filter_map(knock).collect()
}

/// Somebody without the suite joins.
fn join_classically(world: &mut World, name: &str, invitation: &crate::invitation::Invitation) -> usize {
    world.classical = true;
    let who = world.join(name, invitation);
    world.classical = false;
    who
}

fn hear_each_other(world: &mut World, who: &[usize]) {
    for &from in who {
        let text = format!("from {from} at {}", world.unix_ms());
        world.input(from, Input::Say(Said::Text(text.clone())));
        world.run(SECOND);
        for &to in who.iter().filter(|to| **to != from) {
            let heard = world.beings[to].disk.theirs.iter().any(|(.., said)| *said == Said::Text(text.clone()));
            assert!(heard, "{} did not hear {}", world.beings[to].name, world.beings[from].name);
        }
    }
}

#[test]
fn empty_room_becomes_classical_for_a_classical_first_guest() {
    for kind in [RoomKind::Kept, RoomKind::Contact] {
        let mut world = World::new(1, CLEAR);
        let alice = world.found("Alice", kind);
        let before = world.beings[alice].room.my_id();
        assert!(shown(&world, alice));
        let invitation = world.invite_with(alice, Terms { many: kind == RoomKind::Kept, ..OPEN });
        let bob = join_classically(&mut world, "Bob", &invitation);
        world.run(SECOND);
        for who in [alice, bob] {
            assert_eq!(world.beings[who].ended, None);
            assert_eq!(suite(&world, who), Suite::Classical);
            assert!(!shown(&world, who), "{} is told", world.beings[who].name);
        }
        let told = |event: &RoomEvent| matches!(event, RoomEvent::Suite { me, .. } if Some(*me) != before);
        assert!(world.beings[alice].events.iter().any(told));
        hear_each_other(&mut world, &[alice, bob]);
        // It is what was kept.
        world.restart(alice);
        world.rendezvous();
        world.run(SECOND);
        assert_eq!(suite(&world, alice), Suite::Classical);
        assert!(!shown(&world, alice));
        hear_each_other(&mut world, &[alice, bob]);
    }
}

#[test]
fn whoever_has_both_suites_joins_a_classical_room_by_itself() {
    let mut world = World::new(2, CLEAR);
    let alice = world.found("Alice", RoomKind::Kept);
    let invitation = world.invite(alice);
    let bob = join_classically(&mut world, "Bob", &invitation);
    world.run(SECOND);
    let cyril = world.join("Cyril", &invitation);
    world.run(SECOND);
    assert_eq!(world.beings[cyril].ended, None);
    assert_eq!(suite(&world, cyril), Suite::Classical);
    assert!(!shown(&world, cyril));
    hear_each_other(&mut world, &[alice, bob, cyril]);
}

#[test]
fn call_goes_on_when_keys_become_classical() {
    let mut world = World::new(3, CLEAR);
    let alice = world.create("Alice");
    world.start_media(alice);
    world.run(SECOND);
    let invitation = world.invite(alice);
    let bob = join_classically(&mut world, "Bob", &invitation);
    world.run(SECOND);
    world.start_media(bob);
    world.run(SECOND);
    let since = world.now;
    world.run(2 * SECOND);
    // Alice has another id since she entered.
    for (at, of) in [(alice, bob), (bob, alice)] {
        let of = world.beings[of].room.my_id();
        let seen = world.beings[at].opened.iter().filter(|(when, from, _)| *when >= since && Some(*from) == of);
        assert!(seen.count() >= 140, "{}", world.beings[at].name);
    }
}

#[test]
fn post_quantum_room_stays_so_when_a_guest_lacks_the_keys() {
    let mut world = World::new(4, CLEAR);
    let alice = world.found("Alice", RoomKind::Kept);
    let invitation = world.invite(alice);
    let bob = world.join("Bob", &invitation);
    world.run(SECOND);
    let late = join_classically(&mut world, "Late", &invitation);
    world.run(SECOND);
    assert_eq!(world.beings[late].ended, Some(OverBecause::JoinFailed(JoinFailed::Suite)));
    assert_eq!((suite(&world, alice), suite(&world, bob)), (Suite::PostQuantum, Suite::PostQuantum));
    // Nor when the other has left.
    world.input(bob, Input::Leave);
    world.run(SECOND);
    let later = join_classically(&mut world, "Later", &invitation);
    world.run(SECOND);
    assert_eq!(world.beings[later].ended, Some(OverBecause::JoinFailed(JoinFailed::Suite)));
    assert!(shown(&world, alice));
}

#[test]
fn invitation_for_one_outlives_a_bearer_without_the_keys() {
    let mut world = World::new(5, CLEAR);
    let alice = world.found("Alice", RoomKind::Kept);
    let many = world.invite(alice);
    world.join("Bob", &many);
    world.run(SECOND);
    let once = world.invite_with(alice, Terms { many: false, ..OPEN });
    let late = join_classically(&mut world, "Late", &once);
    world.run(SECOND);
    assert_eq!(world.beings[late].ended, Some(OverBecause::JoinFailed(JoinFailed::Suite)));
    let again = world.join("Late", &once);
    world.run(SECOND);
    assert_eq!(world.beings[again].ended, None);
}

#[test]
fn knock_alone_makes_no_room_classical() {
    let mut world = World::new(6, CLEAR);
    let alice = world.found("Alice", RoomKind::Kept);
    let invitation = world.invite_with(alice, Terms { waiting_room: true, ..OPEN });
    let bob = join_classically(&mut world, "Bob", &invitation);
    let cyril = world.join("Cyril", &invitation);
    world.run(SECOND);
    assert!(shown(&world, alice));
    let waiting = knocks(&world, alice);
    assert_eq!(waiting.len(), 2);
    world.input(alice, Input::AnswerKnock { knock: waiting[0], admit: true });
    world.run(SECOND);
    assert_eq!((suite(&world, alice), suite(&world, bob)), (Suite::Classical, Suite::Classical));
    let again = *knocks(&world, alice).last().unwrap();
    assert_ne!(again, waiting[1]);
    world.input(alice, Input::AnswerKnock { knock: again, admit: true });
    world.run(SECOND);
    assert_eq!(world.beings[cyril].ended, None);
    hear_each_other(&mut world, &[alice, bob, cyril]);
}
