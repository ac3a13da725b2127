//! A member in the middle that does what it likes with what it passes on: nothing of it is ever taken for another's, and
//! the call goes on when it stops.

use std::{cell::RefCell, collections::VecDeque, rc::Rc, time::Duration};

use ::media::{EncodedFrame, Stream, jitter::PathSequence, repair::Came, split::Splitter};
use group_crypto::{MemberIndex, Sealer};

use super::{
    middle::{Malice, Middle, forged_frame},
    tests::{everyone_sees_everyone, frames, said},
    unsealed::danger_unsealed,
    world::{CLEAR, SECOND, Tamper, World},
};
use crate::{
    api::{Path, RoomEvent},
    room::{
        Input, LinkId, Output, Phase,
        inside::Inside,
        numbers::{Generation, Sequence, UnixMs},
        wire::{self, Candidates, Few, LinkMessage, Purpose, RoomMessage, Said, Streams},
    },
};

/// Who is in the middle, the two who see each other and Berta through it, and she.
const MALLORY: usize = 0;
const ANNA: usize = 1;
const BERTA: usize = 2;
const DORA: usize = 3;
const ALL: [usize; 4] = [MALLORY, ANNA, BERTA, DORA];

fn inside(world: &mut World, who: usize) -> &mut Inside {
    match &mut world.beings[who].room.phase {
        Phase::Inside(inside) => inside,
        _ => panic!("{who} is in the room"),
    }
}

fn index(world: &mut World, who: usize) -> MemberIndex {
    inside(world, who).roster.group().me()
}

/// Mallory's keys, in Anna's name.
fn forger(world: &mut World) -> Sealer {
    let (anna, run) = (index(world, ANNA), inside(world, ANNA).about.own.run);
    Sealer::new(&inside(world, MALLORY).roster.group().epoch_keys(), anna, run)
}

/// A room of four in which Berta reaches Anna and Dora through Mallory alone, and all speak.
fn room(seed: u64) -> (World, Rc<RefCell<Middle>>) {
    let mut world = World::new(seed, CLEAR);
    world.no_direct = true;
    world.apart = vec![(ANNA, BERTA), (BERTA, DORA)];
    let host = world.create("Mallory");
    let invitation = world.invite(host);
    for name in ["Anna", "Berta", "Dora"] {
        world.join(name, &invitation);
        world.run(SECOND);
    }
    world.run(15 * SECOND);
    ALL.iter().for_each(|who| world.start_media(*who));
    let [anna, dora] = [ANNA, DORA].map(|who| index(&mut world, who).0 as u8);
    let middle = Middle::new(seed, anna, dora, forger(&mut world));
    let middle = Rc::new(RefCell::new(middle));
    let of_world = Rc::clone(&middle);
    let tamper: Tamper = Box::new(move |who, output| match who {
        MALLORY => of_world.borrow_mut().send(output),
        _ => vec![output],
    });
    world.tamper = Some(tamper);
    let since = world.now;
    world.run(2 * SECOND);
    everyone_sees_everyone(&world, &ALL, since, 40);
    let path =
        |event: &RoomEvent| matches!(event, RoomEvent::Changed { state, .. } if state.path == Some(Path::Forwarded));
    assert!(world.beings[BERTA].events.iter().any(path));
    (world, middle)
}

/// Lets Mallory be so for some seconds, and then honest: what was shown meanwhile, and what is shown then, is right.
fn outlives(malice: Malice) {
    for seed in 0..2 {
        let (mut world, middle) = room(31 + seed);
        middle.borrow_mut().malice = malice;
        world.run(4 * SECOND);
        assert!(middle.borrow().tampered > 100, "{malice:?} was hardly done");
        ALL.iter().for_each(|who| assert_eq!(world.beings[*who].wrong, 0, "{malice:?}"));
        let held = {
            let mut middle = middle.borrow_mut();
            middle.malice = Malice::Honest;
            std::mem::take(&mut middle.held)
        };
        held.into_iter().for_each(|output| world.carry(MALLORY, output));
        // A path that was silent for seven seconds is begun anew.
        world.run(10 * SECOND);
        let since = world.now;
        world.run(2 * SECOND);
        everyone_sees_everyone(&world, &ALL, since, 40);
    }
}

