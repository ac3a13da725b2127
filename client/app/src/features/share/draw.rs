//! The sheet where it is chosen what to share.

use bevy::prelude::*;
use engine::api::{ScreenInfo, ScreenSource};

use super::Offers;
use crate::{
    features::share::ShareAction,
    ui::{
        kit::{Button, Close, Icon, Sheet, SheetKind, foot, hint, redraw, sheet},
        words::{Words, shortened},
    },
};

/// Characters of a title that fit.
const TITLE: usize = 56;

#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShareSheet;

impl SheetKind for ShareSheet {}

pub fn draw(
    mut commands: Commands,
    open: Res<Sheet>,
    offers: Res<Offers>,
    words: Res<Words>,
    old: Query<Entity, With<ShareSheet>>,
    mut last: Local<Option<Option<Vec<ScreenInfo>>>>,
) {
    let view = (open.shows(ShareSheet)).then(|| offers.screens.clone());
    redraw(&mut commands, &mut last, view, &old, |commands, screens| {
        sheet(commands, ShareSheet, words.say("share-title"), 520.0, |inside| {
            fill(inside, screens.as_deref(), &words);
            foot(inside, [Button::plain(Close, words.say("sheet-cancel"))]);
        });
    });
}

fn fill(inside: &mut ChildSpawnerCommands<'_>, screens: Option<&[ScreenInfo]>, words: &Words) {
    let said = match screens {
        None => "share-looking",
        Some([]) => "share-nothing",
        Some(_) => "share-how",
    };
    inside.spawn(hint(words.say(said)));
    for (index, info) in screens.into_iter().flatten().enumerate() {
        let (icon, label) = match info.source {
            ScreenSource::Window(_) => (Icon::Window, shortened(&info.name, TITLE)),
            ScreenSource::Portal => (Icon::Monitor, words.say("share-portal")),
            ScreenSource::Whole if info.name.is_empty() => (Icon::Monitor, words.say("share-whole")),
            _ => (Icon::Monitor, shortened(&info.name, TITLE)),
        };
        inside.spawn(Button::plain(ShareAction::This(index), label).icon(icon).full(40.0).left(12.0).bundle());
    }
}
