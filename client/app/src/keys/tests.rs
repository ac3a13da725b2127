use std::collections::HashSet;

use bevy::{input::ButtonState, input_focus::FocusCause};
use engine::api::{CallState, RoomEvent};

use super::*;
use crate::{
    bench::{Bench, member, room},
    chat::Draft,
};

#[test]
fn every_action_has_a_key() {
    let actions = [
        Action::StartRoom,
        Action::UseInvitation,
        Action::OpenDemo,
        Action::EnterRoom,
        Action::GoBack,
        Action::Microphone,
        Action::Camera,
        Action::Noise,
        Action::Devices,
        Action::PlayTone,
        Action::Chat,
        Action::Invite,
        Action::CopyInvitation,
        Action::Layout,
        Action::Leave,
        Action::Figures,
        Action::Fullscreen,
        Action::SwitchTheme,
        Action::Close,
        Action::Quit,
        Action::Next,
        Action::Previous,
        Action::NewRoom,
        Action::InviteSomeone,
        Action::Accept,
        Action::Call,
        Action::CallWithVideo,
        Action::AnswerCall,
        Action::AnswerWithVideo,
        Action::DeclineCall,
        Action::ReturnToCall,
        Action::More,
        Action::Profile,
        Action::Network,
        Action::NewProfile,
        Action::OpenImport,
        Action::KeepNothing,
    ];
    for action in actions {
        assert!(shown(action).is_some(), "{action:?}");
    }
}

#[test]
fn no_key_means_two_things_on_one_screen() {
    let mut seen = HashSet::new();
    for binding in KEYS {
        for screen in binding.on {
            let key = format!("{:?} {} {screen:?}", binding.key, binding.ctrl);
            assert!(seen.insert(key.clone()), "{key}");
        }
    }
}

fn writing() -> Bench {
    let mut bench = Bench::in_room();
    bench.act(Action::Chat);
    let world = bench.app.world_mut();
    let draft = world.query_filtered::<Entity, With<Draft>>().single(world).expect("one draft");
    world.resource_mut::<InputFocus>().set(draft, FocusCause::Navigated);
    bench
}

#[test]
fn a_letter_is_a_switch() {
    let mut bench = Bench::in_room();
    bench.letter("m");
    bench.letter("V");
    assert_eq!((bench.script.wished("MicrophoneOn"), bench.script.wished("CameraOn")), (1, 1));
}

#[test]
fn letters_rest_while_a_text_field_has_the_focus() {
    let mut bench = writing();
    bench.letter("m");
    assert_eq!(bench.script.wished("MicrophoneOn"), 0);
    bench.press(Key::Escape, ButtonState::Pressed);
    bench.letter("m");
    assert_eq!(bench.script.wished("MicrophoneOn"), 1);
}

#[test]
fn keys_with_ctrl_work_while_writing() {
    let mut bench = writing();
    bench.press(Key::Control, ButtonState::Pressed);
    bench.letter("w");
    assert_eq!(bench.script.wished("Leave"), 1);
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
fn under_a_sheet_letters_rest_and_escape_closes_it_from_a_field_too() {
    let mut bench = Bench::with_contact();
    bench.letter("i");
    assert_eq!(bench.sheet(), Sheet::Invite(None));
    let world = bench.app.world_mut();
    let focused = world.resource::<InputFocus>().get().expect("the sheet has the focus");
    assert!(world.get::<EditableText>(focused).is_some(), "its first field");
    bench.press(Key::Escape, ButtonState::Pressed);
    assert_eq!(bench.sheet(), Sheet::None);
    bench.letter("o");
    bench.letter("n");
    assert_eq!(bench.sheet(), Sheet::About(room(1)));
}

#[test]
fn a_call_is_answered_while_writing() {
    let mut bench = Bench::with_contact();
    let ringing = CallState::Ringing { by: member(1), video: false };
    bench.tell(room(1), RoomEvent::Call(ringing));
    bench.letter("a");
    assert_eq!(bench.sheet(), Sheet::Accept);
    bench.press(Key::Control, ButtonState::Pressed);
    bench.letter("y");
    assert_eq!(bench.script.wished("Call"), 1);
}

#[test]
fn a_button_keeps_the_focus_when_its_list_is_drawn_anew() {
    let mut bench = Bench::with_contact();
    let world = bench.app.world_mut();
    let mut buttons = world.query::<(Entity, &Does)>();
    let entry = buttons.iter(world).find(|(_, does)| does.0 == Action::Show(room(1))).map(|(entity, _)| entity);
    world.resource_mut::<InputFocus>().set(entry.expect("an entry"), FocusCause::Navigated);
    bench.run();
    bench.tell(room(1), RoomEvent::Titled { title: "Beatrix".into() });
    let world = bench.app.world();
    let focused = world.resource::<InputFocus>().get().expect("the focus stays");
    assert_eq!(world.get::<Does>(focused).map(|does| does.0), Some(Action::Show(room(1))));
}
