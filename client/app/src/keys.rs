//! A key for every action, in one table.

use bevy::{
    input::{
        InputSystems,
        keyboard::{Key, KeyboardInput},
    },
    input_focus::InputFocus,
    prelude::*,
    text::EditableText,
};

use crate::{
    action::{Act, Action, Does},
    kit::{Sheet, Submits},
    screen::Screen,
};

/// One row of the table.
pub struct Binding {
    pub key: Press,
    pub ctrl: bool,
    pub on: &'static [Screen],
    pub action: Action,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Press {
    Letter(char),
    Escape,
    Enter,
    Up,
    Down,
    F3,
    F11,
}

const ALL: &[Screen] = &[Screen::Profiles, Screen::Start, Screen::Home, Screen::Lobby, Screen::Room, Screen::Ended];
const HOME: &[Screen] = &[Screen::Home];
/// Where it can ring: wherever a profile may be open.
const RINGING: &[Screen] = &[Screen::Home, Screen::Lobby, Screen::Room, Screen::Ended];

const fn plain(key: Press, on: &'static [Screen], action: Action) -> Binding {
    Binding { key, ctrl: false, on, action }
}

const fn ctrl(letter: char, on: &'static [Screen], action: Action) -> Binding {
    Binding { key: Press::Letter(letter), ctrl: true, on, action }
}

/// Every key of the window. Letters without Ctrl rest while a text field has the focus; Tab and Shift+Tab walk
/// through the controls, Enter and Space press the one in focus.
pub const KEYS: &[Binding] = &[
    plain(Press::Letter('m'), &[Screen::Lobby, Screen::Room], Action::Microphone),
    plain(Press::Letter('v'), &[Screen::Lobby, Screen::Room], Action::Camera),
    plain(Press::Letter('n'), &[Screen::Lobby, Screen::Room], Action::Noise),
    plain(Press::Letter('e'), &[Screen::Room], Action::Devices),
    plain(Press::Letter('p'), &[Screen::Lobby, Screen::Room], Action::PlayTone),
    plain(Press::Letter('c'), &[Screen::Room], Action::Chat),
    plain(Press::Letter('s'), &[Screen::Room], Action::Share),
    plain(Press::Letter('i'), &[Screen::Room], Action::Invite),
    plain(Press::Letter('i'), HOME, Action::InviteSomeone),
    plain(Press::Letter('a'), HOME, Action::Accept),
    plain(Press::Letter('n'), HOME, Action::NewRoom),
    plain(Press::Letter('c'), HOME, Action::Call),
    plain(Press::Letter('v'), HOME, Action::CallWithVideo),
    plain(Press::Letter('r'), HOME, Action::ReturnToCall),
    plain(Press::Letter('o'), &[Screen::Home, Screen::Room], Action::More),
    plain(Press::Letter('p'), HOME, Action::Profile),
    plain(Press::Letter('w'), HOME, Action::Network),
    plain(Press::Up, HOME, Action::Previous),
    plain(Press::Down, HOME, Action::Next),
    plain(Press::Letter('n'), &[Screen::Profiles], Action::NewProfile),
    plain(Press::Letter('i'), &[Screen::Profiles], Action::OpenImport),
    plain(Press::Letter('k'), &[Screen::Profiles], Action::KeepNothing),
    plain(Press::Letter('l'), &[Screen::Room], Action::Layout),
    plain(Press::Letter('t'), ALL, Action::SwitchTheme),
    plain(Press::Letter('n'), &[Screen::Start], Action::StartRoom),
    plain(Press::Letter('j'), &[Screen::Start], Action::UseInvitation),
    plain(Press::Letter('d'), &[Screen::Start], Action::OpenDemo),
    plain(
        Press::Letter('b'),
        &[Screen::Profiles, Screen::Start, Screen::Lobby, Screen::Room, Screen::Ended],
        Action::GoBack,
    ),
    plain(Press::Enter, &[Screen::Lobby], Action::EnterRoom),
    plain(Press::Enter, &[Screen::Ended], Action::GoBack),
    plain(Press::Escape, ALL, Action::Close),
    plain(Press::F3, ALL, Action::Figures),
    plain(Press::F11, ALL, Action::Fullscreen),
    ctrl('y', RINGING, Action::AnswerCall),
    ctrl('u', RINGING, Action::AnswerWithVideo),
    ctrl('d', RINGING, Action::DeclineCall),
    ctrl('i', &[Screen::Home, Screen::Room], Action::CopyInvitation),
    ctrl('w', &[Screen::Home, Screen::Room], Action::Leave),
    ctrl('q', ALL, Action::Quit),
];

/// How a key is written in hints, or nothing where an action has none.
pub fn shown(action: Action) -> Option<String> {
    let binding = KEYS.iter().find(|binding| binding.action == action)?;
    let key = match binding.key {
        Press::Letter(letter) => letter.to_ascii_uppercase().to_string(),
        Press::Escape => "Esc".into(),
        Press::Enter => "Enter".into(),
        Press::Up => "↑".into(),
        Press::Down => "↓".into(),
        Press::F3 => "F3".into(),
        Press::F11 => "F11".into(),
    };
    Some(if binding.ctrl { format!("Ctrl+{key}") } else { key })
}

pub fn plugin(app: &mut App) {
    app.add_systems(PreUpdate, listen.after(InputSystems));
}

fn listen(
    mut pressed: MessageReader<KeyboardInput>,
    held: Res<ButtonInput<Key>>,
    screen: Res<State<Screen>>,
    mut focus: ResMut<InputFocus>,
    fields: Query<(&EditableText, Option<&Submits>)>,
    buttons: Query<(), With<Does>>,
    sheet: Res<Sheet>,
    mut acts: MessageWriter<Act>,
) {
    for input in pressed.read() {
        if !input.state.is_pressed() || input.repeat {
            continue;
        }
        let Some(key) = press(&input.logical_key) else {
            continue;
        };
        let field = focus.get().and_then(|entity| fields.get(entity).ok());
        if let Some((text, submits)) = field {
            // What an input method is composing is its own business: Enter and Escape too.
            if text.is_composing() {
                continue;
            }
            match (key, submits) {
                (Press::Enter, Some(submits)) => {
                    acts.write(Act(submits.0));
                }
                (Press::Escape, _) => focus.clear(),
                _ => {}
            }
        }
        let ctrl = held.pressed(Key::Control);
        // In a sheet Escape closes it, wherever the focus is.
        let closes = key == Press::Escape && *sheet != Sheet::None;
        let typing = field.is_some() && !ctrl && !closes && !matches!(key, Press::F3 | Press::F11);
        let on_button = key == Press::Enter && focus.get().is_some_and(|entity| buttons.contains(entity));
        if typing || on_button || held.pressed(Key::Alt) || held.pressed(Key::Super) {
            continue;
        }
        let found =
            KEYS.iter().find(|binding| binding.key == key && binding.ctrl == ctrl && binding.on.contains(screen.get()));
        // What is under a sheet rests; a call rings over it.
        let under = *sheet != Sheet::None && !ctrl && matches!(key, Press::Letter(_) | Press::Up | Press::Down);
        if let Some(binding) = found.filter(|_| !under) {
            acts.write(Act(binding.action));
        }
    }
}

fn press(key: &Key) -> Option<Press> {
    Some(match key {
        Key::Character(text) => Press::Letter(single(text)?.to_ascii_lowercase()),
        Key::Escape => Press::Escape,
        Key::Enter => Press::Enter,
        Key::ArrowUp => Press::Up,
        Key::ArrowDown => Press::Down,
        Key::F3 => Press::F3,
        Key::F11 => Press::F11,
        _ => return None,
    })
}

fn single(text: &str) -> Option<char> {
    let mut letters = text.chars();
    letters.next().filter(|_| letters.next().is_none())
}

#[cfg(test)]
mod tests;
