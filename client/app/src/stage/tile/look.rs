//! Tells those whose tiles are shown how large they are, so that they send no more than that.

use std::time::Duration;

use bevy::{prelude::*, window::WindowOccluded};
use engine::{Tile, api::Wish};

use super::{ScreenOf, Stage, TileOf};
use crate::engine::{
    door::Wished,
    mirror::{Me, OnStage, Person},
};

/// Lines are told in steps of so many: no layer is chosen by fewer.
const STEP: f32 = 45.0;
/// A smaller size is told when it has stayed for so long: who drags an edge or changes the layout may be back soon.
const SETTLED: Duration = Duration::from_secs(1);
/// Pictures cover their tile: a wide tile shows more lines than it is high.
const ASPECT: f32 = 16.0 / 9.0;

/// What was told of a tile.
pub struct Told {
    tile: Tile,
    lines: u16,
    /// Since when it is too much.
    smaller_since: Option<Duration>,
}

pub fn look(
    stage: Option<Single<&ComputedNode, With<Stage>>>,
    people: Query<(Entity, &Person), (With<OnStage>, Without<Me>)>,
    tiles: Query<(&TileOf, &Node)>,
    screens: Query<(&ScreenOf, &Node)>,
    time: Res<Time<Real>>,
    mut covered: Option<MessageReader<WindowOccluded>>,
    mut hidden: Local<bool>,
    mut told: Local<Vec<Told>>,
    mut wishes: MessageWriter<Wished>,
) {
    for occlusion in covered.iter_mut().flat_map(|covered| covered.read()) {
        *hidden = occlusion.occluded;
    }
    let Some(stage) = stage else {
        return;
    };
    let scale = stage.inverse_scale_factor().max(f32::EPSILON).recip();
    let member = |person: Entity| people.get(person).ok().map(|(_, person)| person.member);
    let cameras = tiles.iter().filter_map(|(of, node)| Some((Tile::Member(member(of.0)?), node)));
    let screens = screens.iter().filter_map(|(of, node)| Some((Tile::Screen(member(of.person)?), node)));
    let shown: Vec<_> = cameras.chain(screens).collect();
    told.retain(|told| shown.iter().any(|(tile, _)| *tile == told.tile));
    for (tile, node) in shown {
        let (Val::Px(width), Val::Px(height)) = (node.width, node.height) else {
            continue;
        };
        if height < 1.0 {
            continue;
        }
        let lines = if *hidden { 0 } else { lines(Vec2::new(width, height) * scale) };
        match told.iter_mut().find(|told| told.tile == tile) {
            Some(told) if told.lines == lines => {
                told.smaller_since = None;
                continue;
            }
            Some(told) if lines < told.lines && lines > 0 => {
                if time.elapsed() < *told.smaller_since.get_or_insert(time.elapsed()) + SETTLED {
                    continue;
                }
                (told.lines, told.smaller_since) = (lines, None);
            }
            Some(told) => (told.lines, told.smaller_since) = (lines, None),
            None => told.push(Told { tile, lines, smaller_since: None }),
        }
        wishes.write(Wished(Wish::Look { tile, lines }));
    }
}

/// The lines of a picture that covers a tile of so many pixels.
fn lines(tile: Vec2) -> u16 {
    let lines = tile.y.max(tile.x / ASPECT);
    ((lines / STEP).ceil() * STEP) as u16
}
