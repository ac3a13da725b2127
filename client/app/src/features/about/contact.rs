//! How the sheet of a contact is drawn.

use bevy::prelude::*;
use engine::api::Verification;

use super::View;
use crate::{
    engine::mirror::{Compare, ShowInvitations},
    features::about::AboutAction,
    stage::mark::mark,
    ui::{
        kit::{Button, Form, Icon, Kind, entry, foot, heading, hint, row, toggle},
        words::{Words, shortened},
    },
};

pub fn fill(inside: &mut ChildSpawnerCommands<'_>, view: &View, form: &Form, words: &Words) {
    code(inside, view, words);
    inside.spawn(heading(words.say("about-label")));
    entry(inside, form, "label", &words.say("about-label-hint"), Some(AboutAction::Save.into()));
    inside.spawn(heading(words.say("about-rules")));
    inside.spawn(Node { flex_wrap: FlexWrap::Wrap, row_gap: px(8), flex_shrink: 0.0, ..row(8.0) }).with_children(
        |chips| {
            chips.spawn(toggle(AboutAction::MayRing, words.say("about-may-ring"), view.rules.ring));
            if view.rules.ring {
                chips.spawn(toggle(AboutAction::MayRingWithVideo, words.say("about-may-video"), view.rules.video));
            }
        },
    );
    inside.spawn(hint(words.say("about-quiet")));
    inside.spawn(Node { width: percent(100), flex_shrink: 0.0, ..row(12.0) }).with_children(|hours| {
        for (name, key) in [("quiet-from", "about-quiet-from"), ("quiet-until", "about-quiet-until")] {
            hours.spawn(Node { flex_grow: 1.0, flex_basis: px(0), ..default() }).with_children(|half| {
                entry(half, form, name, &words.say(key), Some(AboutAction::Save.into()));
            });
        }
    });
    if view.asked.bring {
        bring(inside, view, words);
    }
    let mut buttons = vec![Button::careful(AboutAction::Forget(view.id), words.say("about-forget"))];
    if !view.members.is_empty() {
        buttons.push(Button::plain(AboutAction::Bring, words.say("about-bring")));
    } else if view.invitations > 0 {
        buttons.push(Button::plain(ShowInvitations, words.say("about-show-invitation")));
    }
    buttons.push(Button::main(AboutAction::Save, words.say("sheet-save")));
    foot(inside, buttons);
}

/// Whether it is them, and the way to find out.
fn code(inside: &mut ChildSpawnerCommands<'_>, view: &View, words: &Words) {
    inside.spawn(heading(words.say("about-code")));
    let Some(them) = view.members.first() else {
        inside.spawn(hint(words.say("about-code-none")));
        return;
    };
    if them.verification != Verification::Verified {
        inside.spawn(hint(words.say("about-code-why")));
    }
    inside.spawn(Node { width: percent(100), flex_shrink: 0.0, ..row(8.0) }).with_children(|line| {
        mark(line, them.verification, words);
        line.spawn(Node { flex_grow: 1.0, ..default() });
        let compare = Compare(view.id, them.member);
        line.spawn(Button::plain(compare, words.say("about-compare")).icon(Icon::Verified).bundle());
    });
}

fn bring(inside: &mut ChildSpawnerCommands<'_>, view: &View, words: &Words) {
    inside.spawn(heading(words.say("about-bring-into")));
    if view.rooms.is_empty() {
        inside.spawn(hint(words.say("about-bring-none")));
    }
    for (id, title) in &view.rooms {
        let title = shortened(title, 48);
        inside.spawn(
            Button::new(Kind::Listed, AboutAction::BringInto(*id), title)
                .icon(Icon::Bring)
                .full(40.0)
                .left(14.0)
                .bundle(),
        );
    }
}
