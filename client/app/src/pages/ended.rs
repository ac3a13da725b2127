//! Says why the room is over.

use bevy::prelude::*;
use engine::api::OverBecause;

use crate::{
    engine::journey::{JourneyAction, Stay},
    ui::{
        kit::{Button, Icon, Size, column, icon, measure, middle, text, wrapping},
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
        page.spawn(middle()).with_children(|middle| {
            middle.spawn(Node { width: px(measure::COLUMN), ..column(14.0) }).with_children(|column| {
                column.spawn(icon(Icon::Door, measure::SIGN, Token::Accent));
                column.spawn(text(words.say(title), Size::Large, Weight::Semibold, Token::Text));
                column.spawn(wrapping(words.say(why), Size::Body, Weight::Regular, Token::Muted));
                column.spawn(
                    Button::main(JourneyAction::GoBack, words.say("ended-back"))
                        .full(measure::MAIN)
                        .with(|node| node.margin = UiRect::top(px(8)))
                        .bundle(),
                );
            });
        });
    });
}
