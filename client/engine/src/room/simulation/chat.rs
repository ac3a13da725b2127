//! A chat in which one member lies, or is far behind: the others say and read on.

use std::time::Duration;

use super::world::{CLEAR, OPEN, SECOND, World};
use crate::{
    api::{Body, CallState, RoomEvent, RoomKind, Rules, Terms, Trouble},
    room::{
        Input, Output, Phase,
        keep::Clock,
        numbers::Sequence,
        wire::{self, LinkMessage, Said},
    },
};

const ANNA: usize = 0;
const BERTA: usize = 1;
const MALLORY: usize = 2;

/// Three in a room, all with links to each other.
fn room(seed: u64, kind: RoomKind) -> World {
    let mut world = World::new(seed, CLEAR);
    let host = world.found("Anna", kind);
    let invitation = world.invite_with(host, OPEN);
    for name in ["Berta", "Mallory"] {
        world.join(name, &invitation);
        world.run(SECOND);
    }
    world.run(2 * SECOND);
    world
}

fn say(world: &mut World, who: usize, text: impl Into<String>) {
    world.input(who, Input::Say(Said::Text(text.into())));
}

/// What somebody sees of another: texts, and how many are missing.
fn seen(world: &World, who: usize, of: usize) -> (Vec<String>, u64) {
    let (of, mut texts, mut missing) = (world.id(of), Vec::new(), 0);
    for event in &world.beings[who].events {
        match event {
            RoomEvent::Said(line) if line.member == of => match &line.body {
                Body::Text(text) => texts.push(text.clone()),
                Body::Missing { count } => missing += count,
                _ => {}
            },
            _ => {}
        }
    }
    (texts, missing)
}

fn generations(world: &World, who: usize) -> u32 {
    match &world.beings[who].room.phase {
        Phase::Inside(inside) => inside.roster.group().generations_used(),
        _ => panic!("{who} is in the room"),
    }
}

/// What Mallory sends on links is what `change` makes of it.
fn mallory_sends(world: &mut World, change: impl Fn(LinkMessage) -> Option<LinkMessage> + 'static) {
    world.tamper = Some(Box::new(move |who, output| match output {
        Output::Send { link, purpose, bytes } if who == MALLORY => match wire::decode(&bytes).map(&change) {
            Some(Some(message)) => vec![Output::Send { link, purpose, bytes: wire::encode(&message) }],
            Some(None) => Vec::new(),
            None => vec![Output::Send { link, purpose, bytes }],
        },
        other => vec![other],
    }));
}

#[test]
fn message_without_text_is_answered_and_not_sent() {
    let mut world = room(60, RoomKind::Kept);
    for blank in ["", " \n", "\u{200b}", "\u{202e}\u{3164}"] {
        world.beings[ANNA].troubles.clear();
        say(&mut world, ANNA, blank);
        assert_eq!(world.beings[ANNA].troubles, [Trouble::MessageBlank], "{}", blank.escape_unicode());
    }
    say(&mut world, ANNA, "seen");
    world.run(SECOND);
    assert_eq!(seen(&world, BERTA, ANNA), (vec!["seen".to_owned()], 0));
}

#[test]
fn others_go_on_when_a_member_claims_to_have_said_everything() {
    let mut world = World::new(61, CLEAR);
    let host = world.found("Anna", RoomKind::Kept);
    let invitation = world.invite_with(host, OPEN);
    world.join("Berta", &invitation);
    world.run(SECOND);
    mallory_sends(&mut world, |message| {
        Some(match message {
            LinkMessage::Hello(mut hello) => {
                (hello.acknowledged, hello.received) = (Sequence::MAX, Some(Sequence::MAX));
                LinkMessage::Hello(hello)
            }
            other => other,
        })
    });
    world.join("Mallory", &invitation);
    world.run(2 * SECOND);
    for round in 0..3 {
        (0..3).for_each(|who| say(&mut world, who, format!("{round}")));
        world.run(2 * SECOND);
        world.restart(ANNA);
        world.run(SECOND);
        world.rendezvous();
        world.run(2 * SECOND);
    }
    assert_eq!(seen(&world, BERTA, ANNA).0, ["0", "1", "2"]);
    assert_eq!(seen(&world, ANNA, BERTA).0, ["0", "1", "2"]);
    assert!(world.beings.iter().all(|being| being.ended.is_none()));
}

#[test]
fn reader_far_behind_is_told_what_is_missing_and_reads_on() {
    let mut world = room(62, RoomKind::Ephemeral);
    say(&mut world, ANNA, "before");
    world.run(SECOND);
    world.sleep(BERTA);
    // Far more than is held for those who are behind.
    for number in 0..700 {
        say(&mut world, ANNA, format!("{number} {}", "x".repeat(8000)));
        world.run(Duration::from_millis(10));
    }
    world.wake(BERTA);
    world.run(20 * SECOND);
    say(&mut world, ANNA, "after");
    world.run(5 * SECOND);
    let (texts, missing) = seen(&world, BERTA, ANNA);
    assert_eq!((texts.first().map(String::as_str), texts.last().map(String::as_str)), (Some("before"), Some("after")));
    assert!(missing > 100, "{missing}");
    assert_eq!(texts.len() as u64 + missing, 702, "what is not here is counted");
    let (texts, missing) = seen(&world, MALLORY, ANNA);
    assert_eq!((texts.len(), missing), (702, 0), "one who was there misses nothing");
}

