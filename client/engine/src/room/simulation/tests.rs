//! What members of a room can rely on, each a sentence.

use std::time::{Duration, Instant};

use ::media::Stream;
use group_crypto::MemberId;

use super::world::{CLEAR, SECOND, Weather, World};
use crate::{
    api::{Body, JoinFailed, KeyState, LeftBecause, OverBecause, Path, RoomEvent},
    room::{Input, Phase, inside::Inside},
};

const STORM: Weather = Weather { loss_percent: 5, delay_ms: 30, jitter_ms: 20 };

/// A room of `size` in which everybody sends for a while.
pub fn room(seed: u64, weather: Weather, size: usize) -> World {
    let mut world = World::new(seed, weather);
    let host = world.create("Person 0");
    let invitation = world.invite(host);
    for n in 1..size {
        world.join(&format!("Person {n}"), &invitation);
        world.run(Duration::from_millis(70));
    }
    world.run(SECOND);
    // A handshake that lost a flight takes its time.
    for _ in 0..20 {
        if (0..size).any(|n| world.connected(n) + 1 < size) {
            world.run(SECOND);
        }
    }
    for n in 0..size {
        world.start_media(n);
    }
    world
}

pub fn frames(world: &World, at: usize, of: usize, stream: Stream, since: Instant) -> usize {
    let of = world.id(of);
    world.beings[at].opened.iter().filter(|(t, member, s)| *member == of && *s == stream && *t >= since).count()
}

pub fn said(world: &World, at: usize) -> Vec<String> {
    let text = |event: &RoomEvent| match event {
        RoomEvent::Said(crate::api::Line { body: Body::Text(text), .. }) => Some(text.clone()),
        _ => None,
    };
    world.beings[at].events.iter().filter_map(text).collect()
}

pub fn inside(world: &mut World, who: usize) -> &mut Inside {
    match &mut world.beings[who].room.phase {
        Phase::Inside(inside) => inside,
        _ => panic!("{who} is in the room"),
    }
}

pub fn says(world: &mut World, who: usize, text: &str) {
    world.input(who, Input::Say(text.to_owned().into()));
}

pub fn hears(world: &World, who: usize, text: &str) -> bool {
    said(world, who).iter().any(|line| line == text)
}

pub fn has_link(world: &World, who: usize, with: MemberId) -> bool {
    match &world.beings[who].room.phase {
        Phase::Inside(inside) => inside.links.link_with(with).is_some(),
        _ => false,
    }
}

pub fn everyone_sees_everyone(world: &World, who: &[usize], since: Instant, least: usize) {
    for &at in who {
        assert_eq!(world.beings[at].wrong, 0, "{} was shown what nobody captured", world.beings[at].name);
        for &of in who.iter().filter(|of| **of != at) {
            let (video, audio) =
                (frames(world, at, of, Stream::Video, since), frames(world, at, of, Stream::Audio, since));
            assert!(video >= least, "{} has {video} pictures of {}", world.beings[at].name, world.beings[of].name);
            assert!(audio >= least, "{} has {audio} sounds of {}", world.beings[at].name, world.beings[of].name);
        }
    }
}

#[test]
fn rooms_of_two_to_eight_see_and_hear_each_other() {
    for size in 2..=8 {
        let mut world = room(size as u64, CLEAR, size);
        let since = world.now;
        world.run(2 * SECOND);
        everyone_sees_everyone(&world, &(0..size).collect::<Vec<_>>(), since, 45);
    }
}

#[test]
fn on_a_bad_network_pictures_come_through_whole() {
    for seed in 0..3 {
        let mut world = room(seed, STORM, 4);
        world.run(2 * SECOND);
        let since = world.now;
        world.run(4 * SECOND);
        let pairs = (0..4).flat_map(|at| (0..4).filter(move |of| *of != at).map(move |of| (at, of)));
        let seen: Vec<_> = pairs.map(|(at, of)| frames(&world, at, of, Stream::Video, since)).collect();
        // A picture that no retransmission saves costs its stream a keyframe's wait; most streams never see one.
        assert!(seen.iter().all(|video| *video >= 55), "seed {seed}: {seen:?} of 100 pictures");
        assert!(seen.iter().sum::<usize>() >= 1080, "seed {seed}: {seen:?} of 100 pictures");
    }
}

