//! How the sheet of a room is drawn.

use bevy::prelude::*;
use engine::api::RoomKind;

use super::{Listed, View};
use crate::{
    engine::mirror::{Compare, KnockAction, ShowInvitations},
    features::about::AboutAction,
    stage::mark::mark,
    ui::{
        initials::Initials,
        kit::{
            Close, Foot, Icon, Size, button, column, foot, heading, hint, icon_button, radius, row, text, toggle,
            wrapping,
        },
        theme::{Ground, Token, Weight},
        words::{Words, shortened},
    },
};

pub fn fill(inside: &mut ChildSpawnerCommands<'_>, view: &View, words: &Words) {
    for (knock, name) in &view.knocks {
        waiting(inside, view, *knock, name, words);
    }
    inside.spawn(heading(words.say_with("header-people", "count", view.members.len() + 1)));
    for Listed { member, name, presence, verification } in &view.members {
        inside.spawn(Node { width: percent(100), flex_shrink: 0.0, ..row(12.0) }).with_children(|line| {
            line.spawn(Initials::small(name, 36.0)).with_child(Initials::letters(name, 36.0));
            line.spawn(column(2.0)).with_children(|middle| {
                middle.spawn(text(shortened(name, 36), Size::Body, Weight::Medium, Token::Text));
                middle.spawn(row(6.0)).with_children(|under| {
                    under.spawn(text(words.say(presence), Size::Small, Weight::Regular, Token::Muted));
                    mark(under, *verification, words);
                });
            });
            line.spawn(Node { flex_grow: 1.0, ..default() });
            line.spawn(icon_button(
                Compare(view.id, *member),
                words.say_with("verify-title", "name", shortened(name, 36)),
                Icon::Verified,
                Node { width: px(36), height: px(36), border_radius: BorderRadius::all(px(radius::CHIP)), ..default() },
                Token::Clear,
                Token::Text,
            ));
            line.spawn(icon_button(
                AboutAction::Remove(view.id, *member),
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
    if let Some(code) = view.code.as_ref().filter(|_| !view.members.is_empty()) {
        inside.spawn(heading(words.say("about-room-code")));
        inside.spawn(hint(words.say("about-room-code-why")));
        let node = Node {
            width: percent(100),
            padding: UiRect::all(px(12)),
            justify_content: JustifyContent::Center,
            border_radius: BorderRadius::all(px(radius::FIELD)),
            flex_shrink: 0.0,
            ..default()
        };
        let said = wrapping(code.clone(), Size::Title, Weight::Medium, Token::Text);
        inside.spawn((node, Ground(Token::Surface2))).with_child(said);
    }
    // What leaves nothing behind has no rules, and is left by the bar.
    if view.kind == Some(RoomKind::Ephemeral) {
        return foot(inside, [Foot::main(Close, words.say("sheet-done"))]);
    }
    inside.spawn(heading(words.say("about-rules")));
    inside.spawn(Node { flex_shrink: 0.0, ..row(8.0) }).with_children(|chips| {
        chips.spawn(toggle(AboutAction::MayRing, words.say("about-room-rings"), view.rules.ring));
    });
    let invite = match view.invitations {
        0 => words.say("bar-invite"),
        count => words.say_with("about-invitations", "count", count),
    };
    foot(
        inside,
        [
            Foot::stop(AboutAction::Forget(view.id), words.say("about-leave")),
            Foot::plain(ShowInvitations, invite),
            Foot::main(Close, words.say("sheet-done")),
        ],
    );
}

fn waiting(inside: &mut ChildSpawnerCommands<'_>, view: &View, knock: engine::api::KnockId, name: &str, words: &Words) {
    inside.spawn(Node { width: percent(100), flex_shrink: 0.0, ..row(8.0) }).with_children(|line| {
        let said = words.say_with("knock-one", "name", shortened(name, 28));
        line.spawn(text(said, Size::Body, Weight::Medium, Token::Text));
        line.spawn(Node { flex_grow: 1.0, ..default() });
        let node = || Node { height: px(34), padding: UiRect::horizontal(px(14)), ..default() };
        let (refuse, admit) = (KnockAction::Refuse(view.id, knock), KnockAction::Admit(view.id, knock));
        line.spawn(button(refuse, words.say("knock-refuse"), None, node(), Token::Surface3, Token::Text));
        line.spawn(button(admit, words.say("knock-admit"), None, node(), Token::Accent, Token::OnAccent));
    });
}
