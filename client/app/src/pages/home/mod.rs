//! Home: the contacts and rooms of a profile on the left, the one that is shown on the right.

mod found;
mod head;
mod list;
mod row;
#[cfg(test)]
mod tests;

use bevy::{input_focus::tab_navigation::TabGroup, prelude::*, ui_widgets::ScrollArea};
pub use found::HomeAction;

use crate::{
    engine::mirror::{Room, Shown},
    features::chat,
    ui::{
        kit::{column, line},
        page::Page,
        theme::{Ground, Token},
        words::Words,
    },
};

/// Where the list stands.
#[derive(Component)]
struct ListPlace;

/// Where the head of what is shown stands.
#[derive(Component)]
struct HeadPlace;

/// What is under the head: the chat, or what to do first.
#[derive(Component)]
struct BodyPlace;

pub fn plugin(app: &mut App) {
    app.add_plugins(found::plugin)
        .add_systems(OnEnter(Page::Home), draw)
        .add_systems(Update, (list::walk, list::draw, head::draw, fill).chain().run_if(in_state(Page::Home)));
}

fn draw(mut commands: Commands) {
    let side_by_side = Node { width: percent(100), height: percent(100), ..default() };
    commands.spawn((side_by_side, TabGroup::new(0), DespawnOnExit(Page::Home))).with_children(|page| {
        let left = Node { width: px(300), height: percent(100), flex_shrink: 0.0, ..column(0.0) };
        page.spawn((left, Ground(Token::Surface1), ListPlace));
        let right = Node { flex_grow: 1.0, flex_basis: px(0), min_width: px(0), ..column(0.0) };
        page.spawn(right).with_children(|right| {
            right.spawn((HeadPlace, Node { flex_shrink: 0.0, ..column(0.0) }));
            right.spawn((BodyPlace, Node { flex_grow: 1.0, flex_basis: px(0), min_height: px(0), ..column(0.0) }));
        });
    });
}

/// What fills the body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    /// There is nobody yet.
    Empty,
    /// Nobody is chosen.
    Unchosen,
    Chat(Entity),
}

fn fill(
    mut commands: Commands,
    place: Single<(Entity, Ref<BodyPlace>)>,
    shown: Res<Shown>,
    rooms: Query<(), With<Room>>,
    words: Res<Words>,
    mut last: Local<Option<Body>>,
) {
    let (place, new) = *place;
    let unchosen = if rooms.is_empty() { Body::Empty } else { Body::Unchosen };
    let body = shown.0.map_or(unchosen, Body::Chat);
    if *last == Some(body) && !new.is_added() {
        return;
    }
    *last = Some(body);
    commands.entity(place).despawn_children().with_children(|place| match body {
        Body::Empty => found::first_steps(place, &words),
        Body::Unchosen => found::choose_one(place, &words),
        Body::Chat(_) => chat::spawn(place, &words, chat::Place::Whole),
    });
}

/// A scrolling column that fills what is left.
fn scrolling(gap: f32) -> impl Bundle {
    (
        ScrollArea,
        Node {
            flex_grow: 1.0,
            flex_basis: px(0),
            min_height: px(0),
            padding: UiRect::all(px(8)),
            overflow: Overflow::scroll_y(),
            ..column(gap)
        },
    )
}

/// The line between the list's parts.
fn rule(parent: &mut ChildSpawnerCommands<'_>) {
    parent.spawn(line());
}
