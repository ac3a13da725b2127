//! A line over everything while there is no network.

use bevy::prelude::*;

use crate::{
    engine::mirror::Standing,
    ui::{
        kit::{Icon, Size, announced, icon, radius, redraw, row, text},
        page::Page,
        theme::{Ground, Token, Weight},
        words::Words,
    },
};

#[derive(Component)]
struct Banner;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, draw);
}

fn draw(
    mut commands: Commands,
    standing: Res<Standing>,
    page: Res<State<Page>>,
    words: Res<Words>,
    old: Query<Entity, With<Banner>>,
    mut last: Local<Option<()>>,
) {
    let offline = standing.0.is_some_and(|reach| reach.offline);
    let shown = (offline && matches!(page.get(), Page::Home | Page::Lobby | Page::Room)).then_some(());
    redraw(&mut commands, &mut last, shown, &old, |commands, ()| {
        let said = words.say("reach-offline");
        let place = Node {
            position_type: PositionType::Absolute,
            top: px(76),
            width: percent(100),
            justify_content: JustifyContent::Center,
            ..default()
        };
        let node = Node {
            height: px(32),
            padding: UiRect::horizontal(px(14)),
            border_radius: BorderRadius::all(px(radius::CHIP)),
            ..row(8.0)
        };
        commands.spawn((Banner, place, GlobalZIndex(45), Pickable::IGNORE)).with_children(|place| {
            place.spawn((node, Ground(Token::StopGround), announced(&said), Pickable::IGNORE)).with_children(|line| {
                line.spawn(icon(Icon::Offline, 16.0, Token::Text));
                line.spawn(text(said, Size::Body, Weight::Medium, Token::Text));
            });
        });
    });
}
