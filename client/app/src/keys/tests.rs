use std::collections::HashSet;

use bevy::{input::ButtonState, input_focus::FocusCause};

use super::*;
use crate::{bench::Bench, chat::Draft};

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
