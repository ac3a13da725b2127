//! Links that begin again and again: a member who begins them without end pays for it, and one whose network is bad does not.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};

use super::{
    tests::{has_link, hears, inside, says},
    world::{CLEAR, SECOND, World},
};
use crate::{
    api::RoomKind,
    room::{
        Input, Output,
        wire::{self, LinkMessage, RoomMessage},
    },
};

const ALICE: usize = 0;
const BOB: usize = 1;
const MALLORY: usize = 2;
const DORA: usize = 3;
/// What the agreement says of where a member stands, and what is said inside the group.
const STAND: u8 = 1;
const SEALED: u8 = 3;

/// A kept room of four; these two have no link with each other.
fn room(seed: u64, apart: &[(usize, usize)]) -> World {
    let mut world = World::new(seed, CLEAR);
    world.classical = true;
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

/// Keeps the first that Mallory says of where she stands, and counts what Bob says to Alice.
#[derive(Default)]
struct Watch {
    stand: RefCell<Option<Vec<u8>>>,
    said: Cell<usize>,
}

fn watch(world: &mut World) -> Rc<Watch> {
    let watch = Rc::new(Watch::default());
    let (sees, link) = (watch.clone(), world.link_with(BOB, ALICE).unwrap());
    world.tamper = Some(Box::new(move |who, output| {
        match &output {
            Output::Send { bytes, .. } if who == MALLORY => {
                if let Some(LinkMessage::Group(said)) = wire::decode(bytes)
                    && said.first() == Some(&STAND)
                {
                    sees.stand.borrow_mut().get_or_insert(said);
                }
            }
            Output::Send { link: on, .. } | Output::Forward { link: on, .. } if who == BOB && *on == link => {
                sees.said.set(sees.said.get() + 1);
            }
            _ => {}
        }
        vec![output]
    }));
    watch
}

fn renew(world: &mut World, who: usize) {
    let now = world.now;
    inside(world, who).roster.agreement().renew(now);
    world.input(who, Input::Timeout);
    world.run(SECOND + SECOND / 10);
}

/// Mallory says this to Bob by way of Alice.
fn say_over(world: &mut World, message: &[u8]) {
    let (to, bytes) = (world.id(BOB).0, message.to_vec());
    let sealed = inside(world, MALLORY).roster.seal(&RoomMessage::Over { to, bytes }).unwrap();
    world.say_on_link(MALLORY, ALICE, &LinkMessage::Forward { to, sealed });
}

fn hello_to_bob(world: &mut World) -> Vec<u8> {
    let (now, endpoint, bob) = (world.now, world.beings[BOB].at.endpoint, world.id(BOB));
    let mut hello = None;
    inside(world, MALLORY).in_links(now, &mut VecDeque::new(), |links, around| {
        hello = links.hello(around, endpoint, Some(bob));
    });
    wire::encode(&LinkMessage::Hello(hello.unwrap()))
}

#[test]
fn ways_begun_again_and_again_cost_their_victim_no_link() {
    let mut world = room(41, &[(BOB, MALLORY)]);
    let watch = watch(&mut world);
    let (alice, before) = (world.id(ALICE), world.link_with(BOB, ALICE));
    for _ in 0..62 {
        renew(&mut world, DORA);
    }
    let stand = wire::encode(&LinkMessage::Group(watch.stand.take().unwrap()));
    let round = [wire::encode(&LinkMessage::Rest), hello_to_bob(&mut world), stand];
    watch.said.set(0);
    for _ in 0..40 {
        round.iter().for_each(|message| say_over(&mut world, message));
        world.run(Duration::from_millis(20));
    }
    world.run(SECOND);
    assert!(watch.said.get() < 200, "Bob says {} messages", watch.said.get());
    assert!(has_link(&world, BOB, alice) && world.link_with(BOB, ALICE) == before, "Bob pays with his own link");
    says(&mut world, BOB, "still here");
    world.run(SECOND);
    assert!(hears(&world, ALICE, "still here") && hears(&world, DORA, "still here"));
}

#[test]
fn member_whose_links_break_all_the_time_stays_in_touch() {
    let mut world = room(42, &[]);
    for n in 0..30 {
        for other in [ALICE, MALLORY, DORA] {
            world.break_link(BOB, other);
        }
        world.notice_broken_links();
        if n % 10 == 0 {
            // What was missed is told again, however often the links break meanwhile.
            renew(&mut world, DORA);
        }
        says(&mut world, BOB, &format!("line {n}"));
        world.run(2 * SECOND);
        let bob = world.id(BOB);
        assert!([ALICE, MALLORY, DORA].iter().all(|who| has_link(&world, *who, bob)), "no link after break {n}");
    }
    // The longest pause before lines that went down with a link are sent again.
    world.run(18 * SECOND);
    for who in [ALICE, MALLORY, DORA] {
        let missing: Vec<_> = (0..30).filter(|n| !hears(&world, who, &format!("line {n}"))).collect();
        assert!(missing.is_empty(), "{who} lacks lines {missing:?}");
    }
}

#[test]
fn commits_are_all_there_when_a_machine_wakes_now_and_then() {
    let mut world = room(43, &[]);
    for _ in 0..6 {
        world.sleep(BOB);
        for _ in 0..20 {
            renew(&mut world, DORA);
        }
        world.wake(BOB);
        world.run(3 * SECOND);
        let epochs = [ALICE, BOB].map(|who| world.beings[who].room.summary().unwrap().epoch);
        assert_eq!(epochs[0], epochs[1], "Bob does not follow");
    }
    says(&mut world, BOB, "awake");
    world.run(SECOND);
    assert!(hears(&world, ALICE, "awake") && hears(&world, DORA, "awake"));
}

#[test]
fn introductions_are_few_when_a_member_begins_links_on_and_on() {
    let mut world = room(44, &[]);
    let sealed = Rc::new(Cell::new(0));
    let counts = sealed.clone();
    world.tamper = Some(Box::new(move |who, output| {
        if let Output::Send { bytes, .. } = &output
            && who == ALICE
            && let Some(LinkMessage::Group(said)) = wire::decode(bytes)
            && said.first() == Some(&SEALED)
        {
            counts.set(counts.get() + 1);
        }
        vec![output]
    }));
    for _ in 0..12 {
        world.break_link(ALICE, MALLORY);
        world.notice_broken_links();
        world.run(SECOND / 2);
        assert!(has_link(&world, ALICE, world.id(MALLORY)));
    }
    assert!((1..=9).contains(&sealed.get()), "{} introductions", sealed.get());
}

#[test]
fn seal_rests_for_new_keys_when_an_epoch_is_worn_out() {
    let mut world = room(45, &[]);
    let seals = |world: &mut World| inside(world, ALICE).roster.seal(&RoomMessage::Decline).is_some();
    let sealed = (0..1500).filter(|_| seals(&mut world)).count();
    assert!((900..=961).contains(&sealed), "{sealed} messages are sealed in one epoch");
    says(&mut world, ALICE, "with new keys");
    world.run(3 * SECOND);
    assert!(hears(&world, BOB, "with new keys") && seals(&mut world));
}

#[test]
fn place_said_by_way_of_another_is_dialled_as_hearsay() {
    let mut world = room(46, &[(BOB, MALLORY)]);
    let mallory = world.id(MALLORY);
    let before = inside(&mut world, BOB).links.place_of(mallory).cloned();
    let dials = Rc::new(RefCell::new(Vec::new()));
    let sees = dials.clone();
    world.tamper = Some(Box::new(move |who, output| {
        if let Output::Dial { to, is_hearsay } = &output
            && who == BOB
            && to.addresses.iter().any(|address| address.port() < 20)
        {
            sees.borrow_mut().push((to.addresses.len(), *is_hearsay));
        }
        vec![output]
    }));
    for n in 0..8 {
        // Not where she is: somebody else's sixteen addresses.
        inside(&mut world, MALLORY).about.own.at.addresses =
            (0..16).map(|port| SocketAddr::from(([127, 0, 0, 10 + n], port))).collect();
        let (rest, hello) = (wire::encode(&LinkMessage::Rest), hello_to_bob(&mut world));
        [rest, hello].iter().for_each(|message| say_over(&mut world, message));
        world.run(SECOND / 2);
    }
    let dials = dials.take();
    assert!(inside(&mut world, BOB).links.place_of(mallory).cloned() == before, "the place that is proven stays");
    assert!(dials.len() <= 2 && dials.iter().all(|(addresses, hearsay)| *addresses <= 4 && *hearsay), "{dials:?}");
}
