//! A member who takes part in a call and says to everybody that they don't.

use std::time::Duration;

use super::world::{CLEAR, SECOND, World};
use crate::{
    api::{RoomEvent, RoomKind},
    room::{
        Input, Output,
        wire::{self, LinkMessage},
    },
};

const PEOPLE: usize = 4;

/// A kept room in which all but the liar are in a call. The liar has the lowest id, so it is theirs to offer media to all.
fn call() -> (World, usize) {
    let mut world = World::new(5, CLEAR);
    let host = world.found("Person 0", RoomKind::Kept);
    let invitation = world.invite(host);
    for n in 1..PEOPLE {
        world.join(&format!("Person {n}"), &invitation);
        world.run(SECOND);
    }
    let liar = (0..PEOPLE).min_by_key(|who| world.id(*who)).expect("somebody has the lowest");
    for who in (0..PEOPLE).filter(|who| *who != liar) {
        world.input(who, Input::Call { video: true });
        world.run(SECOND / 5);
    }
    world.run(2 * SECOND);
    for who in 0..PEOPLE {
        world.start_media(who);
    }
    (world, liar)
}

/// From now on the liar denies to be in the call, and offers media nevertheless.
fn deny(world: &mut World, liar: usize) {
    world.tamper = Some(Box::new(move |who, output| {
        let Output::Send { link, purpose, bytes } = output else {
            return vec![output];
        };
        let message = match wire::decode(&bytes).filter(|_| who == liar) {
            Some(LinkMessage::Streams(mut streams)) => {
                streams.in_call = false;
                LinkMessage::Streams(streams)
            }
            Some(LinkMessage::Hello(mut hello)) => {
                hello.streams.in_call = false;
                LinkMessage::Hello(hello)
            }
            _ => return vec![Output::Send { link, purpose, bytes }],
        };
        vec![Output::Send { link, purpose, bytes: wire::encode(&message) }]
    }));
}

fn frames_opened(world: &World, who: usize) -> usize {
    world.beings[who].opened.len()
}

#[test]
fn hidden_listener_gets_no_frame_of_a_call() {
    let (mut world, liar) = call();
    let others: Vec<_> = (0..PEOPLE).filter(|who| *who != liar).collect();
    deny(&mut world, liar);
    world.input(liar, Input::Call { video: true });
    world.run(10 * SECOND);
    assert_eq!(frames_opened(&world, liar), 0, "somebody who is not seen to be in the call hears or sees it");
    assert_eq!(world.connected(liar), 0);
    let liar_id = world.id(liar);
    for who in others {
        assert_eq!(world.connected(who), PEOPLE - 2, "the others are not disturbed");
        assert!(world.beings[who].opened.iter().all(|(_, member, _)| *member != liar_id));
    }
}

#[test]
fn member_who_stops_being_seen_in_a_call_gets_no_more_frames() {
    let (mut world, liar) = call();
    world.input(liar, Input::Call { video: true });
    world.run(3 * SECOND);
    assert_eq!(world.connected(liar), PEOPLE - 1);
    // What is under way may still come.
    deny(&mut world, liar);
    world.input(liar, Input::Streams { camera_on: false, microphone_on: true, screen_on: false });
    world.run(Duration::from_millis(200));
    let before = frames_opened(&world, liar);
    assert!(before > 0);
    world.run(5 * SECOND);
    assert_eq!(frames_opened(&world, liar), before);
}

#[test]
fn everyone_who_gets_media_is_shown_in_the_call() {
    let (mut world, liar) = call();
    world.input(liar, Input::Call { video: true });
    world.run(2 * SECOND);
    deny(&mut world, liar);
    world.input(liar, Input::Streams { camera_on: false, microphone_on: true, screen_on: false });
    world.run(5 * SECOND);
    for being in &world.beings {
        let states = being.events.iter().filter_map(|event| match event {
            RoomEvent::Changed { state, .. } => Some(state),
            _ => None,
        });
        assert!(states.clone().any(|state| state.connected));
        assert!(states.clone().all(|state| state.in_call || !state.connected), "{} hides somebody", being.name);
    }
}
