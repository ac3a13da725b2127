//! Buttons: one look, a name for screen readers, a hint with the key.

use accesskit::{Role, Toggled};
use bevy::{
    a11y::AccessibilityNode,
    input_focus::{InputFocus, InputFocusVisible, tab_navigation::TabIndex},
    picking::hover::Hovered,
    prelude::*,
};

use super::{Icon, Size, Tip, chip_node, icon, radius, text};
use crate::ui::{
    action::{AnyAction, Does},
    theme::{Ground, Theme, Token, Weight},
};

/// What screen readers hear of a button.
fn heard(action: &AnyAction, label: &str) -> accesskit::Node {
    let mut node = accesskit::Node::new(Role::Button);
    node.set_label(label);
    node.add_action(accesskit::Action::Click);
    if let Some(key) = action.key() {
        node.set_keyboard_shortcut(key);
    }
    node
}

/// What makes any node a button.
fn pressable(action: AnyAction, node: accesskit::Node, ground: Token) -> impl Bundle + use<> {
    (
        Does(action),
        AccessibilityNode(node),
        Hovered::default(),
        TabIndex(0),
        Ground(ground),
        Outline::new(px(2), px(2), Color::NONE),
    )
}

/// A chip that is on or off; pressing it makes it the other.
pub fn toggle(action: impl Into<AnyAction>, label: String, on: bool) -> impl Bundle {
    let action = action.into();
    let (ground, ink) = match on {
        true => (Token::AccentGround, Token::Accent),
        false => (Token::Surface3, Token::Text),
    };
    let mut node = heard(&action, &label);
    node.set_toggled(if on { Toggled::True } else { Toggled::False });
    (
        Node { height: px(32), padding: UiRect::horizontal(px(12)), ..chip_node() },
        pressable(action, node, ground),
        children![text(label, Size::Of(13.0), Weight::Medium, ink)],
    )
}

/// A button that is filled by whoever spawns it; `label` is its name for screen readers.
pub fn bare<A: Into<AnyAction>>(action: A, label: &str, node: Node, ground: Token) -> impl Bundle + use<A> {
    let action = action.into();
    let heard = heard(&action, label);
    (node, pressable(action, heard, ground))
}

/// A button with words, and an icon before them.
pub fn button(
    action: impl Into<AnyAction>,
    label: String,
    before: Option<Icon>,
    node: Node,
    ground: Token,
    ink: Token,
) -> impl Bundle {
    let action = action.into();
    let heard = heard(&action, &label);
    (
        Node {
            align_items: AlignItems::Center,
            justify_content: match node.justify_content {
                JustifyContent::Default => JustifyContent::Center,
                given => given,
            },
            column_gap: px(8),
            border_radius: BorderRadius::all(px(radius::FIELD)),
            flex_shrink: 0.0,
            ..node
        },
        pressable(action, heard, ground),
        Children::spawn(SpawnWith(move |parent: &mut ChildSpawner| {
            if let Some(before) = before {
                parent.spawn(icon(before, 16.0, ink));
            }
            parent.spawn(text(label, Size::Body, Weight::Medium, ink));
        })),
    )
}

/// A button that is an icon alone; its name is its hint.
pub fn icon_button(
    action: impl Into<AnyAction>,
    label: String,
    shown: Icon,
    node: Node,
    ground: Token,
    ink: Token,
) -> impl Bundle {
    let action = action.into();
    let heard = heard(&action, &label);
    (
        Node { align_items: AlignItems::Center, justify_content: JustifyContent::Center, flex_shrink: 0.0, ..node },
        Tip::of(&action, &label),
        pressable(action, heard, ground),
        children![icon(shown, 20.0, ink)],
    )
}

/// A round button of the bar.
pub fn square(
    action: impl Into<AnyAction>,
    label: String,
    shown: Icon,
    width: f32,
    ground: Token,
    ink: Token,
) -> impl Bundle {
    let node =
        Node { width: px(width), height: px(52), border_radius: BorderRadius::all(px(radius::BAR)), ..default() };
    icon_button(action, label, shown, node, ground, ink)
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, show_focus);
}

fn show_focus(
    focus: Res<InputFocus>,
    visible: Res<InputFocusVisible>,
    theme: Res<Theme>,
    mut buttons: Query<(Entity, &mut Outline), With<Does>>,
) {
    if !(focus.is_changed() || visible.is_changed() || theme.is_changed()) {
        return;
    }
    for (entity, mut outline) in &mut buttons {
        let on = visible.0 && focus.get() == Some(entity);
        let color = theme.color(if on { Token::Accent } else { Token::Clear });
        if outline.color != color {
            outline.color = color;
        }
    }
}
