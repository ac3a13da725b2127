//! The sheet with the invitations of a room.

use bevy::prelude::*;
use engine::{
    api::{InvitationId, RoomId, RoomKind, Terms},
    invitation::Invitation,
};

use super::{Inviting, Lifetime, lasting};
use crate::{
    engine::mirror::{Open, Room},
    features::invite::InviteAction,
    ui::{
        kit::{
            Button, Close, Form, Icon, IconButton, Kind, Sheet, SheetKind, Size, column, entry, foot, heading, hint,
            measure, qr_code, radius, redraw, row, sheet, text, toggle, wrapping,
        },
        theme::{Edge, Ground, Token, Weight},
        words::{Words, shortened},
    },
};

/// The side that the picture may take, in logical pixels.
const SIDE: usize = 276;

/// The invitation to a room, or to a contact to be where there is no room yet.
#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
pub struct InviteSheet(pub Option<RoomId>);

impl SheetKind for InviteSheet {}

#[derive(PartialEq)]
pub struct View {
    inviting: Inviting,
    /// The room, its title and what it is; nothing for a contact to be.
    of: Option<(RoomId, String, Option<RoomKind>)>,
    all: Vec<(InvitationId, Terms, String)>,
}

/// The invitation to show: the selected one, else the newest.
pub fn shown(open: &Open, selected: Option<InvitationId>) -> Option<&(InvitationId, Invitation, Terms)> {
    let found = selected.and_then(|selected| open.0.iter().find(|(id, ..)| *id == selected));
    found.or(open.0.last())
}

pub fn draw(
    mut commands: Commands,
    open: Res<Sheet>,
    inviting: Res<Inviting>,
    rooms: Query<(&Room, &Open)>,
    form: Res<Form>,
    words: Res<Words>,
    mut images: ResMut<Assets<Image>>,
    old: Query<Entity, With<InviteSheet>>,
    mut last: Local<Option<View>>,
) {
    let view = match open.get() {
        Some(InviteSheet(None)) => Some(View { inviting: *inviting, of: None, all: Vec::new() }),
        Some(InviteSheet(Some(id))) => rooms.iter().find(|(room, _)| room.id == id).map(|(room, open)| {
            let newest = shown(open, inviting.selected).map(|(id, ..)| *id);
            View {
                inviting: Inviting { selected: newest, ..*inviting },
                of: Some((id, room.title.clone(), room.kind)),
                all: open.0.iter().map(|(id, invitation, terms)| (*id, *terms, invitation.to_string())).collect(),
            }
        }),
        None => None,
    };
    redraw(&mut commands, &mut last, view, &old, |commands, view| match &view.of {
        None => sheet(commands, InviteSheet(None), words.say("invite-contact-title"), 480.0, |inside| {
            contact(inside, view.inviting, &form, &words);
        }),
        Some((id, title, kind)) => {
            let title = shortened(title, 28);
            let title = match kind {
                Some(RoomKind::Contact) => words.say_with("invite-for", "name", title),
                _ => words.say_with("invite-title", "room", title),
            };
            sheet(commands, InviteSheet(Some(*id)), title, 660.0, |inside| fill(inside, view, &words, &mut images));
        }
    });
}

/// A contact to be: whom it is for, and how long.
fn contact(inside: &mut ChildSpawnerCommands<'_>, inviting: Inviting, form: &Form, words: &Words) {
    inside.spawn(hint(words.say("invite-contact-how")));
    entry(inside, form, "label", &words.say("invite-label"), Some(InviteAction::Make.into()));
    chips(inside, inviting, false, words);
    foot(
        inside,
        [Button::plain(Close, words.say("sheet-cancel")), Button::main(InviteAction::Make, words.say("invite-make"))],
    );
}

const LIFETIMES: [(Lifetime, &str); 4] = [
    (Lifetime::Hour, "invite-hour"),
    (Lifetime::Day, "invite-day"),
    (Lifetime::Week, "invite-week"),
    (Lifetime::Forever, "invite-forever"),
];

fn lifetime(lasting: Lifetime) -> &'static str {
    LIFETIMES.iter().find(|(lifetime, _)| *lifetime == lasting).map_or("invite-forever", |(_, key)| key)
}

/// The terms of the next invitation.
fn chips(parent: &mut ChildSpawnerCommands<'_>, inviting: Inviting, room: bool, words: &Words) {
    let wrapped = || Node { flex_wrap: FlexWrap::Wrap, row_gap: px(8), flex_shrink: 0.0, ..row(8.0) };
    parent.spawn(wrapped()).with_children(|chips| {
        for (lasting, key) in LIFETIMES {
            chips.spawn(toggle(InviteAction::Lasting(lasting), words.say(key), inviting.lasting == lasting));
        }
    });
    if room {
        parent.spawn(wrapped()).with_children(|chips| {
            chips.spawn(toggle(InviteAction::Many(false), words.say("invite-once"), !inviting.many));
            chips.spawn(toggle(InviteAction::Many(true), words.say("invite-many"), inviting.many));
            chips.spawn(toggle(InviteAction::WaitingRoom, words.say("invite-waiting-room"), inviting.waiting_room));
        });
    }
}

