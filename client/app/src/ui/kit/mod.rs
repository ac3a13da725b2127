//! The few parts that every page is made of.

mod button;
mod confirm;
mod field;
mod form;
mod frame;
mod keep;
mod paste;
mod qr;
mod reach;
mod secret;
mod sheet;
mod text;
mod tip;

use accesskit::{Live, Role};
use bevy::{a11y::AccessibilityNode, prelude::*};
pub use button::{Button, IconButton, Kind, bare, toggle};
#[cfg(test)]
pub use confirm::Confirm;
pub use confirm::{Confirmation, Question};
pub use field::{Field, Submits, field, value};
pub use form::{Filled, Form, entry};
pub use frame::{OverSheets, foot, heading, hint, question, redraw, sheet};
pub use paste::Cut;
pub use qr::qr_code;
pub use secret::{Secretive, Secrets, secret};
pub use sheet::{Close, Sheet, SheetKind};
pub use text::{Icon, Size, figures, giving_way, icon, text, wrapping};
pub use tip::Tip;

use crate::ui::theme::{Edge, Ground, Token};

/// Radii of the look, in logical pixels.
pub mod radius {
    pub const LEVEL: f32 = 4.0;
    pub const CHIP: f32 = 8.0;
    pub const FIELD: f32 = 10.0;
    pub const TILE: f32 = 14.0;
    pub const BAR: f32 = 16.0;
    pub const DIALOG: f32 = 18.0;
}

/// Measures of the look that mean one thing wherever they are, in logical pixels.
pub mod measure {
    /// A line around something, or between two things.
    pub const LINE: f32 = 1.0;
    /// The height of a field, and of a button that stands with fields.
    pub const FIELD: f32 = 44.0;
    /// The height of the one thing that a page is for.
    pub const MAIN: f32 = 48.0;
    /// The height of the row over a call, its chat or the lobby.
    pub const HEADER: f32 = 52.0;
    /// The height of the rows over the list and the chat of home.
    pub const HOME_HEADER: f32 = 64.0;
    /// The width of what a page says or asks in its middle.
    pub const COLUMN: f32 = 420.0;
    /// The icon over such a column.
    pub const SIGN: f32 = 44.0;
}

pub fn plugin(app: &mut App) {
    app.add_plugins((
        button::plugin,
        confirm::plugin,
        field::plugin,
        form::plugin,
        keep::plugin,
        frame::plugin,
        sheet::plugin,
        reach::plugin,
        secret::plugin,
        tip::plugin,
    ));
}

/// A row of things, centred across.
pub fn row(gap: f32) -> Node {
    Node { align_items: AlignItems::Center, column_gap: px(gap), ..default() }
}

/// Things under each other.
pub fn column(gap: f32) -> Node {
    Node { flex_direction: FlexDirection::Column, row_gap: px(gap), ..default() }
}

/// What a page says or asks in its middle.
pub fn middle() -> Node {
    Node { flex_grow: 1.0, align_items: AlignItems::Center, justify_content: JustifyContent::Center, ..default() }
}

/// The small label with an icon that states a fact.
pub fn chip_node() -> Node {
    Node {
        height: px(28),
        padding: UiRect::horizontal(px(10)),
        column_gap: px(8),
        align_items: AlignItems::Center,
        border_radius: BorderRadius::all(px(radius::CHIP)),
        flex_shrink: 0.0,
        ..default()
    }
}

/// The round ground of a number.
pub fn badge_node() -> Node {
    Node {
        min_width: px(20),
        height: px(20),
        padding: UiRect::horizontal(px(5)),
        align_items: AlignItems::Center,
        justify_content: JustifyContent::Center,
        border_radius: BorderRadius::all(px(10)),
        ..default()
    }
}

/// A text that a screen reader says as soon as it appears.
pub fn announced(said: &str) -> AccessibilityNode {
    let mut heard = accesskit::Node::new(Role::Alert);
    heard.set_live(Live::Polite);
    heard.set_label(said);
    AccessibilityNode(heard)
}

/// A horizontal line of one pixel.
pub fn line() -> impl Bundle {
    (Node { height: px(measure::LINE), width: percent(100), flex_shrink: 0.0, ..default() }, Ground(Token::Line))
}

/// A panel's ground and border.
pub fn panel(node: Node) -> impl Bundle {
    (
        Node { border: UiRect::all(px(measure::LINE)), border_radius: BorderRadius::all(px(radius::DIALOG)), ..node },
        Ground(Token::Surface1),
        Edge(Token::Line),
    )
}
