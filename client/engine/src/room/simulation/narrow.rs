//! Calls of people with little upload, in simulated time: how they see and hear each other.

use std::time::{Duration, Instant};

use ::media::Stream;

use super::world::{SECOND, Weather, World};
use crate::room::Phase;

/// What a home router holds before it drops.
const QUEUE: Duration = Duration::from_millis(200);
/// Of IP and UDP, for each datagram.
const HEADERS: usize = 28;

/// What all datagrams of a person share: they leave one after the other, and those that would wait too long are dropped.
#[derive(Clone, Copy)]
pub(crate) struct Uplink {
    bits_per_second: u64,
    free_at: Option<Instant>,
}

impl Uplink {
    pub fn new(bits_per_second: u64) -> Self {
        Self { bits_per_second, free_at: None }
    }

    /// When a datagram of so many bytes has left.
    pub fn leave(&mut self, now: Instant, bytes: usize) -> Option<Instant> {
        let starts = self.free_at.map_or(now, |free| free.max(now));
        if starts - now > QUEUE {
            return None;
        }
        let bits = (bytes + HEADERS) as u64 * 8;
        let left = starts + Duration::from_nanos(bits * 1_000_000_000 / self.bits_per_second);
        self.free_at = Some(left);
        Some(left)
    }
}

/// So many people in a call, each with an uplink of their own in kilobits per second, who begin to send.
pub(crate) fn room_of(seed: u64, weather: Weather, kbps: &[u64]) -> World {
    let people = kbps.len();
    let mut world = World::new(seed, weather);
    let host = world.create("Person 0");
    for number in 1..people {
        let invitation = world.invite(host);
        world.join(&format!("Person {number}"), &invitation);
        world.run(SECOND);
    }
    world.run(3 * SECOND);
    assert!((0..people).all(|who| world.connected(who) == people - 1), "all are connected");
    for (who, kbps) in kbps.iter().enumerate() {
        world.beings[who].uplink = Some(Uplink::new(kbps * 1000));
        world.start_media(who);
    }
    world
}

/// How one hears and sees another.
#[derive(Debug)]
pub(crate) struct Path {
    pub pictures: usize,
    pub longest_still: Duration,
    pub unheard_percent: f64,
}

pub(crate) fn path(world: &World, from: usize, to: usize, since: Instant, sounds: usize) -> Path {
    let from = world.id(from);
    let of = |wanted: Stream| {
        let opened = world.beings[to].opened.iter();
        opened
            .filter(move |(at, member, stream)| *at >= since && *member == from && *stream == wanted)
            .map(|(at, ..)| *at)
    };
    let pictures: Vec<_> = [since].into_iter().chain(of(Stream::Video)).chain([world.now]).collect();
    let longest_still = pictures.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default();
    let unheard_percent = 100.0 - of(Stream::Audio).count() as f64 * 100.0 / sounds as f64;
    Path { pictures: pictures.len() - 2, longest_still, unheard_percent }
}

/// All paths of a room for `lasts`, from one to another.
pub(crate) fn paths(world: &mut World, lasts: Duration) -> Vec<(usize, usize, Path)> {
    let (since, people) = (world.now, world.beings.len());
    world.run(lasts);
    let sounds = lasts.as_millis() as usize / 20;
    let pairs = (0..people).flat_map(|from| (0..people).filter(move |to| *to != from).map(move |to| (from, to)));
    pairs.map(|(from, to)| (from, to, path(world, from, to, since, sounds))).collect()
}

/// What is to be simulated. Everybody shows 25 pictures a second of 640x360, at 500 kbit/s where there is room, and speaks.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub people: usize,
    /// Uplink of the first in kilobits per second, and of each of the others.
    pub kbps: (u64, u64),
    pub loss_percent: u64,
    /// One way, in milliseconds; jitter is up to so much more.
    pub delay_ms: u64,
    pub jitter_ms: u64,
    /// How long rates are found before it counts, and how long it counts.
    pub settles: Duration,
    pub lasts: Duration,
}

/// How it went, in the streams from the first to the others or, where all have the same uplink, of all.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The longest time without a new picture, of each stream, longest first, in milliseconds.
    pub stills_ms: Vec<u64>,
    /// The worst stream's pictures a second.
    pub slowest_fps: f64,
    /// The worst stream's share of sounds that did not come, repaired ones apart.
    pub unheard: f64,
    /// Kilobits per second of the best layer that the first sends.
    pub kbps: u32,
    /// Another member passes the first one's pictures on.
    pub carried: bool,
}

/// Lives through it. The same seed gives the same network; keys are new each time, and with them which packets get lost.
pub fn simulate(call: &Call, seed: u64) -> Outcome {
    let Call { people, kbps: (first, others), loss_percent, delay_ms, jitter_ms, settles, lasts } = *call;
    let kbps: Vec<_> = (0..people).map(|who| if who == 0 { first } else { others }).collect();
    let mut world = room_of(seed, Weather { loss_percent, delay_ms, jitter_ms }, &kbps);
    world.run(settles);
    let paths = paths(&mut world, lasts);
    let counted: Vec<_> =
        paths.iter().filter(|(from, ..)| *from == 0 || first == others).map(|(.., path)| path).collect();
    let mut stills_ms: Vec<_> = counted.iter().map(|path| path.longest_still.as_millis() as u64).collect();
    stills_ms.sort_unstable_by(|one, other| other.cmp(one));
    let carried = match &world.beings[0].room.phase {
        Phase::Inside(inside) => inside.media.carrier().is_some(),
        _ => false,
    };
    Outcome {
        stills_ms,
        slowest_fps: counted.iter().map(|path| path.pictures).min().unwrap_or(0) as f64 / lasts.as_secs_f64(),
        unheard: counted.iter().map(|path| path.unheard_percent / 100.0).fold(0.0, f64::max),
        kbps: world.beings[0].layers.iter().flatten().copied().max().unwrap_or(0),
        carried,
    }
}
