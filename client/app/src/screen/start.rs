//! The start: a name, a new room, an invitation, the demo.

use bevy::{
    input_focus::{FocusCause, InputFocus},
    prelude::*,
    text::EditableText,
};
use engine::{
    api::JoinFailed,
    invitation::{Invitation, InvitationError},
};

use super::{Destination, Journey, Refusal, Screen, root};
use crate::{
    action::{Act, Action},
    kit::{Field, Icon, Size, Weight, button, column, field, icon, icon_button, radius, row, text, value, wrapping},
    theme::Token,
    words::Words,
};

#[derive(Component)]
struct NameField;

#[derive(Component)]
struct TitleField;

#[derive(Component)]
struct InvitationField;

/// The line that says what went wrong.
#[derive(Component)]
struct RefusalLine;

pub fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Start), draw)
        .add_systems(Update, (go, show_refusal.after(go)).run_if(in_state(Screen::Start)));
}

const WIDTH: f32 = 420.0;
/// In characters; the engine allows 64 bytes.
const LONGEST_NAME: usize = 32;
const LONGEST_TITLE: usize = 64;
const LONGEST_INVITATION: usize = 4096;

fn draw(mut commands: Commands, words: Res<Words>, mut journey: ResMut<Journey>, mut focus: ResMut<InputFocus>) {
    journey.at_once = false;
    let mut name = None;
    commands.spawn(root(Screen::Start)).with_children(|screen| {
        screen
            .spawn(Node { position_type: PositionType::Absolute, right: px(16), top: px(12), ..default() })
            .with_child(icon_button(
                Action::SwitchTheme,
                words.say("switch-theme"),
                Icon::Shade,
                Node { width: px(36), height: px(36), border_radius: BorderRadius::all(px(radius::FIELD)), ..default() },
                Token::Clear,
                Token::Muted,
            ));
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
    });
    if journey.name.is_empty()
        && let Some(name) = name
    {
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
                submits: Some(Action::StartRoom),
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
                submits: Some(Action::StartRoom),
                longest: LONGEST_TITLE,
                height: 44.0,
                lines: 1,
            };
            field(half, words, TitleField, |_| {});
        });
    });
    parent.spawn(button(
        Action::StartRoom,
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
        submits: Some(Action::UseInvitation),
        longest: LONGEST_INVITATION,
        height: 48.0,
        lines: 1,
    };
    field(parent, paste, InvitationField, |frame| {
        frame.spawn(button(
            Action::UseInvitation,
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
    parent
        .spawn(Node { justify_content: JustifyContent::Center, width: percent(100), ..default() })
        .with_child(button(
            Action::OpenDemo,
            words.say("start-demo"),
            None,
            Node { height: px(36), padding: UiRect::horizontal(px(16)), ..default() },
            Token::Clear,
            Token::Muted,
        ));
    name
}

fn show_refusal(
    journey: Res<Journey>,
    words: Res<Words>,
    mut lines: Query<(Ref<RefusalLine>, &mut Text)>,
) {
    for (line, mut text) in &mut lines {
        if journey.is_changed() || line.is_added() {
            let said = journey.refused.map(|refusal| words.say(key(refusal))).unwrap_or_default();
            text.set_if_neq(Text(said));
        }
    }
}

fn key(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Invitation(InvitationError::NotAnInvitation) => "refused-not-an-invitation",
        Refusal::Invitation(InvitationError::Damaged) => "refused-damaged",
        Refusal::Invitation(InvitationError::Newer) => "refused-newer",
        Refusal::Join(JoinFailed::Unreachable) => "refused-unreachable",
        Refusal::Join(JoinFailed::OutsideNetwork) => "refused-outside-network",
        Refusal::Join(JoinFailed::Refused) => "refused-refused",
        Refusal::Join(JoinFailed::Full) => "refused-full",
        Refusal::Join(JoinFailed::TimedOut) => "refused-timed-out",
        Refusal::Join(JoinFailed::Malformed) => "refused-malformed",
        Refusal::Name => "refused-name",
        Refusal::Network => "refused-network",
        Refusal::System => "refused-system",
    }
}

type Only<'w, 's, M> = Option<Single<'w, 's, &'static EditableText, With<M>>>;

fn go(
    mut acts: MessageReader<Act>,
    (name, title, invitation): (Only<NameField>, Only<TitleField>, Only<InvitationField>),
    words: Res<Words>,
    mut journey: ResMut<Journey>,
    mut next: ResMut<NextState<Screen>>,
) {
    for act in acts.read() {
        let destination = match act.0 {
            Action::StartRoom => Ok(Destination::NewRoom),
            Action::OpenDemo => Ok(Destination::Demo),
            Action::UseInvitation => invitation
                .as_ref()
                .map(|field| value(field))
                .unwrap_or_default()
                .trim()
                .parse::<Invitation>()
                .map(Destination::Invited),
            _ => continue,
        };
        journey.name = name.as_ref().map(|field| value(field).trim().to_owned()).unwrap_or_default();
        journey.title = title.as_ref().map(|field| value(field).trim().to_owned()).unwrap_or_default();
        journey.refused = None;
        match destination {
            Err(error) => journey.refused = Some(Refusal::Invitation(error)),
            Ok(Destination::Demo) => {
                if journey.name.is_empty() {
                    journey.name = words.say("tile-you");
                }
                journey.title = words.say("demo-title");
                journey.destination = Some(Destination::Demo);
                journey.at_once = true;
                next.set(Screen::Lobby);
            }
            Ok(_) if journey.name.is_empty() => journey.refused = Some(Refusal::Name),
            Ok(destination) => {
                if journey.title.is_empty() {
                    journey.title = words.say("room-untitled");
                }
                journey.destination = Some(destination);
                next.set(Screen::Lobby);
            }
        }
    }
}
