//! What a receiver can do to others by lying about what arrives.

use std::time::Duration;

use ::media::{congestion::Report, repair::VoiceSettings, transport::Topic};

use super::world::{CLEAR, SECOND, World};
use crate::room::{Input, Phase};

/// Those who are honest; who comes after them lies.
const HONEST: usize = 3;
/// A queue that begins, and one that is long, in milliseconds.
const BEGINS: u16 = 40;
const LONG: u16 = 150;

fn call(people: usize) -> World {
    let mut world = World::new(91, CLEAR);
    let host = world.create("Person 0");
    let invitation = world.invite(host);
    for n in 1..people {
        world.join(&format!("Person {n}"), &invitation);
        world.run(SECOND / 2);
    }
    world.run(2 * SECOND);
    for who in 0..people {
        world.start_media(who);
    }
    world
}

/// What a liar says to everybody of a queue. (What one can do by lying about losses, `VoiceSettings::of` tests.)
fn lie(world: &mut World, liar: usize, queue_ms: u16) {
    let now = world.now;
    let room = &mut world.beings[liar].room;
    let Phase::Inside(inside) = &mut room.phase else {
        panic!("they are in");
    };
    let queue = Report { queue_ms, received_kbps: 100, lost: 0 };
    for id in inside.links.members() {
        inside.in_media(now, &mut room.out, |media, at| {
            media.act_on(at, id, |now, peer| peer.report(now, Topic::Congestion, &queue.to_bytes()));
        });
    }
    world.input(liar, Input::Timeout);
}

fn is_calm_about(world: &mut World, who: usize, liar: usize) -> bool {
    let (now, liar) = (world.now, world.id(liar));
    let room = &mut world.beings[who].room;
    let Phase::Inside(inside) = &mut room.phase else {
        panic!("they are in");
    };
    let mut is_calm = false;
    inside.in_media(now, &mut room.out, |media, at| is_calm = media.is_calm_about(at, liar));
    is_calm
}

/// After 20 s, with so many who lie about a queue of so many milliseconds, or without it. What the honest encode at last: of the
/// voice, and of the layers of the camera.
fn rates(liars: usize, queue_ms: Option<u16>) -> Vec<(VoiceSettings, u32)> {
    let mut world = call(HONEST + liars);
    // The room's own reports, five a second, come between the lies.
    let mut is_heard = false;
    for _ in 0..500 {
        for liar in HONEST..HONEST + liars {
            if let Some(queue_ms) = queue_ms {
                lie(&mut world, liar, queue_ms);
            }
        }
        world.run(Duration::from_millis(40));
        is_heard |= !is_calm_about(&mut world, 0, HONEST);
    }
    assert!(is_heard || queue_ms.is_none(), "the lie is not heard");
    let honest = world.beings[..HONEST].iter();
    honest
        .map(|being| {
            assert_eq!(being.wrong, 0);
            (being.voice, being.layers.iter().flatten().copied().max().unwrap_or(0))
        })
        .collect()
}

#[test]
fn lying_receivers_change_nobody_elses_sound_and_pictures() {
    for (liars, queue_ms) in [(1, BEGINS), (1, LONG), (2, LONG)] {
        let (honest, lied_to) = (rates(liars, None), rates(liars, Some(queue_ms)));
        for (honest, lied_to) in honest.iter().zip(&lied_to) {
            assert_eq!(honest.0, VoiceSettings::default());
            assert_eq!(honest.0, lied_to.0);
            let case = format!("{liars} who lie about {queue_ms} ms");
            assert!(lied_to.1 * 10 >= honest.1 * 9, "{case}: {} instead of {} kbit/s", lied_to.1, honest.1);
        }
    }
}
