//! Text fields: a placeholder while empty, Enter that submits, a name for screen readers.

use accesskit::Role;
use bevy::{
    a11y::AccessibilityNode,
    input_focus::{AcquireFocus, FocusCause, InputFocus, tab_navigation::TabIndex},
    prelude::*,
    text::{EditableText, EditableTextSystems, TextCursorStyle},
    ui::widget::TextScroll,
};

use super::{
    Size, icon, measure,
    paste::{Cut, paste},
    radius, text,
    text::font,
};
use crate::ui::{
    action::AnyAction,
    theme::{Edge, Ground, Ink, Token, Weight},
};

/// What Enter does in a field.
#[derive(Component, Clone, Debug)]
pub struct Submits(pub AnyAction);

/// A field's words.
pub struct Field<'a> {
    pub label: &'a str,
    pub value: &'a str,
    pub icon: Option<super::Icon>,
    pub submits: Option<AnyAction>,
    /// In characters.
    pub longest: usize,
    pub height: f32,
    /// The number of lines that the field grows to before it scrolls.
    pub lines: u8,
}

/// A field that grows with its text, up to this number of lines.
#[derive(Component)]
struct Grows(u8);

/// The words that stand in an empty field.
#[derive(Component)]
struct Placeholder(Entity);

/// The frame around a field.
#[derive(Component)]
pub(super) struct Frame(pub(super) Entity);

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Cut>()
        .add_observer(click_frame)
        .add_systems(Update, (hint, frame, name, grow))
        .add_systems(PostUpdate, paste.before(EditableTextSystems));
}

/// Spawns a field that carries `marker`; `after` fills what is right of the text.
pub fn field<M: Bundle>(
    parent: &mut ChildSpawnerCommands<'_>,
    words: Field<'_>,
    marker: M,
    after: impl FnOnce(&mut ChildSpawnerCommands<'_>),
) -> Entity {
    let mut framed = parent.spawn((frame_node(words.height), Ground(Token::Surface2), Edge(Token::Line)));
    let mut entity = Entity::PLACEHOLDER;
    framed.with_children(|frame| {
        if let Some(shown) = words.icon {
            frame.spawn(icon(shown, 16.0, Token::Muted));
        }
        frame.spawn(Node { flex_grow: 1.0, flex_basis: px(0), min_width: px(0), ..default() }).with_children(|inner| {
            entity = inner.spawn((editable(&words), marker)).id();
            inner.spawn((
                Placeholder(entity),
                Node { position_type: PositionType::Absolute, left: px(0), top: px(0), ..default() },
                text(words.label.to_owned(), Size::Body, Weight::Regular, Token::Muted),
            ));
        });
        after(frame);
    });
    framed.insert(Frame(entity));
    if words.lines > 1 {
        let wraps = TextLayout::linebreak(LineBreak::WordOrCharacter);
        parent.commands().entity(entity).insert((Grows(words.lines), wraps));
    }
    if let Some(submits) = words.submits {
        parent.commands().entity(entity).insert(Submits(submits));
    }
    entity
}

/// The frame of a field that is so high, in logical pixels.
pub(super) fn frame_node(height: f32) -> Node {
    Node {
        min_height: px(height),
        width: percent(100),
        padding: UiRect::axes(px(14), px(5)),
        column_gap: px(10),
        align_items: AlignItems::Center,
        border: UiRect::all(px(measure::LINE)),
        border_radius: BorderRadius::all(px(radius::FIELD)),
        flex_shrink: 0.0,
        ..default()
    }
}

/// A click anywhere on a field's frame is one on the field.
fn click_frame(mut acquire: On<AcquireFocus>, frames: Query<&Frame>, mut focus: ResMut<InputFocus>) {
    if let Ok(frame) = frames.get(acquire.focused_entity) {
        acquire.propagate(false);
        if focus.get() != Some(frame.0) {
            focus.set(frame.0, FocusCause::Pressed);
        }
    }
}

fn editable(words: &Field<'_>) -> impl Bundle + use<> {
    let mut node = accesskit::Node::new(Role::TextInput);
    node.set_label(words.label);
    (
        EditableText {
            max_characters: Some(words.longest),
            // Steady: nothing in the window moves by itself but people.
            cursor_blink_period: std::time::Duration::MAX,
            cursor_width: 0.1,
            ..EditableText::new(words.value)
        },
        Node { width: percent(100), ..default() },
        TextLayout::no_wrap(),
        font(Size::Body, Weight::Regular),
        TextCursorStyle::default(),
        Ink(Token::Text),
        AccessibilityNode(node),
        TabIndex(0),
    )
}

/// The text of a field, without the part that an input method is still composing.
pub fn value(field: &EditableText) -> String {
    field.value().to_string()
}

fn hint(fields: Query<&EditableText, Changed<EditableText>>, mut hints: Query<(&Placeholder, &mut Node)>) {
    for (placeholder, mut node) in &mut hints {
        let Ok(field) = fields.get(placeholder.0) else {
            continue;
        };
        let display = match field.editor.raw_text().is_empty() {
            true => Display::Flex,
            false => Display::None,
        };
        if node.display != display {
            node.display = display;
        }
    }
}

fn frame(focus: Res<InputFocus>, mut frames: Query<(&Frame, &mut Edge)>) {
    if !focus.is_changed() {
        return;
    }
    for (frame, mut edge) in &mut frames {
        let token = match focus.get() == Some(frame.0) {
            true => Token::Accent,
            false => Token::Line,
        };
        edge.set_if_neq(Edge(token));
    }
}

fn grow(mut fields: Query<(&mut EditableText, &mut TextScroll, &Grows), Changed<EditableText>>) {
    for (mut field, mut scroll, grows) in &mut fields {
        let Some((lines, height)) = field.editor.try_layout().map(|layout| (layout.len().max(1), layout.height()))
        else {
            continue;
        };
        let visible = lines.min(usize::from(grows.0));
        // Scrolled while it was smaller: now its last line is at the bottom at most.
        let most = (height * (lines - visible) as f32 / lines as f32).floor();
        if scroll.0.y > most {
            scroll.0.y = most;
        }
        let visible = Some(visible as f32);
        if field.visible_lines != visible {
            field.visible_lines = visible;
        }
    }
}

/// Screen readers hear what is written.
fn name(mut fields: Query<(&EditableText, &mut AccessibilityNode), Changed<EditableText>>) {
    for (field, mut node) in &mut fields {
        let written = value(field);
        if node.value() != Some(written.as_str()) {
            node.set_value(written);
        }
    }
}