#[test]
fn chat_reaches_everybody_in_order() {
    let mut world = room(11, STORM, 3);
    for n in 0..20 {
        world.input(n % 3, Input::Say(format!("message {n}").into()));
        world.run(Duration::from_millis(70));
    }
    world.run(SECOND);
    let all: Vec<_> = (0..20).map(|n| format!("message {n}")).collect();
    for at in 0..3 {
        for from in 0..3 {
            let theirs = |list: &[String]| {
                list.iter()
                    .filter(|t| t.trim_start_matches("message ").parse::<usize>().unwrap() % 3 == from)
                    .cloned()
                    .collect::<Vec<_>>()
            };
            assert_eq!(theirs(&said(&world, at)), theirs(&all), "person {at} from {from}");
        }
    }
}

#[test]
fn a_late_joiner_sees_the_room_within_a_second() {
    let mut world = room(5, CLEAR, 3);
    world.run(2 * SECOND);
    let invitation = world.invite(0);
    let since = world.now;
    let late = world.join("Late", &invitation);
    world.run(SECOND);
    for of in 0..3 {
        assert!(frames(&world, late, of, Stream::Video, since) > 0);
        assert!(frames(&world, late, of, Stream::Audio, since) > 0);
    }
}

#[test]
fn a_member_invited_by_one_who_is_not_the_sequencer_gets_in() {
    let mut world = room(6, CLEAR, 3);
    let invitation = world.invite(2);
    let late = world.join("Late", &invitation);
    world.run(2 * SECOND);
    world.start_media(late);
    let since = world.now;
    world.run(2 * SECOND);
    everyone_sees_everyone(&world, &[0, 1, 2, late], since, 40);
}

#[test]
fn removed_member_hears_no_more_and_the_others_never_stutter() {
    let mut world = room(7, CLEAR, 4);
    world.run(2 * SECOND);
    let victim = world.id(3);
    world.input(1, Input::Remove(victim));
    // One way to the sequencer, one way to everybody.
    world.run(Duration::from_millis(30));
    let since = world.now;
    world.run(2 * SECOND);
    assert_eq!(world.beings[3].ended, Some(OverBecause::Removed));
    assert_eq!(world.beings[3].opened.iter().filter(|(at, ..)| *at > since).count(), 0);
    everyone_sees_everyone(&world, &[0, 1, 2], since, 48);
    let left = |e: &RoomEvent| matches!(e, RoomEvent::Left { member, why: LeftBecause::Removed } if *member == victim);
    assert!((0..3).all(|at| world.beings[at].events.iter().any(left)));
}

#[test]
fn goodbye_of_the_sequencer_changes_the_epoch_for_the_others() {
    let mut world = room(8, CLEAR, 3);
    world.run(SECOND);
    world.input(0, Input::Leave);
    world.run(Duration::from_millis(100));
    let since = world.now;
    world.run(2 * SECOND);
    everyone_sees_everyone(&world, &[1, 2], since, 48);
    for at in 1..3 {
        let epochs = |e: &RoomEvent| matches!(e, RoomEvent::NewEpoch { epoch: 3 });
        assert!(world.beings[at].events.iter().any(epochs), "person {at}");
    }
    let invitation = world.invite(1);
    let new = world.join("New", &invitation);
    world.run(2 * SECOND);
    assert!(world.beings[new].ended.is_none() && said(&world, new).is_empty());
    assert!(frames(&world, new, 1, Stream::Video, since) > 0);
}

#[test]
fn one_who_vanishes_is_taken_out_of_the_room() {
    let mut world = room(9, CLEAR, 3);
    world.run(SECOND);
    let gone = world.id(0);
    world.kill(0);
    world.run(55 * SECOND);
    for at in 1..3 {
        let left = |e: &RoomEvent| matches!(e, RoomEvent::Left { member, why: LeftBecause::Lost } if *member == gone);
        assert!(world.beings[at].events.iter().any(left), "person {at}");
    }
    let since = world.now;
    world.run(2 * SECOND);
    everyone_sees_everyone(&world, &[1, 2], since, 48);
}

