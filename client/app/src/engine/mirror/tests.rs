use bevy::{
    input::{
        ButtonState,
        keyboard::{Key, KeyboardFocusLost},
    },
    prelude::*,
};
use engine::{
    Tile,
    api::{
        CallState, Ended, Event, JoinFailed, KeyState, LeftBecause, MemberId, OverBecause, ParticipantState, RoomEvent,
        RoomKind, RoomWish, Wish,
    },
};

use super::Person;
use crate::{
    engine::{
        choices::Choices,
        door::Door,
        journey::{Journey, JourneyAction, Refusal},
        mirror::OwnAction,
    },
    features::chat::ChatAction,
    stage::tile::{Stage, TileOf},
    testing::bench::{Bench, ME, ROOM, member, room},
    ui::page::Page,
};

#[test]
fn everybody_who_joins_has_a_tile_until_they_leave() {
    let mut bench = Bench::in_room();
    assert_eq!(bench.page(), Page::Room);
    assert_eq!(bench.count::<With<TileOf>>(), 1);
    bench.join(1, "Bea");
    bench.join(2, "Cyril");
    assert_eq!(bench.count::<With<TileOf>>(), 3);
    assert!(bench.says("3 people"));
    bench.tell(ROOM, RoomEvent::Left { member: member(1), why: LeftBecause::Goodbye });
    assert_eq!(bench.count::<With<TileOf>>(), 2);
    assert!(bench.says("Bea left"));
}

#[test]
fn people_who_were_there_before_us_have_tiles_too() {
    let mut bench = Bench::in_lobby();
    let say = |what| bench.script.say(Event::Room { room: ROOM, what });
    let kind = RoomKind::Ephemeral;
    say(RoomEvent::Entering);
    say(RoomEvent::Entered { title: "Tuesday".into(), kind, me: ME, epoch: 4, post_quantum: true });
    say(RoomEvent::Joined { member: member(1), name: "Bea".into() });
    say(RoomEvent::Call(CallState::In));
    bench.run();
    assert_eq!(bench.count::<With<TileOf>>(), 2);
}

#[test]
fn joining_and_changing_at_once_is_not_lost() {
    let mut bench = Bench::in_room();
    let what = RoomEvent::Joined { member: member(1), name: "Bea".into() };
    bench.script.say(Event::Room { room: ROOM, what });
    bench.change(1, KeyState::Current);
    assert!(bench.says("Encrypted, post-quantum"));
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
    assert!(bench.says("Encrypted, post-quantum"));
}

#[test]
fn switches_ask_for_the_opposite_of_what_is() {
    let mut bench = Bench::in_room();
    bench.act(OwnAction::Microphone);
    bench.happen(Event::OwnMedia { camera_on: true, camera_lost: false, microphone_on: false, screen_on: false });
    bench.act(OwnAction::Microphone);
    assert_eq!(switches(&bench), [false, true]);
}

fn switches(bench: &Bench) -> Vec<bool> {
    let of = |wish: &Wish| if let Wish::MicrophoneOn(on) = wish { Some(*on) } else { None };
    bench.script.stage().wishes.iter().filter_map(of).collect()
}

#[test]
fn a_switch_without_a_device_says_why_nothing_happens() {
    let mut bench = Bench::in_room();
    let mut choices = bench.app.world_mut().resource_mut::<Choices>();
    choices.media.camera = engine::api::CameraChoice::None;
    bench.happen(Event::OwnMedia { camera_on: false, camera_lost: false, microphone_on: true, screen_on: false });
    bench.act(OwnAction::Camera);
    assert!(bench.texts().iter().any(|text| text.starts_with("No camera is selected")));
    assert_eq!(bench.script.wished("CameraOn"), 0);
}

