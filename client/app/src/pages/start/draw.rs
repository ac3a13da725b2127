//! How the start is drawn.

use bevy::{
    input_focus::{FocusCause, InputFocus},
    prelude::*,
};

use super::{InvitationField, NameField, RefusalLine, TitleField};
use crate::{
    engine::journey::{Destination, Journey, JourneyAction},
    pages::start::StartAction,
    ui::{
        kit::{Field, Icon, Size, button, column, field, icon, icon_button, radius, row, text, wrapping},
        page::{Page, root},
        theme::{SwitchTheme, Token, Weight},
        words::Words,
    },
};

const WIDTH: f32 = 420.0;
/// In characters; the engine allows 64 bytes.
const LONGEST_NAME: usize = 32;
const LONGEST_TITLE: usize = 64;
const LONGEST_INVITATION: usize = 4096;

pub fn draw(mut commands: Commands, words: Res<Words>, mut journey: ResMut<Journey>, mut focus: ResMut<InputFocus>) {
    journey.at_once = false;
    let mut name = None;
    commands.spawn(root(Page::Start)).with_children(|screen| {
        screen
            .spawn(Node {
                flex_grow: 1.0,
                align_items: AlignItems::Center,
                justify_content: JustifyContent::Center,
                ..default()
            })
            .with_children(|middle| {
                middle.spawn(Node { width: px(WIDTH), ..column(14.0) }).with_children(|column| {
                    name = Some(fill(column, &words, &journey));
                });
            });
        // After what fills the middle, which would cover them from the pointer.
        screen
            .spawn(Node { position_type: PositionType::Absolute, left: px(16), top: px(12), ..default() })
            .with_child(button(
                JourneyAction::GoBack,
                words.say("start-profiles"),
                Some(Icon::Profile),
                Node { height: px(36), padding: UiRect::horizontal(px(12)), ..default() },
                Token::Clear,
                Token::Muted,
            ));
        screen
            .spawn(Node { position_type: PositionType::Absolute, right: px(16), top: px(12), ..default() })
            .with_child(icon_button(
                SwitchTheme,
                words.say("switch-theme"),
                Icon::Shade,
                Node {
                    width: px(36),
                    height: px(36),
                    border_radius: BorderRadius::all(px(radius::FIELD)),
                    ..default()
                },
                Token::Clear,
                Token::Muted,
            ));
    });
    if let Some(name) = name {
        focus.set(name, FocusCause::Navigated);
    }
}

fn fill(parent: &mut ChildSpawnerCommands<'_>, words: &Words, journey: &Journey) -> Entity {
    parent.spawn(icon(Icon::Door, 44.0, Token::Accent));
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
        let half = Node { flex_grow: 1.0, flex_basis: px(0), ..default() };
        let label = words.say("start-name");
        row.spawn(half.clone()).with_children(|half| {
            let words = Field {
                label: &label,
                value: &journey.name,
                icon: None,
                submits: Some(StartAction::StartRoom.into()),
                longest: LONGEST_NAME,
                height: 44.0,
                lines: 1,
            };
            name = field(half, words, NameField, |_| {});
        });
        let label = words.say("start-room-title");
        row.spawn(half).with_children(|half| {
            let words = Field {
                label: &label,
                value: &journey.title,
                icon: None,
                submits: Some(StartAction::StartRoom.into()),
                longest: LONGEST_TITLE,
                height: 44.0,
                lines: 1,
            };
            field(half, words, TitleField, |_| {});
        });
    });
    parent.spawn(button(
        StartAction::StartRoom,
        words.say("start-room"),
        Some(Icon::Camera),
        Node { height: px(48), width: percent(100), ..default() },
        Token::Accent,
        Token::OnAccent,
    ));
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
        height: 48.0,
        lines: 1,
    };
    field(parent, paste, InvitationField, |frame| {
        frame.spawn(button(
            StartAction::UseInvitation,
            join,
            None,
            Node { height: px(34), padding: UiRect::horizontal(px(16)), margin: UiRect::right(px(-8)), ..default() },
            Token::Surface3,
            Token::Text,
        ));
    });
    parent.spawn((
        RefusalLine,
        Node { width: percent(100), min_height: px(20), ..default() },
        wrapping("", Size::Body, Weight::Regular, Token::Stop),
    ));
    parent.spawn(Node { justify_content: JustifyContent::Center, width: percent(100), ..default() }).with_child(
        button(
            StartAction::OpenDemo,
            words.say("start-demo"),
            None,
            Node { height: px(36), padding: UiRect::horizontal(px(16)), ..default() },
            Token::Clear,
            Token::Muted,
        ),
    );
    name
}
