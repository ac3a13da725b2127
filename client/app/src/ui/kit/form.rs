//! The texts in the fields of sheets, by the fields' names: a sheet may be drawn again while a person writes in it.

use std::collections::HashMap;

use bevy::{
    prelude::*,
    text::{EditableText, EditableTextSystems},
};

use super::{Field, field::value};
use crate::ui::action::AnyAction;

/// The words in the fields. Gone when the sheet closes.
#[derive(Resource, Default)]
pub struct Form(HashMap<&'static str, String>);

impl Form {
    /// Without the spaces around it.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    fn exactly(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    pub fn set(&mut self, name: &'static str, text: impl Into<String>) {
        self.0.insert(name, text.into());
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Reads the fields into the form; systems that act on the form run after this set.
#[derive(SystemSet, Clone, PartialEq, Eq, Hash, Debug)]
pub struct Filled;

/// The name of a field in the form.
#[derive(Component, Clone, Copy)]
pub(super) struct Named(pub &'static str);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Form>().add_systems(PostUpdate, read.after(EditableTextSystems).in_set(Filled));
}

/// In characters.
const LONGEST: usize = 4096;

/// A field of a sheet.
pub fn entry(
    parent: &mut ChildSpawnerCommands<'_>,
    form: &Form,
    name: &'static str,
    label: &str,
    submits: Option<AnyAction>,
) -> Entity {
    let words = Field {
        label,
        value: form.exactly(name),
        icon: None,
        submits,
        longest: LONGEST,
        height: super::measure::FIELD,
        lines: 1,
    };
    super::field(parent, words, Named(name), |_| {})
}

fn read(mut form: ResMut<Form>, fields: Query<(&Named, &EditableText), Changed<EditableText>>) {
    for (name, field) in &fields {
        let written = value(field);
        if form.0.get(name.0) != Some(&written) {
            form.0.insert(name.0, written);
        }
    }
}