fn fill(inside: &mut ChildSpawnerCommands<'_>, view: &View, words: &Words, images: &mut Assets<Image>) {
    let Some((room, _, kind)) = &view.of else {
        return;
    };
    let contact = *kind == Some(RoomKind::Contact);
    let chosen = view.all.iter().find(|(id, ..)| Some(*id) == view.inviting.selected);
    let beside = Node { column_gap: px(24), flex_shrink: 0.0, ..default() };
    inside.spawn(beside).with_children(|beside| {
        if let Some((.., link)) = chosen {
            qr_code(beside, link, SIDE, images);
        }
        beside.spawn(Node { flex_grow: 1.0, flex_basis: px(0), min_width: px(0), ..column(12.0) }).with_children(
            |right| {
                match chosen {
                    Some((_, terms, link)) => show(right, *terms, link, view.inviting.copied, contact, words),
                    None if contact => drop(right.spawn(hint(words.say("invite-used-up")))),
                    None if *kind == Some(RoomKind::Ephemeral) => drop(right.spawn(hint(words.say("invite-making")))),
                    None => drop(right.spawn(hint(words.say("invite-none")))),
                }
                if !contact {
                    right.spawn(heading(words.say("invite-another")));
                    chips(right, view.inviting, true, words);
                }
            },
        );
    });
    if !contact && view.all.len() > 1 {
        inside.spawn(heading(words.say("invite-open")));
        for (id, terms, _) in &view.all {
            let on = Some(*id) == view.inviting.selected;
            one(inside, *room, *id, *terms, on, words);
        }
    }
    let mut buttons = Vec::new();
    if let Some((id, ..)) = chosen {
        buttons.push(Button::careful(InviteAction::Revoke(*room, *id), words.say("invite-revoke")));
        buttons.push(Button::plain(InviteAction::Copy, words.say("invite-copy")));
    }
    if !contact {
        buttons.push(Button::plain(InviteAction::Make, words.say("invite-make")));
    }
    buttons.push(Button::main(Close, words.say("invite-done")));
    foot(inside, buttons);
}

/// The terms of an invitation in one sentence.
fn sentence(terms: Terms, words: &Words) -> String {
    let uses = words.say(if terms.many { "invite-many" } else { "invite-once" });
    let mut all = vec![uses, words.say(lifetime(lasting(terms)))];
    if terms.waiting_room {
        all.push(words.say("invite-waiting-room"));
    }
    all.join(" · ")
}

fn show(right: &mut ChildSpawnerCommands<'_>, terms: Terms, link: &str, copied: bool, contact: bool, words: &Words) {
    let how = if contact { "invite-contact-show" } else { "invite-how" };
    right.spawn(hint(words.say(how)));
    right.spawn(wrapping(sentence(terms, words), Size::Small, Weight::Medium, Token::Muted));
    let node = Node {
        width: percent(100),
        height: px(44),
        padding: UiRect::new(px(14), px(6), px(0), px(0)),
        border: UiRect::all(px(measure::LINE)),
        border_radius: BorderRadius::all(px(radius::FIELD)),
        flex_shrink: 0.0,
        ..row(8.0)
    };
    right.spawn((node, Ground(Token::Surface2), Edge(Token::Line))).with_children(|field| {
        let shown =
            Node { flex_grow: 1.0, flex_basis: px(0), min_width: px(0), overflow: Overflow::clip(), ..default() };
        field.spawn(shown).with_child(text(shortened(link, 25), Size::Body, Weight::Regular, Token::Muted));
        if copied {
            field.spawn(text(words.say("invite-copied"), Size::Small, Weight::Medium, Token::Good));
        }
        let (shown, ink) = if copied { (Icon::Check, Token::Good) } else { (Icon::Copy, Token::Accent) };
        field.spawn(
            IconButton::new(Kind::Clear, InviteAction::Copy, words.say("invite-copy"), shown).small().ink(ink).bundle(),
        );
    });
    // Always there, so that nothing moves when the link is copied.
    right.spawn(wrapping(words.say("invite-copied-why"), Size::Small, Weight::Regular, Token::Muted));
}

fn one(inside: &mut ChildSpawnerCommands<'_>, room: RoomId, id: InvitationId, terms: Terms, on: bool, words: &Words) {
    let node = Node { width: percent(100), flex_shrink: 0.0, ..row(8.0) };
    inside.spawn(node).with_children(|line| {
        line.spawn(toggle(InviteAction::Show(room, id), sentence(terms, words), on));
        line.spawn(Node { flex_grow: 1.0, ..default() });
        let revoke = words.say("invite-revoke");
        line.spawn(
            IconButton::new(Kind::Clear, InviteAction::Revoke(room, id), revoke, Icon::Revoke)
                .small()
                .ink(Token::Stop)
                .bundle(),
        );
    });
}
