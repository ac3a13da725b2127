//! Keeps the list like the lines of the room that is shown.

use bevy::prelude::*;
use engine::api::{RoomKind, RoomWish, Wish};

use super::line;
use crate::{
    engine::{
        door::Wished,
        mirror::{Lines, MOST, Room, Shown},
    },
    ui::{
        kit::{Size, wrapping},
        theme::{Token, Weight},
        words::Words,
    },
};

/// The list of messages.
#[derive(Component, Default)]
pub struct List {
    of: Option<Entity>,
    revision: u64,
    appended: u64,
    drawn: bool,
    /// While lines come in above: how far the sight is from the end, in logical pixels.
    anchor: Option<f32>,
}

/// Far below the end of any list: layout stops at the end.
const END: f32 = 1e6;
/// A distance from an end that counts as being there, in logical pixels.
const NEAR: f32 = 40.0;

fn height(computed: &ComputedNode) -> f32 {
    (computed.content_size().y - computed.size().y).max(0.0) * computed.inverse_scale_factor()
}

pub fn draw(
    mut commands: Commands,
    shown: Res<Shown>,
    rooms: Query<(&Room, &Lines)>,
    mut lists: Query<(Entity, &mut List, &mut ScrollPosition, &ComputedNode)>,
    words: Res<Words>,
) {
    for (entity, mut list, mut scroll, computed) in &mut lists {
        let room = shown.0.and_then(|room| Some((room, rooms.get(room).ok()?)));
        let Some((of, (room, lines))) = room else {
            if list.of.is_some() || !list.drawn {
                *list = List { drawn: true, ..default() };
                commands.entity(entity).despawn_children();
            }
            continue;
        };
        let kept = room.kind != Some(RoomKind::Ephemeral);
        let same = list.drawn && list.of == Some(of) && list.revision == lines.revision;
        if same && list.appended == lines.appended {
            continue;
        }
        let from_end = height(computed) - scroll.y;
        let mine = lines.all.back().is_some_and(|line| line.mine) && list.appended != lines.appended;
        let new = (lines.appended - list.appended.min(lines.appended)) as usize;
        if same && list.appended > 0 && new < lines.all.len() {
            let first = lines.all.len() - new;
            commands.entity(entity).with_children(|parent| {
                for index in first..lines.all.len() {
                    line::spawn(parent, &words, lines, index, kept);
                }
            });
        } else {
            // Only older lines came: the lines in sight stay where they are.
            let older = list.drawn && list.of == Some(of) && list.appended == lines.appended;
            list.anchor = older.then_some(from_end);
            commands.entity(entity).despawn_children().with_children(|parent| {
                if lines.all.is_empty() {
                    let key = if kept { "chat-nothing-kept" } else { "chat-nothing" };
                    parent.spawn(wrapping(words.say(key), Size::Body, Weight::Regular, Token::Muted));
                }
                for index in 0..lines.all.len() {
                    line::spawn(parent, &words, lines, index, kept);
                }
            });
        }
        // A reader further up is left there.
        if list.of != Some(of) || mine || (from_end <= NEAR && list.anchor.is_none()) {
            scroll.y = END;
            list.anchor = None;
        }
        *list =
            List { of: Some(of), revision: lines.revision, appended: lines.appended, drawn: true, anchor: list.anchor };
    }
}

/// Once the lines above are laid out, the sight goes back to where it was.
pub fn settle(mut lists: Query<(&mut List, &mut ScrollPosition, &ComputedNode), Changed<ComputedNode>>) {
    for (mut list, mut scroll, computed) in &mut lists {
        if let Some(from_end) = list.anchor.take() {
            scroll.y = (height(computed) - from_end).max(0.0);
        }
    }
}

/// Asks for older lines when the oldest here come into sight.
pub fn ask(
    shown: Res<Shown>,
    mut rooms: Query<(&Room, &mut Lines)>,
    lists: Query<(&List, &ScrollPosition, &ComputedNode), Changed<ScrollPosition>>,
    mut wishes: MessageWriter<Wished>,
) {
    for (list, scroll, computed) in &lists {
        let Some((room, mut lines)) = shown.0.and_then(|room| rooms.get_mut(room).ok()) else {
            continue;
        };
        let before = lines.all.front().and_then(|line| line.id);
        let wanted = lines.more && !lines.asked && lines.all.len() < 4 * MOST && before.is_some();
        if wanted && list.of == shown.0 && scroll.y < NEAR && height(computed) > 0.0 {
            lines.asked = true;
            wishes.write(Wished(Wish::InRoom { room: room.id, wish: RoomWish::Older { before } }));
        }
    }
}

/// Own lines that have arrived say so.
pub fn mark(
    shown: Res<Shown>,
    rooms: Query<(&Room, Ref<Lines>)>,
    mut marks: Query<(&line::Mark, &mut Text)>,
    words: Res<Words>,
) {
    let Some((room, lines)) = shown.0.and_then(|room| rooms.get(room).ok()) else {
        return;
    };
    if !lines.is_changed() || room.kind == Some(RoomKind::Ephemeral) {
        return;
    }
    for (mark, mut text) in &mut marks {
        let line = lines.all.iter().find(|line| line.mine && line.sequence == mark.sequence);
        if let Some(line) = line {
            text.set_if_neq(Text(line::mark(&words, &mark.time, line.delivered)));
        }
    }
}
