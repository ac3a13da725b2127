use std::collections::HashSet;

use bevy::{input::ButtonState, input_focus::FocusCause, window::PrimaryWindow};
use engine::api::{CallState, RoomEvent};

use super::*;
use crate::{
    engine::{
        journey::JourneyAction,
        mirror::{OwnAction, ShowInvitations, ShowRoom},
    },
    features::{
        about::{AboutAction, AboutSheet},
        accept::{AcceptAction, AcceptSheet},
        call::CallAction,
        chat::{ChatAction, Draft},
        devices::DevicesAction,
        figures::ToggleFigures,
        invite::{InviteAction, InviteSheet},
        network::NetworkAction,
        profile::ProfileAction,
        share::ShareAction,
    },
    pages::{home::HomeAction, profiles::ProfilesAction, start::StartAction},
    stage::tile::SwitchLayout,
    testing::bench::{Bench, member, room},
    ui::{action::AnyAction, kit::Close, power::Quit, theme::SwitchTheme},
    window::Fullscreen,
};

#[test]
fn every_action_has_a_key() {
    let actions: [AnyAction; 38] = [
        StartAction::StartRoom.into(),
        StartAction::UseInvitation.into(),
        StartAction::OpenDemo.into(),
        JourneyAction::Enter.into(),
        JourneyAction::GoBack.into(),
        OwnAction::Microphone.into(),
        OwnAction::Camera.into(),
        OwnAction::Noise.into(),
        DevicesAction::Open.into(),
        DevicesAction::PlayTone.into(),
        ChatAction::Toggle.into(),
        ShareAction::Toggle.into(),
        ShowInvitations.into(),
        InviteAction::Copy.into(),
        SwitchLayout.into(),
        JourneyAction::Leave.into(),
        ToggleFigures.into(),
        Fullscreen.into(),
        SwitchTheme.into(),
        Close.into(),
        Quit::Asked.into(),
        ShowRoom::Next.into(),
        ShowRoom::Previous.into(),
        HomeAction::NewRoom.into(),
        InviteAction::Someone.into(),
        AcceptAction::Open.into(),
        CallAction::Call.into(),
        CallAction::CallWithVideo.into(),
        CallAction::Answer.into(),
        CallAction::AnswerWithVideo.into(),
        CallAction::Decline.into(),
        JourneyAction::ReturnToCall.into(),
        AboutAction::Open.into(),
        ProfileAction::Open.into(),
        NetworkAction::Open.into(),
        ProfilesAction::New.into(),
        ProfilesAction::OpenImport.into(),
        ProfilesAction::KeepNothing.into(),
    ];
    let bench = Bench::new();
    let bindings = bench.app.world().resource::<Bindings>();
    for action in actions {
        assert!(action.key().is_some(), "{action:?}");
        assert!(bindings.all().iter().any(|binding| binding.action == action), "{action:?} is not listened for");
    }
}

#[test]
fn no_key_means_two_things_on_one_page() {
    let mut seen = HashSet::new();
    for binding in Bench::new().app.world().resource::<Bindings>().all() {
        for page in binding.on {
            let key = format!("{:?} {:?} {page:?}", binding.key, binding.with);
            assert!(seen.insert(key.clone()), "{key}");
        }
    }
}

fn writing() -> Bench {
    let mut bench = Bench::in_room();
    bench.act(ChatAction::Toggle);
    let world = bench.app.world_mut();
    let draft = world.query_filtered::<Entity, With<Draft>>().single(world).expect("one draft");
    world.resource_mut::<InputFocus>().set(draft, FocusCause::Navigated);
    bench
}

#[test]
fn switches_take_ctrl() {
    let mut bench = Bench::in_room();
    bench.ctrl("m");
    bench.ctrl("e");
    assert_eq!((bench.script.wished("MicrophoneOn"), bench.script.wished("CameraOn")), (1, 1));
}

#[test]
fn no_unmodified_key_sends_more_of_a_person() {
    for binding in Bench::new().app.world().resource::<Bindings>().all() {
        let harmless = !binding.action.sends_more_of_a_person();
        assert!(binding.with != Modifiers::Nothing || harmless, "{:?}", binding.action);
        let letter = matches!(binding.key, Press::Letter(_));
        assert!(binding.with != Modifiers::Nothing || !letter, "a letter is text: {:?}", binding.action);
        let edits =
            matches!(binding.key, Press::Letter('a' | 'c' | 'v' | 'x' | 'z')) && binding.with == Modifiers::Ctrl;
        assert!(!edits, "it belongs to fields: {:?}", binding.action);
    }
}

