//! How sheets are drawn: a panel that scrolls, with its buttons at the foot.

use accesskit::Role;
use bevy::{a11y::AccessibilityNode, input_focus::tab_navigation::TabGroup, prelude::*, ui_widgets::ScrollArea};

use super::{Button, Sheet, Size, column, panel, text, wrapping};
use crate::ui::theme::{Ground, Token, Weight};

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Scrolled>().add_systems(Last, keep_scrolled);
}

/// The ground behind a sheet, which holds the sheet. Only controls in the topmost one can have the focus.
#[derive(Component)]
pub(super) struct Veil;

/// Marks controls that can be reached while a sheet is open: those of a ringing call.
#[derive(Component)]
pub struct OverSheets;

/// The part of a sheet that scrolls.
#[derive(Component)]
struct Scrolls;

/// A row of buttons at the foot of something.
#[derive(Component)]
struct FootRow;

/// How far the open sheet is scrolled: it stays there when it is drawn anew.
#[derive(Resource, Default)]
struct Scrolled {
    of: Sheet,
    by: f32,
}

fn keep_scrolled(
    open: Res<Sheet>,
    mut scrolled: ResMut<Scrolled>,
    mut parts: Query<(Ref<Scrolls>, &mut ScrollPosition), Without<Asks>>,
) {
    for (part, mut scroll) in &mut parts {
        if part.is_added() && scrolled.of == *open {
            scroll.y = scrolled.by;
        } else {
            *scrolled = Scrolled { of: open.clone(), by: scroll.y };
        }
    }
    if !open.is_open() && scrolled.of.is_open() {
        *scrolled = Scrolled::default();
    }
}

/// Marks the question over all sheets.
#[derive(Component)]
struct Asks;

/// Draws what `new` says in place of what `last` said, where the two differ.
pub fn redraw<M: Component, V: PartialEq>(
    commands: &mut Commands<'_, '_>,
    last: &mut Option<V>,
    new: Option<V>,
    old: &Query<Entity, With<M>>,
    draw: impl FnOnce(&mut Commands<'_, '_>, &V),
) {
    if *last == new {
        return;
    }
    for entity in old {
        commands.entity(entity).despawn();
    }
    if let Some(new) = &new {
        draw(commands, new);
    }
    *last = new;
}

/// Spawns a sheet of a width in logical pixels; it scrolls where the window is lower than it, and the buttons at its
/// foot stay in sight.
pub fn sheet<M: Component>(
    commands: &mut Commands<'_, '_>,
    marker: M,
    title: String,
    width: f32,
    fill: impl FnOnce(&mut ChildSpawnerCommands<'_>),
) {
    spawn(commands, (marker, GlobalZIndex(100)), (), title, width, fill);
}

/// The same over everything, for a question about what is under it.
pub fn question<M: Component>(
    commands: &mut Commands<'_, '_>,
    marker: M,
    title: String,
    width: f32,
    fill: impl FnOnce(&mut ChildSpawnerCommands<'_>),
) {
    spawn(commands, (marker, GlobalZIndex(160)), Asks, title, width, fill);
}

fn spawn(
    commands: &mut Commands<'_, '_>,
    marker: impl Bundle,
    scrolls: impl Bundle,
    title: String,
    width: f32,
    fill: impl FnOnce(&mut ChildSpawnerCommands<'_>),
) {
    let mut heard = accesskit::Node::new(Role::Dialog);
    heard.set_label(title.clone());
    let veil = (
        marker,
        Veil,
        // Not a modal one, which a call that rings over it could not be reached from: what it covers is out of reach
        // anyhow.
        TabGroup::new(0),
        AccessibilityNode(heard),
        Node {
            position_type: PositionType::Absolute,
            width: percent(100),
            height: percent(100),
            align_items: AlignItems::Center,
            justify_content: JustifyContent::Center,
            padding: UiRect::all(px(16)),
            ..default()
        },
        Ground(Token::Veil),
    );
    commands.spawn(veil).with_children(|veil| {
        let node = Node { width: px(width), max_width: percent(100), max_height: percent(100), ..column(0.0) };
        veil.spawn(panel(node)).with_children(|frame| {
            let node = Node {
                min_height: px(0),
                padding: UiRect::all(px(SIDE)),
                overflow: Overflow::scroll_y(),
                ..column(12.0)
            };
            let mut inner = frame.spawn((node, ScrollArea, Scrolls, scrolls));
            inner.with_children(|inside| {
                inside.spawn(wrapping(title, Size::Title, Weight::Semibold, Token::Text));
                fill(inside);
            });
            let inside = inner.id();
            let around = frame.target_entity();
            frame.commands().queue(move |world: &mut World| hold_foot(world, around, inside));
        });
    });
}

/// The last row of buttons moves out of what scrolls, so that they are always in sight.
fn hold_foot(world: &mut World, around: Entity, inside: Entity) {
    let last = world.get::<Children>(inside).and_then(|children| children.last().copied());
    let Some(foot) = last.filter(|last| world.get::<FootRow>(*last).is_some()) else {
        return;
    };
    if let Some(mut node) = world.get_mut::<Node>(foot) {
        (node.margin, node.padding) = (UiRect::ZERO, UiRect::new(px(SIDE), px(SIDE), px(12), px(SIDE)));
    }
    if let Some(mut node) = world.get_mut::<Node>(inside) {
        node.padding.bottom = px(6);
    }
    world.entity_mut(around).add_child(foot);
}

/// The space around what is in a sheet, in logical pixels.
const SIDE: f32 = 24.0;

/// The heading of a part of a sheet.
pub fn heading(words: String) -> impl Bundle {
    (
        Node { margin: UiRect::top(px(4)), flex_shrink: 0.0, ..default() },
        children![text(words, Size::Body, Weight::Semibold, Token::Text)],
    )
}

/// A sentence that explains.
pub fn hint(words: String) -> impl Bundle {
    (
        Node { width: percent(100), flex_shrink: 0.0, ..default() },
        children![wrapping(words, Size::Body, Weight::Regular, Token::Muted)],
    )
}

/// Buttons side by side, at the right end of a sheet.
pub fn foot(parent: &mut ChildSpawnerCommands<'_>, buttons: impl IntoIterator<Item = Button>) {
    let row = Node {
        width: percent(100),
        justify_content: JustifyContent::FlexEnd,
        flex_wrap: FlexWrap::Wrap,
        column_gap: px(12),
        row_gap: px(8),
        margin: UiRect::top(px(6)),
        flex_shrink: 0.0,
        ..default()
    };
    parent.spawn((FootRow, row)).with_children(|foot| {
        for button in buttons {
            foot.spawn(button.bundle());
        }
    });
}
