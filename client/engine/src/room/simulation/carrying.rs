//! Pictures of one who has little upload, by way of one who has some to spare.

use std::time::{Duration, Instant};

use ::media::{EncodedFrame, Layer, ReceivedFrame, Stream, carried::PROOF};
use group_crypto::{MemberId, Sealer};

use super::{
    narrow::{Uplink, path, room_of},
    unsealed::danger_unsealed,
    world::{CLEAR, SECOND, World},
};
use crate::room::{Output, Phase, inside::Inside};

const ANNA: usize = 2;
const WIDE: u64 = 30_000;
/// Five voices and one small picture.
const NARROW: u64 = 900;
/// Five voices and five small pictures.
const TIGHT: u64 = 1_300;

fn inside(world: &mut World, who: usize) -> &mut Inside {
    match &mut world.beings[who].room.phase {
        Phase::Inside(inside) => inside,
        _ => panic!("{who} is in the room"),
    }
}

/// Six people of whom Anna has little upload.
fn room(seed: u64, anna: u64) -> World {
    let mut kbps = [WIDE; 6];
    kbps[ANNA] = anna;
    room_of(seed, CLEAR, &kbps)
}

/// Who carries Anna's pictures.
fn carrier(world: &mut World) -> Option<usize> {
    let id = inside(world, ANNA).media.carrier()?;
    (0..world.beings.len()).find(|who| world.id(*who) == id)
}

fn run_until_carried(world: &mut World) -> usize {
    for _ in 0..40 {
        world.run(SECOND);
        if let Some(by) = carrier(world)
            && inside(world, ANNA).media.carried_to() >= 4
        {
            return by;
        }
    }
    panic!("nobody carries Anna's pictures");
}

fn others(world: &World) -> impl Iterator<Item = usize> + use<> {
    (0..world.beings.len()).filter(|who| *who != ANNA)
}

/// The longest time in which one of those who are there saw no new picture of Anna's.
fn longest_still(world: &World, since: Instant, gone: Option<usize>) -> Duration {
    let there = others(world).filter(|who| Some(*who) != gone);
    there.map(|who| path(world, ANNA, who, since, 1).longest_still).max().unwrap()
}

fn best_kbps(world: &World) -> u32 {
    world.beings[ANNA].layers.iter().flatten().copied().max().unwrap_or(0)
}

#[test]
fn little_upload_is_carried_by_another_without_a_visible_break() {
    for seed in 1..=3 {
        let mut world = room(seed, NARROW);
        world.run(5 * SECOND);
        let before = best_kbps(&world);
        let by = run_until_carried(&mut world);
        // It began within this second.
        let since = world.now - SECOND;
        world.run(40 * SECOND);
        let (after, still) = (best_kbps(&world), longest_still(&world, since, None));
        println!("seed {seed}: {before} kbps before, {after} after, longest still {still:?}");
        assert!(after >= 2 * before, "seed {seed}: {before} before, {after} after");
        assert!(still < Duration::from_millis(900), "seed {seed}: {still:?}");
        let since = world.now;
        world.run(10 * SECOND);
        for who in others(&world) {
            let path = path(&world, ANNA, who, since, 500);
            assert!(path.pictures > 10 * 25 * 9 / 10 && path.unheard_percent < 2.0, "seed {seed}: {who}: {path:?}");
            let of_carrier = (who != by).then(|| super::narrow::path(&world, by, who, since, 500));
            assert!(of_carrier.is_none_or(|path| path.pictures > 10 * 25 * 9 / 10), "the carrier is seen as before");
        }
        assert!(world.beings[by].layers[Layer::Middle.index()].is_some(), "the carrier's own picture is whole");
    }
}

#[test]
fn a_carrier_that_missed_the_beginning_asks_for_another() {
    let mut world = room(4, NARROW);
    // The first packets on the lane of what is carried: their synchronization source says so.
    let mut lost = 0;
    world.tamper = Some(Box::new(move |who, output| {
        let is_first = match &output {
            Output::Transmit { bytes, .. } => {
                matches!(bytes[..], [0x80..0xc0, _, _, _, _, _, _, _, 0, 0, 0x10 | 0x20, 6, ..])
            }
            _ => false,
        } && who == ANNA
            && lost < 5;
        lost += usize::from(is_first);
        if is_first { Vec::new() } else { vec![output] }
    }));
    let since = world.now;
    run_until_carried(&mut world);
    let still = longest_still(&world, since + 3 * SECOND, None);
    println!("longest still {still:?}");
    assert!(still < Duration::from_millis(700), "{still:?}");
}

