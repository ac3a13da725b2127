//! Fields for passphrases. What is typed is kept apart from all other text, in memory that is wiped: it is never laid
//! out, copied, undone or heard, and it is gone as soon as its field is.

use std::collections::{HashMap, HashSet};

use accesskit::Role;
use bevy::{
    a11y::AccessibilityNode,
    clipboard::Clipboard,
    input::keyboard::{Key, KeyboardInput},
    input_focus::{FocusedInput, InputFocus, tab_navigation::TabIndex},
    prelude::*,
};
use zeroize::{Zeroize, Zeroizing};

use super::{
    Sheet, Size, Submits,
    field::{Frame, frame_node},
    form::Named,
    measure, row, text,
};
use crate::ui::{
    action::AnyAction,
    theme::{Edge, Ground, Token, Weight},
};

/// In bytes, as in the engine. Room for all of it is reserved at once: text that grew would leave copies behind.
const LONGEST: usize = 1024;

/// The secret in one field.
struct Secret {
    typed: Zeroizing<String>,
    /// All of it is selected: what is typed next takes its place.
    selected: bool,
}

impl Secret {
    fn new() -> Self {
        Self { typed: Zeroizing::new(String::with_capacity(LONGEST)), selected: false }
    }

    /// Takes all of a text or nothing of it.
    fn push(&mut self, text: &str) {
        if std::mem::take(&mut self.selected) {
            self.typed.zeroize();
        }
        let fits = self.typed.len().checked_add(text.len()).is_some_and(|length| length <= LONGEST);
        if fits && !text.chars().any(char::is_control) {
            self.typed.push_str(text);
        }
    }

    fn erase(&mut self, all: bool) {
        if all || std::mem::take(&mut self.selected) {
            self.typed.zeroize();
        } else {
            self.typed.pop();
        }
    }
}

/// What stands in the fields for passphrases, by the fields' names. No field, no secret.
#[derive(Resource, Default)]
pub struct Secrets(HashMap<&'static str, Secret>);

impl Secrets {
    /// As it was typed: passphrases may begin or end with a space.
    pub fn typed(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |secret| secret.typed.as_str())
    }

    /// Dropping the text wipes it.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    #[cfg(test)]
    pub fn set(&mut self, name: &'static str, text: &str) {
        let mut secret = Secret::new();
        secret.push(text);
        self.0.insert(name, secret);
    }
}