#[test]
fn noise_suppression_follows_what_the_engine_says() {
    let mut bench = Bench::in_lobby();
    assert!(bench.says("Noise suppression is on"));
    bench.ctrl("N");
    bench.happen(Event::NoiseSuppressed(false));
    assert!(bench.says("Noise suppression is off"));
    bench.ctrl("N");
    let of = |wish: &Wish| if let Wish::SuppressNoise(on) = wish { Some(*on) } else { None };
    assert_eq!(bench.script.stage().wishes.iter().filter_map(of).collect::<Vec<_>>(), [false, true]);
}

fn muted() -> Bench {
    let mut bench = Bench::in_room();
    bench.happen(Event::OwnMedia { camera_on: true, camera_lost: false, microphone_on: false, screen_on: false });
    bench
}

#[test]
fn a_muted_microphone_is_on_while_ctrl_space_is_held() {
    let mut bench = muted();
    bench.press(Key::Control, ButtonState::Pressed);
    bench.press(Key::Space, ButtonState::Pressed);
    assert_eq!(switches(&bench), [true]);
    bench.happen(Event::OwnMedia { camera_on: true, camera_lost: false, microphone_on: true, screen_on: false });
    bench.press(Key::Space, ButtonState::Released);
    assert_eq!(switches(&bench), [true, false]);
}

#[test]
fn who_goes_to_another_window_while_talking_is_muted() {
    let mut bench = muted();
    bench.press(Key::Control, ButtonState::Pressed);
    bench.press(Key::Space, ButtonState::Pressed);
    bench.app.world_mut().write_message(KeyboardFocusLost);
    bench.run();
    assert_eq!(switches(&bench), [true, false]);
}

#[test]
fn letting_go_of_ctrl_ends_talking_too() {
    let mut bench = muted();
    bench.press(Key::Control, ButtonState::Pressed);
    bench.press(Key::Space, ButtonState::Pressed);
    bench.press(Key::Control, ButtonState::Released);
    assert_eq!(switches(&bench), [true, false]);
}

#[test]
fn space_alone_talks_nowhere() {
    let mut bench = muted();
    for _ in 0..2 {
        bench.press(Key::Space, ButtonState::Pressed);
        bench.press(Key::Space, ButtonState::Released);
        bench.act(ChatAction::Toggle);
    }
    assert!(switches(&bench).is_empty());
}

#[test]
fn a_removed_person_is_told_and_the_engine_stops() {
    let mut bench = Bench::in_room();
    bench.join(1, "Bea");
    bench.tell(ROOM, RoomEvent::Over(OverBecause::Removed));
    assert_eq!(bench.page(), Page::Ended);
    assert!(bench.says("You were removed"));
    assert_eq!(bench.count::<With<Person>>(), 0);
    assert!(bench.engine_stops());
    bench.act(JourneyAction::GoBack);
    assert_eq!(bench.page(), Page::Start);
}

#[test]
fn a_failed_join_leads_back_to_the_start_and_says_why() {
    let mut bench = Bench::in_lobby();
    bench.act(JourneyAction::Enter);
    bench.tell(ROOM, RoomEvent::Entering);
    bench.tell(ROOM, RoomEvent::Over(OverBecause::JoinFailed(JoinFailed::Full)));
    assert_eq!(bench.page(), Page::Start);
    assert_eq!(bench.app.world().resource::<Journey>().refused, Some(Refusal::Join(JoinFailed::Full)));
    assert!(bench.says("The room is full."));
}

#[test]
fn engine_that_cannot_start_leads_back_to_the_start() {
    let mut bench = Bench::new();
    bench.script.stage().refuses = Some(engine::StartError::System);
    bench.app.world_mut().resource_mut::<NextState<Page>>().set(Page::Lobby);
    bench.run();
    assert_eq!(bench.page(), Page::Start);
    assert!(bench.says("This computer could not open a connection. Close other programs and try again."));
}

