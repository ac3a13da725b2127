//! The panel of a ringing call.

use accesskit::{Live, Role};
use bevy::{a11y::AccessibilityNode, input_focus::tab_navigation::TabGroup, prelude::*, window::PrimaryWindow};
use engine::api::{CallState, RoomKind};

use crate::{
    engine::{
        mirror::{Person, Room, Rooms},
        profile::Opened,
    },
    features::call::CallAction,
    ui::{
        action::AnyAction,
        initials::Initials,
        kit::{Button, Icon, Kind, OverSheets, Size, column, hint, panel, redraw, row, text},
        theme::{Token, Weight},
        words::{Words, isolated, shortened},
    },
};

#[derive(Component)]
struct Ring;

#[derive(PartialEq)]
struct View {
    name: String,
    /// The room's title, where it is not the caller's own.
    room: Option<String>,
    video: bool,
    /// The call that answering ends.
    ends: Option<Ends>,
}

#[derive(PartialEq)]
struct Ends {
    title: String,
    /// An ephemeral room is left with its call.
    for_good: bool,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (draw, come_to_front));
}

fn draw(
    mut commands: Commands,
    rooms: Rooms,
    people: Query<&Person>,
    words: Res<Words>,
    old: Query<Entity, With<Ring>>,
    mut last: Local<Option<View>>,
) {
    let view = rooms.ringing().and_then(|(entity, room)| {
        let CallState::Ringing { by, video } = room.call else { return None };
        let caller = people.iter().find(|person| person.room == entity && person.member == by);
        let contact = room.kind == Some(RoomKind::Contact);
        let name = match (contact, caller) {
            (false, Some(caller)) => caller.name.clone(),
            _ => room.title.clone(),
        };
        let ends = rooms.in_call().map(|(_, former)| Ends {
            title: former.title.clone(),
            for_good: former.kind == Some(RoomKind::Ephemeral),
        });
        Some(View { name, room: (!contact).then(|| room.title.clone()), video, ends })
    });
    redraw(&mut commands, &mut last, view, &old, |commands, view| spawn(commands, view, &words));
}

fn spawn(commands: &mut Commands<'_, '_>, view: &View, words: &Words) {
    let said = match (view.video, &view.room) {
        (true, None) => words.say("ring-video"),
        (false, None) => words.say("ring-plain"),
        (_, Some(room)) => words.say_with("ring-room", "room", shortened(room, 28)),
    };
    let mut heard = accesskit::Node::new(Role::AlertDialog);
    heard.set_live(Live::Assertive);
    heard.set_label(format!("{}: {said}", isolated(&view.name)));
    let place = Node {
        position_type: PositionType::Absolute,
        top: px(16),
        width: percent(100),
        justify_content: JustifyContent::Center,
        ..default()
    };
    commands.spawn((Ring, OverSheets, place, TabGroup::new(-1), GlobalZIndex(150), Pickable::IGNORE)).with_children(
        |place| {
            let width = px(if view.ends.is_some() { 620 } else { 440 });
            let node = Node { width, max_width: percent(96), padding: UiRect::all(px(18)), ..column(16.0) };
            let shadow = BoxShadow::new(Color::BLACK.with_alpha(0.6), px(0), px(8), px(0), px(32));
            place.spawn((panel(node), shadow, AccessibilityNode(heard))).with_children(|inside| {
                inside.spawn(row(14.0)).with_children(|who| {
                    who.spawn(Initials::small(&view.name, 48.0)).with_child(Initials::letters(&view.name, 48.0));
                    who.spawn(column(2.0)).with_children(|words| {
                        words.spawn(text(shortened(&view.name, 30), Size::Title, Weight::Semibold, Token::Text));
                        words.spawn(text(said, Size::Body, Weight::Regular, Token::Muted));
                    });
                });
                if let Some(ends) = &view.ends {
                    let key = if ends.for_good { "ring-ends-for-good" } else { "ring-ends" };
                    inside.spawn(hint(words.say_with(key, "name", shortened(&ends.title, 28))));
                }
                answers(inside, view, words);
                hints(inside, view);
            });
        },
    );
}

/// The buttons that take the call or decline it.
fn answers(inside: &mut ChildSpawnerCommands<'_>, view: &View, words: &Words) {
    let decline = Button::new(Kind::Stop, CallAction::Decline, words.say("ring-decline")).icon(Icon::Leave);
    let kind = if view.video { Kind::Plain } else { Kind::Main };
    let [plain, with_video] = match &view.ends {
        None => ["ring-accept", "ring-accept-video"],
        Some(Ends { for_good: false, .. }) => ["ring-end-and-answer", "ring-end-and-answer-video"],
        Some(Ends { for_good: true, .. }) => ["ring-leave-and-answer", "ring-leave-and-answer-video"],
    };
    let answer = Button::new(kind, CallAction::Answer, words.say(plain)).icon(Icon::Call);
    let video = Button::main(CallAction::AnswerWithVideo, words.say(with_video)).icon(Icon::Camera);
    inside.spawn(Node { width: percent(100), ..row(10.0) }).with_children(|foot| {
        for button in [decline, answer].into_iter().chain(view.video.then_some(video)) {
            foot.spawn(button.size(44.0, 0.0).shared().bundle());
        }
    });
}

/// The keys of the buttons, under them.
fn hints(inside: &mut ChildSpawnerCommands<'_>, view: &View) {
    let actions = [CallAction::Decline, CallAction::Answer, CallAction::AnswerWithVideo];
    let shown = actions.into_iter().take(if view.video { 3 } else { 2 });
    inside.spawn(Node { justify_content: JustifyContent::SpaceAround, ..default() }).with_children(|hints| {
        for key in shown.filter_map(|action| AnyAction::from(action).key()) {
            hints.spawn(text(key, Size::Small, Weight::Regular, Token::Muted));
        }
    });
}

/// Where the profile wants it, the window comes to the front when it rings.
fn come_to_front(
    rooms: Query<&Room>,
    opened: Res<Opened>,
    window: Option<Single<&mut Window, With<PrimaryWindow>>>,
    mut rang: Local<bool>,
) {
    let rings = rooms.iter().any(|room| matches!(room.call, CallState::Ringing { .. }));
    let wanted = opened.0.as_ref().is_some_and(|open| open.face.notify);
    if rings
        && !*rang
        && wanted
        && let Some(mut window) = window
    {
        window.set_minimized(false);
        window.focused = true;
    }
    *rang = rings;
}
