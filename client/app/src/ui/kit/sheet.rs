//! Sheets: panels over the page, one at a time. Each part of the window has its own.

use std::{any::Any, fmt, sync::Arc};

use bevy::prelude::*;

use super::{Confirmation, Form};
use crate::ui::{
    action::{Action, Actions},
    binding::{ALL, Binding, Press},
    page::Page,
};

/// The sheets of one kind: each part of the window has types of its own for them, which mark what is drawn, too.
pub trait SheetKind: Component + Copy + PartialEq + fmt::Debug {
    /// Whether a code that is read while it is open is meant for it.
    const READS_CODES: bool = false;
}

/// A sheet whose type is not known.
trait Erased: Any + fmt::Debug + Send + Sync {
    fn is(&self, other: &dyn Any) -> bool;
    fn reads_codes(&self) -> bool;
}

impl<K: SheetKind> Erased for K {
    fn is(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }

    fn reads_codes(&self) -> bool {
        K::READS_CODES
    }
}

/// Which sheet is open.
#[derive(Resource, Default, Clone, Debug)]
pub struct Sheet(Option<Arc<dyn Erased>>);

impl PartialEq for Sheet {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => one.is(other.as_ref()),
            (one, other) => one.is_none() && other.is_none(),
        }
    }
}

impl Sheet {
    pub fn of(sheet: impl SheetKind) -> Self {
        Self(Some(Arc::new(sheet)))
    }

    pub fn open(&mut self, sheet: impl SheetKind) {
        *self = Self::of(sheet);
    }

    pub fn close(&mut self) {
        self.0 = None;
    }

    pub fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// The open sheet, if it is of this kind.
    pub fn get<K: SheetKind>(&self) -> Option<K> {
        let sheet: &dyn Any = self.0.as_deref()?;
        sheet.downcast_ref().copied()
    }

    pub fn shows<K: SheetKind>(&self, sheet: K) -> bool {
        self.get() == Some(sheet)
    }

    pub fn reads_codes(&self) -> bool {
        self.0.as_ref().is_some_and(|sheet| sheet.reads_codes())
    }
}

/// Closes what is open: a sheet, a question, a list.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Close;

impl Action for Close {
    const KEYS: &'static [Binding<Self>] = &[Binding::plain(Press::Escape, ALL, Close).over_sheets()];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_action::<Close>()
        .init_resource::<Sheet>()
        .add_systems(Update, close)
        .add_systems(Last, forget)
        .add_systems(OnExit(Page::Home), shut)
        .add_systems(OnExit(Page::Room), shut)
        .add_systems(OnExit(Page::Profiles), shut);
}

/// Escape closes what is topmost: a question before the sheet under it.
fn close(mut acts: MessageReader<Close>, mut open: ResMut<Sheet>, mut confirmation: ResMut<Confirmation>) {
    if acts.read().count() > 0 {
        if confirmation.asks() {
            confirmation.withdraw();
        } else {
            open.set_if_neq(Sheet::default());
        }
    }
}

fn shut(mut open: ResMut<Sheet>) {
    open.set_if_neq(Sheet::default());
}

/// What was written in a sheet does not outlive it. A field that is still there for a frame would write its text back,
/// so this is looked after in every frame without a sheet, not only in the one where it closes.
fn forget(open: Res<Sheet>, page: Res<State<Page>>, mut form: ResMut<Form>) {
    if !open.is_open() && *page.get() != Page::Profiles && !form.is_empty() {
        form.clear();
    }
}