#[test]
fn reader_who_stops_for_seconds_misses_nothing_of_a_paste() {
    let mut world = room(63, RoomKind::Ephemeral);
    world.sleep(BERTA);
    for number in 0..3000 {
        say(&mut world, ANNA, format!("{number}"));
    }
    world.run(7 * SECOND);
    world.wake(BERTA);
    world.run(30 * SECOND);
    for who in [BERTA, MALLORY] {
        let (texts, missing) = seen(&world, who, ANNA);
        assert!(texts.iter().eq((0..3000).map(|n| n.to_string()).collect::<Vec<_>>().iter()), "{} come", texts.len());
        assert_eq!(missing, 0);
    }
}

#[test]
fn victim_is_read_when_a_member_asks_for_its_lines_on_and_on() {
    let mut world = room(64, RoomKind::Kept);
    // Nothing that Mallory reads is confirmed.
    mallory_sends(&mut world, |message| match message {
        LinkMessage::Received { again: false, .. } => None,
        other => Some(other),
    });
    for number in 0..32 {
        say(&mut world, ANNA, format!("{number}"));
    }
    world.run(SECOND);
    let before = generations(&world, ANNA);
    for _ in 0..1000 {
        world.say_on_link(MALLORY, ANNA, &LinkMessage::Received { up_to: Sequence::ZERO, again: true });
        world.run(Duration::from_millis(20));
    }
    let used = generations(&world, ANNA) - before;
    assert!(used < 400, "{used} generations for nothing");
    say(&mut world, ANNA, "still here");
    world.run(2 * SECOND);
    assert_eq!(seen(&world, BERTA, ANNA).0.last().map(String::as_str), Some("still here"));
}

#[test]
fn keys_are_renewed_before_a_reader_can_follow_no_more() {
    let mut world = room(65, RoomKind::Kept);
    let epoch = |world: &World| world.beings[ANNA].room.summary().map(|summary| summary.epoch);
    let before = epoch(&world);
    for number in 0..1500 {
        say(&mut world, ANNA, format!("{number}"));
        world.run(Duration::from_millis(5));
    }
    world.run(5 * SECOND);
    assert!(epoch(&world) > before && generations(&world, ANNA) <= 1024);
    for who in [BERTA, MALLORY] {
        assert_eq!(seen(&world, who, ANNA).0.len(), 1500);
    }
}

#[test]
fn flood_of_one_member_delays_nobody_else() {
    let mut world = room(66, RoomKind::Kept);
    let long = "x".repeat(8 * 1024);
    for _ in 0..1400 {
        say(&mut world, MALLORY, long.clone());
        world.run(Duration::from_millis(5));
    }
    say(&mut world, BERTA, "and me?");
    world.run(SECOND);
    assert_eq!(seen(&world, ANNA, BERTA).0, ["and me?"]);
    let at_once = seen(&world, ANNA, MALLORY).0.len();
    assert!((900..1100).contains(&at_once), "{at_once} are kept at once");
    world.run(Duration::from_secs(120));
    let (later, missing) = seen(&world, ANNA, MALLORY);
    assert!(later.len() > at_once + 8 && later.len() < at_once + 40 && missing == 0, "{}", later.len());
}

#[test]
fn time_that_a_member_claims_is_kept_near_ours() {
    let mut world = room(67, RoomKind::Kept);
    let now_ms = world.unix_ms();
    let mut times = Vec::new();
    for unix_ms in [8_210_266_876_799_999, i64::MIN, now_ms] {
        world.input(MALLORY, Input::Clock(Clock { at: world.now, unix_ms, local_minutes: 0 }));
        say(&mut world, MALLORY, "x");
        world.run(SECOND);
        let last = world.beings[ANNA].events.iter().rev().find_map(|event| match event {
            RoomEvent::Said(line) => Some(line.at_ms),
            _ => None,
        });
        times.push(last.unwrap());
    }
    assert!(times.iter().all(|at| (now_ms..now_ms + 310_000).contains(at)), "{times:?}");
    assert!(times[1..].iter().all(|at| *at < now_ms + 10_000), "one clock ahead holds back {times:?}");
    assert!(times[1..].is_sorted());
}

#[test]
fn ringing_on_and_on_is_one_missed_call_a_minute() {
    for rings in [false, true] {
        let mut world = World::new(68, CLEAR);
        let anna = world.found("Anna", RoomKind::Contact);
        let invitation = world.invite_with(anna, Terms { many: false, ..OPEN });
        let mallory = world.join("Mallory", &invitation);
        world.run(SECOND);
        world.input(anna, Input::SetRules(Rules { ring: rings, ..Rules::default() }));
        for _ in 0..300 {
            world.input(mallory, Input::Call { video: true });
            world.run(Duration::from_millis(50));
            world.input(mallory, Input::HangUp);
            world.run(Duration::from_millis(50));
        }
        let events = &world.beings[anna].events;
        let missed = events.iter().filter(|event| matches!(event, RoomEvent::Missed { .. })).count();
        let rang = |event: &&RoomEvent| matches!(event, RoomEvent::Call(CallState::Ringing { .. }));
        assert_eq!((missed, world.beings[anna].disk.calls.len()), (1, 1), "in half a minute");
        let rang = events.iter().filter(rang).count();
        assert!(if rings { (6..=10).contains(&rang) } else { rang == 0 }, "it rang {rang} times");
        world.run(Duration::from_secs(61));
        world.input(mallory, Input::Call { video: true });
        world.run(SECOND);
        world.input(mallory, Input::HangUp);
        world.run(SECOND);
        assert_eq!(world.beings[anna].disk.calls.len(), 2, "an honest call is noted");
    }
}
