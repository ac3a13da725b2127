//! The sheet where an invitation is taken up.

use bevy::prelude::*;

use crate::{
    engine::mirror::{Own, Rooms},
    features::accept::AcceptAction,
    stage::{
        reading::{self, ReadingAction, may_scan},
        scan::Scanner,
    },
    ui::{
        kit::{Button, Close, Form, Sheet, SheetKind, entry, foot, heading, hint, redraw, sheet},
        words::Words,
    },
};

#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
pub struct AcceptSheet;

impl SheetKind for AcceptSheet {
    const READS_CODES: bool = true;
}

pub fn draw(
    mut commands: Commands,
    open: Res<Sheet>,
    scanner: Res<Scanner>,
    rooms: Rooms,
    own: Res<Own>,
    form: Res<Form>,
    words: Res<Words>,
    old: Query<Entity, With<AcceptSheet>>,
    mut last: Local<Option<(bool, bool)>>,
) {
    let view = (open.shows(AcceptSheet)).then(|| (scanner.is_on(), may_scan(&rooms, &own)));
    redraw(&mut commands, &mut last, view, &old, |commands, (scanning, may_scan)| {
        sheet(commands, AcceptSheet, words.say("accept-title"), 520.0, |inside| {
            fill(inside, *scanning, *may_scan, &form, &words);
        });
    });
}

fn fill(inside: &mut ChildSpawnerCommands<'_>, scanning: bool, may_scan: bool, form: &Form, words: &Words) {
    inside.spawn(hint(words.say("accept-how")));
    entry(inside, form, "invitation", &words.say("start-paste"), Some(AcceptAction::Take.into()));
    inside.spawn(heading(words.say("accept-picture")));
    reading::file(inside, form, words);
    if scanning {
        reading::camera(inside, words);
    }
    let mut buttons = vec![Button::plain(Close, words.say("sheet-cancel"))];
    if may_scan {
        let scan = words.say(if scanning { "accept-scan-stop" } else { "accept-scan" });
        buttons.push(Button::plain(ReadingAction::Scan, scan));
    }
    buttons.push(Button::main(AcceptAction::Take, words.say("accept-take")));
    foot(inside, buttons);
}
