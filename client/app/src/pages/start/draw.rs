//! How the start is drawn.

use bevy::{
    input_focus::{FocusCause, InputFocus},
    prelude::*,
};

use super::{InvitationField, NameField, RefusalLine, TitleField};
use crate::{
    engine::{
        choices::Choices,
        journey::{Destination, Journey, JourneyAction},
    },
    pages::start::StartAction,
    ui::{
        kit::{Button, Field, Icon, IconButton, Kind, Size, column, field, icon, measure, middle, row, text, wrapping},
        page::{Page, root},
        theme::{SwitchTheme, Token, Weight},
        words::Words,
    },
};

/// In characters; the engine allows 64 bytes.
const LONGEST_NAME: usize = 32;
const LONGEST_TITLE: usize = 64;
const LONGEST_INVITATION: usize = 4096;

pub fn draw(
    mut commands: Commands,
    words: Res<Words>,
    choices: Res<Choices>,
    mut journey: ResMut<Journey>,
    mut focus: ResMut<InputFocus>,
) {
    journey.at_once = false;
    let mut name = None;
    commands.spawn(root(Page::Start)).with_children(|page| {
        page.spawn(middle()).with_children(|middle| {
            middle.spawn(Node { width: px(measure::COLUMN), ..column(14.0) }).with_children(|column| {
                name = Some(fill(column, &words, &choices.name, &journey));
            });
        });
        // After what fills the middle, which would cover them from the pointer.
        page.spawn(Node { position_type: PositionType::Absolute, left: px(16), top: px(12), ..default() }).with_child(
            Button::new(Kind::Quiet, JourneyAction::GoBack, words.say("start-profiles"))
                .icon(Icon::Profile)
                .low()
                .bundle(),
        );
        page.spawn(Node { position_type: PositionType::Absolute, right: px(16), top: px(12), ..default() })
            .with_child(IconButton::new(Kind::Quiet, SwitchTheme, words.say("switch-theme"), Icon::Shade).bundle());
    });
    if let Some(name) = name {
        focus.set(name, FocusCause::Navigated);
    }
}

fn fill(parent: &mut ChildSpawnerCommands<'_>, words: &Words, own_name: &str, journey: &Journey) -> Entity {
    parent.spawn(icon(Icon::Door, measure::SIGN, Token::Accent));
    parent.spawn((
        Node { margin: UiRect::top(px(4)), ..default() },
        children![text(words.say("start-title"), Size::Large, Weight::Semibold, Token::Text)],
    ));
    parent.spawn((
        Node { margin: UiRect::bottom(px(10)), ..default() },
        children![wrapping(words.say("start-promise"), Size::Body, Weight::Regular, Token::Muted)],
    ));
    let mut name = Entity::PLACEHOLDER;
    parent.spawn(Node { width: percent(100), ..row(12.0) }).with_children(|row| {
        name = half(row, words.say("start-name"), own_name, LONGEST_NAME, NameField);
        half(row, words.say("start-room-title"), &journey.title, LONGEST_TITLE, TitleField);
    });
    let start = Button::main(StartAction::StartRoom, words.say("start-room"));
    parent.spawn(start.icon(Icon::Camera).full(measure::MAIN).bundle());
    paste(parent, words, journey);
    parent.spawn((
        RefusalLine,
        Node { width: percent(100), min_height: px(20), ..default() },
        wrapping("", Size::Body, Weight::Regular, Token::Stop),
    ));
    let demo = Button::new(Kind::Quiet, StartAction::OpenDemo, words.say("start-demo")).size(36.0, 16.0);
    let middle = Node { justify_content: JustifyContent::Center, width: percent(100), ..default() };
    parent.spawn(middle).with_child(demo.bundle());
    name
}

/// A field that takes half of the row.
fn half<M: Bundle>(
    row: &mut ChildSpawnerCommands<'_>,
    label: String,
    value: &str,
    longest: usize,
    marker: M,
) -> Entity {
    let submits = Some(StartAction::StartRoom.into());
    let words = Field { label: &label, value, icon: None, submits, longest, height: measure::FIELD, lines: 1 };
    let mut entity = Entity::PLACEHOLDER;
    row.spawn(Node { flex_grow: 1.0, flex_basis: px(0), ..default() })
        .with_children(|half| entity = field(half, words, marker, |_| {}));
    entity
}

/// The field that an invitation is pasted into, with its button.
fn paste(parent: &mut ChildSpawnerCommands<'_>, words: &Words, journey: &Journey) {
    let (label, join) = (words.say("start-paste"), words.say("start-join"));
    let invited = match &journey.destination {
        Some(Destination::Invited(invitation)) => invitation.to_string(),
        _ => String::new(),
    };
    let paste = Field {
        label: &label,
        value: &invited,
        icon: Some(Icon::Link),
        submits: Some(StartAction::UseInvitation.into()),
        longest: LONGEST_INVITATION,
        height: measure::MAIN,
        lines: 1,
    };
    field(parent, paste, InvitationField, |frame| {
        let join = Button::plain(StartAction::UseInvitation, join).size(34.0, 16.0);
        frame.spawn(join.with(|node| node.margin = UiRect::right(px(-8))).bundle());
    });
}
