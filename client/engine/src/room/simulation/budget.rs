//! A member who asks more of the others than anybody may: it costs that member, and nobody else.

use std::{cell::Cell, collections::VecDeque, net::SocketAddr, rc::Rc, time::Duration};

use group_crypto::MemberId;

use super::{
    tests::{has_link, hears, inside, says},
    world::{CLEAR, SECOND, World},
};
use crate::{
    api::RoomKind,
    rendezvous::Whereabouts,
    room::{
        Input, Output, Phase,
        numbers::Kbps,
        wire::{self, LinkMessage, RoomMessage, Statement},
    },
};

const ALICE: usize = 0;
const BOB: usize = 1;
/// What the agreement says to one who was removed.
const OUT: u8 = 7;
const MALLORY: usize = 2;
const DORA: usize = 3;

/// A kept room of four; these two have no link with each other.
fn room(seed: u64, apart: &[(usize, usize)]) -> World {
    let mut world = World::new(seed, CLEAR);
    world.apart = apart.to_vec();
    let host = world.found("Alice", RoomKind::Kept);
    let invitation = world.invite(host);
    for name in ["Bob", "Mallory", "Dora"] {
        world.join(name, &invitation);
        world.run(SECOND);
    }
    world.run(15 * SECOND);
    world
}

/// What a member has said last of how much they could carry.
fn spare(world: &mut World, who: usize, of: MemberId) -> u32 {
    inside(world, who).media.spare_of(of)
}

#[test]
fn nested_messages_disturb_nobody_when_a_member_sends_them() {
    let mut world = room(1, &[(BOB, MALLORY)]);
    let (bob, mallory) = (world.id(BOB).0, world.id(MALLORY));
    // One message within another is how members speak by way of a third.
    let bytes = wire::encode(&LinkMessage::Spare(Kbps::clamped(5)));
    let sealed = inside(&mut world, MALLORY).roster.seal(&RoomMessage::Over { to: bob, bytes }).unwrap();
    world.say_on_link(MALLORY, ALICE, &LinkMessage::Forward { to: bob, sealed });
    world.run(SECOND);
    assert_eq!(spare(&mut world, BOB, mallory), 5);
    // As deep as a link's message is long: what is read by calls within calls ends with the thread's stack.
    let (mut bytes, mut levels) = (wire::encode(&LinkMessage::Spare(Kbps::clamped(7))), 0);
    while bytes.len() < 300_000 && levels < 120 {
        bytes = inside(&mut world, MALLORY).roster.seal(&RoomMessage::Over { to: bob, bytes }).unwrap();
        levels += 1;
    }
    assert!(levels > 20, "{levels}");
    world.say_on_link(MALLORY, ALICE, &LinkMessage::Forward { to: bob, sealed: bytes });
    world.run(SECOND);
    assert_eq!(spare(&mut world, BOB, mallory), 5, "messages within messages are followed to the end");
    for (from, to) in [(ALICE, BOB), (DORA, BOB), (BOB, ALICE), (MALLORY, BOB), (BOB, MALLORY)] {
        let text = format!("from {from} to {to}");
        says(&mut world, from, &text);
        world.run(2 * SECOND);
        assert!(hears(&world, to, &text), "{text}");
    }
}

#[test]
fn forward_within_a_forwarded_message_is_refused() {
    let mut world = room(2, &[(BOB, MALLORY)]);
    let [bob, dora] = [BOB, DORA].map(|who| world.id(who).0);
    let passed_on = Rc::new(Cell::new(0));
    let counts = passed_on.clone();
    world.tamper = Some(Box::new(move |who, output| {
        if who == BOB && matches!(output, Output::Forward { .. }) {
            counts.set(counts.get() + 1);
        }
        vec![output]
    }));
    let inner = wire::encode(&LinkMessage::Forward { to: dora, sealed: b"for Dora".to_vec() });
    let sealed = inside(&mut world, MALLORY).roster.seal(&RoomMessage::Over { to: bob, bytes: inner }).unwrap();
    world.say_on_link(MALLORY, ALICE, &LinkMessage::Forward { to: bob, sealed });
    world.run(SECOND);
    assert_eq!(passed_on.get(), 0, "Bob is made to pass on what came within another message");
    world.say_on_link(ALICE, BOB, &LinkMessage::Forward { to: dora, sealed: b"for Dora".to_vec() });
    world.run(SECOND);
    assert_eq!(passed_on.get(), 1);
}

#[test]
fn member_says_nothing_in_the_name_of_one_who_passes_it_on() {
    let mut world = room(2, &[(BOB, MALLORY)]);
    let bob = world.id(BOB).0;
    // As a member who removed Bob says it, on their own link.
    let out = wire::encode(&LinkMessage::Group(vec![OUT]));
    world.say_on_link(MALLORY, ALICE, &LinkMessage::Forward { to: bob, sealed: out });
    world.run(SECOND);
    assert_eq!(world.read_only(BOB), None, "Alice seems to say that Bob was removed");
    says(&mut world, BOB, "still here");
    world.run(SECOND);
    assert!(hears(&world, ALICE, "still here"));
}