#[test]
fn garbage_thrown_at_a_socket_disturbs_nobody() {
    let mut world = room(10, CLEAR, 3);
    let since = world.now;
    for n in 0..2000u32 {
        let length = (n * 7 % 1400) as usize;
        let bytes = (0..length).map(|i| (i as u32).wrapping_mul(2_654_435_761).wrapping_add(n * 97) as u8).collect();
        world.throw(n as usize % 3, bytes);
        world.run(Duration::from_millis(1));
    }
    everyone_sees_everyone(&world, &[0, 1, 2], since, 45);
}

#[test]
fn garbage_on_a_link_costs_the_link_and_nothing_else() {
    let mut world = room(12, CLEAR, 3);
    let since = world.now;
    world.input(0, Input::LinkOpened { link: crate::room::LinkId::Own(999), endpoint: [9; 32], dialled: false });
    world.input(0, Input::LinkMessage { link: crate::room::LinkId::Own(999), bytes: vec![0xff; 4000] });
    world.run(2 * SECOND);
    everyone_sees_everyone(&world, &[0, 1, 2], since, 45);
}

#[test]
fn a_wrong_invitation_is_refused() {
    let mut world = World::new(13, CLEAR);
    let host = world.create("Host");
    let mut invitation = world.invite(host);
    invitation.secret = group_crypto::InvitationSecret::generate();
    let stranger = world.join("Stranger", &invitation);
    world.run(SECOND);
    assert_eq!(world.beings[stranger].ended, Some(OverBecause::JoinFailed(JoinFailed::Refused)));
}

#[test]
fn an_invitation_that_leads_outside_the_wall_is_not_followed() {
    let mut world = World::new(21, CLEAR);
    let host = world.create("Host");
    let mut invitation = world.invite(host);
    invitation.whereabouts.addresses = vec!["192.0.2.1:4000".parse().unwrap()];
    let stray = world.join("Stray", &invitation);
    world.run(SECOND);
    assert_eq!(world.beings[stray].ended, Some(OverBecause::JoinFailed(JoinFailed::OutsideNetwork)));
}

#[test]
fn a_room_is_full_at_sixteen() {
    let mut world = World::new(14, CLEAR);
    let host = world.create("Host");
    let invitation = world.invite(host);
    for n in 1..16 {
        world.join(&format!("Guest {n}"), &invitation);
        world.run(Duration::from_millis(100));
    }
    let last = world.join("One too many", &invitation);
    world.run(SECOND);
    assert_eq!(world.beings[last].ended, Some(OverBecause::JoinFailed(JoinFailed::Full)));
}

#[test]
fn many_who_join_at_the_same_moment_all_get_in() {
    let mut world = World::new(15, CLEAR);
    let host = world.create("Host");
    let invitation = world.invite(host);
    let guests: Vec<_> = (0..6).map(|n| world.join(&format!("Guest {n}"), &invitation)).collect();
    world.run(3 * SECOND);
    for n in 0..7 {
        world.start_media(n);
    }
    let since = world.now;
    world.run(2 * SECOND);
    everyone_sees_everyone(&world, &[&[host][..], &guests].concat(), since, 45);
}

#[test]
fn shown_keys_are_current_for_all_in_a_quiet_room() {
    let world = {
        let mut world = room(16, CLEAR, 4);
        world.run(2 * SECOND);
        world
    };
    for being in &world.beings {
        let mut last = std::collections::BTreeMap::new();
        for event in &being.events {
            if let RoomEvent::Changed { member, state } = event {
                last.insert(*member, state.clone());
            }
        }
        assert_eq!(last.len(), 3);
        assert!(last.values().all(|state| state.keys == KeyState::Current && state.connected));
    }
}

#[test]
fn the_sequencer_itself_can_be_removed() {
    let mut world = room(17, CLEAR, 3);
    let founder = world.id(0);
    world.input(2, Input::Remove(founder));
    world.run(Duration::from_millis(100));
    assert_eq!(world.beings[0].ended, Some(OverBecause::Removed));
    let since = world.now;
    world.run(2 * SECOND);
    everyone_sees_everyone(&world, &[1, 2], since, 48);
}

