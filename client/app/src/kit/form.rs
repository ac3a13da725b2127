//! What is written in the fields of sheets, by the fields' names: sheets are drawn anew while somebody writes in them.

use std::collections::HashMap;

use accesskit::Role;
use bevy::{
    a11y::AccessibilityNode,
    prelude::*,
    text::{EditableText, EditableTextSystems},
};

use super::{Field, Size, Weight, field, field::value, text};
use crate::{
    action::Action,
    theme::{Ink, Token},
};

/// The words in the fields. Gone when the sheet closes.
#[derive(Resource, Default)]
pub struct Form(HashMap<&'static str, String>);

impl Form {
    /// Without the spaces around it.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    /// As it was typed: passphrases may begin or end with a space.
    pub fn exactly(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    pub fn set(&mut self, name: &'static str, text: impl Into<String>) {
        self.0.insert(name, text.into());
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// The fields are read into the form: whoever acts on it comes after.
#[derive(SystemSet, Clone, PartialEq, Eq, Hash, Debug)]
pub struct Filled;

/// The name of a field in the form.
#[derive(Component, Clone, Copy)]
pub(super) struct Named(pub &'static str);

/// A field whose letters nobody sees or hears.
#[derive(Component)]
pub(super) struct Masked;

/// The dots that stand for the letters of a masked field.
#[derive(Component)]
struct Dots(&'static str);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Form>()
        .add_systems(PostUpdate, read.after(EditableTextSystems).in_set(Filled))
        .add_systems(Update, dot);
}

/// In characters.
const LONGEST: usize = 4096;

/// A field of a sheet.
pub fn entry(
    parent: &mut ChildSpawnerCommands<'_>,
    form: &Form,
    name: &'static str,
    label: &str,
    submits: Option<Action>,
) -> Entity {
    named(parent, form, name, label, submits, |_| {})
}

/// A field for a passphrase.
pub fn secret(
    parent: &mut ChildSpawnerCommands<'_>,
    form: &Form,
    name: &'static str,
    label: &str,
    submits: Option<Action>,
) -> Entity {
    let entity = named(parent, form, name, label, submits, |frame| {
        frame.spawn((
            Dots(name),
            Node { position_type: PositionType::Absolute, left: px(14), top: px(11), ..default() },
            text("", Size::Body, Weight::Regular, Token::Text),
        ));
    });
    let mut heard = accesskit::Node::new(Role::PasswordInput);
    heard.set_label(label);
    parent.commands().entity(entity).insert((Masked, Ink(Token::Clear), AccessibilityNode(heard)));
    entity
}

fn named(
    parent: &mut ChildSpawnerCommands<'_>,
    form: &Form,
    name: &'static str,
    label: &str,
    submits: Option<Action>,
    after: impl FnOnce(&mut ChildSpawnerCommands<'_>),
) -> Entity {
    let words =
        Field { label, value: form.exactly(name), icon: None, submits, longest: LONGEST, height: 44.0, lines: 1 };
    field(parent, words, Named(name), after)
}

fn read(mut form: ResMut<Form>, fields: Query<(&Named, &EditableText), Changed<EditableText>>) {
    for (name, field) in &fields {
        let written = value(field);
        if form.0.get(name.0) != Some(&written) {
            form.0.insert(name.0, written);
        }
    }
}

/// More dots than this tell nothing more.
const MOST_DOTS: usize = 48;

fn dot(form: Res<Form>, mut dots: Query<(&Dots, &mut Text)>) {
    for (of, mut text) in &mut dots {
        let letters = form.exactly(of.0).chars().count().min(MOST_DOTS);
        text.set_if_neq(Text("•".repeat(letters)));
    }
}