#[test]
fn leaving_says_goodbye_and_leads_back_to_the_start() {
    let mut bench = Bench::in_room();
    bench.act(JourneyAction::Leave);
    assert_eq!(bench.script.wished("Leave"), 1);
    bench.tell(ROOM, RoomEvent::Over(OverBecause::Left));
    assert_eq!(bench.page(), Page::Start);
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

fn looks(bench: &Bench, of: MemberId) -> Vec<u16> {
    let stage = bench.script.stage();
    let looks = stage.wishes.iter().filter_map(|wish| match wish {
        Wish::Look { tile, lines } if *tile == Tile::Member(of) => Some(*lines),
        _ => None,
    });
    looks.collect()
}

#[test]
fn others_are_told_how_large_they_are_shown() {
    let mut bench = Bench::in_room();
    bench.app.add_message::<bevy::window::WindowOccluded>();
    let world = bench.app.world_mut();
    let mut stages = world.query_filtered::<&mut ComputedNode, With<Stage>>();
    let mut stage = stages.single_mut(world).expect("one stage");
    stage.size = Vec2::new(1280.0, 720.0);
    stage.inverse_scale_factor = 1.0;
    bench.join(1, "Bea");
    let bea = looks(&bench, member(1));
    assert!(matches!(bea[..], [.., lines] if lines > 300), "{bea:?}");
    assert!(looks(&bench, ME).is_empty());
    for number in 2..12 {
        bench.join(number, "Cyril");
    }
    let cyril = looks(&bench, member(11));
    assert!(matches!(cyril[..], [lines] if lines < 300), "{cyril:?}");
    let before = looks(&bench, member(1)).len();
    bench.run();
    assert_eq!(looks(&bench, member(1)).len(), before, "a smaller size is told when it has settled");
    for (occluded, lines) in [(true, 0), (false, cyril[0])] {
        let window = bench.app.world_mut().spawn_empty().id();
        bench.app.world_mut().write_message(bevy::window::WindowOccluded { window, occluded });
        bench.run();
        assert_eq!(looks(&bench, member(11)).last(), Some(&lines));
    }
}

fn take_part(number: u8, in_call: bool) -> RoomEvent {
    let state = ParticipantState { in_call, connected: in_call, ..default() };
    RoomEvent::Changed { member: member(number), state }
}

#[test]
fn in_a_kept_room_only_those_in_the_call_have_tiles() {
    let mut bench = Bench::at_home();
    bench.enter(room(2), "Club", RoomKind::Kept);
    for (number, name) in [(1, "Bea"), (2, "Cyril")] {
        bench.tell(room(2), RoomEvent::Joined { member: member(number), name: name.into() });
    }
    bench.tell(room(2), take_part(1, true));
    bench.tell(room(2), RoomEvent::Call(CallState::In));
    assert_eq!(bench.page(), Page::Room);
    assert_eq!(bench.count::<With<TileOf>>(), 2);
    bench.tell(room(2), take_part(2, true));
    assert_eq!(bench.count::<With<TileOf>>(), 3);
    bench.tell(room(2), take_part(1, false));
    assert_eq!(bench.count::<With<TileOf>>(), 2);
}

#[test]
fn hanging_up_in_a_kept_room_leads_home_and_keeps_the_room() {
    let mut bench = Bench::at_home();
    bench.enter(room(2), "Club", RoomKind::Kept);
    bench.tell(room(2), RoomEvent::Call(CallState::In));
    bench.act(JourneyAction::Leave);
    let hung_up = |wish: &Wish| matches!(wish, Wish::InRoom { room: of, wish: RoomWish::HangUp } if *of == room(2));
    assert!(bench.script.stage().wishes.iter().any(hung_up));
    bench.tell(room(2), RoomEvent::Call(CallState::None));
    assert_eq!(bench.page(), Page::Home);
    assert_eq!(bench.count::<With<super::Room>>(), 1);
}

#[test]
fn an_engine_that_fails_ends_the_room_and_says_so() {
    let mut bench = Bench::in_room();
    bench.happen(Event::Ended(Ended::Failed));
    assert_eq!(bench.page(), Page::Ended);
    assert!(bench.says("The room has ended"));
    assert_eq!(bench.count::<With<Person>>(), 0);
}
