//! The sheet where an invitation is taken up.

use bevy::prelude::*;

use crate::{
    action::Action,
    kit::{Foot, Form, Sheet, entry, foot, heading, hint, redraw, sheet},
    reading::{self, Scanner},
    words::Words,
};

#[derive(Component)]
pub struct AcceptSheet;

pub fn draw(
    mut commands: Commands,
    open: Res<Sheet>,
    scanner: Res<Scanner>,
    form: Res<Form>,
    words: Res<Words>,
    old: Query<Entity, With<AcceptSheet>>,
    mut last: Local<Option<bool>>,
) {
    let view = (*open == Sheet::Accept).then(|| scanner.is_on());
    redraw(&mut commands, &mut last, view, &old, |commands, scanning| {
        sheet(commands, AcceptSheet, words.say("accept-title"), 520.0, |inside| {
            fill(inside, *scanning, &form, &words);
        });
    });
}

fn fill(inside: &mut ChildSpawnerCommands<'_>, scanning: bool, form: &Form, words: &Words) {
    inside.spawn(hint(words.say("accept-how")));
    entry(inside, form, "invitation", &words.say("start-paste"), Some(Action::TakeInvitation));
    inside.spawn(heading(words.say("accept-picture")));
    reading::file(inside, form, words);
    if scanning {
        reading::camera(inside, words);
    }
    let scan = words.say(if scanning { "accept-scan-stop" } else { "accept-scan" });
    foot(
        inside,
        [
            Foot::plain(Action::Close, words.say("sheet-cancel")),
            Foot::plain(Action::Scan, scan),
            Foot::main(Action::TakeInvitation, words.say("accept-take")),
        ],
    );
}
