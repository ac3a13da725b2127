//! What contacts and kept rooms can rely on, each a sentence.

use std::time::Duration;

use super::world::{OPEN, Weather, World};
use crate::{
    api::{Body, JoinFailed, OverBecause, ReadOnly, RoomEvent, RoomKind, Terms},
    room::{Input, content::Meaning, wire::Said},
};

pub(super) const CLEAR: Weather = Weather { loss_percent: 0, delay_ms: 10, jitter_ms: 2 };
pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const ONCE: Terms = Terms { many: false, valid: None, waiting_room: false };

/// Two who have just become contacts.
pub(super) fn contacts(seed: u64) -> (World, usize, usize) {
    let mut world = World::new(seed, CLEAR);
    let alice = world.found("Alice", RoomKind::Contact);
    let invitation = world.invite_with(alice, ONCE);
    let bob = world.join("Bob", &invitation);
    world.run(SECOND);
    assert_eq!(world.beings[bob].ended, None);
    (world, alice, bob)
}

fn say(world: &mut World, who: usize, text: String) {
    world.input(who, Input::Say(Said::Text(text)));
}

fn kept_texts(world: &World, who: usize) -> Vec<String> {
    let text = |said: &Said| match said {
        Said::Text(text) => Some(text.clone()),
        Said::Content(_) => match said.meaning() {
            Meaning::Says { body: Body::Text(text), .. } => Some(text),
            _ => None,
        },
        Said::Invitation { .. } | Said::Unknown { .. } => None,
    };
    world.beings[who].disk.theirs.iter().filter_map(|(_, _, said)| text(said)).collect()
}

#[test]
fn two_contacts_who_both_restart_elsewhere_find_each_other() {
    let (mut world, alice, bob) = contacts(1);
    for _ in 0..3 {
        world.kill(alice);
        world.kill(bob);
        world.run(20 * SECOND);
        world.restart(alice);
        world.restart(bob);
        world.run(SECOND);
        world.rendezvous();
        world.run(SECOND);
        let before = kept_texts(&world, bob).len();
        say(&mut world, alice, format!("after {before}"));
        world.run(SECOND);
        assert_eq!(kept_texts(&world, bob).len(), before + 1);
    }
}

#[test]
fn an_invitation_outlives_its_makers_restart() {
    let mut world = World::new(2, CLEAR);
    let alice = world.found("Alice", RoomKind::Contact);
    let invitation = world.invite_with(alice, ONCE);
    world.restart(alice);
    let bob = world.join("Bob", &invitation);
    world.run(SECOND);
    world.rendezvous();
    world.run(SECOND);
    assert_eq!(world.beings[bob].ended, None);
    say(&mut world, bob, "found you".into());
    world.run(SECOND);
    assert_eq!(kept_texts(&world, alice), ["found you"]);
}

#[test]
fn lines_to_an_absent_member_arrive_once_when_anybody_crashes() {
    for seed in 0..4 {
        let (mut world, alice, bob) = contacts(100 + seed);
        world.kill(bob);
        world.run(10 * SECOND);
        let mut said = 0;
        let mut dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut roll = |below: u64| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (dice >> 33) % below
        };
        while said < 1200 {
            for _ in 0..40 {
                say(&mut world, alice, format!("{said}"));
                said += 1;
            }
            match roll(3) {
                0 => world.restart(alice),
                1 => world.restart(bob),
                _ => {
                    world.restart(bob);
                    world.restart(alice);
                }
            }
            world.run(Duration::from_millis(roll(60)));
            world.rendezvous();
            world.run(Duration::from_millis(roll(400)));
        }
        world.restart(bob);
        world.restart(alice);
        for _ in 0..10 {
            world.rendezvous();
            world.run(2 * SECOND);
        }
        let expected: Vec<_> = (0..said).map(|n| n.to_string()).collect();
        assert_eq!(kept_texts(&world, bob), expected, "seed {seed}");
    }
}

#[test]
fn a_line_waits_until_it_is_delivered_and_then_says_so() {
    let (mut world, alice, bob) = contacts(3);
    world.kill(bob);
    world.run(10 * SECOND);
    say(&mut world, alice, "are you there?".into());
    world.run(SECOND);
    let delivered = |event: &RoomEvent| matches!(event, RoomEvent::Delivered { up_to: 1 });
    assert!(!world.beings[alice].events.iter().any(delivered));
    world.restart(bob);
    world.run(2 * SECOND);
    assert!(world.beings[alice].events.iter().any(delivered));
}

