//! What members can rely on when they compare, each a sentence.

use std::time::Duration;

use group_crypto::{CodeError, Compared, MemberId, Safety};

use super::world::{OPEN, Weather, World};
use crate::{
    api::{RoomEvent, RoomKind, Terms, Verification},
    room::Input,
};

const CLEAR: Weather = Weather { loss_percent: 0, delay_ms: 10, jitter_ms: 2 };
const SECOND: Duration = Duration::from_secs(1);

fn room(seed: u64, kind: RoomKind, names: &[&str]) -> World {
    let mut world = World::new(seed, CLEAR);
    let first = world.found(names[0], kind);
    for name in &names[1..] {
        let terms = if kind == RoomKind::Contact { Terms { many: false, ..OPEN } } else { OPEN };
        let invitation = world.invite_with(first, terms);
        world.join(name, &invitation);
        world.run(SECOND);
    }
    world.run(2 * SECOND);
    world
}

/// What one compares with another.
fn safety(world: &World, one: usize, other: usize) -> Safety {
    let other = world.id(other);
    let told = |event: &RoomEvent| match event {
        RoomEvent::Safety { member, safety } if *member == other => Some(*safety.get()),
        _ => None,
    };
    world.beings[one].events.iter().rev().find_map(told).expect("it was told")
}

fn code(world: &World, who: usize) -> Option<String> {
    let told = |event: &RoomEvent| match event {
        RoomEvent::RoomCode(words) => Some(words.to_string()),
        _ => None,
    };
    world.beings[who].events.iter().rev().find_map(told)
}

fn verification(world: &World, who: usize, of: MemberId) -> Verification {
    let told = |event: &RoomEvent| match event {
        RoomEvent::Changed { member, state } if *member == of => Some(state.verification),
        _ => None,
    };
    world.beings[who].events.iter().rev().find_map(told).unwrap_or_default()
}

fn compare(world: &mut World, who: usize, member: MemberId, shown: String) -> Result<Compared, CodeError> {
    world.input(who, Input::Compare { member, shown });
    match world.beings[who].events.iter().rev().find(|event| matches!(event, RoomEvent::Compared { .. })) {
        Some(RoomEvent::Compared { member: told, outcome }) if *told == member => *outcome,
        _ => panic!("an answer to the wish"),
    }
}

#[test]
fn every_two_can_compare_and_all_have_the_rooms_words() {
    for kind in [RoomKind::Ephemeral, RoomKind::Kept] {
        let world = room(1, kind, &["Ann", "Bea", "Cyril"]);
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            let (here, there) = (safety(&world, one, other), safety(&world, other, one));
            assert_eq!(here.compare(&there.comparison.to_string()), Ok(Compared::Same));
            assert_eq!(here.mine.to_string(), there.theirs.to_string());
        }
        let words = code(&world, 0).expect("a room has words");
        assert!((1..3).all(|who| code(&world, who).as_ref() == Some(&words)));
    }
    let contact = room(2, RoomKind::Contact, &["Ann", "Bea"]);
    assert!(safety(&contact, 0, 1).code == safety(&contact, 1, 0).code);
    assert_eq!(code(&contact, 0), None);
}

#[test]
fn the_rooms_words_change_with_its_members() {
    let mut world = room(3, RoomKind::Ephemeral, &["Ann", "Bea", "Cyril"]);
    let before = code(&world, 0);
    let cyril = world.id(2);
    world.input(0, Input::Remove(cyril));
    // Words are told once changes are over.
    world.run(3 * SECOND);
    let after = code(&world, 0);
    assert_ne!(after, before);
    assert_eq!(code(&world, 1), after);
    assert_ne!(code(&world, 2), after);
}

#[test]
fn comparison_verifies_one_side_and_a_difference_undoes_it() {
    let mut world = room(4, RoomKind::Kept, &["Ann", "Bea", "Cyril"]);
    let (ann, bea) = (world.id(0), world.id(1));
    let shown = safety(&world, 1, 0).comparison.to_string();
    let foreign = safety(&world, 2, 0).comparison.to_string();
    let own = safety(&world, 0, 1).comparison.to_string();
    assert_eq!(verification(&world, 0, bea), Verification::Not);
    assert_eq!(compare(&mut world, 0, bea, shown.clone()), Ok(Compared::Same));
    assert_eq!(verification(&world, 0, bea), Verification::Verified);
    assert_eq!(verification(&world, 1, ann), Verification::Not);
    // What says nothing about who is there changes nothing.
    assert_eq!(compare(&mut world, 0, bea, own), Err(CodeError::Own));
    assert_eq!(compare(&mut world, 0, bea, "incamera://join#abc".into()), Err(CodeError::NotACode));
    assert_eq!(verification(&world, 0, bea), Verification::Verified);
    assert_eq!(compare(&mut world, 0, bea, foreign), Ok(Compared::Different));
    assert_eq!(verification(&world, 0, bea), Verification::Not);

    let digits = safety(&world, 1, 0).code.to_string();
    assert_eq!(compare(&mut world, 0, bea, digits), Ok(Compared::Same));
    world.input(0, Input::Verify { member: bea, verified: false });
    assert_eq!(verification(&world, 0, bea), Verification::Not);
}

#[test]
fn mark_outlives_restarts_and_older_versions() {
    let mut world = room(5, RoomKind::Contact, &["Ann", "Bea"]);
    let bea = world.id(1);
    world.input(0, Input::Verify { member: bea, verified: true });
    for aged in [false, true, false] {
        if aged {
            world.beings[0].disk.age();
        }
        world.beings[0].events.clear();
        // Before anything happens there: a program that only looks asks no longer.
        world.restart(0);
        assert_eq!(verification(&world, 0, bea), Verification::Verified);
        world.run(SECOND);
    }
    world.input(0, Input::Verify { member: bea, verified: false });
    world.beings[0].events.clear();
    world.restart(0);
    world.run(SECOND);
    assert_eq!(verification(&world, 0, bea), Verification::Not);
}

#[test]
fn mark_breaks_when_another_comes_by_the_name_of_one_gone() {
    let mut world = room(6, RoomKind::Kept, &["Ann", "Bea", "Cyril"]);
    let bea = world.id(1);
    world.input(0, Input::Verify { member: bea, verified: true });
    world.input(0, Input::Remove(bea));
    world.run(SECOND);
    let gone = |event: &RoomEvent| matches!(event, RoomEvent::Left { member, .. } if *member == bea);
    assert!(world.beings[0].events.iter().any(gone));

    let invitation = world.invite(0);
    let again = world.join("BEA", &invitation);
    world.run(3 * SECOND);
    let again = world.id(again);
    assert_ne!(again, bea);
    assert_eq!(verification(&world, 0, again), Verification::Broken);
    // Cyril had never verified her, and is told that somebody else went by that name.
    assert_eq!(verification(&world, 2, again), Verification::Ambiguous);
    world.beings[0].events.clear();
    world.restart(0);
    world.run(3 * SECOND);
    assert_eq!(verification(&world, 0, again), Verification::Broken);

    let shown = safety(&world, 3, 0).mine.to_string();
    assert_eq!(compare(&mut world, 0, again, shown), Ok(Compared::Same));
    assert_eq!(verification(&world, 0, again), Verification::Verified);
}
