//! Says why the room is over.

use bevy::prelude::*;
use engine::api::OverBecause;

use crate::{
    engine::journey::{JourneyAction, Stay},
    ui::{
        kit::{Button, Icon, Size, column, icon, text, wrapping},
        page::{Page, root},
        theme::{Token, Weight},
        words::Words,
    },
};

pub fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Page::Ended), draw);
}

fn draw(mut commands: Commands, words: Res<Words>, stay: Res<Stay>) {
    let (title, why) = match stay.ended {
        Some(OverBecause::Removed) => ("ended-removed", "ended-removed-why"),
        _ => ("ended-failed", "ended-failed-why"),
    };
    commands.spawn(root(Page::Ended)).with_children(|page| {
        page.spawn(Node {
            flex_grow: 1.0,
            align_items: AlignItems::Center,
            justify_content: JustifyContent::Center,
            ..default()
        })
        .with_children(|middle| {
            middle.spawn(Node { width: px(420), ..column(14.0) }).with_children(|column| {
                column.spawn(icon(Icon::Door, 44.0, Token::Accent));
                column.spawn(text(words.say(title), Size::Large, Weight::Semibold, Token::Text));
                column.spawn(wrapping(words.say(why), Size::Body, Weight::Regular, Token::Muted));
                column.spawn(
                    Button::main(JourneyAction::GoBack, words.say("ended-back"))
                        .full(48.0)
                        .with(|node| node.margin = UiRect::top(px(8)))
                        .bundle(),
                );
            });
        });
    });
}
