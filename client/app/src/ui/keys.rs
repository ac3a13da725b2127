//! A key for every action, in one table.

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
    action::{Act, Action, Does},
    kit::{Confirmation, Secretive, Sheet, Submits},
    page::Page,
};

/// One row of the table.
pub struct Binding {
    pub key: Press,
    pub with: Modifiers,
    pub on: &'static [Page],
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

/// What is held with a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Modifiers {
    Nothing,
    Ctrl,
    CtrlShift,
}

const ALL: &[Page] = &[Page::Profiles, Page::Start, Page::Home, Page::Lobby, Page::Room, Page::Ended];
const HOME: &[Page] = &[Page::Home];
/// Where it can ring: wherever a profile may be open.
const RINGING: &[Page] = &[Page::Home, Page::Lobby, Page::Room, Page::Ended];

const fn plain(key: Press, on: &'static [Page], action: Action) -> Binding {
    Binding { key, with: Modifiers::Nothing, on, action }
}

const fn ctrl(letter: char, on: &'static [Page], action: Action) -> Binding {
    Binding { key: Press::Letter(letter), with: Modifiers::Ctrl, on, action }
}

const fn shift(letter: char, on: &'static [Page], action: Action) -> Binding {
    Binding { key: Press::Letter(letter), with: Modifiers::CtrlShift, on, action }
}

/// Every key of the window. A letter alone is text, everywhere: a slip while writing must not switch, share or call.
/// `A`, `C`, `V`, `X` and `Z` with Ctrl belong to text fields. Tab and Shift+Tab walk through the controls, Enter and
/// Space press the one in focus.
pub const KEYS: &[Binding] = &[
    ctrl('m', &[Page::Lobby, Page::Room], Action::Microphone),
    ctrl('e', &[Page::Lobby, Page::Room], Action::Camera),
    shift('n', &[Page::Lobby, Page::Room], Action::Noise),
    shift('e', &[Page::Room], Action::Devices),
    ctrl('p', &[Page::Lobby, Page::Room], Action::PlayTone),
    ctrl('h', &[Page::Room], Action::Chat),
    shift('s', &[Page::Room], Action::Share),
    shift('i', &[Page::Room], Action::Invite),
    shift('i', HOME, Action::InviteSomeone),
    ctrl('o', HOME, Action::Accept),
    ctrl('n', HOME, Action::NewRoom),
    shift('y', HOME, Action::Call),
    shift('u', HOME, Action::CallWithVideo),
    ctrl('r', HOME, Action::ReturnToCall),
    shift('o', &[Page::Home, Page::Room], Action::More),
    ctrl('p', HOME, Action::Profile),
    shift('n', HOME, Action::Network),
    plain(Press::Up, HOME, Action::Previous),
    plain(Press::Down, HOME, Action::Next),
    ctrl('n', &[Page::Profiles], Action::NewProfile),
    ctrl('o', &[Page::Profiles], Action::OpenImport),
    ctrl('k', &[Page::Profiles], Action::KeepNothing),
    ctrl('l', &[Page::Room], Action::Layout),
    ctrl('t', ALL, Action::SwitchTheme),
    ctrl('n', &[Page::Start], Action::StartRoom),
    ctrl('j', &[Page::Start], Action::UseInvitation),
    shift('d', &[Page::Start], Action::OpenDemo),
    ctrl('b', &[Page::Profiles, Page::Start, Page::Lobby, Page::Room, Page::Ended], Action::GoBack),
    Binding { key: Press::Enter, with: Modifiers::Ctrl, on: &[Page::Lobby], action: Action::EnterRoom },
    plain(Press::Enter, &[Page::Ended], Action::GoBack),
    plain(Press::Escape, ALL, Action::Close),
    plain(Press::F3, ALL, Action::Figures),
    plain(Press::F11, ALL, Action::Fullscreen),
    ctrl('y', RINGING, Action::AnswerCall),
    ctrl('u', RINGING, Action::AnswerWithVideo),
    ctrl('d', RINGING, Action::DeclineCall),
    ctrl('i', &[Page::Home, Page::Room], Action::CopyInvitation),
    ctrl('w', &[Page::Home, Page::Room], Action::Leave),
    ctrl('q', ALL, Action::Quit),
];

/// What works although a sheet lies over the screen: a call rings over it, and the sheet's own link is copied.
fn works_over_sheets(action: Action) -> bool {
    matches!(
        action,
        Action::AnswerCall
            | Action::AnswerWithVideo
            | Action::DeclineCall
            | Action::CopyInvitation
            | Action::Leave
            | Action::Close
            | Action::Figures
            | Action::Fullscreen
            | Action::SwitchTheme
            | Action::Quit
    )
}

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
    Some(match binding.with {
        Modifiers::Nothing => key,
        Modifiers::Ctrl => format!("Ctrl+{key}"),
        Modifiers::CtrlShift => format!("Ctrl+Shift+{key}"),
    })
}

pub fn plugin(app: &mut App) {
    app.add_systems(PreUpdate, listen.after(InputSystems));
}

/// The keys that change what others mean. They are followed from key to key: where frames are slow, Control goes down and up
/// again within one, and is not held any more at its end.
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
    mut acts: MessageWriter<Act>,
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
        let covered = *sheet != Sheet::None || confirmation.asks();
        let ctrl = held.control;
        let field = focus.get().and_then(|entity| fields.get(entity).ok());
        if let Some((text, submits)) = field {
            // What an input method is composing is its own business: Enter and Escape too.
            if text.is_some_and(EditableText::is_composing) {
                continue;
            }
            match (key, submits) {
                (Press::Enter, Some(submits)) if !confirmation.asks() => {
                    acts.write(Act(submits.0));
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
        let found =
            KEYS.iter().find(|binding| binding.key == key && binding.with == with && binding.on.contains(page.get()));
        if let Some(binding) = found.filter(|binding| !covered || works_over_sheets(binding.action)) {
            acts.write(Act(binding.action));
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