/// A field whose letters nobody sees or hears.
#[derive(Component, Clone, Copy)]
pub struct Secretive(&'static str);

/// The dots that stand for the letters.
#[derive(Component)]
struct Dots(&'static str);

/// The words in an empty field.
#[derive(Component)]
struct Hint(&'static str);

#[derive(Component)]
struct Caret(Entity);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Secrets>().add_observer(type_secret).add_systems(Update, (dot, blink)).add_systems(Last, wipe);
}

/// A field for a passphrase.
pub fn secret(
    parent: &mut ChildSpawnerCommands<'_>,
    name: &'static str,
    label: &str,
    submits: Option<AnyAction>,
) -> Entity {
    let mut heard = accesskit::Node::new(Role::PasswordInput);
    heard.set_label(label);
    let node = Node { flex_grow: 1.0, flex_basis: px(0), min_width: px(0), height: px(20), ..row(1.0) };
    let mut entity = Entity::PLACEHOLDER;
    let mut framed = parent.spawn((frame_node(measure::FIELD), Ground(Token::Surface2), Edge(Token::Line)));
    framed.with_children(|frame| {
        let parts = (Secretive(name), Named(name), TabIndex(0), AccessibilityNode(heard));
        let mut field = frame.spawn((Node { overflow: Overflow::clip(), ..node }, parts));
        entity = field.id();
        if let Some(submits) = submits {
            field.insert(Submits(submits));
        }
        field.with_children(|inside| {
            inside.spawn((Dots(name), text("", Size::Body, Weight::Regular, Token::Text)));
            let node = Node { width: px(1.5), height: px(18), flex_shrink: 0.0, display: Display::None, ..default() };
            inside.spawn((Caret(entity), node, Ground(Token::Accent), Pickable::IGNORE));
            let node = Node { position_type: PositionType::Absolute, left: px(0), top: px(0), ..default() };
            inside.spawn((Hint(name), node, text(label.to_owned(), Size::Body, Weight::Regular, Token::Muted)));
        });
    });
    framed.insert(Frame(entity));
    entity
}

/// Letters go into the secret; copying and cutting do nothing.
fn type_secret(
    mut pressed: On<FocusedInput<KeyboardInput>>,
    fields: Query<&Secretive>,
    held: Res<ButtonInput<Key>>,
    mut secrets: ResMut<Secrets>,
    mut clipboard: Option<ResMut<Clipboard>>,
) {
    let Ok(Secretive(name)) = fields.get(pressed.focused_entity) else {
        return;
    };
    let input = &pressed.input;
    if !input.state.is_pressed() {
        return;
    }
    let with = |key| held.pressed(key);
    let command = if cfg!(target_os = "macos") { with(Key::Super) } else { with(Key::Control) };
    let other = with(Key::Alt) || with(Key::Super) || with(Key::Control);
    let is_letter = |key: &Key, letter: &str| matches!(key, Key::Character(text) if text.eq_ignore_ascii_case(letter));
    let secret = secrets.0.entry(name).or_insert_with(Secret::new);
    match &input.logical_key {
        Key::Backspace => secret.erase(command),
        Key::Delete if secret.selected => secret.erase(true),
        key if command && is_letter(key, "a") => secret.selected = true,
        key if key == &Key::Paste || (command && is_letter(key, "v")) => {
            let read = clipboard.as_mut().and_then(|clipboard| clipboard.fetch_text().poll_result());
            if let Some(Ok(pasted)) = read {
                let pasted = Zeroizing::new(pasted);
                secret.push(pasted.trim_end_matches(['\r', '\n']));
            }
        }
        // With AltGr held a letter has its own text, and Control and Alt may seem to be held too.
        Key::Character(_) | Key::Space | Key::Unidentified(_) if !other || with(Key::AltGraph) => {
            if let Some(typed) = &input.text {
                secret.push(typed);
            }
        }
        _ => return,
    }
    pressed.propagate(false);
}

/// More dots than this tell nothing more.
const MOST_DOTS: usize = 48;

fn dot(secrets: Res<Secrets>, mut dots: Query<(&Dots, &mut Text)>, mut hints: Query<(&Hint, &mut Node)>) {
    for (of, mut text) in &mut dots {
        let letters = secrets.typed(of.0).chars().count().min(MOST_DOTS);
        text.set_if_neq(Text("•".repeat(letters)));
    }
    for (of, mut node) in &mut hints {
        let display = if secrets.typed(of.0).is_empty() { Display::Flex } else { Display::None };
        if node.display != display {
            node.display = display;
        }
    }
}

fn blink(focus: Res<InputFocus>, mut carets: Query<(&Caret, &mut Node)>) {
    for (caret, mut node) in &mut carets {
        let display = if focus.get() == Some(caret.0) { Display::Flex } else { Display::None };
        if node.display != display {
            node.display = display;
        }
    }
}

/// A secret goes with its field, and with the sheet that it was typed into.
fn wipe(fields: Query<&Secretive>, sheet: Res<Sheet>, mut secrets: ResMut<Secrets>, mut last: Local<Sheet>) {
    let there: HashSet<&str> = fields.iter().map(|field| field.0).collect();
    let other = *last != *sheet;
    *last = sheet.clone();
    if secrets.0.keys().any(|name| other || !there.contains(name)) {
        secrets.0.retain(|name, _| !other && there.contains(name));
    }
}

#[cfg(test)]
mod tests;
