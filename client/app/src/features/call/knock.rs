//! The line about a person who waits at a room's door.

use bevy::{input_focus::tab_navigation::TabGroup, prelude::*};
use engine::api::{KnockId, RoomId};

use crate::{
    engine::mirror::{KnockAction, Knocks, Room},
    ui::{
        kit::{Button, Icon, Kind, Size, announced, icon, redraw, row, text},
        theme::{Ground, Token, Weight},
        words::{Words, isolated, shortened},
    },
};

#[derive(Component)]
struct Door;

#[derive(PartialEq)]
struct View {
    room: RoomId,
    title: String,
    knock: KnockId,
    name: String,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, draw);
}

/// The first who waits, and so one after the other.
fn draw(
    mut commands: Commands,
    rooms: Query<(&Room, &Knocks)>,
    words: Res<Words>,
    old: Query<Entity, With<Door>>,
    mut last: Local<Option<View>>,
) {
    let waiting = rooms.iter().filter_map(|(room, knocks)| Some((room, knocks.0.first()?)));
    let view = waiting.min_by_key(|(_, (knock, _))| *knock).map(|(room, (knock, name))| View {
        room: room.id,
        title: room.title.clone(),
        knock: *knock,
        name: name.clone(),
    });
    redraw(&mut commands, &mut last, view, &old, |commands, view| {
        let said = format!(
            "{} · {}",
            words.say_with("knock-one", "name", shortened(&view.name, 24)),
            isolated(&shortened(&view.title, 24))
        );
        let place = Node {
            position_type: PositionType::Absolute,
            bottom: px(88),
            width: percent(100),
            justify_content: JustifyContent::Center,
            ..default()
        };
        commands.spawn((Door, place, TabGroup::new(-1), GlobalZIndex(60), Pickable::IGNORE)).with_children(|place| {
            let node =
                Node { padding: UiRect::axes(px(14), px(10)), border_radius: BorderRadius::all(px(14)), ..row(12.0) };
            let shadow = BoxShadow::new(Color::BLACK.with_alpha(0.5), px(0), px(4), px(0), px(20));
            place.spawn((node, Ground(Token::Surface3), shadow, announced(&said))).with_children(|line| {
                line.spawn(icon(Icon::Door, 18.0, Token::Accent));
                line.spawn(text(said, Size::Body, Weight::Medium, Token::Text));
                let (refuse, admit) =
                    (KnockAction::Refuse(view.room, view.knock), KnockAction::Admit(view.room, view.knock));
                line.spawn(Button::new(Kind::Listed, refuse, words.say("knock-refuse")).small().bundle());
                line.spawn(Button::main(admit, words.say("knock-admit")).small().bundle());
            });
        });
    });
}