/// What lets others see, hear or notice more.
fn is_sent(wish: &engine::api::Wish) -> bool {
    use engine::api::{RoomWish, Wish};
    match wish {
        Wish::MicrophoneOn(on) | Wish::CameraOn(on) => *on,
        Wish::ShareScreen(_) | Wish::Found { .. } | Wish::Redeem { .. } => true,
        Wish::InRoom { wish, .. } => {
            matches!(
                wish,
                RoomWish::Call { .. }
                    | RoomWish::Switch { .. }
                    | RoomWish::Admit(_)
                    | RoomWish::Remove(_)
                    | RoomWish::Leave
                    | RoomWish::HangUp
            )
        }
        _ => false,
    }
}

/// Every key that makes a letter, and those that do something, on every page and in every sheet, as it has just
/// opened.
#[test]
fn typing_anywhere_sends_nothing_but_text() {
    let muted = || {
        let mut bench = Bench::in_room();
        let event = engine::api::Event::OwnMedia {
            camera_on: false,
            camera_lost: false,
            microphone_on: false,
            screen_on: false,
        };
        bench.happen(event);
        bench
    };
    let at = |page: Page| {
        let mut bench = Bench::new();
        bench.go(page);
        bench.rest();
        bench
    };
    let opened = |mut bench: Bench, open: AnyAction| {
        bench.act(open);
        bench.settle_screens();
        bench
    };
    let mut benches = vec![
        ("the room", muted()),
        ("the room with its chat", opened(muted(), ChatAction::Toggle.into())),
        ("share", opened(muted(), ShareAction::Toggle.into())),
        ("devices", opened(muted(), DevicesAction::Open.into())),
        ("invite", opened(muted(), ShowInvitations.into())),
        ("more of the room", opened(muted(), AboutAction::Open.into())),
        ("home", Bench::with_contact()),
        ("home, chosen", opened(Bench::with_contact(), ShowRoom::This(room(1)).into())),
        ("more", opened(Bench::with_contact(), AboutAction::Open.into())),
        ("accept", opened(Bench::with_contact(), AcceptAction::Open.into())),
        ("profile", opened(Bench::with_contact(), ProfileAction::Open.into())),
        ("network", opened(Bench::with_contact(), NetworkAction::Open.into())),
        ("the lobby", Bench::in_lobby()),
        ("the profiles", at(Page::Profiles)),
        ("the end", at(Page::Ended)),
    ];
    for (place, bench) in &mut benches {
        let page = bench.page();
        bench.script.stage().wishes.clear();
        bench.type_text("some of my view in text abcdefghijklmnopqrstuvwxyz SMVCIO 0123456789 ,.-+");
        assert_eq!(bench.page(), page, "{place}");
        bench.press(Key::Enter, ButtonState::Pressed);
        bench.press(Key::Enter, ButtonState::Released);
        bench.type_text("s m v");
        bench.press(Key::Enter, ButtonState::Pressed);
        let stage = bench.script.stage();
        let sent: Vec<_> = stage.wishes.iter().filter(|wish| is_sent(wish)).collect();
        assert!(sent.is_empty(), "{sent:?} from {place}");
    }
}

#[test]
fn letters_on_the_first_pages_go_into_their_field() {
    for page in [Page::Profiles, Page::Start] {
        let mut bench = Bench::new();
        bench.go(page);
        bench.rest();
        let world = bench.app.world();
        let focused = world.resource::<InputFocus>().get().expect("a field has the focus");
        assert!(world.get::<EditableText>(focused).is_some(), "{page:?}");
        bench.type_text("kim");
        assert_eq!(bench.page(), page);
    }
}

fn draft_has_focus(bench: &mut Bench) -> bool {
    let world = bench.app.world_mut();
    let focus = world.resource::<InputFocus>().get();
    world.query_filtered::<Entity, With<Draft>>().iter(world).any(|draft| focus == Some(draft))
}

#[test]
fn a_conversation_that_is_chosen_is_written_in() {
    let mut bench = Bench::with_contact();
    bench.enter(room(2), "Club", engine::api::RoomKind::Kept);
    bench.act(ShowRoom::This(room(2)));
    assert!(draft_has_focus(&mut bench));
    bench.press(Key::Escape, ButtonState::Pressed);
    assert!(!draft_has_focus(&mut bench));
    bench.type_text("c");
    assert!(draft_has_focus(&mut bench), "what is typed goes into the field");
    assert_eq!(bench.script.wished("Call"), 0);
}

