//! Listens to the keys.

use bevy::{
    input::{
        InputSystems,
        keyboard::{Key, KeyCode, KeyboardInput},
    },
    input_focus::InputFocus,
    prelude::*,
    text::EditableText,
};

use crate::ui::{
    action::Does,
    binding::{Bindings, Modifiers, Press},
    kit::{Confirmation, Secretive, Sheet, Submits},
    page::Page,
};

pub fn plugin(app: &mut App) {
    app.add_systems(PreUpdate, listen.after(InputSystems));
}

/// The keys that change what others mean. They are followed from key to key: where frames are slow, Control goes down
/// and up again within one, and is not held any more at its end.
#[derive(Default, Clone, Copy)]
struct Held {
    control: bool,
    shift: bool,
    other: bool,
}

impl Held {
    fn now(held: &ButtonInput<Key>) -> Self {
        Self {
            control: held.pressed(Key::Control),
            shift: held.pressed(Key::Shift),
            other: held.pressed(Key::Alt) || held.pressed(Key::Super),
        }
    }

    fn follow(&mut self, input: &KeyboardInput) {
        let part = match input.logical_key {
            Key::Control => &mut self.control,
            Key::Shift => &mut self.shift,
            Key::Alt | Key::Super => &mut self.other,
            _ => return,
        };
        *part = input.state.is_pressed();
    }
}

fn listen(
    mut pressed: MessageReader<KeyboardInput>,
    at_the_end: Res<ButtonInput<Key>>,
    mut last: Local<Held>,
    page: Res<State<Page>>,
    mut focus: ResMut<InputFocus>,
    fields: Query<(Option<&EditableText>, Option<&Submits>), Or<(With<EditableText>, With<Secretive>)>>,
    buttons: Query<(), With<Does>>,
    (sheet, confirmation): (Res<Sheet>, Res<Confirmation>),
    bindings: Res<Bindings>,
    mut commands: Commands,
) {
    let mut held = std::mem::replace(&mut *last, Held::now(&at_the_end));
    for input in pressed.read() {
        held.follow(input);
        if !input.state.is_pressed() || input.repeat {
            continue;
        }
        let Some(key) = press(input) else {
            continue;
        };
        let covered = sheet.is_open() || confirmation.asks();
        let ctrl = held.control;
        let field = focus.get().and_then(|entity| fields.get(entity).ok());
        if let Some((text, submits)) = field {
            // An input method that is composing gets all keys, Enter and Escape too.
            if text.is_some_and(EditableText::is_composing) {
                continue;
            }
            match (key, submits) {
                (Press::Enter, Some(submits)) if !confirmation.asks() => {
                    submits.0.ask(&mut commands);
                }
                (Press::Escape, _) if !covered => focus.clear(),
                _ => {}
            }
        }
        let with = match (ctrl, held.shift) {
            (false, _) => Modifiers::Nothing,
            (true, false) => Modifiers::Ctrl,
            (true, true) => Modifiers::CtrlShift,
        };
        // In a sheet Escape closes it, wherever the focus is.
        let closes = key == Press::Escape && covered;
        let typing = field.is_some() && !ctrl && !closes && !matches!(key, Press::F3 | Press::F11);
        let on_button = key == Press::Enter && !ctrl && focus.get().is_some_and(|entity| buttons.contains(entity));
        if typing || on_button || held.other {
            continue;
        }
        let found = bindings.find(key, with, *page.get());
        if let Some(binding) = found.filter(|binding| !covered || binding.over_sheets) {
            binding.action.ask(&mut commands);
        }
    }
}

fn press(input: &KeyboardInput) -> Option<Press> {
    Some(match &input.logical_key {
        // Where the layout has no Latin letters, the key's place on the keyboard says which is meant.
        Key::Character(text) => match single(text)?.to_ascii_lowercase() {
            letter if letter.is_ascii() => Press::Letter(letter),
            _ => Press::Letter(latin(input.key_code)?),
        },
        Key::Escape => Press::Escape,
        Key::Enter => Press::Enter,
        Key::ArrowUp => Press::Up,
        Key::ArrowDown => Press::Down,
        Key::F3 => Press::F3,
        Key::F11 => Press::F11,
        _ => return None,
    })
}

/// The letter that is printed on a key of a Latin keyboard.
fn latin(code: KeyCode) -> Option<char> {
    Some(match code {
        KeyCode::KeyA => 'a',
        KeyCode::KeyB => 'b',
        KeyCode::KeyC => 'c',
        KeyCode::KeyD => 'd',
        KeyCode::KeyE => 'e',
        KeyCode::KeyF => 'f',
        KeyCode::KeyG => 'g',
        KeyCode::KeyH => 'h',
        KeyCode::KeyI => 'i',
        KeyCode::KeyJ => 'j',
        KeyCode::KeyK => 'k',
        KeyCode::KeyL => 'l',
        KeyCode::KeyM => 'm',
        KeyCode::KeyN => 'n',
        KeyCode::KeyO => 'o',
        KeyCode::KeyP => 'p',
        KeyCode::KeyQ => 'q',
        KeyCode::KeyR => 'r',
        KeyCode::KeyS => 's',
        KeyCode::KeyT => 't',
        KeyCode::KeyU => 'u',
        KeyCode::KeyV => 'v',
        KeyCode::KeyW => 'w',
        KeyCode::KeyX => 'x',
        KeyCode::KeyY => 'y',
        KeyCode::KeyZ => 'z',
        _ => return None,
    })
}

fn single(text: &str) -> Option<char> {
    let mut letters = text.chars();
    letters.next().filter(|_| letters.next().is_none())
}

#[cfg(test)]
mod tests;
