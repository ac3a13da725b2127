use bevy::prelude::*;
use engine::api::{
    CallState, CodeError, Compared, Event, KeyState, LeftBecause, ParticipantState, Presence, RoomEvent, RoomKind,
    RoomWish, Route, Verification, Wish,
};

use super::groups;
use crate::{
    engine::mirror::{Compare, ShowRoom},
    features::{
        about::{AboutAction, AboutSheet},
        verify::{Verify, VerifySheet},
    },
    stage::{reading::ReadingAction, scan::Reading},
    testing::bench::{Bench, ROOM, member, room, safety},
    ui::kit::{Close, Sheet},
};

/// What was asked of the engine about members.
fn asked(bench: &Bench) -> Vec<String> {
    let stage = bench.script.stage();
    let wishes = stage.wishes.iter().filter_map(|wish| match wish {
        Wish::InRoom { wish: RoomWish::Verify { member, verified }, .. } => Some(format!("{} {verified}", member.0[0])),
        Wish::InRoom { wish: RoomWish::Compare { member, shown }, .. } => Some(format!("{} {shown}", member.0[0])),
        _ => None,
    });
    wishes.collect()
}

fn stands(bench: &mut Bench, number: u8, verification: Verification) {
    let presence = Presence::Here(Route::Direct);
    let state = ParticipantState { presence, connected: true, keys: KeyState::Current, verification, ..default() };
    bench.tell(room(1), RoomEvent::Changed { member: member(number), state });
}

/// With a contact, and the sheet open.
fn comparing() -> Bench {
    let mut bench = Bench::with_contact();
    bench.tell(room(1), RoomEvent::Safety { member: member(1), safety: safety() });
    bench.act(AboutAction::Open);
    assert!(bench.says("Not compared yet"));
    assert!(bench.offers(Compare(room(1), member(1))));
    bench.act(Compare(room(1), member(1)));
    assert_eq!(bench.sheet(), Sheet::of(VerifySheet(room(1), member(1))));
    bench
}

#[test]
fn comparison_shows_both_sides_and_takes_the_answer() {
    let mut bench = comparing();
    assert!(bench.says("Compare with Bea") && bench.says("You read") && bench.says("They read"));
    for said in [safety().get().mine, safety().get().theirs] {
        for (at, word) in said.iter().enumerate() {
            assert!(bench.says(&format!("{}  {word}", at + 1)), "{word}");
        }
    }
    let digits = safety().get().code.to_string();
    let first: Vec<&str> = digits.split(' ').take(4).collect();
    assert!(bench.says(&first.join("   ")));
    bench.act(Verify(true));
    assert_eq!(asked(&bench), ["1 true"]);
    stands(&mut bench, 1, Verification::Verified);
    assert!(bench.says("Verified"));
    bench.act(Verify(false));
    assert_eq!(asked(&bench), ["1 true", "1 false"]);
    stands(&mut bench, 1, Verification::Not);
    let warning = "They differ: someone may be between you. Do not say anything here that nobody else may know.";
    assert!(bench.says(warning));
    bench.act(Close);
    assert!(!bench.says(warning));
}

#[test]
fn engine_compares_a_picture_and_the_outcome_is_said() {
    let mut bench = comparing();
    let shown = safety().get().comparison.to_string();
    bench.app.world().resource::<Reading>().put(Ok(shown.clone()));
    bench.run();
    assert_eq!(asked(&bench), [format!("1 {shown}")]);
    assert_eq!(bench.script.wished("Redeem"), 0, "it is no invitation");
    for (outcome, said) in [
        (Ok(Compared::Same), "It matches: verified."),
        (Err(CodeError::Own), "That is your own code. Scan the one that they show."),
        (Err(CodeError::NotACode), "That is not a verification code."),
        (Err(CodeError::Damaged), "The code is damaged or incomplete. Read it again."),
    ] {
        bench.tell(room(1), RoomEvent::Compared { member: member(1), outcome });
        assert!(bench.says(said), "{said}");
    }
    bench.tell(room(1), RoomEvent::Compared { member: member(1), outcome: Ok(Compared::Different) });
    let warning = "They differ: someone may be between you. Do not say anything here that nobody else may know.";
    assert_eq!(bench.texts().iter().filter(|text| *text == warning).count(), 2, "a notice, and on the sheet");
    bench.app.world().resource::<Reading>().put(Err("accept-no-code"));
    bench.run();
    assert!(bench.says("There is no readable code in the picture."));
}

