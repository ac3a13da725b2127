//! The sheet where an invitation is taken up.

use bevy::prelude::*;
use engine::Tile;

use super::Scanner;
use crate::{
    action::Action,
    kit::{
        Foot, Form, Icon, Sheet, Size, Weight, button, column, entry, foot, heading, hint, radius, redraw, row, sheet,
        wrapping,
    },
    theme::{Ground, Token},
    video::Video,
    words::Words,
};

#[derive(Component)]
pub struct AcceptSheet;

pub fn draw(
    mut commands: Commands,
    open: Res<Sheet>,
    scanner: Res<Scanner>,
    form: Res<Form>,
    words: Res<Words>,
    old: Query<Entity, With<AcceptSheet>>,
    mut last: Local<Option<bool>>,
) {
    let view = (*open == Sheet::Accept).then(|| scanner.is_on());
    redraw(&mut commands, &mut last, view, &old, |commands, scanning| {
        sheet(commands, AcceptSheet, words.say("accept-title"), 520.0, |inside| {
            fill(inside, *scanning, &form, &words);
        });
    });
}

fn fill(inside: &mut ChildSpawnerCommands<'_>, scanning: bool, form: &Form, words: &Words) {
    inside.spawn(hint(words.say("accept-how")));
    entry(inside, form, "invitation", &words.say("start-paste"), Some(Action::TakeInvitation));
    inside.spawn(heading(words.say("accept-picture")));
    let node = Node { width: percent(100), flex_shrink: 0.0, ..row(8.0) };
    inside.spawn(node).with_children(|line| {
        line.spawn(Node { flex_grow: 1.0, flex_basis: px(0), min_width: px(0), ..column(0.0) }).with_children(
            |place| {
                entry(place, form, "picture", &words.say("accept-file"), Some(Action::ReadPicture));
            },
        );
        let node = Node { height: px(44), padding: UiRect::horizontal(px(16)), ..default() };
        line.spawn(button(
            Action::ReadPicture,
            words.say("accept-read"),
            Some(Icon::Picture),
            node,
            Token::Surface3,
            Token::Text,
        ));
    });
    if scanning {
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
    let scan = words.say(if scanning { "accept-scan-stop" } else { "accept-scan" });
    foot(
        inside,
        [
            Foot::plain(Action::Close, words.say("sheet-cancel")),
            Foot::plain(Action::Scan, scan),
            Foot::main(Action::TakeInvitation, words.say("accept-take")),
        ],
    );
}
