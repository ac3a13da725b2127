use bevy::prelude::*;
use engine::api::{EndedBecause, Event, JoinFailed, KeyState, LeftBecause, MemberId, Wish};

use super::Person;
use crate::{
    action::Action,
    bench::{Bench, ME, member},
    door::Door,
    screen::{Journey, Refusal, Screen},
    tile::{Stage, TileOf},
};

#[test]
fn everybody_who_joins_has_a_tile_until_they_leave() {
    let mut bench = Bench::in_room();
    assert_eq!(bench.screen(), Screen::Room);
    assert_eq!(bench.count::<With<TileOf>>(), 1);
    bench.join(1, "Bea");
    bench.join(2, "Cyril");
    assert_eq!(bench.count::<With<TileOf>>(), 3);
    assert!(bench.says("3 people"));
    bench.happen(Event::Left { member: member(1), why: LeftBecause::Goodbye });
    assert_eq!(bench.count::<With<TileOf>>(), 2);
    assert!(bench.says("Bea left"));
}

#[test]
fn people_who_were_there_before_us_have_tiles_too() {
    let mut bench = Bench::in_lobby();
    bench.script.say(Event::Joined { member: member(1), name: "Bea".into() });
    bench.script.say(Event::Entered { title: "Tuesday".into(), me: ME, epoch: 4, post_quantum: true });
    bench.run();
    assert_eq!(bench.count::<With<TileOf>>(), 2);
}

#[test]
fn joining_and_changing_at_once_is_not_lost() {
    let mut bench = Bench::in_room();
    bench.script.say(Event::Joined { member: member(1), name: "Bea".into() });
    bench.change(1, KeyState::Current);
    assert!(bench.says("Sealed, post-quantum"));
}

#[test]
fn the_seal_is_said_only_when_everybody_is_on_current_keys() {
    let mut bench = Bench::in_room();
    assert!(bench.says("Nobody else is here yet"));
    bench.join(1, "Bea");
    bench.join(2, "Cyril");
    bench.change(1, KeyState::Current);
    bench.change(2, KeyState::Behind);
    assert!(bench.says("Waiting for one person's keys"));
    assert!(bench.says("Renewing keys…"));
    bench.change(2, KeyState::Current);
    assert!(bench.says("Sealed, post-quantum"));
}

#[test]
fn switches_ask_for_the_opposite_of_what_is() {
    let mut bench = Bench::in_room();
    bench.act(Action::Microphone);
    bench.happen(Event::OwnMedia { camera_on: true, microphone_on: false });
    bench.act(Action::Microphone);
    let asked: Vec<bool> = bench
        .script
        .stage()
        .wishes
        .iter()
        .filter_map(|wish| if let Wish::MicrophoneOn(on) = wish { Some(*on) } else { None })
        .collect();
    assert_eq!(asked, [false, true]);
}

#[test]
fn a_removed_person_is_told_and_the_engine_stops() {
    let mut bench = Bench::in_room();
    bench.join(1, "Bea");
    bench.happen(Event::Ended(EndedBecause::Removed));
    assert_eq!(bench.screen(), Screen::Ended);
    assert!(bench.says("You were removed"));
    assert_eq!(bench.count::<With<Person>>(), 0);
    assert!(bench.engine_stops());
    bench.act(Action::GoBack);
    assert_eq!(bench.screen(), Screen::Start);
}

#[test]
fn a_failed_join_leads_back_to_the_start_and_says_why() {
    let mut bench = Bench::in_lobby();
    bench.act(Action::EnterRoom);
    bench.happen(Event::Ended(EndedBecause::JoinFailed(JoinFailed::Full)));
    assert_eq!(bench.screen(), Screen::Start);
    assert_eq!(bench.app.world().resource::<Journey>().refused, Some(Refusal::Join(JoinFailed::Full)));
    assert!(bench.says("The room is full."));
}

#[test]
fn an_engine_that_cannot_start_leads_back_to_the_start_and_says_why() {
    let mut bench = Bench::new();
    bench.script.stage().refuses = Some(engine::StartError::System);
    bench.app.world_mut().resource_mut::<NextState<Screen>>().set(Screen::Lobby);
    bench.run();
    assert_eq!(bench.screen(), Screen::Start);
    assert!(bench.says("The system refused a thread, a socket or a timer."));
}

#[test]
fn leaving_says_goodbye_and_leads_back_to_the_start() {
    let mut bench = Bench::in_room();
    bench.act(Action::Leave);
    assert_eq!(bench.script.wished("Leave"), 1);
    bench.happen(Event::Ended(EndedBecause::Left));
    assert_eq!(bench.screen(), Screen::Start);
    assert!(!bench.app.world_mut().resource_mut::<Door>().is_open());
}

fn places(bench: &Bench) -> Vec<(MemberId, f32)> {
    let stage = bench.script.stage();
    let places = stage.wishes.iter().filter_map(|wish| match wish {
        Wish::Place { member, x } => Some((*member, *x)),
        _ => None,
    });
    places.collect()
}

#[test]
fn voices_are_where_the_tiles_are_and_our_own_is_nowhere() {
    let mut bench = Bench::in_room();
    let world = bench.app.world_mut();
    let mut stages = world.query_filtered::<&mut ComputedNode, With<Stage>>();
    let mut stage = stages.single_mut(world).expect("one stage");
    stage.size = Vec2::new(1200.0, 600.0);
    stage.inverse_scale_factor = 1.0;
    bench.join(1, "Bea");
    bench.join(2, "Cyril");
    let last = |member| places(&bench).into_iter().rfind(|(placed, _)| *placed == member).map(|(_, x)| x);
    let (bea, cyril) = (last(member(1)).expect("placed"), last(member(2)).expect("placed"));
    assert!(bea < -0.2 && cyril > 0.2, "{bea} {cyril}");
    assert!(last(ME).is_none());
    let before = places(&bench).len();
    bench.run();
    assert_eq!(places(&bench).len(), before);
}