#[test]
fn members_without_a_link_meet_through_another_in_a_second() {
    let mut world = World::new(29, CLEAR);
    world.no_direct = true;
    world.apart = vec![(ANNA, BERTA)];
    let host = world.create("Mallory");
    let invitation = world.invite(host);
    world.join("Anna", &invitation);
    world.run(2 * SECOND);
    world.join("Berta", &invitation);
    let mut waited = Duration::ZERO;
    while world.connected(ANNA) < 2 || world.connected(BERTA) < 2 {
        world.run(SECOND / 20);
        waited += SECOND / 20;
        assert!(waited <= SECOND, "they have not met after {waited:?}");
    }
}

#[test]
fn world_notices_forged_frames_and_repeated_ones() {
    let (mut world, _) = room(30);
    let member = world.id(ANNA);
    let mut show = |captured_us, data| {
        let (frame, sequence) = (EncodedFrame { data, captured_us, ..forged_frame() }, PathSequence::default());
        world.carry(BERTA, Output::Frame { member, sequence, timestamp: 0, frame, came: Came::default() });
        world.beings[BERTA].wrong
    };
    let annas = |length| vec![ANNA as u8; length];
    assert_eq!(show(1, annas(80)), 0);
    assert_eq!(show(2, vec![0xee; 80]), 1);
    assert_eq!(show(3, annas(2500)), 2);
    // There are two packets of sound in a capture.
    assert_eq!(show(1, annas(80)), 2);
    assert_eq!(show(1, annas(80)), 3);
}

#[test]
fn a_forwarder_that_drops_every_other_datagram_forges_nothing() {
    outlives(Malice::Drops);
}

#[test]
fn a_forwarder_that_flips_bits_is_not_believed() {
    outlives(Malice::FlipsBits);
}

#[test]
fn what_a_forwarder_replays_is_not_shown_again() {
    outlives(Malice::Replays);
}

#[test]
fn what_a_forwarder_reorders_is_shown_in_its_place() {
    outlives(Malice::Reorders);
}

#[test]
fn a_forwarder_passes_no_sound_off_as_picture() {
    outlives(Malice::SwapsStreams);
}

#[test]
fn a_forwarder_passes_nobody_off_as_somebody_else() {
    outlives(Malice::SwapsSenders);
}

#[test]
fn a_forwarder_passes_nothing_of_its_own_off_as_anothers() {
    outlives(Malice::PassesOwnOff);
}

#[test]
fn frames_that_a_forwarder_forges_are_not_believed() {
    outlives(Malice::ForgesPackets);
}

#[test]
fn forged_frames_over_ones_own_connection_use_up_no_counter() {
    let (mut world, _) = room(41);
    let mut forger = forger(&mut world);
    let since = world.now;
    for n in 0..60u32 {
        for _ in 0..20 {
            let mut sealed = Vec::new();
            forger.seal(Stream::Audio.context(), &forged_frame().to_plaintext(), &mut sealed).unwrap();
            let packets = Splitter::new().split(&danger_unsealed(Stream::Audio, n, sealed));
            let (now, mut out) = (world.now, VecDeque::new());
            let berta = world.id(BERTA);
            let mallory = inside(&mut world, MALLORY);
            mallory.in_media(now, &mut out, |media, at| {
                media.act_on(at, berta, |now, peer| packets.iter().for_each(|packet| peer.send(now, packet)));
            });
            out.into_iter().for_each(|output| world.carry(MALLORY, output));
        }
        world.run(Duration::from_millis(40));
    }
    assert_eq!(world.beings[BERTA].wrong, 0);
    assert!(frames(&world, BERTA, ANNA, Stream::Audio, since) >= 100);
}

