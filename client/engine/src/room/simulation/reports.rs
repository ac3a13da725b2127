//! What a receiver can do to others by lying about what arrives.

use std::time::Duration;

use ::media::{congestion::Report, repair::VoiceSettings, transport::Topic};

use super::world::{CLEAR, SECOND, World};
use crate::room::{Input, Phase};

/// The liar is the last of them.
const PEOPLE: usize = 4;
const LIAR: usize = PEOPLE - 1;

fn call() -> World {
    let mut world = World::new(91, CLEAR);
    let host = world.create("Person 0");
    let invitation = world.invite(host);
    for n in 1..PEOPLE {
        world.join(&format!("Person {n}"), &invitation);
        world.run(SECOND / 2);
    }
    world.run(2 * SECOND);
    for who in 0..PEOPLE {
        world.start_media(who);
    }
    world
}

/// What the liar says to everybody: a queue begins. (What one can do by lying about losses, `VoiceSettings::of` tests.)
fn lie(world: &mut World) {
    let now = world.now;
    let room = &mut world.beings[LIAR].room;
    let Phase::Inside(inside) = &mut room.phase else {
        panic!("they are in");
    };
    let queue = Report { queue_ms: 40, received_kbps: 100, lost: 0 };
    for id in inside.participants.keys().copied().collect::<Vec<_>>() {
        if let Some(media) = inside.participants.get_mut(&id).and_then(|p| p.media.as_mut()) {
            media.peer.report(now, Topic::Congestion, &queue.to_bytes());
        }
        inside.drain(now, id, &mut room.out);
    }
    world.input(LIAR, Input::Timeout);
}

fn is_calm_about_liar(world: &World, who: usize) -> bool {
    let Phase::Inside(inside) = &world.beings[who].room.phase else {
        panic!("they are in");
    };
    let liar = world.id(LIAR);
    inside.participants.get(&liar).and_then(|p| p.live_media()).is_none_or(|media| media.control.is_calm())
}

/// For so long, with lies or without. What the others encode at last: of the voice, and of the layers of the camera.
fn rates(lies: bool) -> Vec<(VoiceSettings, u32)> {
    let mut world = call();
    // The room's own reports, five a second, come between the lies.
    let mut is_heard = false;
    for _ in 0..500 {
        if lies {
            lie(&mut world);
        }
        world.run(Duration::from_millis(40));
        is_heard |= !is_calm_about_liar(&world, 0);
    }
    assert!(is_heard || !lies, "the lie is not heard");
    let others = world.beings[..LIAR].iter();
    others
        .map(|being| {
            assert_eq!(being.wrong, 0);
            (being.voice, being.layers.iter().flatten().copied().max().unwrap_or(0))
        })
        .collect()
}

#[test]
fn lying_receiver_changes_nobody_elses_sound_and_pictures() {
    let (honest, lied_to) = (rates(false), rates(true));
    for (honest, lied_to) in honest.iter().zip(&lied_to) {
        assert_eq!(honest.0, VoiceSettings::default());
        assert_eq!(honest.0, lied_to.0);
        assert!(lied_to.1 * 10 >= honest.1 * 9, "{} instead of {} kbit/s", lied_to.1, honest.1);
    }
}
