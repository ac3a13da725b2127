//! What others can do to a room of ours by saying that we were removed.

use super::world::{CLEAR, SECOND, World};
use crate::{
    api::{OverBecause, ReadOnly, RoomEvent, RoomKind, Trouble},
    room::{
        Input, Output,
        wire::{self, LinkMessage, Said},
    },
};

const VICTIM: usize = 0;
const LIAR: usize = 1;
const HONEST: usize = 2;

/// What the agreement of a member says to one who was removed.
const OUT: u8 = 7;

fn room() -> World {
    let mut world = World::new(71, CLEAR);
    let host = world.found("Victim", RoomKind::Kept);
    let invitation = world.invite(host);
    for name in ["Liar", "Honest"] {
        world.join(name, &invitation);
        world.run(2 * SECOND);
    }
    for who in [LIAR, HONEST] {
        world.input(who, Input::Say(Said::Text(format!("from {who}"))));
    }
    world.run(2 * SECOND);
    assert_eq!(world.beings[VICTIM].disk.theirs.len(), 2);
    world
}

fn nothing_is_lost(world: &World) {
    assert_eq!(world.beings[VICTIM].ended, None);
    assert_eq!(world.beings[VICTIM].disk.theirs.len(), 2);
}

/// The honest one is found again, and the two can talk.
fn honest_one_comes_back(world: &mut World) {
    world.restart(HONEST);
    for _ in 0..4 {
        world.run(2 * SECOND);
        world.rendezvous();
    }
    assert_eq!(world.read_only(VICTIM), None, "somebody with whom the keys work has shown that we are in");
    world.input(VICTIM, Input::Say("still here".to_owned().into()));
    world.run(2 * SECOND);
    let heard = world.beings[HONEST].disk.theirs.iter().filter(|(.., said)| *said == Said::Text("still here".into()));
    assert_eq!(heard.count(), 1);
}

fn cannot_say(world: &mut World) {
    world.beings[VICTIM].troubles.clear();
    world.input(VICTIM, Input::Say("hello?".to_owned().into()));
    world.input(VICTIM, Input::Call { video: false });
    assert_eq!(world.beings[VICTIM].troubles, [Trouble::ReadOnly; 2]);
}

#[test]
fn members_word_on_a_link_deletes_no_room() {
    let mut world = room();
    world.kill(HONEST);
    world.run(10 * SECOND);
    world.say_on_link(LIAR, VICTIM, &LinkMessage::Group(vec![OUT]));
    world.run(SECOND);
    assert_eq!(world.read_only(VICTIM), Some(ReadOnly::SaidRemoved));
    cannot_say(&mut world);
    world.run(60 * SECOND);
    nothing_is_lost(&world);
    honest_one_comes_back(&mut world);
}

#[test]
fn members_word_instead_of_hello_deletes_no_room() {
    let mut world = room();
    world.kill(HONEST);
    world.tamper = Some(Box::new(|who, output| match output {
        Output::Send { link, purpose, bytes } if who == LIAR => {
            let is_hello = matches!(wire::decode(&bytes), Some(LinkMessage::Hello(_)));
            let lie = LinkMessage::Removed { commits: [vec![2, 0, 0], vec![9; 900], Vec::new()].into() };
            vec![Output::Send { link, purpose, bytes: if is_hello { wire::encode(&lie) } else { bytes } }]
        }
        other => vec![other],
    }));
    world.restart(VICTIM);
    for _ in 0..4 {
        world.run(2 * SECOND);
        world.rendezvous();
    }
    assert_eq!(world.read_only(VICTIM), Some(ReadOnly::SaidRemoved));
    nothing_is_lost(&world);
    honest_one_comes_back(&mut world);
}

#[test]
fn removed_member_keeps_the_history_until_they_leave() {
    let mut world = room();
    let victim = world.id(VICTIM);
    world.input(HONEST, Input::Remove(victim));
    world.run(SECOND);
    for restarted in [false, true] {
        if restarted {
            world.restart(VICTIM);
            world.run(5 * SECOND);
        }
        assert_eq!(world.read_only(VICTIM), Some(ReadOnly::Removed));
        assert!(world.beings[VICTIM].room.pairs().is_empty(), "nobody is looked for any more");
        cannot_say(&mut world);
        nothing_is_lost(&world);
    }
    world.input(VICTIM, Input::Leave);
    assert_eq!(world.beings[VICTIM].ended, Some(OverBecause::Left));
}

#[test]
fn member_removed_while_away_is_shown_the_commit() {
    let mut world = room();
    let victim = world.id(VICTIM);
    world.kill(VICTIM);
    world.run(10 * SECOND);
    world.input(HONEST, Input::Remove(victim));
    world.run(5 * SECOND);
    world.restart(VICTIM);
    for _ in 0..4 {
        world.run(2 * SECOND);
        world.rendezvous();
    }
    assert_eq!(world.read_only(VICTIM), Some(ReadOnly::Removed));
    nothing_is_lost(&world);
}

#[test]
fn call_ends_when_all_say_for_long_that_we_were_removed() {
    let mut world = World::new(72, CLEAR);
    let host = world.create("Host");
    let invitation = world.invite(host);
    let other = world.join("Other", &invitation);
    world.run(2 * SECOND);
    world.say_on_link(other, host, &LinkMessage::Group(vec![OUT]));
    world.run(5 * SECOND);
    assert_eq!(world.beings[host].ended, None);
    world.run(6 * SECOND);
    assert_eq!(world.beings[host].ended, Some(OverBecause::Removed));
    let said = |event: &RoomEvent| matches!(event, RoomEvent::ReadOnly(Some(ReadOnly::SaidRemoved)));
    assert!(world.beings[host].events.iter().any(said));
}
