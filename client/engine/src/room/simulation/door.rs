//! At the door: one who fills the waiting room, and an inviter who plays with those who come.

use std::{cell::Cell, rc::Rc, time::Duration};

use super::world::{CLEAR, OPEN, SECOND, World};
use crate::{
    api::{JoinFailed, OverBecause, RoomEvent, RoomKind, Terms},
    invitation::Invitation,
    room::{
        Input, Output,
        wire::{self, LinkMessage},
    },
};

const HOST: usize = 0;
const WAITING_ROOM: Terms = Terms { waiting_room: true, ..OPEN };

fn room(seed: u64, terms: Terms) -> (World, Invitation) {
    let mut world = World::new(seed, CLEAR);
    world.classical = true;
    world.found("Host", RoomKind::Ephemeral);
    let invitation = world.invite_with(HOST, terms);
    (world, invitation)
}

fn is_told_to_wait(world: &World, who: usize) -> bool {
    world.beings[who].events.iter().any(|event| matches!(event, RoomEvent::Waiting))
}

/// The host's program says something else for what it would say to those who come.
fn instead_of_wait(world: &mut World, says: Vec<LinkMessage>) {
    world.tamper = Some(Box::new(move |who, output| {
        let Output::Send { link, purpose, bytes } = output else {
            return vec![output];
        };
        match wire::decode(&bytes) {
            Some(LinkMessage::Wait) if who == HOST => {
                says.iter().map(|message| Output::Send { link, purpose, bytes: wire::encode(message) }).collect()
            }
            _ => vec![Output::Send { link, purpose, bytes }],
        }
    }));
}

#[test]
fn bearer_who_fills_the_waiting_room_keeps_nobody_out() {
    let (mut world, crowded) = room(91, WAITING_ROOM);
    let other = world.invite_with(HOST, WAITING_ROOM);
    for n in 0..32 {
        world.join(&format!("Crowd {n}"), &crowded);
    }
    world.run(2 * SECOND);
    let guest = world.join("Guest", &other);
    world.run(2 * SECOND);
    assert!(is_told_to_wait(&world, guest) && world.beings[guest].ended.is_none());
    // Of those who have the same invitation, the first make way once they have waited for long.
    let early = world.join("Early", &crowded);
    world.run(2 * SECOND);
    assert_eq!(world.beings[early].ended, Some(OverBecause::JoinFailed(JoinFailed::Full)));
    world.run(60 * SECOND);
    let late = world.join("Late", &crowded);
    world.run(2 * SECOND);
    assert!(is_told_to_wait(&world, late) && world.beings[late].ended.is_none());
}

#[test]
fn inviter_who_says_wait_twice_is_left() {
    let (mut world, invitation) = room(92, WAITING_ROOM);
    instead_of_wait(&mut world, vec![LinkMessage::Wait, LinkMessage::Wait]);
    let guest = world.join("Guest", &invitation);
    world.run(2 * SECOND);
    let told = world.beings[guest].events.iter().filter(|event| matches!(event, RoomEvent::Waiting)).count();
    assert_eq!(told, 1);
    assert_eq!(world.beings[guest].ended, Some(OverBecause::JoinFailed(JoinFailed::Malformed)));
}

#[test]
fn invitation_to_a_call_becomes_no_contact() {
    let (mut world, invitation) = room(93, WAITING_ROOM);
    let mut elsewhere = World::new(94, CLEAR);
    let third = elsewhere.found("Third", RoomKind::Contact);
    let contact = elsewhere.invite_with(third, Terms { many: false, ..OPEN });
    assert!(contact.is_contact() && !invitation.is_contact());
    instead_of_wait(&mut world, vec![LinkMessage::Instead(contact.to_string().into())]);
    let guest = world.join("Guest", &invitation);
    world.run(2 * SECOND);
    assert_eq!(world.beings[guest].ended, Some(OverBecause::JoinFailed(JoinFailed::Malformed)));
}

#[test]
fn member_who_goes_in_and_out_of_a_call_is_offered_media_seldom() {
    let (mut world, invitation) = room(95, OPEN);
    let guest = world.join("Guest", &invitation);
    world.run(SECOND);
    // Who has the lower id makes the offers.
    let (offers, liar) = if world.id(HOST) < world.id(guest) { (HOST, guest) } else { (guest, HOST) };
    world.input(offers, Input::Call { video: true });
    world.input(liar, Input::Call { video: true });
    world.run(2 * SECOND);
    let made = Rc::new(Cell::new(0));
    let counted = Rc::clone(&made);
    world.tamper = Some(Box::new(move |who, output| {
        if let Output::Send { bytes, .. } = &output
            && who == offers
            && matches!(wire::decode(bytes), Some(LinkMessage::Handshake { .. }))
        {
            counted.set(counted.get() + 1);
        }
        vec![output]
    }));
    for _ in 0..100 {
        world.input(liar, Input::HangUp);
        world.run(Duration::from_millis(10));
        world.input(liar, Input::Call { video: true });
        world.run(Duration::from_millis(10));
    }
    assert!((1..=5).contains(&made.get()), "{} offers in two seconds", made.get());
    world.run(2 * SECOND);
    assert_eq!(world.connected(offers), 1, "in the end both are in the call");
}