#[test]
fn nothing_that_a_forwarder_says_passes_for_what_another_said() {
    let (mut world, _) = room(42);
    let (anna, berta) = (world.id(ANNA), world.id(BERTA));
    let generation = |number| Generation::try_from(number).unwrap();
    let lies = [
        LinkMessage::Goodbye(vec![7; 64]),
        LinkMessage::Rest,
        LinkMessage::Streams(Streams::default()),
        LinkMessage::Removed { commits: Few::default() },
        LinkMessage::Candidates { generation: generation(1), candidates: Candidates::default() },
        LinkMessage::Handshake {
            generation: generation(9),
            ufrag: "abcd".into(),
            pass: "a".repeat(24).into(),
            candidates: Candidates::default(),
        },
        LinkMessage::Pair([7; 32]),
    ];
    let since = world.now;
    for lie in &lies {
        // Sealed for the group as Mallory's own, because nobody else's signature can be had.
        let over = RoomMessage::Over { to: berta.0, bytes: wire::encode(lie) };
        let line = RoomMessage::Line {
            sequence: Sequence::clamped(1),
            at_ms: UnixMs::MIN,
            body: Said::Text("as Anna".into()),
        };
        for message in [over, line] {
            let sealed = inside(&mut world, MALLORY).roster.seal(&message).unwrap();
            world.say_on_link(MALLORY, BERTA, &LinkMessage::Forwarded { from: anna.0, sealed });
        }
        // And not sealed at all.
        for naked in [wire::encode(lie), vec![0xff; 300], Vec::new()] {
            world.say_on_link(MALLORY, BERTA, &LinkMessage::Forwarded { from: anna.0, sealed: naked });
        }
        world.run(Duration::from_millis(100));
    }
    let gone = |event: &RoomEvent| matches!(event, RoomEvent::Left { member, .. } if *member == anna);
    assert!(!world.beings[BERTA].events.iter().any(gone));
    let as_anna = |event: &RoomEvent| matches!(event, RoomEvent::Said(line) if line.member == anna);
    assert!(!world.beings[BERTA].events.iter().any(as_anna));
    world.run(2 * SECOND);
    everyone_sees_everyone(&world, &[ANNA, BERTA, DORA], since, 40);
    // Mallory has said goodbye to Berta, and nobody else has.
    assert_eq!(world.beings[BERTA].wrong, 0);
}

#[test]
fn damaged_and_repeated_words_arrive_once_and_as_their_senders() {
    let (mut world, _) = room(43);
    let dora = world.id(DORA).0;
    let [anna_at, dora_at] = [ANNA, DORA].map(|who| index(&mut world, who).0 as u8);
    let mut random = Middle::new(43, anna_at, dora_at, forger(&mut world));
    let mut old: Vec<(LinkId, Vec<u8>)> = Vec::new();
    world.tamper = Some(Box::new(move |who, output| {
        let (Output::Send { link, bytes, .. } | Output::Forward { link, bytes, .. }) = &output else {
            return vec![output];
        };
        let Some(LinkMessage::Forwarded { from, sealed }) = wire::decode(bytes).filter(|_| who == MALLORY) else {
            return vec![output];
        };
        let link = *link;
        let mut damaged = sealed.clone();
        let at = random.below(damaged.len());
        damaged[at] ^= 1 << random.below(8);
        let damaged = wire::encode(&LinkMessage::Forwarded { from, sealed: damaged });
        // Anna's word with Dora's name on the outside: whose it is stands inside.
        let renamed = wire::encode(&LinkMessage::Forwarded { from: dora, sealed });
        old.push((link, bytes.clone()));
        let (of, again) = old[random.below(old.len())].clone();
        let sent = [(link, damaged), (link, renamed), (of, again)];
        let sent = sent.into_iter().map(|(link, bytes)| Output::Send { link, purpose: Purpose::Control, bytes });
        sent.chain([output]).collect()
    }));
    let texts: Vec<_> = (0..10).map(|n| format!("line {n}")).collect();
    for text in &texts {
        world.input(ANNA, Input::Say(text.clone().into()));
        world.run(Duration::from_millis(200));
    }
    world.run(3 * SECOND);
    assert_eq!(said(&world, BERTA), texts);
    let anna = world.id(ANNA);
    let all_annas = |event: &RoomEvent| match event {
        RoomEvent::Said(line) => line.member == anna,
        _ => true,
    };
    assert!(world.beings[BERTA].events.iter().all(all_annas));
    let since = world.now;
    world.run(2 * SECOND);
    everyone_sees_everyone(&world, &ALL, since, 40);
}

#[test]
fn goodbye_of_a_forwarder_leaves_no_way_through_it() {
    let (mut world, _) = room(43);
    world.tamper = None;
    world.input(MALLORY, Input::Leave);
    world.run(3 * SECOND);
    for (who, other) in [(ANNA, BERTA), (BERTA, ANNA)] {
        let other = world.id(other);
        let link = inside(&mut world, who).links.link_with(other);
        assert_eq!(link, None, "{who} takes a way for a link that ended with the one in the middle");
    }
}
