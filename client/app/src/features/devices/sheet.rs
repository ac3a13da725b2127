//! The sheet of devices, during a call.

use bevy::prelude::*;

use crate::{
    features::devices::DevicesAction,
    ui::{
        kit::{Button, Close, Sheet, SheetKind, foot, redraw, sheet},
        page::Page,
        words::Words,
    },
};

#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
pub struct DevicesSheet;

impl SheetKind for DevicesSheet {}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (open, draw).chain().run_if(in_state(Page::Room)));
}

fn open(mut acts: MessageReader<DevicesAction>, mut sheet: ResMut<Sheet>) {
    if acts.read().any(|act| *act == DevicesAction::Open) {
        sheet.open(DevicesSheet);
    }
}

fn draw(
    mut commands: Commands,
    open: Res<Sheet>,
    words: Res<Words>,
    old: Query<Entity, With<DevicesSheet>>,
    mut last: Local<Option<()>>,
) {
    let view = (open.shows(DevicesSheet)).then_some(());
    redraw(&mut commands, &mut last, view, &old, |commands, ()| {
        sheet(commands, DevicesSheet, words.say("devices-title"), 400.0, |inside| {
            super::column(inside, &words);
            foot(inside, [Button::main(Close, words.say("devices-done"))]);
        });
    });
}
