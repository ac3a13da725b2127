//! What to do first, and the sheet that founds a room.

use bevy::prelude::*;
use engine::api::{Event, JoinFailed, OverBecause, RoomEvent, RoomKind, Wish};

use crate::{
    engine::{
        door::{Happened, WishesOut},
        journey::{Awaited, Destination, Entrance},
        mirror::{Mirrored, Room, Shown},
    },
    features::{accept::AcceptAction, invite::InviteAction},
    ui::{
        action::{Action, Actions},
        binding::{Binding, HOME},
        kit::{
            Button, Close, Filled, Form, Icon, Sheet, SheetKind, Size, column, entry, foot, hint, icon, measure,
            middle, redraw, sheet, text, wrapping,
        },
        page::Page,
        theme::{Token, Weight},
        words::Words,
    },
};

/// Founds a room.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum HomeAction {
    /// Opens the sheet for it.
    NewRoom,
    Found(RoomKind),
}

impl Action for HomeAction {
    const KEYS: &'static [Binding<Self>] = &[Binding::ctrl('n', HOME, Self::NewRoom)];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
struct NewRoomSheet;

impl SheetKind for NewRoomSheet {}

pub(super) fn plugin(app: &mut App) {
    app.add_action::<HomeAction>()
        .add_systems(PreUpdate, show.after(Mirrored))
        .add_systems(Update, (open, draw).chain().run_if(in_state(Page::Home)))
        .add_systems(PostUpdate, found.after(Filled).before(WishesOut).run_if(in_state(Page::Home)));
}

/// Said where no room is shown.
pub fn first_steps(place: &mut ChildSpawnerCommands<'_>, words: &Words) {
    place.spawn(middle()).with_children(|middle| {
        middle.spawn(Node { width: px(measure::COLUMN), max_width: percent(90), ..column(14.0) }).with_children(
            |column| {
                column.spawn(icon(Icon::Door, measure::SIGN, Token::Accent));
                column.spawn(text(words.say("start-title"), Size::Large, Weight::Semibold, Token::Text));
                column.spawn(wrapping(words.say("home-first"), Size::Body, Weight::Regular, Token::Muted));
                column.spawn(
                    Button::main(InviteAction::Someone, words.say("home-invite"))
                        .icon(Icon::Invite)
                        .full(measure::MAIN)
                        .bundle(),
                );
                let accept = words.say("accept-title");
                column.spawn(Button::plain(AcceptAction::Open, accept).icon(Icon::Link).full(measure::FIELD).bundle());
                let new = words.say("room-new");
                column.spawn(Button::plain(HomeAction::NewRoom, new).icon(Icon::New).full(measure::FIELD).bundle());
            },
        );
    });
}

/// Said where there are rooms, and none is shown.
pub fn choose_one(place: &mut ChildSpawnerCommands<'_>, words: &Words) {
    place.spawn(middle()).with_children(|middle| {
        middle.spawn(Node { align_items: AlignItems::Center, ..column(14.0) }).with_children(|column| {
            column.spawn(icon(Icon::Chat, measure::SIGN, Token::Muted));
            column.spawn(text(words.say("home-choose"), Size::Body, Weight::Regular, Token::Muted));
        });
    });
}

fn show(
    mut happened: MessageReader<Happened>,
    rooms: Query<(Entity, &Room)>,
    mut awaited: ResMut<Awaited>,
    mut shown: ResMut<Shown>,
) {
    for event in happened.read() {
        let Event::Room { room, what } = &event.0 else { continue };
        let leads_to = match what {
            RoomEvent::Entering | RoomEvent::Entered { .. } => *room,
            RoomEvent::Over(OverBecause::JoinFailed(JoinFailed::TakenUpBefore { room })) => *room,
            _ => continue,
        };
        if std::mem::take(&mut awaited.0) {
            shown.0 = rooms.iter().find(|(_, known)| known.id == leads_to).map(|(entity, _)| entity).or(shown.0);
        }
    }
}

fn open(mut acts: MessageReader<HomeAction>, mut sheet: ResMut<Sheet>) {
    if acts.read().any(|act| *act == HomeAction::NewRoom) {
        sheet.open(NewRoomSheet);
    }
}

fn found(
    mut acts: MessageReader<HomeAction>,
    form: Res<Form>,
    words: Res<Words>,
    mut sheet: ResMut<Sheet>,
    mut entrance: Entrance,
) {
    for act in acts.read() {
        let HomeAction::Found(kind) = *act else {
            continue;
        };
        let written = form.text("title");
        let title = if written.is_empty() { words.say("room-untitled") } else { written.to_owned() };
        if kind == RoomKind::Ephemeral {
            entrance.journey.title = title;
            entrance.go_to_lobby(Destination::NewRoom);
        } else {
            entrance.ask(Wish::Found { title, kind });
        }
        sheet.close();
    }
}

fn draw(
    mut commands: Commands,
    open: Res<Sheet>,
    form: Res<Form>,
    words: Res<Words>,
    old: Query<Entity, With<NewRoomSheet>>,
    mut last: Local<Option<()>>,
) {
    let view = (open.shows(NewRoomSheet)).then_some(());
    redraw(&mut commands, &mut last, view, &old, |commands, ()| {
        sheet(commands, NewRoomSheet, words.say("room-new"), 480.0, |inside| {
            let kept = HomeAction::Found(RoomKind::Kept);
            entry(inside, &form, "title", &words.say("start-room-title"), Some(kept.into()));
            inside.spawn(hint(words.say("room-kept-why")));
            inside.spawn(hint(words.say("room-ephemeral-why")));
            foot(
                inside,
                [
                    Button::plain(Close, words.say("sheet-cancel")),
                    Button::plain(HomeAction::Found(RoomKind::Ephemeral), words.say("room-ephemeral")),
                    Button::main(kept, words.say("room-kept")),
                ],
            );
        });
    });
}
