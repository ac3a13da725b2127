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
            Button, Close, Icon, IconButton, Kind, Size, column, foot, heading, hint, radius, row, text, toggle,
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
    for member in &view.members {
        line(inside, view, member, words);
    }
    if view.members.is_empty() {
        inside.spawn(hint(words.say("about-nobody")));
    }
    if let Some(code) = view.code.as_ref().filter(|_| !view.members.is_empty()) {
        room_code(inside, code, words);
    }
    // An ephemeral room has no rules, and is left by the bar.
    if view.kind == Some(RoomKind::Ephemeral) {
        return foot(inside, [Button::main(Close, words.say("sheet-done"))]);
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
            Button::careful(AboutAction::Forget(view.id), words.say("about-leave")),
            Button::plain(ShowInvitations, invite),
            Button::main(Close, words.say("sheet-done")),
        ],
    );
}

/// A member, and what can be done about them.
fn line(inside: &mut ChildSpawnerCommands<'_>, view: &View, of: &Listed, words: &Words) {
    let Listed { member, name, presence, verification } = of;
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
        let say = |key| words.say_with(key, "name", shortened(name, 36));
        let compare = Compare(view.id, *member);
        let compare = IconButton::new(Kind::Clear, compare, say("verify-title"), Icon::Verified);
        line.spawn(compare.in_line().bundle());
        let remove = AboutAction::Remove(view.id, *member);
        let remove = IconButton::new(Kind::Clear, remove, say("about-remove"), Icon::Remove);
        line.spawn(remove.in_line().ink(Token::Stop).bundle());
    });
}

/// The words that everybody in the room has.
fn room_code(inside: &mut ChildSpawnerCommands<'_>, code: &str, words: &Words) {
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
    let said = wrapping(code, Size::Title, Weight::Medium, Token::Text);
    inside.spawn((node, Ground(Token::Surface2))).with_child(said);
}

fn waiting(inside: &mut ChildSpawnerCommands<'_>, view: &View, knock: engine::api::KnockId, name: &str, words: &Words) {
    inside.spawn(Node { width: percent(100), flex_shrink: 0.0, ..row(8.0) }).with_children(|line| {
        let said = words.say_with("knock-one", "name", shortened(name, 28));
        line.spawn(text(said, Size::Body, Weight::Medium, Token::Text));
        line.spawn(Node { flex_grow: 1.0, ..default() });
        let (refuse, admit) = (KnockAction::Refuse(view.id, knock), KnockAction::Admit(view.id, knock));
        line.spawn(Button::plain(refuse, words.say("knock-refuse")).small().bundle());
        line.spawn(Button::main(admit, words.say("knock-admit")).small().bundle());
    });
}
