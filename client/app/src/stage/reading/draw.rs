//! Where a sheet names a picture file, and shows what the camera sees.

use bevy::prelude::*;
use engine::Tile;

use crate::{
    stage::{reading::ReadingAction, video::Video},
    ui::{
        kit::{Button, Form, Icon, Size, column, entry, radius, row, wrapping},
        theme::{Ground, Token, Weight},
        words::Words,
    },
};

/// A field for a picture file, and its button.
pub fn file(inside: &mut ChildSpawnerCommands<'_>, form: &Form, words: &Words) {
    let node = Node { width: percent(100), flex_shrink: 0.0, ..row(8.0) };
    inside.spawn(node).with_children(|line| {
        line.spawn(Node { flex_grow: 1.0, flex_basis: px(0), min_width: px(0), ..column(0.0) }).with_children(
            |place| {
                entry(place, form, "picture", &words.say("accept-file"), Some(ReadingAction::ReadFile.into()));
            },
        );
        line.spawn(
            Button::plain(ReadingAction::ReadFile, words.say("accept-read"))
                .icon(Icon::Picture)
                .size(44.0, 16.0)
                .bundle(),
        );
    });
}

/// The own camera's picture while it is looked at for a code.
pub fn camera(inside: &mut ChildSpawnerCommands<'_>, words: &Words) {
    let node = Node {
        width: percent(100),
        aspect_ratio: Some(16.0 / 9.0),
        align_items: AlignItems::Center,
        justify_content: JustifyContent::Center,
        border_radius: BorderRadius::all(px(radius::TILE)),
        overflow: Overflow::clip(),
        flex_shrink: 0.0,
        ..default()
    };
    inside.spawn((node, Ground(Token::Surface2))).with_children(|preview| {
        preview.spawn(wrapping(words.say("accept-scanning"), Size::Body, Weight::Regular, Token::Muted));
        preview.spawn(Video::of(Tile::Me, false));
    });
}
