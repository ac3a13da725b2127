//! How the sheet of a room is drawn.

use bevy::prelude::*;

use super::View;
use crate::{
    action::Action,
    kit::{Foot, Icon, Size, Weight, button, column, foot, heading, hint, icon_button, radius, row, text, toggle},
    theme::Token,
    tile::{Initials, shortened},
    words::Words,
};

pub fn fill(inside: &mut ChildSpawnerCommands<'_>, view: &View, words: &Words) {
    for (knock, name) in &view.knocks {
        waiting(inside, view, *knock, name, words);
    }
    inside.spawn(heading(words.say_with("header-people", "count", view.members.len() + 1)));
    for (member, name, presence) in &view.members {
        inside.spawn(Node { width: percent(100), flex_shrink: 0.0, ..row(12.0) }).with_children(|line| {
            line.spawn(Initials::small(name, 36.0)).with_child(Initials::letters(name, 36.0));
            line.spawn(column(2.0)).with_children(|middle| {
                middle.spawn(text(shortened(name, 36), Size::Body, Weight::Medium, Token::Text));
                middle.spawn(text(words.say(presence), Size::Small, Weight::Regular, Token::Muted));
            });
            line.spawn(Node { flex_grow: 1.0, ..default() });
            line.spawn(icon_button(
                Action::Remove(*member),
                words.say_with("about-remove", "name", shortened(name, 36)),
                Icon::Remove,
                Node { width: px(36), height: px(36), border_radius: BorderRadius::all(px(radius::CHIP)), ..default() },
                Token::Clear,
                Token::Stop,
            ));
        });
    }
    if view.members.is_empty() {
        inside.spawn(hint(words.say("about-nobody")));
    }
    inside.spawn(heading(words.say("about-rules")));
    inside.spawn(Node { flex_shrink: 0.0, ..row(8.0) }).with_children(|chips| {
        chips.spawn(toggle(Action::MayRing, words.say("about-room-rings"), view.rules.ring));
    });
    if view.asked.forget {
        inside.spawn(hint(words.say("about-leave-why")));
        foot(inside, [Foot::stop(Action::ForgetSurely, words.say("about-leave-surely"))]);
    }
    let invite = match view.invitations {
        0 => words.say("bar-invite"),
        count => words.say_with("about-invitations", "count", count),
    };
    foot(
        inside,
        [
            Foot::stop(Action::Forget, words.say("about-leave")),
            Foot::plain(Action::Invite, invite),
            Foot::main(Action::Close, words.say("sheet-done")),
        ],
    );
}

fn waiting(inside: &mut ChildSpawnerCommands<'_>, view: &View, knock: engine::api::KnockId, name: &str, words: &Words) {
    inside.spawn(Node { width: percent(100), flex_shrink: 0.0, ..row(8.0) }).with_children(|line| {
        let said = words.say_with("knock-one", "name", shortened(name, 28));
        line.spawn(text(said, Size::Body, Weight::Medium, Token::Text));
        line.spawn(Node { flex_grow: 1.0, ..default() });
        let node = || Node { height: px(34), padding: UiRect::horizontal(px(14)), ..default() };
        let (refuse, admit) = (Action::Refuse(view.id, knock), Action::Admit(view.id, knock));
        line.spawn(button(refuse, words.say("knock-refuse"), None, node(), Token::Surface3, Token::Text));
        line.spawn(button(admit, words.say("knock-admit"), None, node(), Token::Accent, Token::OnAccent));
    });
}
