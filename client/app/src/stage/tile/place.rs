//! Puts every tile where the layout says, and every voice where its tile is.

use bevy::prelude::*;
use engine::api::{MemberId, Wish};

use super::{Arrangement, ScreenOf, Stage, TileOf, layout::layout};
use crate::engine::{
    door::Wished,
    mirror::{Me, OnStage, Person, Spoke},
};

/// The size of the stage, in logical pixels.
#[derive(Resource, Default, Clone, Copy, PartialEq, Debug)]
pub struct Area(pub Vec2);

/// Reads the stage's size once it is laid out; the next frame places tiles by it.
pub fn measure(
    stage: Option<Single<&ComputedNode, With<Stage>>>,
    mut area: ResMut<Area>,
    mut redraw: Option<MessageWriter<bevy::window::RequestRedraw>>,
) {
    let Some(stage) = stage else {
        return;
    };
    let size = stage.size() * stage.inverse_scale_factor();
    if area.set_if_neq(Area(size))
        && let Some(redraw) = &mut redraw
    {
        redraw.write(bevy::window::RequestRedraw);
    }
}

/// Movements of a voice that nobody would hear are not worth a wish.
const AUDIBLE: f32 = 0.02;

pub fn place(
    area: Res<Area>,
    arrangement: Res<Arrangement>,
    people: Query<(Entity, &Person, &Spoke, Has<Me>), With<OnStage>>,
    mut tiles: Query<(&TileOf, &mut Node)>,
    mut screens: Query<(&ScreenOf, &mut Node), Without<TileOf>>,
    mut voices: Local<Vec<(MemberId, f32)>>,
    mut wishes: MessageWriter<Wished>,
) {
    let mut order: Vec<_> = people.iter().collect();
    order.sort_by_key(|(_, person, ..)| person.rank);
    if *arrangement == Arrangement::Speaker {
        let others = order.iter().enumerate().filter(|(_, (.., me))| !me);
        let loudest = others.max_by(|(a, (_, _, one, _)), (b, (_, _, other, _))| {
            one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal).then(b.cmp(a))
        });
        if let Some((index, _)) = loudest {
            order[..=index].rotate_right(1);
        }
    }
    // A shared screen comes first: the newest is large, and all other tiles are beside it.
    let mut shared: Vec<_> = screens.iter_mut().collect();
    shared.sort_by_key(|(screen, _)| std::cmp::Reverse(screen.rank));
    let arrangement = if shared.is_empty() { *arrangement } else { Arrangement::Speaker };
    let count = shared.len() + order.len();
    let mut places = layout(count, Rect::from_corners(Vec2::ZERO, area.0), arrangement).into_iter();
    for ((_, node), rect) in shared.into_iter().zip(places.by_ref()) {
        put(node, rect);
    }
    voices.retain(|(member, _)| order.iter().any(|(_, person, ..)| person.member == *member));
    for ((entity, person, _, me), rect) in order.into_iter().zip(places) {
        if let Some((_, node)) = tiles.iter_mut().find(|(tile, _)| tile.0 == entity) {
            put(node, rect);
        }
        let x = (rect.center().x / area.0.x.max(1.0) * 2.0 - 1.0).clamp(-1.0, 1.0);
        let before = voices.iter_mut().find(|(member, _)| *member == person.member);
        if me || area.0.x < 2.0 || before.as_ref().is_some_and(|(_, before)| (*before - x).abs() < AUDIBLE) {
            continue;
        }
        match before {
            Some((_, before)) => *before = x,
            None => voices.push((person.member, x)),
        }
        wishes.write(Wished(Wish::Place { member: person.member, x }));
    }
}

/// On whole pixels, and only where something moved: a touched node is laid out again.
fn put(mut node: Mut<'_, Node>, rect: Rect) {
    let (left, top) = (px(rect.min.x.round()), px(rect.min.y.round()));
    let (width, height) = (px(rect.max.x.round() - rect.min.x.round()), px(rect.max.y.round() - rect.min.y.round()));
    if (node.left, node.top, node.width, node.height) != (left, top, width, height) {
        (node.left, node.top, node.width, node.height) = (left, top, width, height);
    }
}
