use engine::api::{Body, CallOutcome, CallState, Line, RoomEvent, RoomKind, RoomWish, Wish};

use crate::{
    engine::journey::JourneyAction,
    features::call::CallAction,
    testing::bench::{Bench, line, member, room},
    ui::{kit::Confirm, page::Page},
};

fn ring(video: bool) -> RoomEvent {
    RoomEvent::Call(CallState::Ringing { by: member(1), video })
}

fn called(bench: &Bench) -> Vec<bool> {
    let stage = bench.script.stage();
    let calls = stage.wishes.iter().filter_map(|wish| match wish {
        Wish::InRoom { wish: RoomWish::Call { video }, .. } => Some(*video),
        _ => None,
    });
    calls.collect()
}

#[test]
fn a_call_rings_is_accepted_and_shown() {
    let mut bench = Bench::with_contact();
    bench.tell(room(1), ring(true));
    assert!(bench.says("Is calling you with video") && bench.offers(CallAction::AnswerWithVideo));
    bench.act(CallAction::AnswerWithVideo);
    assert_eq!(called(&bench), [true]);
    bench.tell(room(1), RoomEvent::Call(CallState::In));
    assert_eq!(bench.page(), Page::Room);
    assert!(!bench.offers(CallAction::Decline));
}

#[test]
fn a_call_without_video_offers_none() {
    let mut bench = Bench::with_contact();
    bench.tell(room(1), ring(false));
    assert!(!bench.offers(CallAction::AnswerWithVideo));
    bench.act(CallAction::Decline);
    assert_eq!(bench.script.wished("Decline"), 1);
    assert!(called(&bench).is_empty());
}

/// In a call of this kind of room, while a contact calls.
fn called_during(kind: RoomKind) -> Bench {
    let mut bench = Bench::with_contact();
    bench.enter(room(2), "Secret", kind);
    bench.tell(room(2), RoomEvent::Call(CallState::In));
    bench.tell(room(1), ring(true));
    bench
}

#[test]
fn answering_says_which_call_it_ends_and_ends_it() {
    let mut bench = called_during(RoomKind::Kept);
    assert!(bench.says("Answering ends your call with Secret."), "{:?}", bench.texts());
    assert!(bench.says("End and answer"));
    bench.act(CallAction::Answer);
    assert_eq!((bench.script.wished("Switch"), called(&bench)), (1, vec![]));
}

#[test]
fn answering_leaves_an_ephemeral_room_only_when_confirmed() {
    for action in [CallAction::Answer, CallAction::AnswerWithVideo] {
        let mut bench = called_during(RoomKind::Ephemeral);
        bench.act(action);
        let done = |bench: &Bench| bench.script.wished("Switch") + bench.script.wished("Leave") + called(bench).len();
        assert_eq!(done(&bench), 0, "a key alone ends nothing for good");
        assert!(bench.says("Leave Secret?"), "{:?}", bench.texts());
        bench.act(Confirm);
        assert_eq!(bench.script.wished("Switch"), 1);
    }
}

#[test]
fn calling_is_shown_until_somebody_answers() {
    let mut bench = Bench::with_contact();
    bench.act(CallAction::CallWithVideo);
    assert_eq!(called(&bench), [true]);
    bench.tell(room(1), RoomEvent::Call(CallState::Calling));
    assert_eq!(bench.page(), Page::Room);
    assert!(bench.says("Calling…") && !bench.says("00:00"), "nothing is counted while it rings");
    bench.tell(room(1), RoomEvent::Call(CallState::None));
    assert_eq!(bench.page(), Page::Home);
}

#[test]
fn a_missed_call_is_told_by_name() {
    let mut bench = Bench::with_contact();
    bench.tell(room(1), ring(false));
    bench.tell(room(1), RoomEvent::Call(CallState::None));
    bench.tell(room(1), RoomEvent::Missed { by: member(1), video: false });
    assert!(bench.says("Missed call from Bea"));
}

fn call_line(mine: bool, outcome: CallOutcome) -> RoomEvent {
    RoomEvent::Said(Line { mine, delivered: true, body: Body::Call { video: false, outcome }, ..line(1, 0, "") })
}

#[test]
fn caller_is_told_why_there_is_no_call() {
    let mut bench = Bench::with_contact();
    bench.tell(room(1), call_line(true, CallOutcome::Declined));
    assert!(bench.says("Bea declined your call"));
    bench.tell(room(1), call_line(true, CallOutcome::Missed));
    assert!(bench.says("Your call to Bea was not answered") && bench.says("No answer"));
}

#[test]
fn missed_call_stands_in_the_chat_at_once_and_counts_as_unread() {
    let mut bench = Bench::with_contact();
    bench.enter(room(2), "Cyril", RoomKind::Contact);
    bench.tell(room(2), call_line(false, CallOutcome::Missed));
    assert!(bench.says("Missed call") && bench.says("1"), "{:?}", bench.texts());
    bench.tell(room(2), call_line(false, CallOutcome::Held(30)));
    assert!(bench.says("1") && !bench.says("2"));
}

#[test]
fn the_call_goes_on_while_other_rooms_are_looked_at() {
    let mut bench = Bench::with_contact();
    bench.tell(room(1), RoomEvent::Call(CallState::In));
    bench.act(JourneyAction::GoBack);
    assert_eq!(bench.page(), Page::Home);
    assert!(bench.says("You are in a call: Bea"));
    bench.act(JourneyAction::ReturnToCall);
    assert_eq!(bench.page(), Page::Room);
}
