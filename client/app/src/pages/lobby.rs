//! The lobby: the own picture, the devices, the door.

use bevy::prelude::*;
use engine::Tile;

use super::journey;
use crate::{
    engine::{
        choices::Choices,
        journey::{Destination, Journey, JourneyAction},
        mirror::OwnAction,
    },
    features::devices,
    stage::{bar::Bar, video::Video},
    ui::{
        initials::Initials,
        kit::{Button, Icon, IconButton, Kind, Size, column, measure, radius, row, text},
        page::{Page, root},
        theme::{Ground, Token, Weight},
        words::{Words, shortened},
    },
};

/// The button into the room.
#[derive(Component)]
struct EnterButton;

pub fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Page::Lobby), draw.after(journey::open))
        .add_systems(Update, say_entering.run_if(in_state(Page::Lobby)));
}

fn draw(mut commands: Commands, words: Res<Words>, choices: Res<Choices>, journey: Res<Journey>, bar: Res<Bar>) {
    if journey.at_once {
        return;
    }
    commands.spawn(root(Page::Lobby)).with_children(|page| {
        page.spawn(Node {
            height: px(measure::HEADER),
            padding: UiRect::horizontal(px(8)),
            flex_shrink: 0.0,
            ..row(4.0)
        })
        .with_children(|header| {
            header.spawn(
                IconButton::new(Kind::Clear, JourneyAction::GoBack, words.say("lobby-back"), Icon::Back).bundle(),
            );
            let title = match &journey.destination {
                Some(Destination::Invited(_)) => words.say("lobby-invited"),
                _ => shortened(&journey.title, 60),
            };
            header.spawn(text(title, Size::Body, Weight::Semibold, Token::Text));
            header.spawn((
                Node { margin: UiRect::left(px(8)), ..default() },
                text(words.say("lobby-nobody-sees"), Size::Body, Weight::Regular, Token::Muted),
            ));
        });
        page.spawn(Node {
            flex_grow: 1.0,
            justify_content: JustifyContent::Center,
            padding: UiRect::bottom(px(measure::HEADER)),
            ..row(32.0)
        })
        .with_children(|middle| {
            preview(middle, &words, &choices.name, &bar);
            devices(middle, &words);
        });
    });
}

fn preview(parent: &mut ChildSpawnerCommands<'_>, words: &Words, name: &str, bar: &Bar) {
    parent
        .spawn((
            Node {
                width: percent(50),
                max_width: px(640),
                min_width: px(320),
                aspect_ratio: Some(16.0 / 9.0),
                align_items: AlignItems::Center,
                justify_content: JustifyContent::Center,
                border_radius: BorderRadius::all(px(radius::TILE)),
                ..default()
            },
            Ground(Token::Surface2),
        ))
        .with_children(|preview| {
            preview.spawn(Initials::of(name)).with_child(Initials::text(name));
            preview.spawn(Video::of(Tile::Me, true));
            preview.spawn(Node { position_type: PositionType::Absolute, bottom: px(12), ..row(12.0) }).with_children(
                |switches| {
                    bar.spawn(switches, OwnAction::Microphone, words);
                    bar.spawn(switches, OwnAction::Camera, words);
                },
            );
        });
}

fn devices(parent: &mut ChildSpawnerCommands<'_>, words: &Words) {
    parent.spawn(Node { width: px(320), ..column(12.0) }).with_children(|column| {
        devices::column(column, words);
        column.spawn((
            EnterButton,
            Button::main(JourneyAction::Enter, words.say("lobby-enter"))
                .full(measure::MAIN)
                .with(|node| node.margin = UiRect::top(px(8)))
                .bundle(),
        ));
    });
}

fn say_entering(
    journey: Res<Journey>,
    words: Res<Words>,
    buttons: Query<&Children, With<EnterButton>>,
    mut texts: Query<&mut Text>,
) {
    if !journey.is_changed() {
        return;
    }
    let key = if journey.entering { "lobby-entering" } else { "lobby-enter" };
    for child in buttons.iter().flatten() {
        if let Ok(mut text) = texts.get_mut(*child) {
            text.set_if_neq(Text(words.say(key)));
        }
    }
}
