//! Rooms whose members have little upload: what is shown and heard goes on.

use std::time::Duration;

use ::media::Layer;

use super::{
    narrow::{self, Path, room_of},
    world::{CLEAR, SECOND, Weather, World},
};

/// What the camera's own size takes, in kilobits per second.
const WHOLE: u32 = 500;
/// 5 % loss and 40 ms of jitter.
const BAD: Weather = Weather { loss_percent: 5, delay_ms: 20, jitter_ms: 40 };

/// So many people in a call, each with such an uplink, who begin to send.
fn room(people: usize, seed: u64, weather: Weather, kbps: u64) -> World {
    room_of(seed, weather, &vec![kbps; people])
}

/// All paths of a room for `lasts`, after some seconds in which the rates are found.
fn paths(world: &mut World, lasts: Duration) -> Vec<Path> {
    world.run(8 * SECOND);
    narrow::paths(world, lasts).into_iter().map(|(.., path)| path).collect()
}

#[test]
fn four_people_with_one_megabit_and_loss_never_stop() {
    let mut stops = Vec::new();
    for seed in 1..=3 {
        let paths = paths(&mut room(4, seed, BAD, 1000), 40 * SECOND);
        for path in &paths {
            assert!(path.unheard_percent < 3.0, "seed {seed}: {path:?}");
            assert!(path.pictures > 40 * 25 * 85 / 100, "seed {seed}: {path:?}");
        }
        stops.extend(paths.iter().map(|path| path.longest_still));
    }
    stops.sort();
    println!("longest stops: {stops:?}");
    // Certificates and keys are new in each run, and with them which packets are lost: of 1440 pictures one stopped for longer.
    let over = stops.iter().filter(|stop| **stop > SECOND).count();
    assert!(over <= 1, "{over} of {} pictures stop for more than a second: {stops:?}", stops.len());
    assert!(stops.last().is_none_or(|stop| *stop < 3 * SECOND / 2), "{stops:?}");
}

#[test]
fn a_wide_uplink_soon_carries_all_that_is_wanted() {
    let mut world = room(4, 7, CLEAR, 10_000);
    world.run(8 * SECOND);
    for being in &world.beings {
        assert_eq!(being.layers, [None, None, Some(WHOLE), None]);
    }
}

#[test]
fn sixteen_people_with_three_megabits_see_and_hear_each_other() {
    let mut world = room(16, 5, CLEAR, 3000);
    let paths = paths(&mut world, 5 * SECOND);
    let thinnest = world.beings.iter().filter_map(|being| being.layers[Layer::Low.index()]).min();
    println!("the lowest layer takes at least {thinnest:?} kbps");
    for path in &paths {
        assert!(path.unheard_percent < 3.0, "{path:?}");
        assert!(path.pictures > 5 * 25 * 85 / 100, "{path:?}");
    }
}
