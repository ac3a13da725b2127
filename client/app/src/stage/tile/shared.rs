//! Tiles of what others share of their screens: large, whole, and said to be theirs.

use accesskit::Role;
use bevy::{a11y::AccessibilityNode, prelude::*};
use engine::Tile;

use super::{Stage, plugin::plate};
use crate::{
    engine::mirror::{Known, Me, OnStage, Person},
    stage::video::Video,
    ui::{
        kit::{Icon, Size, icon, radius, text},
        theme::{Ground, Token, Weight},
        words::{Words, shortened},
    },
};

/// The tile of what a person shares.
#[derive(Component, Clone, Copy)]
pub struct ScreenOf {
    pub person: Entity,
    /// Order of their beginning, the newest highest.
    pub rank: u32,
}

/// Characters of a name that fit.
const NAME: usize = 32;

pub fn come_and_go(
    mut commands: Commands,
    stage: Single<Entity, With<Stage>>,
    people: Query<(Entity, &Person, &Known), (With<OnStage>, Without<Me>)>,
    tiles: Query<(Entity, &ScreenOf)>,
    words: Res<Words>,
    mut begun: Local<u32>,
) {
    for (tile, of) in &tiles {
        if !people.get(of.person).is_ok_and(|(.., known)| known.0.screen_on) {
            commands.entity(tile).despawn();
        }
    }
    for (entity, person, known) in &people {
        if !known.0.screen_on || tiles.iter().any(|(_, of)| of.person == entity) {
            continue;
        }
        *begun += 1;
        let of = ScreenOf { person: entity, rank: *begun };
        let label = words.say_with("tile-shares", "name", shortened(&person.name, NAME));
        commands.entity(*stage).with_children(|stage| spawn(stage, of, Tile::Screen(person.member), label));
    }
}

fn spawn(stage: &mut ChildSpawnerCommands<'_>, of: ScreenOf, tile: Tile, label: String) {
    let mut heard = accesskit::Node::new(Role::Image);
    heard.set_label(label.clone());
    let root = (
        of,
        AccessibilityNode(heard),
        Node {
            position_type: PositionType::Absolute,
            border_radius: BorderRadius::all(px(radius::TILE)),
            overflow: Overflow::clip(),
            ..default()
        },
        Ground(Token::Surface2),
    );
    stage.spawn(root).with_children(|parts| {
        parts.spawn(Video::whole(tile));
        parts.spawn(plate(Val::Auto, px(10))).with_children(|plate| {
            plate.spawn(icon(Icon::Share, 16.0, Token::AccentOnPlate));
            plate.spawn(text(label, Size::Of(13.0), Weight::Medium, Token::OnPlate));
        });
    });
}
