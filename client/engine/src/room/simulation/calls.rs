//! What a call of contacts and kept rooms can rely on, each a sentence.

use std::time::Duration;

use ::media::Stream;
use group_crypto::MemberId;

use super::{
    contacts::{CLEAR, ONCE, SECOND, contacts},
    world::World,
};
use crate::{
    api::{Body, CallOutcome, CallState, LeftBecause, Line, RoomEvent, RoomKind, Rules},
    room::{
        Input,
        wire::{LinkMessage, Streams},
    },
};

fn call(world: &World, who: usize) -> CallState {
    let state = |event: &RoomEvent| match event {
        RoomEvent::Call(state) => Some(*state),
        _ => None,
    };
    world.beings[who].events.iter().rev().find_map(state).unwrap_or_default()
}

/// One calls, and a second later the other answers, both with picture.
fn talk(world: &mut World, caller: usize, other: usize) {
    world.start_media(caller);
    world.start_media(other);
    world.input(caller, Input::Call { video: true });
    world.run(SECOND);
    world.input(other, Input::Call { video: true });
}

fn assert_both_see_each_other(world: &mut World, people: [usize; 2]) {
    let since = world.now;
    world.run(2 * SECOND);
    for who in people {
        let pictures = world.beings[who].opened.iter().filter(|(at, _, s)| *at >= since && *s == Stream::Video).count();
        assert!(pictures >= 45, "person {who} has {pictures} of 50 pictures");
    }
}

#[test]
fn a_call_rings_and_media_flows_once_it_is_answered() {
    let (mut world, alice, bob) = contacts(12);
    world.start_media(alice);
    world.start_media(bob);
    world.run(SECOND);
    assert!(world.beings[bob].opened.is_empty(), "nothing flows before a call");
    world.input(alice, Input::Call { video: true });
    world.run(SECOND);
    let by = world.id(alice);
    assert_eq!(call(&world, bob), CallState::Ringing { by, video: true });
    assert_eq!(call(&world, alice), CallState::Calling);
    assert!(world.beings[bob].opened.is_empty(), "nothing flows before it is answered");
    world.input(bob, Input::Call { video: true });
    let since = world.now;
    world.run(2 * SECOND);
    assert_eq!((call(&world, alice), call(&world, bob)), (CallState::In, CallState::In));
    let seen = |who: usize, of: MemberId| {
        let opened = &world.beings[who].opened;
        opened.iter().filter(|(at, member, stream)| *member == of && *stream == Stream::Video && *at >= since).count()
    };
    assert!(seen(bob, by) > 30 && seen(alice, world.id(bob)) > 30);
    world.input(alice, Input::HangUp);
    world.run(SECOND);
    assert_eq!((call(&world, alice), call(&world, bob)), (CallState::None, CallState::None));
    for who in [alice, bob] {
        assert!(matches!(world.beings[who].disk.calls[..], [CallOutcome::Held(_)]), "person {who}");
        // The figures are read when it is over.
        assert!(world.beings[who].room.figures()[0].media.connected_after.is_some(), "person {who}");
    }
}

#[test]
fn a_call_rings_with_one_who_had_dropped_the_caller() {
    let mut world = World::new(32, CLEAR);
    let alice = world.found("Alice", RoomKind::Contact);
    let invitation = world.invite_with(alice, ONCE);
    let bob = world.join("Bob", &invitation);
    let entered = |event: &RoomEvent| matches!(event, RoomEvent::Entered { .. });
    while !world.beings[bob].events.iter().any(entered) {
        world.run(Duration::from_millis(1));
    }
    // What he said last does not arrive.
    world.break_link(alice, bob);
    world.kill(bob);
    world.notice_broken_links();
    // A newcomer is waited for 30 s, and one who is only slow is not dropped.
    world.run(35 * SECOND);
    let dropped = |event: &RoomEvent| matches!(event, RoomEvent::Left { why: LeftBecause::Lost, .. });
    assert!(world.beings[alice].events.iter().any(dropped), "Bob was in before he was let go");
    world.restart(bob);
    world.input(bob, Input::Call { video: false });
    world.rendezvous();
    world.run(5 * SECOND);
    assert_eq!(call(&world, alice), CallState::Ringing { by: world.id(bob), video: false });
}

