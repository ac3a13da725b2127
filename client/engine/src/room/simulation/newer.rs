//! A room in which one member has a later version of the program.

use std::{cell::RefCell, rc::Rc};

use ::media::Stream;

use super::{
    tests::{frames, said},
    world::{CLEAR, SECOND, World},
};
use crate::{
    api::{Body, RoomEvent, RoomKind},
    room::{
        Input, Output, Phase,
        wire::{
            self, Abilities, LinkMessage, RoomMessage, Said,
            samples::{frame, longer},
        },
    },
};

const ALICE: usize = 0;
const BOB: usize = 1;
const CAROL: usize = 2;
/// A kind that no message and no content has yet.
const LATER: u32 = 400;

/// Three members, of a room that is nothing but a call or of one that is kept. The program of the second is a later one: it has abilities that nobody knows, writes more behind each link
/// message, and says another kind after it.
fn room(kind: RoomKind) -> World {
    let mut world = World::new(61, CLEAR);
    world.tamper = Some(Box::new(|who, output| match output {
        Output::Send { link, purpose, bytes } if who == BOB => {
            let another = Output::Send { link, purpose, bytes: frame(LATER, b"what is new") };
            vec![Output::Send { link, purpose, bytes: longer(&bytes, b"more") }, another]
        }
        other => vec![other],
    }));
    world.found("Alice", kind);
    let invitation = world.invite(ALICE);
    world.abilities = Abilities::ours().with([90, 91]);
    world.join("Bob", &invitation);
    world.run(SECOND);
    world.abilities = Abilities::ours();
    world.join("Carol", &invitation);
    world.run(3 * SECOND);
    world
}

/// What the later program says inside the group.
fn say_in_group(world: &mut World, message: &[u8]) {
    let Phase::Inside(inside) = &mut world.beings[BOB].room.phase else { panic!("Bob is in") };
    let bytes = wire::encode(&LinkMessage::Group(inside.roster.agreement().protect(message).unwrap()));
    for to in [ALICE, CAROL] {
        world.say_on_link(BOB, to, &wire::decode(&bytes).unwrap());
    }
}

/// A line that can be read, one that can't, and one that can.
fn lines() -> [Said; 3] {
    let poll = Said::Unknown { kind: LATER, bytes: b"lunch: now or later".to_vec() };
    [Said::Text("before".into()), poll, Said::Text("after".into())]
}

#[test]
fn content_of_a_later_version_is_kept_on_the_disk() {
    let mut world = room(RoomKind::Kept);
    for said in lines() {
        world.input(BOB, Input::Say(said));
    }
    world.run(2 * SECOND);
    let bob = world.id(BOB);
    for who in [ALICE, CAROL] {
        let kept = world.beings[who].disk.theirs.iter().filter(|(of, ..)| *of == bob).map(|(.., said)| said.clone());
        assert_eq!(kept.collect::<Vec<_>>(), lines(), "as it came");
    }
}

#[test]
fn members_chat_and_call_when_one_has_a_later_version() {
    let mut world = room(RoomKind::Ephemeral);
    for said in lines() {
        world.input(BOB, Input::Say(said));
    }
    world.input(ALICE, Input::Say(Said::Text("hello Bob".into())));
    say_in_group(&mut world, &frame(LATER, b"what is new"));
    say_in_group(&mut world, &longer(&wire::encode(&RoomMessage::Name("Bobby".into())), b"more"));
    for who in [ALICE, BOB, CAROL] {
        world.start_media(who);
    }
    let since = world.now;
    world.run(5 * SECOND);
    let bob = world.id(BOB);
    for who in [ALICE, CAROL] {
        let being = &world.beings[who];
        let shown = being.events.iter().filter_map(|event| match event {
            RoomEvent::Said(line) if line.member == bob && matches!(line.body, Body::Text(_)) => Some("text"),
            RoomEvent::Said(line) if line.member == bob && line.body == Body::NeedsNewerVersion => Some("newer"),
            _ => None,
        });
        assert_eq!(shown.collect::<Vec<_>>(), ["text", "newer", "text"]);
        let renamed = |event: &RoomEvent| matches!(event, RoomEvent::Renamed { name, .. } if name == "Bobby");
        assert!(being.events.iter().any(renamed), "known fields are read");
        for stream in [Stream::Audio, Stream::Video] {
            assert!(frames(&world, who, BOB, stream, since) >= 60 && frames(&world, BOB, who, stream, since) >= 60);
        }
    }
    assert!(said(&world, BOB).contains(&"hello Bob".to_owned()));
    let delivered = |event: &RoomEvent| matches!(event, RoomEvent::Delivered { up_to: 3 });
    assert!(world.beings[BOB].events.iter().any(delivered), "the line that nobody could read counts as received");
}

#[test]
fn member_without_the_ability_is_told_nothing_of_carrying() {
    let mut world = World::new(62, CLEAR);
    world.create("Alice");
    let invitation = world.invite(ALICE);
    world.join("Bob", &invitation);
    world.run(SECOND);
    // A lean program, say.
    world.abilities = Abilities::default();
    world.join("Carol", &invitation);
    world.run(2 * SECOND);
    let told = Rc::new(RefCell::new(Vec::new()));
    let note = told.clone();
    world.tamper = Some(Box::new(move |who, output| {
        if let Output::Send { link, bytes, .. } = &output
            && let Some(LinkMessage::Spare(_) | LinkMessage::Carry(_)) = wire::decode(bytes)
        {
            note.borrow_mut().push((who, *link));
        }
        vec![output]
    }));
    for who in [ALICE, BOB, CAROL] {
        world.start_media(who);
    }
    let since = world.now;
    world.run(20 * SECOND);
    let is_told = |to| told.borrow().iter().any(|(by, link)| world.link_with(*by, to) == Some(*link));
    assert!(is_told(ALICE) && is_told(BOB), "members with the ability are told what others can spare");
    assert!(!is_told(CAROL));
    for who in [ALICE, BOB] {
        assert!(frames(&world, CAROL, who, Stream::Video, since) >= 240, "Carol sees everybody");
    }
}
