//! What members of a room see of a screen that one of them shares.

use ::media::Stream;

use super::{
    tests::{everyone_sees_everyone, frames, room},
    world::{CLEAR, SECOND, Weather, World},
};
use crate::{
    api::{ParticipantState, RoomEvent},
    room::Input,
};

/// The newest that somebody was told of another.
pub fn state(world: &World, at: usize, of: usize) -> ParticipantState {
    let of = world.id(of);
    let newest = |event: &RoomEvent| match event {
        RoomEvent::Changed { member, state } if *member == of => Some(state.clone()),
        _ => None,
    };
    world.beings[at].events.iter().rev().find_map(newest).unwrap_or_default()
}

/// A room that has been in a call for long enough to know its paths.
fn settled(seed: u64, weather: Weather, size: usize) -> World {
    let mut world = room(seed, weather, size);
    world.run(8 * SECOND);
    world
}

#[test]
fn what_one_shares_reaches_all_beside_the_cameras() {
    let mut world = settled(60, CLEAR, 4);
    world.share(1, true);
    let since = world.now;
    world.run(5 * SECOND);
    for at in [0, 2, 3] {
        assert!(state(&world, at, 1).screen_on);
        let pages = frames(&world, at, 1, Stream::Screen, since);
        assert!((3..=9).contains(&pages), "{pages} pages");
    }
    everyone_sees_everyone(&world, &[0, 1, 2, 3], since, 100);
    world.share(1, false);
    world.run(SECOND);
    let since = world.now;
    world.run(2 * SECOND);
    for at in [0, 2, 3] {
        assert!(!state(&world, at, 1).screen_on);
        assert_eq!(frames(&world, at, 1, Stream::Screen, since), 0);
    }
}

#[test]
fn two_may_share_at_once() {
    let mut world = settled(61, CLEAR, 3);
    world.share(0, true);
    world.share(2, true);
    let since = world.now;
    world.run(5 * SECOND);
    for (at, of) in [(0, 2), (1, 0), (1, 2), (2, 0)] {
        assert!(frames(&world, at, of, Stream::Screen, since) >= 3);
    }
    everyone_sees_everyone(&world, &[0, 1, 2], since, 100);
}

#[test]
fn who_cannot_read_the_screen_is_sent_it_anew() {
    let mut world = settled(62, CLEAR, 3);
    world.share(0, true);
    world.run(2 * SECOND);
    let since = world.now;
    let (reader, sharer) = (1, world.id(0));
    world.input(reader, Input::PictureBroken(sharer, Stream::Screen));
    // A page takes a while, and one may be under way.
    world.run(3 * SECOND);
    let asked: Vec<_> = world.beings[0].asked.iter().filter(|(at, _)| *at >= since).map(|(_, s)| *s).collect();
    assert!(asked.contains(&Stream::Screen));
    assert!(frames(&world, reader, 0, Stream::Screen, since) >= 1);
}

#[test]
fn a_late_joiner_sees_a_screen_on_which_nothing_changes() {
    let mut world = settled(63, CLEAR, 3);
    world.share(1, true);
    world.run(SECOND);
    world.rest_screen(1);
    world.run(2 * SECOND);
    let invitation = world.invite(0);
    let since = world.now;
    let late = world.join("Late", &invitation);
    // Nothing is known of the path yet: a page takes a while.
    world.run(4 * SECOND);
    assert!(state(&world, late, 1).screen_on);
    assert!(frames(&world, late, 1, Stream::Screen, since) >= 1);
}

#[test]
fn screen_that_nobody_shows_is_neither_sent_nor_encoded() {
    let mut world = settled(65, CLEAR, 3);
    let look = |world: &mut World, at: usize, lines: u16| {
        let member = world.id(0);
        world.input(at, Input::Look { member, stream: Stream::Screen, lines });
    };
    look(&mut world, 1, 0);
    world.share(0, true);
    let since = world.now;
    world.run(4 * SECOND);
    assert_eq!(frames(&world, 1, 0, Stream::Screen, since), 0);
    assert!(frames(&world, 2, 0, Stream::Screen, since) >= 3);
    look(&mut world, 2, 0);
    world.run(SECOND);
    assert_eq!(world.beings[0].screen, None);
    let since = world.now;
    look(&mut world, 1, 720);
    world.run(2 * SECOND);
    assert!(frames(&world, 1, 0, Stream::Screen, since) >= 1, "a tile that comes back is filled");
    assert_eq!(frames(&world, 2, 0, Stream::Screen, since), 0);
    everyone_sees_everyone(&world, &[0, 1, 2], since, 45);
}

#[test]
fn on_a_bad_network_the_screen_comes_through() {
    const STORM: Weather = Weather { loss_percent: 5, delay_ms: 30, jitter_ms: 20 };
    let mut world = settled(64, STORM, 3);
    world.share(2, true);
    let since = world.now;
    world.run(16 * SECOND);
    for at in [0, 1] {
        assert_eq!(world.beings[at].wrong, 0);
        let pages = frames(&world, at, 2, Stream::Screen, since);
        assert!(pages >= 4, "{pages} pages");
    }
}
