//! Voice over bad networks: repair comes where something is lost, and goes again.

use std::time::Duration;

use ::media::{Stream, repair::VoiceSettings};

use super::{
    tests::frames,
    world::{CLEAR, SECOND, Weather, World},
};

const LOSSY: Weather = Weather { loss_percent: 15, delay_ms: 20, jitter_ms: 0 };

/// Two in a call on a clear day, who send for a while.
fn two() -> World {
    let mut world = World::new(3, CLEAR);
    let host = world.create("Person 0");
    let invitation = world.invite(host);
    world.join("Person 1", &invitation);
    world.run(3 * SECOND);
    assert_eq!(world.connected(0), 1);
    world.start_media(0);
    world.start_media(1);
    world
}

/// What each of the two adds to its packets.
fn blocks(world: &World) -> Vec<u8> {
    world.beings.iter().flat_map(|being| being.room.figures().into_iter().map(|f| f.media.voice.blocks)).collect()
}

#[test]
fn repair_comes_with_losses_and_goes_when_they_are_over() {
    let mut world = two();
    world.run(3 * SECOND);
    assert_eq!(blocks(&world), [0, 0]);
    assert_eq!(world.beings[0].voice, VoiceSettings::default());

    world.weather = LOSSY;
    world.run(3 * SECOND);
    assert!(blocks(&world).iter().all(|blocks| *blocks > 0), "{:?}", blocks(&world));
    assert!(world.beings.iter().all(|being| being.voice.kbps < VoiceSettings::default().kbps));

    let since = world.now;
    world.run(10 * SECOND);
    let heard = frames(&world, 1, 0, Stream::Audio, since);
    assert!(heard >= 495, "{heard} of 500 sounds where 15 of 100 packets are lost");
    assert!(world.beings.iter().all(|being| being.wrong == 0));

    world.weather = CLEAR;
    world.run(45 * SECOND);
    assert_eq!(blocks(&world), [0, 0]);
    assert_eq!(world.beings[0].voice, VoiceSettings::default());
    let since = world.now;
    world.run(Duration::from_secs(2));
    assert_eq!(frames(&world, 1, 0, Stream::Audio, since), 100);
}