#[test]
fn a_carrier_that_dies_is_done_without_in_a_moment_and_replaced() {
    for seed in 1..=3 {
        let mut world = room(seed, TIGHT);
        let by = run_until_carried(&mut world);
        world.run(5 * SECOND);
        let since = world.now;
        world.kill(by);
        world.run(10 * SECOND);
        let still = longest_still(&world, since, Some(by));
        println!("seed {seed}: longest still {still:?}");
        assert!(still < Duration::from_millis(1500), "seed {seed}: {still:?}");
        world.run(60 * SECOND);
        assert!(carrier(&mut world).is_some_and(|other| other != by), "seed {seed}: another carries now");
    }
}

#[test]
fn a_carrier_that_hangs_up_leaves_no_gap() {
    let mut world = room(4, TIGHT);
    let by = run_until_carried(&mut world);
    world.run(5 * SECOND);
    let since = world.now;
    world.input(by, crate::room::Input::Leave);
    world.run(10 * SECOND);
    let still = longest_still(&world, since, Some(by));
    assert!(still < Duration::from_millis(800), "{still:?}");
}

#[test]
fn who_has_enough_upload_needs_nobody() {
    let mut world = room_of(5, CLEAR, &[WIDE; 4]);
    world.run(60 * SECOND);
    for who in 0..4 {
        assert_eq!(inside(&mut world, who).media.carrier(), None);
    }
}

#[test]
fn a_carrier_whose_own_pictures_suffer_puts_the_load_down() {
    let mut world = room(6, TIGHT);
    let by = run_until_carried(&mut world);
    world.run(10 * SECOND);
    // What is left is enough for its own.
    world.beings[by].uplink = Some(Uplink::new(4_000_000));
    let since = world.now;
    world.run(40 * SECOND);
    assert_ne!(carrier(&mut world), Some(by));
    for who in others(&world) {
        let path = path(&world, ANNA, who, since, 2000);
        assert!(path.longest_still < 2 * SECOND, "{who}: {path:?}");
    }
    let own = path(&world, by, (0..6).find(|who| *who != by && *who != ANNA).unwrap(), world.now - 10 * SECOND, 1);
    assert!(own.pictures > 10 * 25 * 8 / 10, "{own:?}");
}

/// A picture in Anna's name, sealed with the keys that all members have.
fn forged(world: &mut World, by: usize, number: u32) -> ReceivedFrame {
    let (anna, run) = (inside(world, ANNA).roster.group().me(), inside(world, ANNA).about.own.run);
    let mut sealer = Sealer::new(&inside(world, by).roster.group().epoch_keys(), anna, run);
    let frame = EncodedFrame { stream: Stream::Video, keyframe: true, captured_us: 1, data: vec![ANNA as u8; 900] };
    let mut sealed = Vec::new();
    for _ in 0..=number {
        sealed.clear();
        // A counter that nobody has used yet.
        sealer.seal(Stream::Video.context(), &frame.to_plaintext(), &mut sealed).unwrap();
    }
    let [a, b] = (anna.0 as u16).to_be_bytes();
    let whole = [&[1, a, b][..], &number.to_be_bytes(), &[0; PROOF], &sealed].concat();
    danger_unsealed(Stream::Video, 0, whole).into()
}

#[test]
fn a_carrier_that_makes_pictures_of_its_own_is_not_believed() {
    let mut world = room(7, NARROW);
    let by = run_until_carried(&mut world);
    let by_id: MemberId = world.id(by);
    let victim = others(&world).find(|who| *who != by).unwrap();
    let shown = world.beings[victim].opened.len();
    let forged = forged(&mut world, by, 5_000);
    let mut out = std::collections::VecDeque::new();
    let now = world.now;
    inside(&mut world, victim).in_media(now, &mut out, |media, at| media.on_carried(at, by_id, &forged));
    assert!(out.is_empty(), "nothing is shown, and nothing is said");
    let since = world.now;
    world.run(5 * SECOND);
    assert!(world.beings[victim].opened.len() > shown);
    assert!(longest_still(&world, since, None) < Duration::from_millis(600), "the real ones go on");
}