#[test]
fn two_contacts_hold_nothing_in_common_about_one_person() {
    // The same person as two of their contacts know them: two rooms of one process, made as the engine makes them.
    let (world, alice, _) = contacts(4);
    let (other, again, _) = contacts(5);
    let held = |world: &World, who: usize| {
        let being = &world.beings[who];
        let me = world.id(who);
        vec![me.0.to_vec(), being.at.endpoint.to_vec()]
    };
    for one in held(&world, alice) {
        assert!(!held(&other, again).contains(&one));
    }
    let secrets = |world: &World, who: usize| world.beings[who].room.pairs();
    assert!(secrets(&world, alice).iter().all(|a| secrets(&other, again).iter().all(|b| a.secret != b.secret)));
}

#[test]
fn an_invitation_for_one_is_good_for_one() {
    let mut world = World::new(6, CLEAR);
    let host = world.found("Host", RoomKind::Kept);
    let invitation = world.invite_with(host, ONCE);
    let first = world.join("First", &invitation);
    world.run(SECOND);
    let second = world.join("Second", &invitation);
    world.run(SECOND);
    assert_eq!(world.beings[first].ended, None);
    assert_eq!(world.beings[second].ended, Some(OverBecause::JoinFailed(JoinFailed::Refused)));
}

#[test]
fn contact_waits_when_its_only_invitation_is_used_up() {
    let mut world = World::new(26, CLEAR);
    let host = world.found("Host", RoomKind::Contact);
    let invitation = world.invite_with(host, ONCE);
    assert!(!world.beings[host].room.is_alone());
    world.join("Guest", &invitation);
    let used_up = |event: &RoomEvent| matches!(event, RoomEvent::InvitationOver { .. });
    let began = world.now;
    while !world.beings[host].events.iter().any(used_up) {
        assert!(world.now < began + SECOND);
        world.run(Duration::from_millis(1));
    }
    // Whoever looks after the rooms forgets it where it is.
    assert!(!world.beings[host].room.is_alone());
    assert_eq!(world.beings[host].room.summary().map(|summary| summary.names.len()), Some(1), "not yet a member");
}

#[test]
fn an_invitation_that_has_expired_is_refused_by_both_sides() {
    let mut world = World::new(7, CLEAR);
    let host = world.found("Host", RoomKind::Kept);
    let terms = Terms { valid: Some(Duration::from_secs(120)), ..OPEN };
    let mut invitation = world.invite_with(host, terms);
    world.run(Duration::from_secs(200));
    let late = world.join("Late", &invitation);
    world.run(SECOND);
    assert_eq!(world.beings[late].ended, Some(OverBecause::JoinFailed(JoinFailed::Expired)));
    // One who pretends that it goes on for ever.
    invitation.expires = 0;
    let liar = world.join("Liar", &invitation);
    world.run(SECOND);
    assert_eq!(world.beings[liar].ended, Some(OverBecause::JoinFailed(JoinFailed::Refused)));
}

#[test]
fn a_revoked_invitation_opens_nothing() {
    let mut world = World::new(8, CLEAR);
    let host = world.found("Host", RoomKind::Kept);
    let invitation = world.invite_with(host, OPEN);
    world.input(host, Input::Revoke(crate::api::InvitationId(invitation.secret.id().0)));
    let late = world.join("Late", &invitation);
    world.run(SECOND);
    assert_eq!(world.beings[late].ended, Some(OverBecause::JoinFailed(JoinFailed::Refused)));
}

#[test]
fn removed_member_is_refused_with_an_invitation_for_many() {
    let mut world = World::new(9, CLEAR);
    let host = world.found("Host", RoomKind::Kept);
    let invitation = world.invite_with(host, OPEN);
    let guest = world.join("Guest", &invitation);
    world.run(SECOND);
    let id = world.id(guest);
    world.input(host, Input::Remove(id));
    world.run(SECOND);
    assert_eq!(world.read_only(guest), Some(ReadOnly::Removed));
    let again = world.join("Guest", &invitation);
    world.run(SECOND);
    assert_eq!(world.beings[again].ended, Some(OverBecause::JoinFailed(JoinFailed::Refused)));
}

