//! A call, without links and media.

use std::time::Duration;

use super::{Call, GONE, Output, RINGING, Switches};
use crate::{
    api::{CallOutcome, CallState, RoomEvent, RoomKind, Rules, Trouble},
    room::{
        keep::Keep,
        rows::Rows,
        view::testing::{Cast, ME, id},
        wire::{RoomMessage, Streams},
    },
};

const IN: Streams = Streams { number: 1, in_call: true, camera: true, microphone: true, screen: false };
const OUT: Streams = Streams { number: 2, in_call: false, camera: false, microphone: false, screen: false };
const ALL_ON: Switches = Switches { camera: true, microphone: true, screen: true };

/// Carries out what the call wants of the members, and gives all of it.
fn outputs(call: &mut Call, cast: &mut Cast) -> Vec<Output> {
    let outputs: Vec<_> = std::iter::from_fn(|| call.poll()).collect();
    for output in &outputs {
        if let Output::Part(member, streams) = output {
            cast.member(member.0[0]).streams = *streams;
        }
    }
    outputs
}

fn shown(outputs: &[Output]) -> Option<CallState> {
    outputs.iter().rev().find_map(|output| match output {
        Output::Event(RoomEvent::Call(state)) => Some(*state),
        _ => None,
    })
}

fn noted(outputs: &[Output]) -> Vec<CallOutcome> {
    let outcome = |output: &Output| match output {
        Output::Keep(Keep::Call { outcome, .. }) => Some(*outcome),
        _ => None,
    };
    outputs.iter().filter_map(outcome).collect()
}

/// Whether the call stands in the history as one with video, and as ours.
fn noted_as(outputs: &[Output]) -> Vec<(bool, bool)> {
    let note = |output: &Output| match output {
        Output::Keep(Keep::Call { video, mine, .. }) => Some((*video, *mine)),
        _ => None,
    };
    outputs.iter().filter_map(note).collect()
}

fn rings(outputs: &[Output]) -> bool {
    outputs.iter().any(|output| matches!(output, Output::TellLinked(RoomMessage::Ring { .. })))
}

fn enter(call: &mut Call, cast: &mut Cast) -> Vec<Output> {
    call.enter(cast.view(), true);
    outputs(call, cast)
}

fn hear(call: &mut Call, cast: &mut Cast, nth: u8, streams: Streams) -> Vec<Output> {
    call.on_streams(cast.view(), id(nth), streams, &mut Rows::default());
    outputs(call, cast)
}

fn ring(call: &mut Call, cast: &mut Cast, nth: u8, rules: &Rules) -> Vec<Output> {
    call.on_ring(cast.view(), id(nth), true, rules, &mut Rows::default());
    outputs(call, cast)
}

fn wait(call: &mut Call, cast: &mut Cast, time: Duration) -> Vec<Output> {
    cast.wait(time);
    call.on_timeout(cast.view(), |_| false, &mut Rows::default());
    outputs(call, cast)
}

fn of(members: u8, kind: RoomKind) -> (Call, Cast) {
    (Call::new(ALL_ON), Cast::of(members, kind))
}

#[test]
fn call_is_one_with_video_at_both_ends_when_the_caller_said_so() {
    for (said, answered) in [(true, false), (false, true)] {
        let (mut caller, mut cast) = of(2, RoomKind::Contact);
        caller.enter(cast.view(), said);
        outputs(&mut caller, &mut cast);
        hear(&mut caller, &mut cast, 1, IN);
        assert_eq!(noted_as(&hear(&mut caller, &mut cast, 1, OUT)), [(said, true)]);

        let (mut answerer, mut cast) = of(2, RoomKind::Contact);
        answerer.on_ring(cast.view(), id(1), said, &Rules::default(), &mut Rows::default());
        hear(&mut answerer, &mut cast, 1, IN);
        answerer.enter(cast.view(), answered);
        outputs(&mut answerer, &mut cast);
        assert_eq!(noted_as(&hear(&mut answerer, &mut cast, 1, OUT)), [(said, false)]);
    }
}

#[test]
fn first_in_a_call_rings_and_a_second_joins() {
    let (mut call, mut cast) = of(2, RoomKind::Kept);
    let first = enter(&mut call, &mut cast);
    assert!(rings(&first) && shown(&first) == Some(CallState::Calling));
    let second = hear(&mut call, &mut cast, 1, IN);
    assert!(second.iter().any(|output| matches!(output, Output::Together(member) if *member == id(1))));
    assert_eq!(shown(&second), Some(CallState::In));
}