#[test]
fn what_went_down_with_a_link_is_told_again_by_the_next_one() {
    let mut world = room(18, CLEAR, 3);
    // Everything that is sent on it from now on is lost, and nobody knows yet.
    world.break_link(0, 2);
    let invitation = world.invite(0);
    let late = world.join("Late", &invitation);
    world.run(SECOND);
    world.notice_broken_links();
    world.run(4 * SECOND);
    world.start_media(late);
    let since = world.now;
    world.run(2 * SECOND);
    everyone_sees_everyone(&world, &[0, 1, 2, late], since, 40);
}

#[test]
fn one_who_was_taken_out_while_away_comes_back() {
    let mut world = room(19, CLEAR, 3);
    world.sleep(2);
    world.run(55 * SECOND);
    assert_eq!(world.beings[0].room.summary().map(|summary| summary.names.len()), Some(2));
    world.wake(2);
    world.start_media(2);
    let since = world.now;
    world.run(10 * SECOND);
    assert_eq!(world.beings[2].ended, None);
    everyone_sees_everyone(&world, &[0, 1, 2], since, 40);
}

#[test]
fn two_without_a_link_see_hear_and_write_through_a_third() {
    let mut world = World::new(22, CLEAR);
    let host = world.create("Host");
    let invitation = world.invite(host);
    let guests = ["One", "Other"].map(|name| {
        let who = world.join(name, &invitation);
        world.apart = vec![(1, 2)];
        world.run(SECOND);
        who
    });
    world.run(15 * SECOND);
    for who in [host, guests[0], guests[1]] {
        world.start_media(who);
    }
    let since = world.now;
    world.run(2 * SECOND);
    everyone_sees_everyone(&world, &[host, guests[0], guests[1]], since, 40);
    world.input(guests[0], Input::Say("across".to_owned().into()));
    world.run(SECOND);
    assert_eq!(said(&world, guests[1]), ["across"]);
    let path = |event: &RoomEvent| match event {
        RoomEvent::Changed { state, .. } => state.path,
        _ => None,
    };
    assert!(world.beings[guests[0]].events.iter().filter_map(path).any(|path| path == Path::Forwarded));
    // Once they do reach each other, nobody is in between any more.
    world.apart.clear();
    world.run(10 * SECOND);
    let last = world.beings[guests[0]].events.iter().rev().filter_map(path).next();
    assert_eq!(last, Some(Path::Direct));
}

#[test]
fn each_member_gets_the_layer_that_their_tile_needs() {
    let mut world = room(31, CLEAR, 3);
    world.run(8 * SECOND);
    let layers = |world: &World| world.beings[0].layers.map(|rate| rate.is_some());
    assert_eq!(layers(&world), [false, false, true, false], "all of 640x360 is wanted, and there is room for it");
    let host = world.id(0);
    world.input(1, Input::Look { member: host, stream: Stream::Video, lines: 180 });
    world.run(SECOND);
    assert_eq!(layers(&world), [false, true, true, false]);
    world.input(2, Input::Look { member: host, stream: Stream::Video, lines: 0 });
    world.run(SECOND);
    assert_eq!(layers(&world), [false, true, false, false]);
    let since = world.now;
    world.run(SECOND);
    assert!(frames(&world, 1, 0, Stream::Video, since) >= 24);
    assert_eq!(frames(&world, 2, 0, Stream::Video, since), 0);
    assert!(frames(&world, 2, 0, Stream::Audio, since) >= 48);
    world.input(1, Input::Look { member: host, stream: Stream::Video, lines: 0 });
    world.run(SECOND);
    assert_eq!(layers(&world), [false; 4]);
    let since = world.now;
    world.input(2, Input::Look { member: host, stream: Stream::Video, lines: 720 });
    world.run(SECOND);
    assert!(frames(&world, 2, 0, Stream::Video, since) >= 18, "a tile that comes back is filled at once");
    assert!(world.beings.iter().all(|being| being.wrong == 0));
}