#[test]
fn call_is_missed_when_nobody_takes_it_and_over_when_declined() {
    let (mut world, alice, bob) = contacts(13);
    world.input(alice, Input::Call { video: false });
    world.run(SECOND);
    world.input(alice, Input::HangUp);
    world.run(SECOND);
    assert_eq!(world.beings[bob].disk.calls, [CallOutcome::Missed]);
    assert_eq!(call(&world, bob), CallState::None);
    world.input(bob, Input::Call { video: false });
    world.run(SECOND);
    world.input(alice, Input::Decline);
    world.run(SECOND);
    assert_eq!((call(&world, alice), call(&world, bob)), (CallState::None, CallState::None));
    assert_eq!(world.beings[bob].disk.calls[1..], [CallOutcome::Declined]);
    let shown = |who: usize| -> Vec<_> {
        let calls = world.beings[who].events.iter().filter_map(|event| match event {
            RoomEvent::Said(Line { mine, body: Body::Call { outcome, .. }, .. }) => Some((*mine, *outcome)),
            _ => None,
        });
        calls.collect()
    };
    // At once, and not only after a restart.
    assert_eq!(shown(alice), [(true, CallOutcome::Missed), (false, CallOutcome::Declined)]);
    assert_eq!(shown(bob), [(false, CallOutcome::Missed), (true, CallOutcome::Declined)]);
}

#[test]
fn rules_and_quiet_hours_keep_it_from_ringing() {
    let (mut world, alice, bob) = contacts(14);
    let minute = (world.unix_ms() / 60_000).rem_euclid(24 * 60) as u16;
    let quiet = Some((minute.saturating_sub(30), (minute + 30).min(24 * 60)));
    for rules in [Rules { ring: false, ..Rules::default() }, Rules { quiet, ..Rules::default() }] {
        world.input(bob, Input::SetRules(rules));
        world.input(alice, Input::Call { video: false });
        world.run(SECOND);
        assert_eq!(call(&world, bob), CallState::None);
        world.input(alice, Input::HangUp);
        // One missed call a minute is noted.
        world.run(60 * SECOND);
    }
    assert_eq!(world.beings[bob].disk.calls, [CallOutcome::Missed, CallOutcome::Missed]);
    world.input(bob, Input::SetRules(Rules { video: false, ..Rules::default() }));
    world.input(alice, Input::Call { video: true });
    world.run(SECOND);
    let by = world.id(alice);
    assert_eq!(call(&world, bob), CallState::Ringing { by, video: false });
}

#[test]
fn call_goes_over_the_link_when_no_datagram_gets_through() {
    let (mut world, alice, bob) = contacts(15);
    world.no_direct = true;
    talk(&mut world, alice, bob);
    world.run(SECOND);
    assert_both_see_each_other(&mut world, [alice, bob]);
}

#[test]
fn two_who_dial_and_call_each_other_at_once_do_not_wait() {
    for seed in 0..60 {
        let (mut world, alice, bob) = contacts(seed);
        world.uneven_ms = 150;
        world.kill(alice);
        world.kill(bob);
        world.run(20 * SECOND);
        world.restart(alice);
        world.restart(bob);
        world.rendezvous();
        world.start_media(alice);
        world.start_media(bob);
        world.run(Duration::from_millis(20 + seed * 7));
        for who in [alice, bob] {
            world.input(who, Input::Call { video: true });
        }
        world.run(Duration::from_millis(1500));
        let since = world.now;
        world.run(SECOND);
        for who in [alice, bob] {
            let opened = &world.beings[who].opened;
            let pictures = opened.iter().filter(|(at, _, stream)| *at >= since && *stream == Stream::Video).count();
            assert!(pictures >= 20, "seed {seed}: person {who} has {pictures} of 25 pictures");
        }
    }
}

#[test]
fn what_comes_late_about_a_part_in_the_call_says_nothing() {
    let (mut world, alice, bob) = contacts(27);
    talk(&mut world, alice, bob);
    world.run(SECOND);
    let late = Streams { number: 0, in_call: false, camera: false, microphone: false, screen: false };
    world.say_on_link(alice, bob, &LinkMessage::Streams(late));
    world.run(SECOND);
    assert_both_see_each_other(&mut world, [alice, bob]);
    assert_eq!(call(&world, bob), CallState::In);
}

#[test]
fn a_call_whose_direct_way_dies_goes_on_over_the_link() {
    let (mut world, alice, bob) = contacts(16);
    talk(&mut world, alice, bob);
    world.run(2 * SECOND);
    world.no_direct = true;
    world.run(SECOND);
    assert_both_see_each_other(&mut world, [alice, bob]);
}
