//! The keys of the window, as each part of it adds them with its actions.
//!
//! A letter alone is text, everywhere: a slip while writing must not switch, share or call. `A`, `C`, `V`, `X` and `Z`
//! with Ctrl belong to text fields. Tab and Shift+Tab walk through the controls, Enter and Space press the one in
//! focus.

use bevy::prelude::*;

use super::{
    action::{Action, AnyAction},
    page::Page,
};

/// Every page.
pub const ALL: &[Page] = &[Page::Profiles, Page::Start, Page::Home, Page::Lobby, Page::Room, Page::Ended];
pub const HOME: &[Page] = &[Page::Home];

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

/// The modifiers that are held with a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Modifiers {
    Nothing,
    Ctrl,
    CtrlShift,
}

/// A key, the pages that it works on, and what it asks for.
#[derive(Clone, Copy)]
pub struct Binding<A> {
    pub key: Press,
    pub with: Modifiers,
    pub on: &'static [Page],
    /// Whether it works although a sheet lies over the page: a call rings over it, and the sheet's own link is copied.
    pub over_sheets: bool,
    pub action: A,
}

impl<A: Action> Binding<A> {
    pub const fn plain(key: Press, on: &'static [Page], action: A) -> Self {
        Self { key, with: Modifiers::Nothing, on, over_sheets: false, action }
    }

    pub const fn ctrl(letter: char, on: &'static [Page], action: A) -> Self {
        Self { key: Press::Letter(letter), with: Modifiers::Ctrl, on, over_sheets: false, action }
    }

    pub const fn shift(letter: char, on: &'static [Page], action: A) -> Self {
        Self { key: Press::Letter(letter), with: Modifiers::CtrlShift, on, over_sheets: false, action }
    }

    pub const fn over_sheets(self) -> Self {
        Self { over_sheets: true, ..self }
    }

    /// How the key is written in hints.
    pub fn shown(&self) -> String {
        let key = match self.key {
            Press::Letter(letter) => letter.to_ascii_uppercase().to_string(),
            Press::Escape => "Esc".into(),
            Press::Enter => "Enter".into(),
            Press::Up => "↑".into(),
            Press::Down => "↓".into(),
            Press::F3 => "F3".into(),
            Press::F11 => "F11".into(),
        };
        match self.with {
            Modifiers::Nothing => key,
            Modifiers::Ctrl => format!("Ctrl+{key}"),
            Modifiers::CtrlShift => format!("Ctrl+Shift+{key}"),
        }
    }
}

/// Every key of the window.
#[derive(Resource, Default)]
pub struct Bindings(Vec<Binding<AnyAction>>);

impl Bindings {
    pub fn add<A: Action>(&mut self) {
        self.0.extend(A::KEYS.iter().map(|&Binding { key, with, on, over_sheets, action }| Binding {
            key,
            with,
            on,
            over_sheets,
            action: action.into(),
        }));
    }

    #[cfg(test)]
    pub fn all(&self) -> &[Binding<AnyAction>] {
        &self.0
    }

    pub fn find(&self, key: Press, with: Modifiers, page: Page) -> Option<&Binding<AnyAction>> {
        self.0.iter().find(|binding| binding.key == key && binding.with == with && binding.on.contains(&page))
    }
}