#[test]
fn a_broken_mark_is_said_in_words_wherever_the_member_is_shown() {
    let mut bench = Bench::with_contact();
    stands(&mut bench, 1, Verification::Broken);
    let said = "New keys: compare again";
    assert_eq!(bench.texts().iter().filter(|text| *text == said).count(), 2, "in the list, and in the head");
    bench.act(Compare(room(1), member(1)));
    assert!(bench.says(
        "They use the name of someone you verified, but with other keys. Compare before you trust them: it may be someone else."
    ));
    bench.act(Close);
    stands(&mut bench, 1, Verification::Verified);
    assert!(!bench.says(said) && bench.says("Verified"));
}

#[test]
fn in_a_call_tiles_and_the_line_above_show_who_is_verified() {
    let mut bench = Bench::in_room();
    bench.join(1, "Bea");
    bench.join(2, "Cyril");
    let change = |bench: &mut Bench, number, verification| {
        let state = ParticipantState { connected: true, keys: KeyState::Current, verification, ..default() };
        bench.tell(ROOM, RoomEvent::Changed { member: member(number), state });
    };
    change(&mut bench, 1, Verification::Verified);
    assert!(!bench.says("Everyone is verified"));
    change(&mut bench, 2, Verification::Verified);
    assert!(bench.says("Everyone is verified") && bench.says("Encrypted, post-quantum"));
    change(&mut bench, 2, Verification::Broken);
    let said = "New keys: compare again";
    assert_eq!(bench.texts().iter().filter(|text| *text == said).count(), 2, "above, and on the tile");
    // What is said of the seal comes from the keys alone.
    assert!(bench.says("Encrypted, post-quantum"));
}

#[test]
fn a_rooms_sheet_shows_its_words_and_every_members_mark() {
    let mut bench = Bench::at_home();
    bench.enter(room(2), "Club", RoomKind::Kept);
    for (number, name) in [(1, "Bea"), (2, "Cyril")] {
        bench.tell(room(2), RoomEvent::Joined { member: member(number), name: name.into() });
    }
    let words = safety().get().mine;
    bench.tell(room(2), RoomEvent::RoomCode(words));
    let state = ParticipantState { verification: Verification::Verified, ..default() };
    bench.tell(room(2), RoomEvent::Changed { member: member(1), state });
    bench.act(ShowRoom::This(room(2)));
    bench.act(AboutAction::Open);
    assert!(bench.says(&words.to_string()) && bench.says("Verified") && bench.says("Not compared yet"));
    bench.tell(room(2), RoomEvent::NewEpoch { epoch: 4 });
    assert!(!bench.says(&words.to_string()), "they are those of the epoch before");
    bench.act(Compare(room(2), member(2)));
    assert!(bench.says("Preparing the comparison…") && !bench.offers(Verify(true)));
    bench.tell(room(2), RoomEvent::Safety { member: member(2), safety: safety() });
    assert!(bench.offers(Verify(true)));
    bench.tell(room(2), RoomEvent::Left { member: member(2), why: LeftBecause::Goodbye });
    assert_eq!(bench.sheet(), Sheet::default());
}

#[test]
fn the_camera_is_never_switched_on_before_others() {
    let mut bench = Bench::in_room();
    bench.join(1, "Bea");
    bench.tell(ROOM, RoomEvent::Safety { member: member(1), safety: safety() });
    bench.happen(Event::OwnMedia { camera_on: false, camera_lost: false, microphone_on: true, screen_on: false });
    bench.act(Compare(ROOM, member(1)));
    assert!(!bench.offers(ReadingAction::Scan));
    bench.act(ReadingAction::Scan);
    assert_eq!(bench.script.wished("CameraOn"), 0);
    bench.happen(Event::OwnMedia { camera_on: true, camera_lost: false, microphone_on: true, screen_on: false });
    assert!(bench.offers(ReadingAction::Scan));
}

#[test]
fn what_is_compared_can_be_opened_in_a_call() {
    let mut bench = Bench::in_room();
    bench.join(1, "Bea");
    bench.tell(ROOM, RoomEvent::Call(CallState::In));
    bench.ctrl("O");
    assert_eq!(bench.sheet(), Sheet::of(AboutSheet(ROOM)));
    assert!(bench.offers(Compare(ROOM, member(1))) && !bench.offers(AboutAction::Forget(ROOM)));
}

#[test]
fn a_code_is_grouped_whatever_stands_between_its_digits() {
    assert_eq!(groups("12345 67890"), ["12345   67890"]);
}