/// What this member signs about where they are.
fn statement(world: &mut World, who: usize, number: u64, endpoint: u8) -> Statement {
    let member = world.id(who).0;
    let addresses = (0..16).map(|port| SocketAddr::from(([127, 0, 0, 9], 100 + port))).collect();
    let at = Whereabouts { endpoint: [endpoint; 32], relays: Vec::new(), addresses };
    let mut statement = Statement { member, at: (&at).into(), number, signature: Vec::new() };
    let signature = inside(world, who).roster.group().sign("whereabouts", &statement.content());
    statement.signature = signature.unwrap();
    statement
}

fn hearsay_dials(world: &World, who: usize) -> usize {
    world.dials.iter().filter(|(_, dials, is_hearsay)| *dials == who && *is_hearsay).count()
}

#[test]
fn lies_about_a_third_member_lead_to_no_dial() {
    let mut world = room(3, &[]);
    let dora = world.id(DORA).0;
    world.kill(DORA);
    world.run(10 * SECOND);
    world.dials.clear();
    for number in 0..200 {
        // Signed by the liar, in another's name.
        let mut lie = statement(&mut world, MALLORY, u64::MAX - 1000 + number, number as u8);
        lie.member = dora;
        let lie = inside(&mut world, MALLORY).roster.seal(&RoomMessage::Whereabouts([lie].into())).unwrap();
        let lie: LinkMessage = wire::decode(&lie).unwrap();
        world.say_on_link(MALLORY, ALICE, &lie);
        world.run(Duration::from_millis(100));
    }
    assert_eq!(hearsay_dials(&world, ALICE), 0);
    world.restart(DORA);
    world.run(5 * SECOND);
    let dora = MemberId(dora);
    assert!([ALICE, BOB, MALLORY].iter().all(|who| has_link(&world, *who, dora)), "she is believed herself");
}

#[test]
fn own_lies_of_a_member_lead_to_few_dials() {
    let mut world = room(4, &[]);
    let echo = world.id(DORA);
    world.kill(DORA);
    world.run(10 * SECOND);
    let proven = inside(&mut world, ALICE).links.place_of(echo).cloned();
    world.dials.clear();
    // One who is away, and signs whatever Mallory tells of them.
    for number in 0..600 {
        let lie = statement(&mut world, DORA, 1_800_000_000_000 + number, number as u8);
        let lie = inside(&mut world, MALLORY).roster.seal(&RoomMessage::Whereabouts([lie].into())).unwrap();
        for to in [ALICE, BOB] {
            world.say_on_link(MALLORY, to, &wire::decode(&lie).unwrap());
        }
        world.run(Duration::from_millis(100));
    }
    for who in [ALICE, BOB] {
        let dials = hearsay_dials(&world, who);
        assert!((1..=3).contains(&dials), "{dials} dials in a minute");
    }
    assert!(inside(&mut world, ALICE).links.place_of(echo).cloned() == proven, "the place that is proven stays");
    world.restart(DORA);
    world.run(5 * SECOND);
    assert!([ALICE, BOB].iter().all(|who| has_link(&world, *who, echo)), "a true link comes up all the same");
    says(&mut world, ALICE, "still here");
    world.run(2 * SECOND);
    assert!(hears(&world, BOB, "still here") && hears(&world, DORA, "still here"));
}

fn number_of_statement(world: &mut World, who: usize) -> u64 {
    let (now, mut number) = (world.now, None);
    inside(world, who).in_links(now, &mut VecDeque::new(), |links, around| number = links.stated(around));
    number.unwrap()
}

#[test]
fn own_statement_counts_on_when_the_clock_was_set_back() {
    let mut world = room(8, &[]);
    let before = number_of_statement(&mut world, DORA);
    world.restart(DORA);
    inside(&mut world, DORA).about.own.clock.unix_ms -= 24 * 60 * 60 * 1000;
    let after = number_of_statement(&mut world, DORA);
    assert!(after > before, "{after} after {before}: others take the older place for the newer");
}

#[test]
fn hearsay_leads_to_a_link_when_it_is_true() {
    let mut world = room(5, &[]);
    let (bob, dora) = (world.id(BOB), world.id(DORA));
    // Both come back elsewhere, and know nothing of each other's new place.
    world.kill(BOB);
    world.kill(DORA);
    world.run(10 * SECOND);
    world.restart(BOB);
    world.run(10 * SECOND);
    world.restart(DORA);
    world.run(5 * SECOND);
    assert!(has_link(&world, BOB, dora) && has_link(&world, DORA, bob));
}