#[test]
fn an_invitation_for_many_contacts_gives_each_one_of_their_own() {
    let mut world = World::new(10, CLEAR);
    let door = world.found("Alice", RoomKind::Contact);
    let invitation = world.invite_with(door, OPEN);
    let mut ends = Vec::new();
    for name in ["Bob", "Carol"] {
        let guest = world.join(name, &invitation);
        world.run(Duration::from_millis(200));
        let link = world.beings[door].dispensing.take().expect("somebody at the door");
        let own = world.found("Alice", RoomKind::Contact);
        let invitation = world.invite_with(own, ONCE);
        world.input(door, Input::Dispensed { link, invitation });
        world.run(SECOND);
        say(&mut world, guest, format!("I am {name}"));
        world.run(SECOND);
        assert_eq!(kept_texts(&world, own), [format!("I am {name}")]);
        ends.push(own);
    }
    assert_ne!(world.id(ends[0]), world.id(ends[1]));
    assert!(kept_texts(&world, door).is_empty());
}

#[test]
fn nobody_comes_out_of_the_waiting_room_but_by_a_members_word() {
    let mut world = World::new(11, CLEAR);
    let host = world.found("Host", RoomKind::Kept);
    let terms = Terms { waiting_room: true, ..OPEN };
    let invitation = world.invite_with(host, terms);
    let guests: Vec<_> = ["Good", "Bad", "Patient"].map(|name| world.join(name, &invitation)).into();
    world.run(60 * SECOND);
    let knocks: Vec<_> = world.beings[host]
        .events
        .iter()
        .filter_map(|event| match event {
            RoomEvent::Knock { knock, name } => Some((*knock, name.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(knocks.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["Good", "Bad", "Patient"]);
    world.input(host, Input::AnswerKnock { knock: knocks[0].0, admit: true });
    world.input(host, Input::AnswerKnock { knock: knocks[1].0, admit: false });
    world.run(SECOND);
    let entered = |world: &World, who: usize| {
        world.beings[who].events.iter().any(|event| matches!(event, RoomEvent::Entered { .. }))
    };
    assert!(entered(&world, guests[0]));
    assert_eq!(world.beings[guests[1]].ended, Some(OverBecause::JoinFailed(JoinFailed::Refused)));
    assert!(!entered(&world, guests[2]) && world.beings[guests[2]].ended.is_none());
}

#[test]
fn member_who_left_is_not_awaited_like_one_who_never_came() {
    let (mut world, alice, bob) = contacts(31);
    world.kill(bob);
    world.run(8 * SECOND);
    world.restart(alice);
    // Longer than a newcomer is waited for.
    world.run(40 * SECOND);
    let left = world.beings[alice].events.iter().any(|event| matches!(event, RoomEvent::Left { .. }));
    assert!(!left, "a contact is kept while they are away");
}

#[test]
fn a_kept_room_goes_on_after_all_its_members_restarted() {
    let mut world = World::new(17, CLEAR);
    let host = world.found("Host", RoomKind::Kept);
    let invitation = world.invite_with(host, OPEN);
    let others = ["One", "Two"].map(|name| {
        let who = world.join(name, &invitation);
        world.run(SECOND);
        who
    });
    say(&mut world, others[0], "before".into());
    world.run(SECOND);
    world.kill(others[1]);
    world.run(10 * SECOND);
    say(&mut world, host, "to one who is away".into());
    world.run(SECOND);
    for who in [host, others[0], others[1]] {
        world.restart(who);
    }
    for _ in 0..3 {
        world.run(SECOND);
        world.rendezvous();
    }
    world.run(2 * SECOND);
    say(&mut world, host, "after".into());
    world.run(SECOND);
    assert_eq!(kept_texts(&world, others[1]), ["before", "to one who is away", "after"]);
    assert_eq!(kept_texts(&world, others[0]), ["to one who is away", "after"]);
}

#[test]
fn contact_who_ends_the_relationship_leaves_the_chat_to_be_read() {
    let (mut world, alice, bob) = contacts(18);
    world.input(alice, Input::Leave);
    world.run(SECOND);
    assert_eq!(world.beings[alice].ended, Some(OverBecause::Left));
    assert_eq!(world.beings[bob].ended, None);
    assert_eq!(world.read_only(bob), Some(ReadOnly::ContactEnded));
    assert!(world.beings[bob].room.pairs().is_empty());
    world.restart(bob);
    assert_eq!(world.read_only(bob), Some(ReadOnly::ContactEnded));
    world.input(bob, Input::Leave);
    assert_eq!(world.beings[bob].ended, Some(OverBecause::Left));
}
