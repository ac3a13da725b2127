//! Links that hear nothing any more, and are replaced before they are given up.

use super::{
    tests::everyone_sees_everyone,
    world::{CLEAR, SECOND, World},
};
use crate::{
    api::{Presence, RoomEvent},
    room::{Input, LinkId, Phase},
};

fn link(world: &World, who: usize) -> LinkId {
    match &world.beings[who].room.phase {
        Phase::Inside(inside) => inside.links.any_link().expect("they have a link"),
        _ => panic!("{who} is in the room"),
    }
}

/// Two in a call whose media goes over their link.
fn two(seed: u64) -> World {
    let mut world = World::new(seed, CLEAR);
    world.no_direct = true;
    let host = world.create("Anna");
    let invitation = world.invite(host);
    world.join("Berta", &invitation);
    world.run(5 * SECOND);
    [0, 1].iter().for_each(|who| world.start_media(*who));
    world.run(2 * SECOND);
    world
}

fn away(world: &World) -> usize {
    let is_away = |event: &&RoomEvent| match event {
        RoomEvent::Changed { state, .. } => !matches!(state.presence, Presence::Here(_)),
        _ => false,
    };
    world.beings.iter().map(|being| being.events.iter().filter(is_away).count()).sum()
}

#[test]
fn a_dead_link_is_replaced_before_it_closes() {
    let mut world = two(41);
    let before = away(&world);
    let former = [0, 1].map(|who| link(&world, who));
    world.break_link(0, 1);
    for (who, link) in former.into_iter().enumerate() {
        world.input(who, Input::LinkDoubtful { link });
    }
    world.run(SECOND / 4);
    let since = world.now;
    world.run(2 * SECOND);
    everyone_sees_everyone(&world, &[0, 1], since, 40);
    assert!([0, 1].iter().all(|who| link(&world, *who) != former[*who]));
    assert_eq!(away(&world), before, "nobody was ever away");
}

#[test]
fn doubt_about_a_link_that_works_costs_no_frame() {
    let mut world = two(42);
    let before = away(&world);
    for round in 0..3 {
        let since = world.now;
        let doubtful = link(&world, round % 2);
        world.input(round % 2, Input::LinkDoubtful { link: doubtful });
        world.run(2 * SECOND);
        everyone_sees_everyone(&world, &[0, 1], since, 45);
        world.run(3 * SECOND);
    }
    assert_eq!(away(&world), before, "nobody was ever away");
}