#[test]
fn call_that_goes_on_is_entered_without_ringing() {
    let (mut call, mut cast) = of(2, RoomKind::Kept);
    hear(&mut call, &mut cast, 1, IN);
    let entered = enter(&mut call, &mut cast);
    assert!(!rings(&entered) && shown(&entered) == Some(CallState::In));
}

#[test]
fn ephemeral_room_rings_nobody() {
    let (mut call, mut cast) = of(1, RoomKind::Ephemeral);
    assert!(!rings(&enter(&mut call, &mut cast)));
    assert!(ring(&mut call, &mut cast, 1, &Rules::default()).is_empty());
}

#[test]
fn streams_are_off_for_others_outside_of_the_call() {
    let (mut call, mut cast) = of(1, RoomKind::Kept);
    assert_eq!(call.streams(), Streams::default());
    call.switch(Switches { screen: false, ..ALL_ON });
    assert!(outputs(&mut call, &mut cast).is_empty(), "it is nobody's business");
    enter(&mut call, &mut cast);
    let streams = call.streams();
    assert!(streams.in_call && streams.camera && streams.microphone && !streams.screen);
}

#[test]
fn each_told_part_has_a_higher_number() {
    let (mut call, mut cast) = of(1, RoomKind::Kept);
    enter(&mut call, &mut cast);
    let before = call.streams().number;
    call.switch(Switches::default());
    let switched = outputs(&mut call, &mut cast);
    let told = |output: &Output| matches!(output, Output::SendStreams(streams) if streams.number > before);
    assert!(switched.iter().any(told) && switched.iter().any(|output| matches!(output, Output::Switched)));
}

#[test]
fn older_word_about_a_call_is_dropped() {
    let (mut call, mut cast) = of(1, RoomKind::Kept);
    hear(&mut call, &mut cast, 1, OUT);
    assert!(hear(&mut call, &mut cast, 1, IN).is_empty());
}

#[test]
fn call_of_a_contact_ends_when_the_other_leaves() {
    let (mut call, mut cast) = of(1, RoomKind::Contact);
    enter(&mut call, &mut cast);
    hear(&mut call, &mut cast, 1, IN);
    cast.wait(Duration::from_secs(90));
    let ended = hear(&mut call, &mut cast, 1, OUT);
    assert_eq!((noted(&ended), shown(&ended)), (vec![CallOutcome::Held(90)], Some(CallState::None)));
    assert!(ended.iter().any(|output| matches!(output, Output::HungUp)));
}

#[test]
fn call_of_a_room_goes_on_when_one_leaves() {
    let (mut call, mut cast) = of(2, RoomKind::Kept);
    enter(&mut call, &mut cast);
    hear(&mut call, &mut cast, 1, IN);
    let left = hear(&mut call, &mut cast, 1, OUT);
    assert!(call.is_in() && left.iter().any(|output| matches!(output, Output::Apart(_))));
}

#[test]
fn ringing_call_is_answered_without_ringing_back() {
    let (mut call, mut cast) = of(1, RoomKind::Contact);
    let rung = ring(&mut call, &mut cast, 1, &Rules::default());
    assert_eq!(shown(&rung), Some(CallState::Ringing { by: id(1), video: true }));
    hear(&mut call, &mut cast, 1, IN);
    let answered = enter(&mut call, &mut cast);
    assert!(!rings(&answered) && shown(&answered) == Some(CallState::In));
}

#[test]
fn declined_call_is_told_to_the_caller_and_noted() {
    let (mut call, mut cast) = of(1, RoomKind::Contact);
    ring(&mut call, &mut cast, 1, &Rules::default());
    call.decline(cast.view());
    let declined = outputs(&mut call, &mut cast);
    assert_eq!(noted(&declined), [CallOutcome::Declined]);
    assert!(declined.iter().any(|output| matches!(output, Output::TellOne(by, RoomMessage::Decline) if *by == id(1))));
}

#[test]
fn caller_stops_when_the_contact_declines() {
    let (mut call, mut cast) = of(1, RoomKind::Contact);
    enter(&mut call, &mut cast);
    call.on_decline(cast.view(), id(1));
    assert_eq!(shown(&outputs(&mut call, &mut cast)), Some(CallState::None));
}

#[test]
fn unanswered_call_ends_on_both_sides() {
    let (mut call, mut cast) = of(1, RoomKind::Contact);
    ring(&mut call, &mut cast, 1, &Rules::default());
    let missed = wait(&mut call, &mut cast, RINGING);
    assert_eq!((noted(&missed), shown(&missed)), (vec![CallOutcome::Missed], Some(CallState::None)));
    enter(&mut call, &mut cast);
    assert_eq!(noted(&wait(&mut call, &mut cast, RINGING)), [CallOutcome::Missed]);
    assert!(!call.is_in());
}

