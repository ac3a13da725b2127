//! How the lists are drawn, closed and open.

use bevy::prelude::*;

use super::{
    Equipment,
    picker::{Chosen, List, Place},
};
use crate::{
    features::devices::DevicesAction,
    ui::{
        kit::{Button, Icon, Kind, Size, icon, measure, radius, text},
        theme::{Edge, Ground, Token, Weight},
        words::{Words, shortened},
    },
};

fn framed(node: &mut Node) {
    (node.padding, node.border, node.overflow) =
        (UiRect::horizontal(px(14)), UiRect::all(px(measure::LINE)), Overflow::clip());
}

/// Spawns a closed list with its label.
pub fn spawn(parent: &mut ChildSpawnerCommands<'_>, words: &Words, equipment: Equipment) {
    let (key, shown) = match equipment {
        Equipment::Camera => ("picker-camera", Icon::Camera),
        Equipment::Microphone => ("picker-microphone", Icon::Microphone),
        Equipment::Speaker => ("picker-speaker", Icon::Speaker),
    };
    parent.spawn(text(words.say(key), Size::Body, Weight::Regular, Token::Muted));
    parent
        .spawn((
            Place(equipment),
            Node { width: percent(100), height: px(measure::FIELD), flex_shrink: 0.0, ..default() },
        ))
        .with_children(|place| {
            place
                .spawn((
                    Button::new(Kind::Listed, DevicesAction::OpenList(equipment), words.say(key))
                        .full(measure::FIELD)
                        .with(framed)
                        .bundle(),
                    Edge(Token::Line),
                ))
                .despawn_children()
                .with_children(|field| {
                    field.spawn(icon(shown, 16.0, Token::Text));
                    field
                        .spawn((
                            Pickable::IGNORE,
                            Node { flex_grow: 1.0, flex_basis: px(0), overflow: Overflow::clip(), ..default() },
                        ))
                        .with_child((Chosen(equipment), text("", Size::Body, Weight::Regular, Token::Text)));
                    field.spawn(icon(Icon::Down, 16.0, Token::Muted));
                });
        });
}

pub fn unfold(place: &mut ChildSpawnerCommands<'_>, equipment: Equipment, entries: Vec<String>) {
    place
        .spawn((
            List(equipment),
            Node {
                position_type: PositionType::Absolute,
                top: px(measure::FIELD + 4.0),
                left: px(0),
                width: percent(100),
                flex_direction: FlexDirection::Column,
                padding: UiRect::all(px(4)),
                border: UiRect::all(px(measure::LINE)),
                border_radius: BorderRadius::all(px(radius::FIELD)),
                ..default()
            },
            Ground(Token::Surface1),
            Edge(Token::Line),
            BoxShadow::new(Color::BLACK.with_alpha(0.5), px(0), px(4), px(0), px(16)),
            // Over the sheet, and over its edge.
            GlobalZIndex(110),
            OverrideClip,
        ))
        .with_children(|list| {
            for (index, entry) in entries.into_iter().enumerate() {
                let choice = Button::new(Kind::Clear, DevicesAction::Choose(equipment, index), shortened(&entry, 40));
                let choice = choice.size(36.0, 10.0).left(10.0).with(|node| node.overflow = Overflow::clip());
                list.spawn(choice.bundle());
            }
        });
}
