//! How the sheet of a contact is drawn.

use bevy::prelude::*;

use super::{View, groups};
use crate::{
    action::Action,
    kit::{
        Foot, Form, Icon, Size, Weight, button, column, entry, figures, foot, heading, hint, icon, radius, row, text,
        toggle,
    },
    theme::{Ground, Token},
    tile::shortened,
    words::Words,
};

pub fn fill(inside: &mut ChildSpawnerCommands<'_>, view: &View, form: &Form, words: &Words) {
    code(inside, view, words);
    inside.spawn(heading(words.say("about-label")));
    entry(inside, form, "label", &words.say("about-label-hint"), Some(Action::SaveContact));
    inside.spawn(heading(words.say("about-rules")));
    inside.spawn(Node { flex_wrap: FlexWrap::Wrap, row_gap: px(8), flex_shrink: 0.0, ..row(8.0) }).with_children(
        |chips| {
            chips.spawn(toggle(Action::MayRing, words.say("about-may-ring"), view.rules.ring));
            if view.rules.ring {
                chips.spawn(toggle(Action::MayRingWithVideo, words.say("about-may-video"), view.rules.video));
            }
        },
    );
    inside.spawn(hint(words.say("about-quiet")));
    inside.spawn(Node { width: percent(100), flex_shrink: 0.0, ..row(12.0) }).with_children(|hours| {
        for (name, key) in [("quiet-from", "about-quiet-from"), ("quiet-until", "about-quiet-until")] {
            hours.spawn(Node { flex_grow: 1.0, flex_basis: px(0), ..default() }).with_children(|half| {
                entry(half, form, name, &words.say(key), Some(Action::SaveContact));
            });
        }
    });
    if view.asked.bring {
        bring(inside, view, words);
    }
    if view.asked.forget {
        inside.spawn(hint(words.say("about-forget-why")));
        foot(inside, [Foot::stop(Action::ForgetSurely, words.say("about-forget-surely"))]);
    }
    let mut buttons = vec![Foot::stop(Action::Forget, words.say("about-forget"))];
    if !view.members.is_empty() {
        buttons.push(Foot::plain(Action::Bring, words.say("about-bring")));
    } else if view.invitations > 0 {
        buttons.push(Foot::plain(Action::Invite, words.say("about-show-invitation")));
    }
    buttons.push(Foot::main(Action::SaveContact, words.say("sheet-save")));
    foot(inside, buttons);
}

fn code(inside: &mut ChildSpawnerCommands<'_>, view: &View, words: &Words) {
    inside.spawn(heading(words.say("about-code")));
    let Some(code) = &view.safety_code else {
        inside.spawn(hint(words.say("about-code-none")));
        return;
    };
    inside.spawn(hint(words.say("about-code-why")));
    let node = Node {
        width: percent(100),
        align_items: AlignItems::Center,
        padding: UiRect::all(px(14)),
        border_radius: BorderRadius::all(px(radius::FIELD)),
        flex_shrink: 0.0,
        ..column(8.0)
    };
    inside.spawn((node, Ground(Token::Surface2))).with_children(|paper| {
        for line in groups(code) {
            paper.spawn(figures(line, Size::Title, Weight::Medium, Token::Text));
        }
    });
    inside.spawn(Node { flex_shrink: 0.0, ..row(10.0) }).with_children(|line| {
        line.spawn(toggle(Action::Verify, words.say("about-verify"), view.verified));
        if view.verified {
            line.spawn(icon(Icon::Verified, 16.0, Token::Good));
            line.spawn(text(words.say("about-verified"), Size::Body, Weight::Medium, Token::Good));
        }
    });
}

fn bring(inside: &mut ChildSpawnerCommands<'_>, view: &View, words: &Words) {
    inside.spawn(heading(words.say("about-bring-into")));
    if view.rooms.is_empty() {
        inside.spawn(hint(words.say("about-bring-none")));
    }
    for (id, title) in &view.rooms {
        let node = Node {
            height: px(40),
            width: percent(100),
            padding: UiRect::horizontal(px(14)),
            justify_content: JustifyContent::FlexStart,
            ..default()
        };
        let title = shortened(title, 48);
        inside.spawn(button(Action::BringInto(*id), title, Some(Icon::Bring), node, Token::Surface2, Token::Text));
    }
}
