//! Push-to-talk: a muted microphone is on while Space is held.

use bevy::{
    input::keyboard::{Key, KeyboardFocusLost, KeyboardInput},
    input_focus::{InputFocus, InputFocusVisible},
    prelude::*,
    text::EditableText,
};
use engine::api::Wish;

use super::Own;
use crate::{action::Does, door::Wished, kit::Sheet, screen::Screen};

/// `talking`: the microphone is on for no other reason.
pub fn hold(
    mut typed: MessageReader<KeyboardInput>,
    mut lost: MessageReader<KeyboardFocusLost>,
    held: Res<ButtonInput<Key>>,
    (screen, sheet): (Res<State<Screen>>, Res<Sheet>),
    (focus, visible): (Res<InputFocus>, Res<InputFocusVisible>),
    fields: Query<(), With<EditableText>>,
    buttons: Query<(), With<Does>>,
    own: Res<Own>,
    mut talking: Local<bool>,
    mut wishes: MessageWriter<Wished>,
) {
    let in_room = *screen.get() == Screen::Room;
    // Whoever goes to another window does not mean to go on talking, and lets go where we do not see it.
    let mut over = lost.read().count() > 0 || !in_room;
    // Space is a letter in a field, and presses the button that the keyboard went to.
    let taken = focus.get().is_some_and(|at| fields.contains(at) || (visible.0 && buttons.contains(at)));
    let with_another = [Key::Control, Key::Alt, Key::Super].into_iter().any(|key| held.pressed(key));
    for input in typed.read().filter(|input| input.logical_key == Key::Space) {
        if !input.state.is_pressed() {
            over = true;
        } else if in_room && !input.repeat && !taken && !with_another && *sheet == Sheet::None && !own.microphone_on {
            *talking = true;
            over = false;
            wishes.write(Wished(Wish::MicrophoneOn(true)));
        }
    }
    if over && std::mem::take(&mut *talking) {
        wishes.write(Wished(Wish::MicrophoneOn(false)));
    }
}