#[test]
fn flood_to_pass_on_costs_its_sender_and_nobody_else() {
    let mut world = room(6, &[]);
    let [bob, mallory] = [BOB, MALLORY].map(|who| world.id(who));
    let passed_on = Rc::new(Cell::new(0));
    let counts = passed_on.clone();
    world.tamper = Some(Box::new(move |who, output| {
        if let Output::Forward { bytes, .. } = &output
            && who == ALICE
        {
            counts.set(counts.get() + bytes.len());
        }
        vec![output]
    }));
    let mut was_cut = false;
    for _ in 0..100 {
        for _ in 0..20 {
            if has_link(&world, MALLORY, world.id(ALICE)) {
                let sealed = vec![7; 100_000];
                world.say_on_link(MALLORY, ALICE, &LinkMessage::Forward { to: bob.0, sealed });
            }
        }
        world.run(Duration::from_millis(100));
        assert!(has_link(&world, ALICE, bob) && has_link(&world, BOB, world.id(ALICE)));
        was_cut |= !has_link(&world, ALICE, mallory);
    }
    assert!(was_cut, "who goes on and on loses their link");
    assert!(passed_on.get() < 4_000_000, "{} of 200,000,000 bytes are passed on", passed_on.get());
    says(&mut world, ALICE, "to all");
    world.run(2 * SECOND);
    assert!(hears(&world, BOB, "to all") && hears(&world, DORA, "to all"));
}

fn link(world: &mut World, who: usize, with: MemberId) -> Option<crate::room::LinkId> {
    inside(world, who).links.link_with(with)
}

#[test]
fn member_who_tells_a_liars_statements_keeps_their_link() {
    let mut world = room(11, &[(BOB, MALLORY)]);
    let alice = world.id(ALICE);
    let before = link(&mut world, BOB, alice);
    for batch in 0..10u64 {
        // All are true as far as Alice can see: Mallory has signed them.
        let told = (0..100).map(|n| statement(&mut world, MALLORY, (1 << 50) + batch * 100 + n, n as u8));
        let told = RoomMessage::Whereabouts(told.collect());
        let sealed = inside(&mut world, ALICE).roster.seal(&told).unwrap();
        world.say_on_link(ALICE, BOB, &LinkMessage::Group(sealed));
        world.run(SECOND / 10);
    }
    says(&mut world, ALICE, "still here");
    world.run(2 * SECOND);
    assert!(hears(&world, BOB, "still here"));
    assert_eq!(link(&mut world, BOB, alice), before, "the link of one who did nothing wrong was closed");
}

#[test]
fn member_who_passes_on_a_flood_keeps_their_link() {
    let mut world = room(12, &[]);
    let (alice, liars) = (world.id(ALICE), [MALLORY, DORA].map(|who| world.id(who).0));
    let before = link(&mut world, BOB, alice);
    for n in 0..6000 {
        let from = liars[n % liars.len()];
        world.say_on_link(ALICE, BOB, &LinkMessage::Forwarded { from, sealed: vec![0] });
    }
    says(&mut world, ALICE, "still here");
    world.run(2 * SECOND);
    assert!(hears(&world, BOB, "still here"), "Alice's own lines wait behind what she passes on");
    assert_eq!(link(&mut world, BOB, alice), before, "the link of one who did nothing wrong was closed");
}

#[test]
fn flood_in_anothers_name_leaves_what_others_pass_on_for_them() {
    let mut world = room(13, &[]);
    let victim = world.id(DORA).0;
    // Dora has a link with Alice alone, who passes on what she says to Bob.
    for apart in [BOB, MALLORY] {
        world.apart.push((DORA, apart));
        world.break_link(DORA, apart);
    }
    world.notice_broken_links();
    world.run(10 * SECOND);
    for n in 0..60 {
        for _ in 0..100 {
            world.say_on_link(MALLORY, BOB, &LinkMessage::Forwarded { from: victim, sealed: vec![0] });
        }
        if n % 10 == 0 {
            says(&mut world, DORA, &format!("line {n}"));
        }
        world.run(SECOND / 10);
    }
    world.run(SECOND);
    for n in [0, 10, 20, 30, 40, 50] {
        assert!(hears(&world, BOB, &format!("line {n}")), "line {n} is dropped");
    }
}

#[test]
fn room_that_panics_is_over_and_keeps_nothing_of_it() {
    let mut world = room(7, &[]);
    let room = &mut world.beings[MALLORY].room;
    room.fence(|room| {
        if let Phase::Inside(inside) = &mut room.phase {
            inside.keep_details();
        }
        panic!("a test");
    });
    assert!(room.take_kept().is_empty());
    assert!(matches!(room.poll(), Some(Output::Over(crate::api::OverBecause::Failed))));
    room.handle(world.now, Input::Timeout);
    assert!(room.poll().is_none());
    says(&mut world, ALICE, "without Mallory");
    world.run(2 * SECOND);
    assert!(hears(&world, BOB, "without Mallory"));
}
