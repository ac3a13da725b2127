//! The room's screen: header, tiles, chat, bar.

use bevy::prelude::*;

use crate::{
    engine::profile::Opened,
    features::chat,
    stage::{bar, header, tile::Stage},
    ui::{
        page::{Page, root},
        words::Words,
    },
};

pub fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Page::Room), draw);
}

fn draw(mut commands: Commands, words: Res<Words>, profile: Res<Opened>) {
    commands.spawn(root(Page::Room)).with_children(|screen| {
        header::spawn(screen, &words, profile.0.is_some());
        screen
            .spawn(Node {
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
        bar::spawn(screen, &words);
    });
}