#[test]
fn quiet_hours_and_rules_turn_a_ring_into_a_missed_call() {
    for rules in [
        Rules { ring: false, ..Rules::default() },
        Rules { quiet: Some((0, 1440)), ..Rules::default() },
        Rules { quiet: Some((1439, 1438)), ..Rules::default() },
    ] {
        let (mut call, mut cast) = of(1, RoomKind::Contact);
        let rung = ring(&mut call, &mut cast, 1, &rules);
        assert_eq!((noted(&rung), shown(&rung)), (vec![CallOutcome::Missed], None));
    }
}

#[test]
fn member_who_rings_on_and_on_is_noted_once_a_minute() {
    let (mut call, mut cast) = of(1, RoomKind::Contact);
    let (mut rang, mut missed) = (0, 0);
    for number in 0..60 {
        let rung = ring(&mut call, &mut cast, 1, &Rules::default());
        rang += usize::from(shown(&rung).is_some());
        let out = hear(&mut call, &mut cast, 1, Streams { number, ..OUT });
        missed += noted(&rung).len() + noted(&out).len();
        cast.wait(Duration::from_secs(1));
    }
    assert!((6..=13).contains(&rang), "it rang {rang} times in a minute");
    assert_eq!(missed, 1);
}

#[test]
fn missed_call_is_not_noted_when_the_room_is_crowded() {
    let (mut call, mut cast) = of(1, RoomKind::Contact);
    let mut rows = Rows::default();
    while rows.charge(cast.now, id(1), 1000).is_ok() {}
    while rows.charge(cast.now, id(1), 1).is_ok() {}
    let rules = Rules { ring: false, ..Rules::default() };
    call.on_ring(cast.view(), id(1), true, &rules, &mut rows);
    assert!(outputs(&mut call, &mut cast).is_empty());
}

#[test]
fn member_without_link_and_media_is_out_of_the_call() {
    let (mut call, mut cast) = of(2, RoomKind::Kept);
    enter(&mut call, &mut cast);
    hear(&mut call, &mut cast, 1, IN);
    let now = cast.now;
    cast.member(1).has_link = false;
    cast.member(1).linkless_since = Some(now);
    assert!(wait(&mut call, &mut cast, GONE - Duration::from_secs(1)).is_empty());
    let gone = wait(&mut call, &mut cast, Duration::from_secs(1));
    assert!(gone.iter().any(|output| matches!(output, Output::Apart(member) if *member == id(1))));
    assert!(!cast.member(1).streams.in_call);
}

#[test]
fn full_call_takes_nobody_more() {
    let (mut call, mut cast) = of(16, RoomKind::Kept);
    for nth in 1..=16 {
        hear(&mut call, &mut cast, nth, IN);
    }
    let refused = enter(&mut call, &mut cast);
    assert!(matches!(refused[..], [Output::Trouble(Trouble::CallFull)]) && !call.is_in());
}

#[test]
fn person_left_alone_is_turned_off_and_then_hung_up() {
    let (mut call, mut cast) = of(1, RoomKind::Kept);
    enter(&mut call, &mut cast);
    hear(&mut call, &mut cast, 1, IN);
    hear(&mut call, &mut cast, 1, OUT);
    assert!(wait(&mut call, &mut cast, Duration::ZERO).is_empty());
    let off = wait(&mut call, &mut cast, super::TURN_OFF);
    assert!(off.iter().any(|output| matches!(output, Output::TurnOff)) && !call.streams().camera);
    let ended = wait(&mut call, &mut cast, super::HANG_UP);
    assert!(matches!(ended[0], Output::Trouble(Trouble::CallLeftAlone)) && !call.is_in());
}

#[test]
fn removed_member_is_not_in_the_call_whatever_they_say() {
    let (mut call, mut cast) = of(1, RoomKind::Kept);
    enter(&mut call, &mut cast);
    cast.member(1).to_be_removed = true;
    let said = hear(&mut call, &mut cast, 1, IN);
    assert!(!said.iter().any(|output| matches!(output, Output::Together(_))));
}

#[test]
fn stranger_cannot_ring_or_decline() {
    let (mut call, mut cast) = of(1, RoomKind::Contact);
    assert!(ring(&mut call, &mut cast, 9, &Rules::default()).is_empty());
    enter(&mut call, &mut cast);
    call.on_decline(cast.view(), ME);
    assert!(outputs(&mut call, &mut cast).is_empty() && call.is_in());
}
