//! One whom all others have left in a call.

use super::{
    sharing::state,
    world::{CLEAR, SECOND, World},
};
use crate::{
    api::{CallState, OverBecause, RoomEvent, RoomKind, Trouble},
    room::{
        Input,
        call::{HANG_UP, TURN_OFF},
        view::SOUGHT,
    },
};

const ANN: usize = 0;
const BEA: usize = 1;

/// Two in a call, in which Ann shares her screen.
fn call(kind: RoomKind) -> World {
    let mut world = World::new(11, CLEAR);
    world.found("Ann", kind);
    let invitation = world.invite(ANN);
    world.join("Bea", &invitation);
    world.run(3 * SECOND);
    for who in [ANN, BEA] {
        if kind == RoomKind::Kept {
            world.input(who, Input::Call { video: true });
            world.run(SECOND / 5);
        }
        world.start_media(who);
    }
    world.share(ANN, true);
    world.run(5 * SECOND);
    assert_eq!((world.connected(ANN), world.connected(BEA)), (1, 1));
    world
}

/// Bea has gone, and in two seconds Ann has been alone for long enough to be turned off.
fn nearly_turned_off(kind: RoomKind) -> World {
    let mut world = call(kind);
    world.input(BEA, if kind == RoomKind::Kept { Input::HangUp } else { Input::Leave });
    world.run(TURN_OFF - SECOND);
    assert_eq!(world.beings[ANN].troubles, []);
    world
}

/// What Bea's window shows of Ann.
fn shown(world: &World) -> [bool; 4] {
    let ann = state(world, BEA, ANN);
    [ann.in_call, ann.camera_on, ann.microphone_on, ann.screen_on]
}

fn call_state(world: &World) -> CallState {
    let told = |event: &RoomEvent| match event {
        RoomEvent::Call(state) => Some(*state),
        _ => None,
    };
    world.beings[ANN].events.iter().rev().find_map(told).unwrap_or_default()
}

#[test]
fn person_left_alone_in_a_call_is_neither_seen_nor_heard() {
    let mut world = nearly_turned_off(RoomKind::Kept);
    assert_eq!(shown(&world), [true; 4]);
    world.run(2 * SECOND);
    assert_eq!(shown(&world), [true, false, false, false]);
    assert_eq!((&world.beings[ANN].troubles[..], call_state(&world)), (&[Trouble::LeftAlone][..], CallState::In));

    let since = world.now;
    let opened = |world: &World, who: usize| world.beings[who].opened.iter().filter(|(at, ..)| *at >= since).count();
    world.input(BEA, Input::Call { video: true });
    world.run(5 * SECOND);
    assert_eq!(world.connected(BEA), 1);
    assert_eq!(opened(&world, BEA), 0, "one who comes in sees or hears a person who does not know of it");
    assert!(opened(&world, ANN) > 100);

    world.start_media(ANN);
    world.input(ANN, Input::Streams { camera_on: true, microphone_on: true, screen_on: false });
    world.run(5 * SECOND);
    assert!(opened(&world, BEA) > 100, "what was turned off cannot be turned on again");
}

#[test]
fn call_ends_when_a_person_was_alone_in_it_for_ten_minutes() {
    let mut world = nearly_turned_off(RoomKind::Kept);
    world.run(HANG_UP - TURN_OFF);
    assert_eq!(call_state(&world), CallState::In);
    world.run(2 * SECOND);
    assert_eq!(call_state(&world), CallState::None);
    assert_eq!(world.beings[ANN].troubles, [Trouble::LeftAlone, Trouble::CallLeftAlone]);
    assert_eq!(world.beings[ANN].ended, None, "a kept room is no less for it");
    world.run(SECOND);
    assert!(!shown(&world)[0]);
}

#[test]
fn person_who_turns_the_camera_on_again_counts_as_there() {
    let mut world = nearly_turned_off(RoomKind::Kept);
    world.run(2 * SECOND);
    world.input(ANN, Input::Streams { camera_on: true, microphone_on: false, screen_on: false });
    world.run(TURN_OFF - SECOND);
    assert_eq!(shown(&world), [true, true, false, false]);
    world.run(2 * SECOND);
    assert_eq!(shown(&world), [true, false, false, false]);
    world.run(HANG_UP - TURN_OFF - 2 * SECOND);
    assert_eq!(call_state(&world), CallState::In);
    world.run(2 * SECOND);
    assert_eq!(call_state(&world), CallState::None);
}

#[test]
fn ephemeral_room_ends_when_all_others_left_long_ago() {
    let mut world = nearly_turned_off(RoomKind::Ephemeral);
    world.run(HANG_UP - TURN_OFF);
    assert_eq!((&world.beings[ANN].troubles[..], world.beings[ANN].ended), (&[Trouble::LeftAlone][..], None));
    world.run(2 * SECOND);
    assert_eq!(world.beings[ANN].ended, Some(OverBecause::Left));
}

#[test]
fn ephemeral_room_waits_longer_for_those_who_were_lost() {
    let mut world = call(RoomKind::Ephemeral);
    world.kill(BEA);
    world.run(HANG_UP + 120 * SECOND);
    assert_eq!((&world.beings[ANN].troubles[..], world.beings[ANN].ended), (&[Trouble::LeftAlone][..], None));
    world.run(SOUGHT - HANG_UP);
    assert_eq!(world.beings[ANN].ended, Some(OverBecause::Left));
}

#[test]
fn founder_waits_for_the_first_guest_as_long_as_they_like() {
    let mut world = World::new(12, CLEAR);
    world.found("Ann", RoomKind::Ephemeral);
    world.run(2 * HANG_UP);
    assert_eq!((&world.beings[ANN].troubles[..], world.beings[ANN].ended), (&[][..], None));
    assert_eq!(call_state(&world), CallState::In);
}
