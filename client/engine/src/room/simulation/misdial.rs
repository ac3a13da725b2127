//! A member gives another's endpoint for its own: a dial reaches another than was meant, and nothing false comes of it.

use std::collections::VecDeque;

use group_crypto::MemberId;

use super::world::{CLEAR, OPEN, SECOND, World};
use crate::{
    api::{Body, RoomEvent, RoomKind},
    room::{
        Input, LinkId, Phase, Whom,
        inside::Inside,
        wire::{Hello, Said},
    },
};

const ANN: usize = 0;
const MALLORY: usize = 1;
const ZOE: usize = 2;

/// A kept room, to which each of these is invited by the one with this number.
fn room(seed: u64, invited: &[(usize, &str)]) -> World {
    let mut world = World::new(seed, CLEAR);
    world.found("Founder", RoomKind::Kept);
    for (host, name) in invited {
        let invitation = world.invite_with(*host, OPEN);
        world.join(name, &invitation);
        world.run(SECOND);
    }
    world
}

fn inside(world: &mut World, who: usize) -> &mut Inside {
    match &mut world.beings[who].room.phase {
        Phase::Inside(inside) => inside,
        _ => panic!("{who} is in the room"),
    }
}

fn say(world: &mut World, who: usize, texts: &[&str]) {
    for text in texts {
        world.input(who, Input::Say(Said::Text((*text).to_owned())));
    }
    world.run(SECOND / 2);
}

