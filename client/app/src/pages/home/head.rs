//! The head of the room that is shown: who it is, how they stand, and what can be done.

use bevy::prelude::*;
use engine::api::{CallState, ParticipantState, Presence, RoomId, RoomKind, Route, Verification};

use super::{
    HeadPlace,
    row::{in_call, title},
    rule,
};
use crate::{
    engine::{
        journey::JourneyAction,
        mirror::{Known, Me, Person, Rooms, Standing, WayIn, read_only_words, reason, verification},
    },
    features::{about::AboutAction, call::CallAction},
    stage::mark::mark,
    ui::{
        action::AnyAction,
        initials::Initials,
        kit::{Button, Icon, IconButton, Kind, Size, column, icon, measure, row, text},
        theme::{Ground, Token, Weight},
        words::{Words, shortened},
    },
};

#[derive(PartialEq)]
pub struct View {
    id: RoomId,
    title: String,
    under: String,
    verification: Verification,
    inside: bool,
    /// A call goes on in this room, and we are not in it.
    joinable: bool,
    here: bool,
    /// We are in a call somewhere.
    call: Option<String>,
}

/// How the people of a room stand, in a few words.
fn under(kind: Option<RoomKind>, others: &[&ParticipantState], reconnecting: &'static str, words: &Words) -> String {
    if kind != Some(RoomKind::Contact) {
        let here = others.iter().filter(|state| matches!(state.presence, Presence::Here(_))).count();
        let people = words.say_with("header-people", "count", others.len() + 1);
        return format!("{people} · {}", words.say_with("home-present", "count", here));
    }
    words.say(match others.first().map(|state| state.presence) {
        None => "home-invited",
        Some(Presence::Away) => "presence-away-why",
        Some(Presence::Reconnecting) => reconnecting,
        Some(Presence::Here(Route::Direct)) => "presence-direct",
        Some(Presence::Here(Route::Relayed)) => "presence-relayed",
        Some(Presence::Here(Route::Forwarded)) => "presence-forwarded",
    })
}

pub fn draw(
    mut commands: Commands,
    place: Single<(Entity, Ref<HeadPlace>)>,
    rooms: Rooms,
    people: Query<(&Person, &Known), Without<Me>>,
    standing: Res<Standing>,
    words: Res<Words>,
    mut last: Local<Option<View>>,
) {
    let (place, new) = *place;
    let call = rooms.in_call().map(|(_, room)| title(room, &words));
    let view = rooms.shown().map(|(entity, room)| {
        let others: Vec<&ParticipantState> =
            people.iter().filter(|(person, _)| person.room == entity).map(|(_, known)| &known.0).collect();
        View {
            id: room.id,
            title: title(room, &words),
            under: match (room.way_in, room.read_only) {
                (WayIn::In, Some(why)) => words.say(read_only_words(why)),
                (WayIn::In, None) => under(room.kind, &others, reason(standing.0), &words),
                (WayIn::Entering, _) => words.say("lobby-entering"),
                (WayIn::Waiting, _) => words.say("home-waiting"),
            },
            verification: verification(others.iter().map(|state| state.verification)),
            inside: room.way_in == WayIn::In && !others.is_empty(),
            joinable: room.call == CallState::None && in_call(&others) > 0,
            here: matches!(room.call, CallState::In | CallState::Calling),
            call: call.clone(),
        }
    });
    if *last == view && !new.is_added() {
        return;
    }
    commands.entity(place).despawn_children().with_children(|place| {
        if let Some(call) = view.as_ref().map_or(call, |view| view.call.clone()) {
            going_on(place, &call, &words);
        }
        if let Some(view) = &view {
            fill(place, view, &words);
            rule(place);
        }
    });
    *last = view;
}

/// A call goes on while other rooms are looked at.
fn going_on(place: &mut ChildSpawnerCommands<'_>, title: &str, words: &Words) {
    let node = Node { height: px(48), padding: UiRect::horizontal(px(24)), flex_shrink: 0.0, ..row(12.0) };
    place.spawn((node, Ground(Token::AccentGround))).with_children(|line| {
        line.spawn(icon(Icon::Call, 16.0, Token::Accent));
        let said = words.say_with("home-call-goes-on", "room", shortened(title, 32));
        line.spawn(text(said, Size::Body, Weight::Medium, Token::Text));
        line.spawn(Node { flex_grow: 1.0, ..default() });
        let back = words.say("home-return");
        line.spawn(Button::main(JourneyAction::ReturnToCall, back).small().bundle());
        let leave = words.say("home-hang-up");
        line.spawn(Button::new(Kind::Stop, JourneyAction::Leave, leave).small().bundle());
    });
}

fn fill(place: &mut ChildSpawnerCommands<'_>, view: &View, words: &Words) {
    let node =
        Node { height: px(measure::HOME_HEADER), padding: UiRect::horizontal(px(24)), flex_shrink: 0.0, ..row(8.0) };
    place.spawn(node).with_children(|head| {
        head.spawn(Initials::small(&view.title, 36.0)).with_child(Initials::letters(&view.title, 36.0));
        let middle = Node {
            flex_grow: 1.0,
            flex_basis: px(0),
            min_width: px(0),
            margin: UiRect::left(px(6)),
            overflow: Overflow::clip(),
            ..column(2.0)
        };
        head.spawn(middle).with_children(|middle| {
            middle.spawn(row(6.0)).with_children(|top| {
                top.spawn(text(shortened(&view.title, 40), Size::Body, Weight::Semibold, Token::Text));
                if view.verification != Verification::Not {
                    mark(top, view.verification, words);
                }
            });
            middle.spawn(text(shortened(&view.under, 80), Size::Small, Weight::Regular, Token::Muted));
        });
        if view.joinable {
            let join = words.say("start-join");
            head.spawn(Button::main(CallAction::Call, join).icon(Icon::Call).bundle());
        } else if view.inside && !view.here {
            head.spawn(square(CallAction::Call, words.say("call-plain"), Icon::Call));
            head.spawn(square(CallAction::CallWithVideo, words.say("call-video"), Icon::Camera));
        }
        head.spawn(square(AboutAction::Open, words.say("about-more"), Icon::More));
    });
}

fn square(action: impl Into<AnyAction>, label: String, shown: Icon) -> impl Bundle {
    IconButton::new(Kind::Plain, action, label, shown).large().bundle()
}
