//! Tiles come and go with their people.

use accesskit::Role;
use bevy::{a11y::AccessibilityNode, prelude::*};
use engine::Tile;

use super::{Arrangement, Part, Stage, TileOf, dress, look, place, shared};
use crate::{
    engine::mirror::{Me, OnStage, Person},
    stage::{tile::SwitchLayout, video::Video},
    ui::{
        action::Actions,
        initials::Initials,
        kit::{Icon, Size, giving_way, icon, radius, text},
        page::Page,
        theme::{Edge, Ground, Token, Weight},
    },
};

pub fn plugin(app: &mut App) {
    app.add_action::<SwitchLayout>()
        .init_resource::<Arrangement>()
        .add_systems(
            Update,
            (go, come, shared::come_and_go, rearrange, place::place, look::look, dress::dress)
                .chain()
                .run_if(in_state(Page::Room)),
        )
        .add_systems(PostUpdate, place::measure.after(bevy::ui::UiSystems::Layout));
    app.init_resource::<place::Area>();
}

fn rearrange(mut acts: MessageReader<SwitchLayout>, mut arrangement: ResMut<Arrangement>) {
    for act in acts.read() {
        if *act == SwitchLayout {
            *arrangement = match *arrangement {
                Arrangement::Grid => Arrangement::Speaker,
                Arrangement::Speaker => Arrangement::Grid,
            };
        }
    }
}

fn go(mut commands: Commands, tiles: Query<(Entity, &TileOf)>, people: Query<(), With<OnStage>>) {
    for (tile, of) in &tiles {
        if !people.contains(of.0) {
            commands.entity(tile).despawn();
        }
    }
}

fn come(
    mut commands: Commands,
    stage: Single<Entity, With<Stage>>,
    people: Query<(Entity, &Person, Has<Me>), With<OnStage>>,
    tiles: Query<&TileOf>,
) {
    for (entity, person, me) in &people {
        if tiles.iter().any(|tile| tile.0 == entity) {
            continue;
        }
        let tile = if me { Tile::Me } else { Tile::Member(person.member) };
        commands.entity(*stage).with_children(|stage| spawn(stage, entity, &person.name, tile));
    }
}

fn spawn(stage: &mut ChildSpawnerCommands<'_>, person: Entity, name: &str, tile: Tile) {
    let everywhere = Node {
        position_type: PositionType::Absolute,
        left: px(0),
        top: px(0),
        width: percent(100),
        height: percent(100),
        border_radius: BorderRadius::all(px(radius::TILE)),
        ..default()
    };
    let root = (
        TileOf(person),
        AccessibilityNode(accesskit::Node::new(Role::Image)),
        Node {
            position_type: PositionType::Absolute,
            align_items: AlignItems::Center,
            justify_content: JustifyContent::Center,
            border_radius: BorderRadius::all(px(radius::TILE)),
            overflow: Overflow::clip(),
            ..default()
        },
        Ground(Token::Surface2),
    );
    stage.spawn(root).with_children(|parts| {
        parts.spawn((Part::Initials, Initials::of(name))).with_child((Part::Letters, Initials::text(name)));
        parts.spawn(Video::of(tile, tile == Tile::Me));
        parts.spawn((
            Part::Ring,
            Node { border: UiRect::all(px(3)), ..everywhere },
            Edge(Token::Clear),
            Pickable::IGNORE,
        ));
        parts.spawn((Part::State, plate(px(10), Val::Auto))).with_children(|plate| {
            plate.spawn(icon(Icon::Key, 16.0, Token::AccentOnPlate));
            plate.spawn((Part::StateWords, text("", Size::Small, Weight::Medium, Token::OnPlate)));
        });
        parts.spawn(plate(Val::Auto, px(10))).with_children(|plate| {
            plate.spawn((Part::Mark, icon(Icon::MicrophoneOff, 16.0, Token::StopOnPlate)));
            let name = text("", Size::Of(13.0), Weight::Medium, Token::OnPlate);
            plate.spawn(giving_way(8.0)).with_child((Part::Name, name));
            plate.spawn((Part::Trust, icon(Icon::Verified, 16.0, Token::GoodOnPlate)));
            plate.spawn((Part::TrustWords, text("", Size::Small, Weight::Medium, Token::StopOnPlate)));
        });
    });
}

/// A dark ground that reads on any picture, at the left of the top or the bottom.
pub fn plate(top: Val, bottom: Val) -> impl Bundle {
    (
        Node {
            position_type: PositionType::Absolute,
            left: px(10),
            top,
            bottom,
            height: px(28),
            // Ten pixels stay free at the right of the narrowest tile, too.
            max_width: percent(92),
            overflow: Overflow::clip(),
            padding: UiRect::horizontal(px(10)),
            column_gap: px(6),
            align_items: AlignItems::Center,
            border_radius: BorderRadius::all(px(radius::CHIP)),
            ..default()
        },
        Ground(Token::Plate),
        Pickable::IGNORE,
    )
}
