//! Push-to-talk: a muted microphone is on while Ctrl+Space is held. Space alone is text, or presses a button.

use bevy::{
    input::keyboard::{Key, KeyboardFocusLost, KeyboardInput},
    prelude::*,
};
use engine::api::Wish;

use super::Own;
use crate::{
    engine::door::Wished,
    ui::{
        kit::{Confirmation, Sheet},
        page::Page,
    },
};

/// `talking`: the microphone is on for no other reason.
pub fn hold(
    mut typed: MessageReader<KeyboardInput>,
    mut lost: MessageReader<KeyboardFocusLost>,
    held: Res<ButtonInput<Key>>,
    page: Res<State<Page>>,
    (sheet, confirmation): (Res<Sheet>, Res<Confirmation>),
    own: Res<Own>,
    mut talking: Local<bool>,
    mut wishes: MessageWriter<Wished>,
) {
    let in_room = *page.get() == Page::Room;
    // A person who goes to another window does not mean to go on talking, and lets go where we do not see it.
    let mut over = lost.read().count() > 0 || !in_room;
    let with_another = [Key::Alt, Key::Super, Key::Shift].into_iter().any(|key| held.pressed(key));
    let may = in_room && !sheet.is_open() && !confirmation.asks() && !with_another;
    for input in typed.read() {
        match (&input.logical_key, input.state.is_pressed()) {
            (Key::Space, true) if may && !input.repeat && held.pressed(Key::Control) && !own.microphone_on => {
                *talking = true;
                over = false;
                wishes.write(Wished(Wish::MicrophoneOn(true)));
            }
            (Key::Space | Key::Control, false) => over = true,
            _ => {}
        }
    }
    if over && std::mem::take(&mut *talking) {
        wishes.write(Wished(Wish::MicrophoneOn(false)));
    }
}