#[test]
fn text_typed_beside_the_open_chat_goes_into_it() {
    let mut bench = Bench::in_room();
    bench.type_text("s");
    assert!(!draft_has_focus(&mut bench), "the chat is closed");
    bench.act(ChatAction::Toggle);
    bench.app.world_mut().resource_mut::<InputFocus>().clear();
    bench.type_text("s");
    assert!(draft_has_focus(&mut bench));
    assert_eq!(bench.sheet(), Sheet::default());
}

#[test]
fn shortcuts_work_on_keyboards_without_latin_letters() {
    let mut bench = Bench::in_room();
    bench.press(Key::Control, ButtonState::Pressed);
    bench.press_code(KeyCode::KeyM, Key::Character("ь".into()));
    assert_eq!(bench.script.wished("MicrophoneOn"), 1);
}

#[test]
fn keys_with_ctrl_work_while_writing() {
    let mut bench = writing();
    bench.ctrl("w");
    assert_eq!(bench.script.wished("Leave"), 1);
}

#[test]
fn chord_within_one_frame_is_a_chord() {
    let mut bench = writing();
    let world = bench.app.world_mut();
    let window = world.query_filtered::<Entity, With<PrimaryWindow>>().single(world).expect("one window");
    let letter = Key::Character("w".into());
    for (logical_key, state) in [
        (Key::Control, ButtonState::Pressed),
        (letter.clone(), ButtonState::Pressed),
        (letter, ButtonState::Released),
        (Key::Control, ButtonState::Released),
    ] {
        let key_code = KeyCode::F35;
        world.write_message(KeyboardInput { key_code, logical_key, state, text: None, repeat: false, window });
    }
    bench.run();
    assert_eq!(bench.script.wished("Leave"), 1);
    bench.letter("w");
    assert_eq!(bench.script.wished("Leave"), 1, "without Control it is a letter");
}

#[test]
fn enter_in_the_field_sends_what_is_written() {
    let mut bench = writing();
    let world = bench.app.world_mut();
    let mut drafts = world.query_filtered::<&mut EditableText, With<Draft>>();
    drafts.single_mut(world).expect("one draft").editor.set_text("Ça marche 👍");
    bench.press(Key::Enter, ButtonState::Pressed);
    assert_eq!(bench.script.wished("Say"), 1);
}

#[test]
fn escape_closes_a_sheet_from_a_field_and_letters_do_nothing() {
    let mut bench = Bench::with_contact();
    bench.ctrl("I");
    assert_eq!(bench.sheet(), Sheet::of(InviteSheet(None)));
    let world = bench.app.world_mut();
    let focused = world.resource::<InputFocus>().get().expect("the sheet has the focus");
    assert!(world.get::<EditableText>(focused).is_some(), "its first field");
    bench.press(Key::Escape, ButtonState::Pressed);
    assert_eq!(bench.sheet(), Sheet::default());
    bench.ctrl("O");
    bench.ctrl("n");
    assert_eq!(bench.sheet(), Sheet::of(AboutSheet(room(1))));
}

#[test]
fn a_call_is_answered_while_writing() {
    let mut bench = Bench::with_contact();
    let ringing = CallState::Ringing { by: member(1), video: false };
    bench.tell(room(1), RoomEvent::Call(ringing));
    bench.ctrl("o");
    assert_eq!(bench.sheet(), Sheet::of(AcceptSheet));
    bench.ctrl("y");
    assert_eq!(bench.script.wished("Call"), 1);
}

#[test]
fn a_button_keeps_the_focus_when_its_list_is_drawn_anew() {
    let mut bench = Bench::with_contact();
    let world = bench.app.world_mut();
    let mut buttons = world.query::<(Entity, &Does)>();
    let entry = buttons.iter(world).find(|(_, does)| does.0.is(ShowRoom::This(room(1)))).map(|(entity, _)| entity);
    world.resource_mut::<InputFocus>().set(entry.expect("an entry"), FocusCause::Navigated);
    bench.run();
    bench.tell(room(1), RoomEvent::Titled { title: "Beatrix".into() });
    let world = bench.app.world();
    let focused = world.resource::<InputFocus>().get().expect("the focus stays");
    assert_eq!(world.get::<Does>(focused).map(|does| does.0.clone()), Some(ShowRoom::This(room(1)).into()));
}
