//! The page of a call: header, tiles, chat, bar.

use bevy::prelude::*;

use crate::{
    engine::profile::Opened,
    features::chat,
    stage::{
        bar::Bar,
        header::{self, HeaderButtons},
        tile::Stage,
    },
    ui::{
        page::{Page, root},
        words::Words,
    },
};

pub fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Page::Room), draw);
}

fn draw(
    mut commands: Commands,
    words: Res<Words>,
    profile: Res<Opened>,
    (bar, buttons): (Res<Bar>, Res<HeaderButtons>),
) {
    commands.spawn(root(Page::Room)).with_children(|page| {
        header::spawn(page, &words, profile.0.is_some(), &buttons);
        page.spawn(Node {
            flex_grow: 1.0,
            flex_basis: px(0),
            min_height: px(0),
            padding: UiRect::horizontal(px(16)),
            column_gap: px(16),
            ..default()
        })
        .with_children(|middle| {
            middle.spawn((
                Stage,
                Node { flex_grow: 1.0, flex_basis: px(0), min_width: px(0), height: percent(100), ..default() },
            ));
            chat::spawn(middle, &words, chat::Place::Beside);
        });
        bar.spawn_all(page, &words);
    });
}
