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

/// A button as screen readers see it.
fn heard(action: &AnyAction, label: &str) -> accesskit::Node {
    let mut node = accesskit::Node::new(Role::Button);
    node.set_label(label);
    node.add_action(accesskit::Action::Click);
    if let Some(key) = action.key() {
        node.set_keyboard_shortcut(key);
    }
    node
}

/// The components that make any node a button.
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

/// A button whose content the caller spawns; `label` is its name for screen readers.
pub fn bare<A: Into<AnyAction>>(action: A, label: &str, node: Node, ground: Token) -> impl Bundle + use<A> {
    let action = action.into();
    let heard = heard(&action, label);
    (node, pressable(action, heard, ground))
}

/// The purpose of a button, which decides its colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The one main action.
    Main,
    Plain,
    /// One of several alike, in a list.
    Listed,
    /// Takes up something that came.
    Lit,
    /// Ends something at once.
    Stop,
    /// Does something that cannot be undone.
    Careful,
    /// No more than its words or its icon.
    Clear,
    /// The same, in passing.
    Quiet,
}

impl Kind {
    /// The ground, and the ink on it.
    fn colours(self) -> (Token, Token) {
        match self {
            Self::Main => (Token::Accent, Token::OnAccent),
            Self::Plain => (Token::Surface3, Token::Text),
            Self::Listed => (Token::Surface2, Token::Text),
            Self::Lit => (Token::AccentGround, Token::Accent),
            Self::Stop => (Token::Stop, Token::OnStop),
            Self::Careful => (Token::StopGround, Token::Text),
            Self::Clear => (Token::Clear, Token::Text),
            Self::Quiet => (Token::Clear, Token::Muted),
        }
    }
}

/// A button with words. Sizes are in logical pixels.
pub struct Button {
    action: AnyAction,
    label: String,
    before: Option<Icon>,
    kind: Kind,
    node: Node,
}

impl Button {
    pub fn new(kind: Kind, action: impl Into<AnyAction>, label: String) -> Self {
        let node = Node { height: px(40), padding: UiRect::horizontal(px(16)), ..default() };
        Self { action: action.into(), label, before: None, kind, node }
    }

    pub fn main(action: impl Into<AnyAction>, label: String) -> Self {
        Self::new(Kind::Main, action, label)
    }

    pub fn plain(action: impl Into<AnyAction>, label: String) -> Self {
        Self::new(Kind::Plain, action, label)
    }

    pub fn careful(action: impl Into<AnyAction>, label: String) -> Self {
        Self::new(Kind::Careful, action, label)
    }

    /// With an icon before the words.
    pub fn icon(self, icon: Icon) -> Self {
        Self { before: Some(icon), ..self }
    }

    /// 34 high, within a line of text.
    pub fn small(self) -> Self {
        self.size(34.0, 14.0)
    }

    /// 36 high, beside other small things.
    pub fn low(self) -> Self {
        self.size(36.0, 12.0)
    }

    /// As wide as its place, and so high.
    pub fn full(self, height: f32) -> Self {
        self.size(height, 0.0).with(|node| node.width = percent(100))
    }

    /// The height, and the space beside the words.
    pub fn size(self, height: f32, beside: f32) -> Self {
        self.with(|node| (node.height, node.padding) = (px(height), UiRect::horizontal(px(beside))))
    }

    /// As wide as the other buttons in its row.
    pub fn shared(self) -> Self {
        let share = |node: &mut Node| (node.flex_grow, node.flex_basis, node.padding) = (1.0, px(0), UiRect::ZERO);
        self.with(share)
    }

    /// The words begin at the left, so far from the edge.
    pub fn left(self, inset: f32) -> Self {
        let begin = |node: &mut Node| {
            (node.justify_content, node.padding) = (JustifyContent::FlexStart, UiRect::horizontal(px(inset)));
        };
        self.with(begin)
    }

    /// Changes what is different in one place only.
    pub fn with(mut self, change: impl FnOnce(&mut Node)) -> Self {
        change(&mut self.node);
        self
    }

    pub fn bundle(self) -> impl Bundle {
        let heard = heard(&self.action, &self.label);
        let (ground, ink) = self.kind.colours();
        let node = Node {
            align_items: AlignItems::Center,
            justify_content: match self.node.justify_content {
                JustifyContent::Default => JustifyContent::Center,
                given => given,
            },
            column_gap: px(8),
            border_radius: BorderRadius::all(px(radius::FIELD)),
            flex_shrink: 0.0,
            ..self.node
        };
        let (before, label) = (self.before, self.label);
        let words = SpawnWith(move |parent: &mut ChildSpawner| {
            if let Some(before) = before {
                parent.spawn(icon(before, 16.0, ink));
            }
            parent.spawn(text(label, Size::Body, Weight::Medium, ink));
        });
        (node, pressable(self.action, heard, ground), Children::spawn(words))
    }
}

/// A button that is an icon alone; its name is its hint.
pub struct IconButton {
    action: AnyAction,
    label: String,
    icon: Icon,
    ground: Token,
    ink: Token,
    node: Node,
}

impl IconButton {
    /// 36 wide and high.
    pub fn new(kind: Kind, action: impl Into<AnyAction>, label: String, icon: Icon) -> Self {
        let (ground, ink) = kind.colours();
        let (action, node) = (action.into(), Node::default());
        Self { action, label, icon, ground, ink, node }.size(36.0, radius::FIELD)
    }

    /// In a line of a sheet: 36 wide and high, hardly round.
    pub fn in_line(self) -> Self {
        self.size(36.0, radius::CHIP)
    }

    /// 32 wide and high, within a field or a line of text.
    pub fn small(self) -> Self {
        self.size(32.0, radius::CHIP)
    }

    /// 40 wide and high.
    pub fn large(self) -> Self {
        self.size(40.0, radius::FIELD)
    }

    fn size(self, side: f32, round: f32) -> Self {
        let rounded = |node: &mut Node| {
            (node.width, node.height) = (px(side), px(side));
            node.border_radius = BorderRadius::all(px(round));
        };
        self.with(rounded)
    }

    /// In another colour than others of its kind.
    pub fn ink(self, ink: Token) -> Self {
        Self { ink, ..self }
    }

    /// On another ground than others of its kind.
    pub fn ground(self, ground: Token) -> Self {
        Self { ground, ..self }
    }

    /// Changes what is different in one place only.
    pub fn with(mut self, change: impl FnOnce(&mut Node)) -> Self {
        change(&mut self.node);
        self
    }

    pub fn bundle(self) -> impl Bundle {
        let heard = heard(&self.action, &self.label);
        let node = Node {
            align_items: AlignItems::Center,
            justify_content: JustifyContent::Center,
            flex_shrink: 0.0,
            ..self.node
        };
        (
            node,
            Tip::of(&self.action, &self.label),
            pressable(self.action, heard, self.ground),
            children![icon(self.icon, 20.0, self.ink)],
        )
    }
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
