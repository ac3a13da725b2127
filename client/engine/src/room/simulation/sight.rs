//! Machines that have too much to do, in simulated time: what they still ask for, and what they show.

use ::media::{Layer, Stream};

use super::{
    sharing::state,
    tests::{everyone_sees_everyone, frames, room},
    world::{CLEAR, SECOND, World},
};
use crate::room::{Input, KeepsUpWith};

#[test]
fn slow_machine_alone_gets_and_sends_smaller_pictures() {
    let mut world = room(32, CLEAR, 3);
    world.run(8 * SECOND);
    let layers = |world: &World, who: usize| world.beings[who].layers.map(|rate| rate.is_some());
    let whole = [false, false, true, false];
    let (small, both) = ([false, true, false, false], [false, true, true, false]);
    assert_eq!([0, 1, 2].map(|who| layers(&world, who)), [whole; 3]);
    world.input(0, Input::KeepsUpWith(KeepsUpWith::Everybody(Layer::Low)));
    world.run(SECOND);
    assert_eq!([0, 1, 2].map(|who| layers(&world, who)), [small, both, both]);
    let late = world.invite(1);
    let late = world.join("Late", &late);
    world.run(3 * SECOND);
    world.start_media(late);
    world.run(8 * SECOND);
    assert_eq!(layers(&world, late), both, "who comes later is told, too");
    let since = world.now;
    world.run(SECOND);
    everyone_sees_everyone(&world, &[0, 1, 2, late], since, 22);
    // With still less to spare, the weak one gets and sends every other picture.
    world.input(0, Input::KeepsUpWith(KeepsUpWith::Everybody(Layer::Least)));
    world.run(SECOND);
    let both = [true, false, true, false];
    assert_eq!([0, 1, 2].map(|who| layers(&world, who)), [[true, false, false, false], both, both]);
    world.input(0, Input::KeepsUpWith(KeepsUpWith::ALL));
    world.run(8 * SECOND);
    assert_eq!([0, 1, 2].map(|who| layers(&world, who)), [whole; 3]);
}

#[test]
fn costly_camera_alone_comes_in_a_lower_layer_for_a_while() {
    let mut world = room(34, CLEAR, 3);
    world.run(8 * SECOND);
    let layers = |world: &World, who: usize| world.beings[who].layers.map(|rate| rate.is_some());
    let (whole, both) = ([false, false, true, false], [false, true, true, false]);
    assert_eq!([1, 2].map(|who| layers(&world, who)), [whole; 2]);
    let member = world.id(1);
    world.input(0, Input::PictureTakesTooMuch { member, lines: 360 });
    world.run(SECOND);
    assert_eq!([0, 1, 2].map(|who| layers(&world, who)), [whole, both, whole], "one sends less, and to one");
    let since = world.now;
    world.run(SECOND);
    everyone_sees_everyone(&world, &[0, 1, 2], since, 22);
    world.run(66 * SECOND);
    assert_eq!(layers(&world, 1), whole, "more is asked for again");
}

#[test]
fn overloaded_machine_shows_the_speaker_and_hears_everybody() {
    let mut world = room(33, CLEAR, 4);
    world.run(8 * SECOND);
    let speak = |world: &mut World, who: usize, speaking: bool| {
        let member = world.id(who);
        world.input(0, Input::Speaking { member, speaking });
    };
    let seen = |world: &mut World| {
        let since = world.now;
        world.run(2 * SECOND);
        [1, 2, 3].map(|who| {
            assert!(frames(world, 0, who, Stream::Audio, since) >= 98, "all are heard");
            frames(world, 0, who, Stream::Video, since)
        })
    };
    let half = |pictures: usize| (24..=26).contains(&pictures);
    world.input(0, Input::KeepsUpWith(KeepsUpWith::Speaker));
    speak(&mut world, 2, true);
    world.run(3 * SECOND);
    let pictures = seen(&mut world);
    assert!(pictures[0] == 0 && half(pictures[1]) && pictures[2] == 0, "every other of who speaks: {pictures:?}");
    // Another speaks, and is seen once the one before is silent.
    speak(&mut world, 3, true);
    assert_eq!(seen(&mut world)[2], 0);
    speak(&mut world, 2, false);
    world.run(SECOND);
    speak(&mut world, 3, false);
    let pictures = seen(&mut world);
    assert!(pictures[1] == 0 && half(pictures[2]), "who spoke last stays: {pictures:?}");
    // Nobody else is any the worse for it, and all see ours.
    let since = world.now;
    world.run(2 * SECOND);
    everyone_sees_everyone(&world, &[1, 2, 3], since, 48);
    assert!([1, 2, 3].iter().all(|who| half(frames(&world, *who, 0, Stream::Video, since))));
    let paused = |world: &World| [1, 2, 3].map(|who| state(world, 0, who).camera_paused);
    assert_eq!(paused(&world), [true, true, false]);
    // One who turns their camera off leaves the place to another.
    world.input(3, Input::Streams { camera_on: false, microphone_on: true, screen_on: false });
    world.run(SECOND);
    let now = paused(&world);
    assert!(now[0] != now[1] && !now[2], "{now:?}");
    world.input(3, Input::Streams { camera_on: true, microphone_on: true, screen_on: false });
    world.input(0, Input::KeepsUpWith(KeepsUpWith::ALL));
    world.run(2 * SECOND);
    assert_eq!(paused(&world), [false; 3]);
    assert!(seen(&mut world).iter().all(|pictures| *pictures >= 48));
}