/// The texts of another that somebody has seen.
fn seen(world: &World, who: usize, of: MemberId) -> Vec<String> {
    let texts = world.beings[who].events.iter().filter_map(|event| match event {
        RoomEvent::Said(line) if line.member == of => match &line.body {
            Body::Text(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    });
    texts.collect()
}

/// The rendezvous of Mallory and this one leads to where another is.
fn finds_mallory_at(world: &mut World, who: usize, another: usize) {
    let (mallory, at) = (world.id(MALLORY), world.beings[another].at.clone());
    world.input(who, Input::Found { whom: Whom::Member(mallory), at });
    world.run(SECOND);
}

fn linked(world: &mut World, who: usize, with: MemberId) -> bool {
    inside(world, who).links.link_with(with).is_some()
}

#[test]
fn misdialled_hello_confirms_no_lines() {
    let mut world = room(1, &[(ANN, "Mallory"), (ANN, "Zoe")]);
    let (ann, zoe) = (world.id(ANN), world.id(ZOE));
    say(&mut world, MALLORY, &["a", "b", "c", "d", "e"]);
    say(&mut world, ANN, &["1"]);
    world.kill(ZOE);
    world.run(10 * SECOND);
    say(&mut world, ANN, &["2", "3"]);
    world.restart(ANN);
    world.run(8 * SECOND);
    world.apart = vec![(ZOE, MALLORY)];
    world.restart(ZOE);
    finds_mallory_at(&mut world, ZOE, ANN);
    assert_eq!(seen(&world, ZOE, ann), ["1", "2", "3"], "Ann takes Mallory's lines that Zoe has for her own");
    assert!(linked(&mut world, ZOE, ann) && linked(&mut world, ANN, zoe), "the link is Ann's");
    say(&mut world, ZOE, &["read"]);
    assert_eq!(seen(&world, ANN, zoe), ["read"]);
}

#[test]
fn misdialled_hello_skips_no_lines() {
    let (mut world, mallory) = (room(2, &[(ANN, "Mallory")]), MALLORY);
    // Ann and Zoe don't meet.
    world.apart = vec![(ANN, ZOE)];
    let invitation = world.invite_with(mallory, OPEN);
    world.join("Zoe", &invitation);
    world.run(SECOND);
    let zoe = world.id(ZOE);
    say(&mut world, ZOE, &["1", "2", "3"]);
    world.kill(MALLORY);
    world.restart(ANN);
    world.run(8 * SECOND);
    assert!(seen(&world, ANN, zoe).is_empty());
    world.apart.clear();
    finds_mallory_at(&mut world, ZOE, ANN);
    assert_eq!(seen(&world, ANN, zoe), ["1", "2", "3"], "Ann begins where Mallory is");
}

#[test]
fn misdial_leaves_a_link_that_is_up_alone() {
    let mut world = room(3, &[(ANN, "Mallory"), (ANN, "Zoe")]);
    world.run(5 * SECOND);
    let ann = world.id(ANN);
    world.kill(MALLORY);
    world.run(10 * SECOND);
    let link = inside(&mut world, ZOE).links.link_with(ann);
    assert!(link.is_some());
    // Kept from a run before, told by others, or found: none leads to a second link with Ann.
    let (at, mallory) = (world.beings[ANN].at.clone(), world.id(MALLORY));
    world.dialled.clear();
    inside(&mut world, ZOE).links.misplace(mallory, at.clone());
    world.input(ZOE, Input::NetworkChanged);
    finds_mallory_at(&mut world, ZOE, ANN);
    world.run(90 * SECOND);
    assert!(!world.dialled.contains(&(ZOE, at.endpoint)));
    assert_eq!(inside(&mut world, ZOE).links.link_with(ann), link);
}

#[test]
fn claim_to_an_endpoint_keeps_nobody_from_being_found() {
    let mut world = room(4, &[(ANN, "Mallory"), (ANN, "Zoe")]);
    world.run(5 * SECOND);
    let ann = world.id(ANN);
    world.kill(ZOE);
    world.run(10 * SECOND);
    world.restart(ANN);
    world.run(SECOND);
    world.apart = vec![(ZOE, MALLORY)];
    world.restart(ZOE);
    // An address at which nobody is.
    let (mallory, mut at) = (world.id(MALLORY), world.beings[ANN].at.clone());
    at.addresses.clear();
    inside(&mut world, ZOE).links.misplace(mallory, at);
    let at = world.beings[ANN].at.clone();
    world.input(ZOE, Input::Found { whom: Whom::Member(ann), at });
    world.run(SECOND);
    assert!(linked(&mut world, ZOE, ann));
}

/// Ann's Hello to Zoe's endpoint, meant for `whom`.
fn hello(world: &mut World, whom: Option<MemberId>) -> Hello {
    let (now, to, mut hello) = (world.now, world.beings[ZOE].at.endpoint, None);
    inside(world, ANN).in_links(now, &mut VecDeque::new(), |links, around| hello = links.hello(around, to, whom));
    hello.expect("Ann says Hello")
}

/// The member whom Zoe takes this Hello of Ann's for.
fn taken_for(world: &mut World, link: LinkId, hello: &Hello) -> Option<MemberId> {
    let (now, from, mut member) = (world.now, world.beings[ANN].at.endpoint, None);
    inside(world, ZOE).in_links(now, &mut VecDeque::new(), |links, around| {
        member = links.check_hello(around, link, &from, hello);
    });
    member
}

#[test]
fn hello_that_is_made_out_to_another_is_refused() {
    let mut world = room(5, &[(ANN, "Mallory"), (ANN, "Zoe")]);
    let (ann, zoe) = (world.id(ANN), world.id(ZOE));
    let mut hello = hello(&mut world, Some(zoe));
    assert_eq!(taken_for(&mut world, LinkId::Own(0), &hello), Some(ann));
    for whom in [None, Some(world.id(MALLORY).0)] {
        hello.whom = whom;
        assert_eq!(taken_for(&mut world, LinkId::Own(0), &hello), None);
    }
}

#[test]
fn hello_repeated_by_the_member_in_between_is_refused() {
    let mut world = room(6, &[(ANN, "Mallory"), (ANN, "Zoe")]);
    world.run(5 * SECOND);
    let [ann, mallory, zoe] = [ANN, MALLORY, ZOE].map(|who| world.id(who));
    world.kill(ANN);
    world.run(10 * SECOND);
    let (hello, from, now) = (hello(&mut world, Some(zoe)), world.beings[ANN].at.endpoint, world.now);
    let mut took_in = |to| {
        let way = inside(&mut world, ZOE).links.open_way(to, mallory);
        inside(&mut world, ZOE).in_links(now, &mut VecDeque::new(), |links, around| {
            links.on_opened(around, way, from, false);
        });
        taken_for(&mut world, way, &hello)
    };
    assert_eq!(took_in(mallory), None, "Mallory speaks as Ann");
    assert_eq!(took_in(ann), Some(ann));
}

#[test]
fn address_of_one_who_stays_away_is_dialled_ever_more_seldom() {
    let mut world = room(9, &[(ANN, "Mallory")]);
    world.kill(MALLORY);
    let dials = |world: &mut World, hours: u32| {
        world.dials.clear();
        world.run(3600 * SECOND * hours);
        world.dials.len()
    };
    dials(&mut world, 1);
    let in_six_hours = dials(&mut world, 6);
    assert!((6..=24).contains(&in_six_hours), "{in_six_hours} dials in six hours");
    world.restart(MALLORY);
    world.run(5 * SECOND);
    let mallory = world.id(MALLORY);
    assert!(inside(&mut world, ANN).links.link_with(mallory).is_some(), "who comes back dials");
}
