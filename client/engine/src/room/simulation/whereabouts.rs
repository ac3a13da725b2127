//! Where a returning member is becomes known to all, few members tell it, and nobody can keep it from the others.

use std::{cell::Cell, rc::Rc};

use super::{
    tests::has_link,
    world::{CLEAR, SECOND, World},
};
use crate::{
    api::RoomKind,
    room::{
        Output,
        wire::{self, LinkMessage},
    },
};

/// The member who comes back.
const DORA: usize = 5;
const TELLERS: usize = 8;

fn room(seed: u64, people: usize) -> World {
    let mut world = World::new(seed, CLEAR);
    world.bursts = true;
    let host = world.found("Person 0", RoomKind::Kept);
    let invitation = world.invite(host);
    for n in 1..people {
        world.join(&format!("Person {n}"), &invitation);
    }
    world.run(15 * SECOND);
    all_have_links(&world);
    // A member who was dialled by hearsay while all came is so dialled again only after half a minute.
    world.run(30 * SECOND);
    world
}

fn all_have_links(world: &World) {
    let people = world.beings.len();
    for who in 0..people {
        let others = (0..people).filter(|other| *other != who);
        let lacking: Vec<_> = others.filter(|other| !has_link(world, who, world.id(*other))).collect();
        assert!(lacking.is_empty(), "person {who} has no link with {lacking:?}");
    }
}

/// Dora's program begins anew at another place, long after the others lost their links with her.
fn come_back(world: &mut World) {
    world.kill(DORA);
    world.run(8 * SECOND);
    world.dials.clear();
    world.restart(DORA);
}

/// Whether this is sealed inside the group, as all is that is told of where members are.
fn is_sealed(output: &Output) -> bool {
    /// The first byte of such a message.
    const SEALED: u8 = 3;
    let Output::Send { bytes, .. } = output else { return false };
    matches!(wire::decode(bytes), Some(LinkMessage::Group(bytes)) if bytes.first() == Some(&SEALED))
}

/// Everybody else, those first whose part it is to tell where Dora is.
fn by_distance(world: &World) -> Vec<usize> {
    let id = |who: usize| u128::from_be_bytes(world.id(who).0);
    let mut others: Vec<_> = (0..world.beings.len()).filter(|who| *who != DORA).collect();
    others.sort_by_key(|who| id(*who) ^ id(DORA));
    others
}

/// Whether they dial where others told them that Dora is.
fn was_told(world: &World, who: usize) -> bool {
    world.dials.iter().any(|(_, dials, is_hearsay)| *dials == who && *is_hearsay)
}

#[test]
fn few_members_tell_where_a_returning_member_is() {
    const PEOPLE: usize = 20;
    let mut world = room(91, PEOPLE);
    let sealed = Rc::new(Cell::new(0));
    let counted = sealed.clone();
    world.tamper = Some(Box::new(move |_, output| {
        counted.set(counted.get() + usize::from(is_sealed(&output)));
        vec![output]
    }));
    come_back(&mut world);
    world.run(5 * SECOND);
    all_have_links(&world);
    // Eight tell the eighteen others, and Dora. If all nineteen did, it would be 361.
    let fewest = TELLERS * (PEOPLE - 2);
    assert!((fewest..2 * fewest).contains(&sealed.get()), "{}", sealed.get());
}

#[test]
fn member_is_told_of_when_only_one_far_from_it_reaches_it() {
    let mut world = room(92, 12);
    let mut unreached = by_distance(&world);
    unreached.pop();
    world.apart = unreached.iter().map(|who| (DORA, *who)).collect();
    come_back(&mut world);
    world.run(4 * SECOND);
    for who in unreached {
        assert!(was_told(&world, who), "person {who} was not told");
    }
}

#[test]
fn member_is_told_of_when_those_nearest_to_it_keep_silent() {
    let mut world = room(93, 14);
    let mut silent = by_distance(&world);
    let mut unreached = silent.split_off(TELLERS);
    // The farthest one is honest, and reaches her.
    let honest = unreached.pop().unwrap();
    world.apart = unreached.iter().map(|who| (DORA, *who)).collect();
    world.tamper = Some(Box::new(move |who, output| match silent.contains(&who) && is_sealed(&output) {
        true => Vec::new(),
        false => vec![output],
    }));
    come_back(&mut world);
    world.run(4 * SECOND);
    let dora = world.id(DORA);
    assert!(has_link(&world, honest, dora));
    for who in unreached {
        assert!(was_told(&world, who), "person {who} was not told");
    }
}
