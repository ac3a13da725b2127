//! The column of lists, with what tells whether one is heard, and the button that lets one hear.

use bevy::{a11y::AccessibilityNode, prelude::*};

use super::{Equipment, level::LevelBar, list, shown};
use crate::{
    engine::{
        door::Wished,
        mirror::{Own, OwnAction},
    },
    features::devices::DevicesAction,
    ui::{
        kit::{Button, Icon, radius},
        theme::{Ground, Token},
        words::Words,
    },
};

/// The button that says whether noise is taken out of the voice.
#[derive(Component)]
struct NoiseButton;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (say_noise.run_if(shown), play));
}

pub fn column(column: &mut ChildSpawnerCommands<'_>, words: &Words) {
    list::spawn(column, words, Equipment::Camera);
    list::spawn(column, words, Equipment::Microphone);
    level(column);
    let noise = words.say("devices-noise-out");
    column.spawn((NoiseButton, Button::plain(OwnAction::Noise, noise).full(36.0).bundle()));
    list::spawn(column, words, Equipment::Speaker);
    let tone = words.say("devices-tone");
    column.spawn(Button::plain(DevicesAction::PlayTone, tone).icon(Icon::Speaker).full(36.0).bundle());
}

fn level(column: &mut ChildSpawnerCommands<'_>) {
    let bar = Node {
        width: percent(100),
        height: px(8),
        flex_shrink: 0.0,
        border_radius: BorderRadius::all(px(radius::LEVEL)),
        overflow: Overflow::clip(),
        ..default()
    };
    column.spawn((bar, Ground(Token::Surface3))).with_child((
        LevelBar,
        Node {
            width: percent(0),
            height: percent(100),
            border_radius: BorderRadius::all(px(radius::LEVEL)),
            ..default()
        },
        Ground(Token::Good),
    ));
}

fn play(mut acts: MessageReader<DevicesAction>, mut wishes: MessageWriter<Wished>) {
    if acts.read().any(|act| *act == DevicesAction::PlayTone) {
        wishes.write(Wished(engine::api::Wish::PlayTone));
    }
}

fn say_noise(
    own: Res<Own>,
    words: Res<Words>,
    mut buttons: Query<(Ref<NoiseButton>, &Children, &mut AccessibilityNode)>,
    mut texts: Query<&mut Text>,
) {
    for (button, children, mut access) in &mut buttons {
        if !(own.is_changed() || button.is_added()) {
            continue;
        }
        let label = words.say(if own.noisy { "devices-noise-in" } else { "devices-noise-out" });
        for child in children {
            if let Ok(mut text) = texts.get_mut(*child) {
                text.set_if_neq(Text(label.clone()));
            }
        }
        access.set_label(label);
    }
}
