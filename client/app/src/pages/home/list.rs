//! The list on the left.

use std::cmp::Reverse;

use bevy::prelude::*;
use engine::api::{ParticipantState, RoomKind, Verification};

use super::{
    ListPlace,
    row::{Dot, Facts, Row, Under},
    rule, scrolling,
};
use crate::{
    engine::{
        mirror::{Knocks, Known, Lines, Me, Open, Person, Room, ShowRoom, Shown, Standing, Unread},
        profile::Opened,
    },
    features::{accept::AcceptAction, invite::InviteAction, network::NetworkAction, profile::ProfileAction},
    pages::home::HomeAction,
    ui::{
        action::AnyAction,
        initials::Initials,
        kit::{
            Button, Icon, IconButton, Kind, Size, badge_node, bare, column, figures, icon, measure, radius, row, text,
        },
        theme::{Edge, Ground, SwitchTheme, Token, Weight},
        words::{Words, shortened},
    },
};

#[derive(PartialEq)]
pub struct View {
    name: String,
    rows: Vec<Row>,
}

type All<'w, 's> =
    Query<'w, 's, (Entity, &'static Room, &'static Lines, &'static Unread, &'static Knocks, &'static Open)>;

/// Contacts and rooms, what moved last first. Rooms that leave nothing behind are not in it.
fn rows(
    rooms: &All<'_, '_>,
    people: &Query<'_, '_, (&Person, &Known), Without<Me>>,
    shown: Shown,
    standing: Standing,
    words: &Words,
) -> Vec<Row> {
    let kept = rooms.iter().filter(|(_, room, ..)| room.kind != Some(RoomKind::Ephemeral));
    let mut rows: Vec<_> = kept
        .map(|(entity, room, lines, unread, knocks, open)| {
            let others = people.iter().filter(|(person, _)| person.room == entity);
            let others: Vec<&ParticipantState> = others.map(|(_, known)| &known.0).collect();
            let facts = Facts {
                room,
                others: &others,
                lines,
                unread: *unread,
                knocks,
                waits: !open.0.is_empty(),
                shown: shown.0 == Some(entity),
                reach: standing.0,
            };
            Row::of(&facts, words)
        })
        .collect();
    rows.sort_by_key(|row| Reverse((row.moved, row.rank)));
    rows
}

/// Shows the room that was chosen, or the one above or below.
pub fn walk(
    mut acts: MessageReader<ShowRoom>,
    rooms: All,
    people: Query<(&Person, &Known), Without<Me>>,
    mut shown: ResMut<Shown>,
    standing: Res<Standing>,
    words: Res<Words>,
) {
    for act in acts.read() {
        let step: i64 = match *act {
            ShowRoom::This(id) => {
                let found = rooms.iter().find(|(_, room, ..)| room.id == id);
                shown.0 = found.map(|(entity, ..)| entity).or(shown.0);
                continue;
            }
            ShowRoom::Next => 1,
            ShowRoom::Previous => -1,
        };
        let rows = rows(&rooms, &people, *shown, *standing, &words);
        let at = rows.iter().position(|row| row.shown);
        let to = at.map_or(0, |at| (at as i64 + step).clamp(0, rows.len().saturating_sub(1) as i64));
        if let Some(row) = rows.get(to as usize) {
            shown.0 = rooms.iter().find(|(_, room, ..)| room.id == row.id).map(|(entity, ..)| entity);
        }
    }
}

pub fn draw(
    mut commands: Commands,
    place: Single<(Entity, Ref<ListPlace>)>,
    rooms: All,
    people: Query<(&Person, &Known), Without<Me>>,
    shown: Res<Shown>,
    standing: Res<Standing>,
    opened: Res<Opened>,
    words: Res<Words>,
    mut last: Local<Option<View>>,
) {
    let (place, new) = *place;
    let name = opened.0.as_ref().map(|open| open.face.name.clone()).unwrap_or_default();
    let view = View { name, rows: rows(&rooms, &people, *shown, *standing, &words) };
    if last.as_ref() == Some(&view) && !new.is_added() {
        return;
    }
    commands.entity(place).despawn_children().with_children(|list| {
        head(list, &view.name, &words);
        list.spawn(scrolling(2.0)).with_children(|rows| {
            for row in &view.rows {
                entry(rows, row, &words);
            }
        });
        rule(list);
        foot(list, &words);
    });
    *last = Some(view);
}

fn small(action: impl Into<AnyAction>, label: String, shown: Icon) -> impl Bundle {
    IconButton::new(Kind::Quiet, action, label, shown).bundle()
}

fn head(list: &mut ChildSpawnerCommands<'_>, name: &str, words: &Words) {
    let node =
        Node { height: px(measure::HOME_HEADER), padding: UiRect::axes(px(8), px(0)), flex_shrink: 0.0, ..row(4.0) };
    list.spawn(node).with_children(|head| {
        let node = Node {
            flex_grow: 1.0,
            flex_basis: px(0),
            min_width: px(0),
            height: px(48),
            padding: UiRect::horizontal(px(8)),
            border_radius: BorderRadius::all(px(radius::FIELD)),
            overflow: Overflow::clip(),
            ..row(10.0)
        };
        head.spawn(bare(ProfileAction::Open, &words.say("profile-title"), node, Token::Clear)).with_children(|own| {
            own.spawn(Initials::small(name, 32.0)).with_child(Initials::letters(name, 32.0));
            own.spawn(text(shortened(name, 20), Size::Body, Weight::Semibold, Token::Text));
        });
        head.spawn(small(NetworkAction::Open, words.say("network-title"), Icon::Network));
        head.spawn(small(SwitchTheme, words.say("switch-theme"), Icon::Shade));
    });
}

fn entry(rows: &mut ChildSpawnerCommands<'_>, shown: &Row, words: &Words) {
    let node = Node {
        width: percent(100),
        height: px(60),
        padding: UiRect::horizontal(px(8)),
        border_radius: BorderRadius::all(px(radius::FIELD)),
        flex_shrink: 0.0,
        ..row(12.0)
    };
    let ground = if shown.shown { Token::Surface2 } else { Token::Clear };
    rows.spawn(bare(ShowRoom::This(shown.id), &shown.heard(words), node, ground)).with_children(|line| {
        line.spawn((Node { width: px(40), height: px(40), flex_shrink: 0.0, ..default() }, Pickable::IGNORE))
            .with_children(|face| {
                face.spawn(Initials::small(&shown.name, 40.0)).with_child(Initials::letters(&shown.name, 40.0));
                dot(face, shown.dot, ground);
            });
        let middle =
            Node { flex_grow: 1.0, flex_basis: px(0), min_width: px(0), overflow: Overflow::clip(), ..column(2.0) };
        line.spawn((middle, Pickable::IGNORE)).with_children(|middle| {
            middle.spawn((row(6.0), Pickable::IGNORE)).with_children(|top| {
                top.spawn(text(shortened(&shown.name, 20), Size::Body, Weight::Semibold, Token::Text));
                match shown.verification {
                    Verification::Verified => drop(top.spawn(icon(Icon::Verified, 14.0, Token::Good))),
                    Verification::Renamed | Verification::Ambiguous | Verification::Broken => {
                        top.spawn(icon(Icon::Trouble, 14.0, Token::Stop));
                    }
                    Verification::Not => {}
                }
            });
            let (said, ink) = match &shown.under {
                Under::Plain(said) => (said, Token::Muted),
                Under::Now(said) => (said, Token::Good),
                Under::Warning(said) => (said, Token::Stop),
            };
            middle.spawn(text(
                shortened(said, if shown.at.is_empty() { 34 } else { 26 }),
                Size::Small,
                Weight::Regular,
                ink,
            ));
        });
        let right = Node { align_items: AlignItems::FlexEnd, flex_shrink: 0.0, ..column(4.0) };
        line.spawn((right, Pickable::IGNORE)).with_children(|right| {
            right.spawn(figures(shown.at.clone(), Size::Small, Weight::Regular, Token::Muted));
            if shown.unread > 0 {
                badge(right, shown.unread);
            }
        });
    });
}

fn dot(face: &mut ChildSpawnerCommands<'_>, dot: Dot, around: Token) {
    let token = match dot {
        Dot::Here => Token::Good,
        Dot::Reconnecting => Token::Accent,
        Dot::Away => return,
    };
    let edge = if around == Token::Clear { Token::Surface1 } else { around };
    face.spawn((
        Node {
            position_type: PositionType::Absolute,
            right: px(-2),
            bottom: px(-2),
            width: px(14),
            height: px(14),
            border: UiRect::all(px(2)),
            border_radius: BorderRadius::all(percent(50)),
            ..default()
        },
        Ground(token),
        Edge(edge),
        Pickable::IGNORE,
    ));
}

fn badge(parent: &mut ChildSpawnerCommands<'_>, unread: u32) {
    let said = if unread > 99 { "99+".into() } else { unread.to_string() };
    parent.spawn((badge_node(), Ground(Token::Accent), Pickable::IGNORE)).with_child(text(
        said,
        Size::Small,
        Weight::Semibold,
        Token::OnAccent,
    ));
}

fn foot(list: &mut ChildSpawnerCommands<'_>, words: &Words) {
    let node = Node { padding: UiRect::all(px(12)), flex_shrink: 0.0, ..row(8.0) };
    list.spawn(node).with_children(|foot| {
        foot.spawn(Button::plain(InviteAction::Someone, words.say("home-invite")).icon(Icon::Invite).shared().bundle());
        foot.spawn(
            IconButton::new(Kind::Plain, AcceptAction::Open, words.say("accept-title"), Icon::Scan).large().bundle(),
        );
        foot.spawn(
            IconButton::new(Kind::Plain, HomeAction::NewRoom, words.say("room-new"), Icon::New).large().bundle(),
        );
    });
}
