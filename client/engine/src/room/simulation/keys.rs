//! A member who lies about keys and membership: it costs the others little, and takes nobody's place.

use std::time::Duration;

use group_crypto::{MAX_SKIPPED_GENERATIONS, MemberId};

use super::{
    tests::{has_link, hears, inside, says},
    world::{CLEAR, SECOND, World},
};
use crate::{
    api::RoomKind,
    room::{
        Input, Output,
        numbers::Kbps,
        wire::{self, LinkMessage, RoomMessage},
    },
};

/// She founded the room, so the commits are hers to make.
const MALLORY: usize = 0;
const ALICE: usize = 1;
const BOB: usize = 2;
const DORA: usize = 3;

/// A kept room of Mallory and these.
fn room(seed: u64, names: &[&str]) -> World {
    let mut world = World::new(seed, CLEAR);
    let host = world.found("Mallory", RoomKind::Kept);
    let invitation = world.invite(host);
    for name in names {
        world.join(name, &invitation);
        world.run(SECOND);
    }
    world.run(15 * SECOND);
    world
}

fn has_in_group(world: &mut World, who: usize, member: MemberId) -> bool {
    inside(world, who).roster.group().members().iter().any(|m| m.id == member)
}

/// Mallory takes out one who is away, and commits to it herself.
fn drop_absent(world: &mut World, member: MemberId) {
    let now = world.now;
    inside(world, MALLORY).roster.agreement().lost(now, member);
    world.input(MALLORY, Input::Timeout);
}

#[test]
fn absent_member_comes_back_when_a_liar_dropped_them() {
    let mut world = room(1, &["Alice", "Bob", "Dora"]);
    let dora = world.id(DORA);
    world.kill(DORA);
    world.run(60 * SECOND);
    drop_absent(&mut world, dora);
    world.run(2 * SECOND);
    assert!(!has_in_group(&mut world, ALICE, dora), "whoever commits can drop somebody");
    says(&mut world, ALICE, "while Dora is away");
    world.run(SECOND);
    world.kill(MALLORY);
    for who in [ALICE, BOB] {
        world.restart(who);
        world.run(8 * SECOND);
    }
    world.restart(DORA);
    world.run(SECOND);
    world.rendezvous();
    world.run(20 * SECOND);
    assert!([ALICE, BOB, DORA].iter().all(|who| has_in_group(&mut world, *who, dora)), "she is readmitted");
    assert!(has_link(&world, ALICE, dora) && has_link(&world, BOB, dora));
    assert!(hears(&world, DORA, "while Dora is away"));
    says(&mut world, DORA, "back");
    world.run(2 * SECOND);
    assert!(hears(&world, ALICE, "back") && hears(&world, BOB, "back"));
}

#[test]
fn dropped_member_is_awaited_when_long_away() {
    let mut world = room(2, &["Alice", "Bob", "Dora"]);
    let dora = world.id(DORA);
    world.kill(DORA);
    world.run(60 * SECOND);
    drop_absent(&mut world, dora);
    world.run(2 * SECOND);
    world.now += Duration::from_secs(7200);
    world.run(5 * SECOND);
    assert!(inside(&mut world, ALICE).roster.is_member(dora));
}

/// How many commits somebody follows whose dial is answered with these words that they were removed, with and without
/// commits that lead on.
fn commits_followed(seed: u64, with_commits: &[bool]) -> u64 {
    let mut world = room(seed, &["Alice"]);
    world.sleep(MALLORY);
    world.run(10 * SECOND);
    let epoch = inside(&mut world, ALICE).roster.group().epoch();
    let now = world.now;
    let mallory = inside(&mut world, MALLORY).roster.agreement();
    mallory.renew(now);
    mallory.handle_timeout(now + SECOND);
    let commits = mallory.removal_proof();
    let words = with_commits.iter().map(|with| if *with { commits.clone() } else { Vec::new() });
    let said = |commits: Vec<_>| wire::encode(&LinkMessage::Removed { commits: commits.into_iter().collect() });
    let words: Vec<_> = words.map(said).collect();
    // Whatever she would say, she says this.
    world.tamper = Some(Box::new(move |who, output| match output {
        Output::Send { link, purpose, .. } if who == MALLORY => {
            words.iter().map(|bytes| Output::Send { link, purpose, bytes: bytes.clone() }).collect()
        }
        output => vec![output],
    }));
    world.wake(MALLORY);
    world.rendezvous();
    world.run(2 * SECOND);
    inside(&mut world, ALICE).roster.group().epoch() - epoch
}

#[test]
fn proof_of_a_removal_is_looked_at_once_on_each_link() {
    assert_eq!(commits_followed(3, &[true]), 1);
    assert_eq!(commits_followed(3, &[false, true]), 0);
}

#[test]
fn skipped_messages_of_a_member_leave_few_keys() {
    let mut world = room(4, &["Alice", "Bob"]);
    let size = |world: &mut World| inside(world, BOB).roster.agreement().save().unwrap().len();
    let before = size(&mut world);
    for _ in 0..20 {
        let mallory = inside(&mut world, MALLORY);
        for _ in 0..MAX_SKIPPED_GENERATIONS {
            mallory.roster.agreement().protect(b"never sent").unwrap();
        }
        let sealed = mallory.roster.agreement().protect(&wire::encode(&RoomMessage::Decline)).unwrap();
        world.say_on_link(MALLORY, BOB, &LinkMessage::Group(sealed));
    }
    world.run(SECOND);
    let grown = size(&mut world).saturating_sub(before);
    assert!(grown < 256 * 1024, "{grown} bytes");
    says(&mut world, ALICE, "still here");
    world.run(2 * SECOND);
    assert!(hears(&world, BOB, "still here"));
}

#[test]
fn passed_on_garbage_costs_its_sender_alone() {
    let mut world = room(5, &["Alice", "Bob", "Dora"]);
    world.apart = vec![(BOB, MALLORY), (BOB, DORA)];
    world.break_link(BOB, MALLORY);
    world.break_link(BOB, DORA);
    world.notice_broken_links();
    world.run(15 * SECOND);
    let [bob, mallory, dora, alice] = [BOB, MALLORY, DORA, ALICE].map(|who| world.id(who));
    let over = |world: &mut World, from: usize, kbps: u32| {
        let bytes = wire::encode(&LinkMessage::Spare(Kbps::clamped(kbps)));
        inside(world, from).roster.seal(&RoomMessage::Over { to: bob.0, bytes }).unwrap()
    };
    let mut garbage = over(&mut world, MALLORY, 1);
    *garbage.last_mut().unwrap() ^= 1;
    for _ in 0..60 {
        world.say_on_link(MALLORY, ALICE, &LinkMessage::Forward { to: bob.0, sealed: garbage.clone() });
    }
    for (from, kbps) in [(MALLORY, 5), (DORA, 7)] {
        let sealed = over(&mut world, from, kbps);
        world.say_on_link(from, ALICE, &LinkMessage::Forward { to: bob.0, sealed });
    }
    world.run(Duration::from_millis(500));
    let bobs = &inside(&mut world, BOB).media;
    assert_ne!(bobs.spare_of(mallory), 5, "keys are tried on all of it");
    assert_eq!(bobs.spare_of(dora), 7, "another's message is read all the same");
    assert!(has_link(&world, BOB, alice), "the link of the one who passed it on stays");
}
