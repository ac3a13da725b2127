//! The bar under the tiles.

use bevy::{a11y::AccessibilityNode, prelude::*};

use crate::{
    engine::mirror::{Own, Shown, Unread},
    features::chat::ChatOpen,
    ui::{
        action::{Action, Does},
        kit::{Icon, Size, Tip, badge_node, square, text},
        page::Page,
        theme::{Ground, Ink, Token, Weight},
        words::Words,
    },
};

/// A button whose look follows a state.
#[derive(Component)]
struct Switch;

/// The number of unread messages on the chat button.
#[derive(Component)]
struct Badge;

#[derive(Component)]
struct BadgeNumber;

pub fn plugin(app: &mut App) {
    app.add_systems(Update, (turn, count.run_if(in_state(Page::Room))));
}

pub fn microphone(parent: &mut ChildSpawnerCommands<'_>, words: &Words) {
    let label = words.say("bar-microphone");
    parent.spawn((Switch, square(Action::Microphone, label, Icon::Microphone, 52.0, Token::Surface3, Token::Text)));
}

pub fn camera(parent: &mut ChildSpawnerCommands<'_>, words: &Words) {
    let label = words.say("bar-camera");
    parent.spawn((Switch, square(Action::Camera, label, Icon::Camera, 52.0, Token::Surface3, Token::Text)));
}

/// Fills the bottom of the room's screen.
pub fn spawn(parent: &mut ChildSpawnerCommands<'_>, words: &Words) {
    parent
        .spawn(Node {
            height: px(76),
            flex_shrink: 0.0,
            align_items: AlignItems::Center,
            justify_content: JustifyContent::Center,
            column_gap: px(12),
            ..default()
        })
        .with_children(|bar| {
            microphone(bar, words);
            camera(bar, words);
            let chat = square(Action::Chat, words.say("bar-chat"), Icon::Chat, 52.0, Token::Surface3, Token::Text);
            bar.spawn((Switch, chat)).with_children(badge);
            let label = words.say("bar-share");
            bar.spawn((Switch, square(Action::Share, label, Icon::Share, 52.0, Token::Surface3, Token::Text)));
            let plain = [
                (Action::Devices, "bar-devices", Icon::Speaker),
                (Action::Invite, "bar-invite", Icon::Invite),
                (Action::Layout, "bar-layout", Icon::Grid),
            ];
            for (action, key, icon) in plain {
                bar.spawn(square(action, words.say(key), icon, 52.0, Token::Surface3, Token::Text));
            }
            bar.spawn(square(Action::Leave, words.say("bar-leave"), Icon::Leave, 76.0, Token::Stop, Token::OnStop));
        });
}

fn badge(button: &mut ChildSpawnerCommands<'_>) {
    button
        .spawn((
            Badge,
            Node {
                display: Display::None,
                position_type: PositionType::Absolute,
                top: px(-4),
                right: px(-4),
                ..badge_node()
            },
            Ground(Token::Accent),
            Pickable::IGNORE,
        ))
        .with_child((BadgeNumber, text("", Size::Small, Weight::Semibold, Token::OnAccent)));
}

/// How a switch looks: icon, ground, ink, and what pressing it does.
fn look(action: Action, own: &Own, chat: bool, in_room: bool) -> Option<(Icon, Token, Token, &'static str)> {
    Some(match action {
        Action::Microphone if own.microphone_on => {
            (Icon::Microphone, Token::Surface3, Token::Text, "bar-microphone-mute")
        }
        Action::Microphone => {
            let label = if in_room { "bar-microphone-talk" } else { "bar-microphone" };
            (Icon::MicrophoneOff, Token::StopGround, Token::Stop, label)
        }
        Action::Camera if own.camera_lost => (Icon::Trouble, Token::StopGround, Token::Stop, "bar-camera-lost"),
        Action::Camera if own.camera_on => (Icon::Camera, Token::Surface3, Token::Text, "bar-camera-off"),
        Action::Camera => (Icon::CameraOff, Token::StopGround, Token::Stop, "bar-camera"),
        Action::Share if own.screen_on => (Icon::ShareStop, Token::AccentGround, Token::Accent, "bar-share-stop"),
        Action::Share => (Icon::Share, Token::Surface3, Token::Text, "bar-share"),
        Action::Chat if chat => (Icon::Chat, Token::AccentGround, Token::Accent, "bar-chat-close"),
        Action::Chat => (Icon::Chat, Token::Surface3, Token::Text, "bar-chat"),
        _ => return None,
    })
}

fn turn(
    page: Res<State<Page>>,
    own: Res<Own>,
    chat: Res<ChatOpen>,
    words: Res<Words>,
    mut switches: Query<(Ref<Switch>, &Does, &Children, &mut Ground, &mut AccessibilityNode, &mut Tip)>,
    mut icons: Query<(&mut Text, &mut Ink), With<Icon>>,
) {
    for (switch, does, children, mut ground, mut access, mut tip) in &mut switches {
        if !(own.is_changed() || chat.is_changed() || switch.is_added()) {
            continue;
        }
        let Some((icon, on, ink, key)) = look(does.0, &own, chat.0, *page.get() == Page::Room) else {
            continue;
        };
        ground.set_if_neq(Ground(on));
        let label = words.say(key);
        if access.label() != Some(label.as_str()) {
            access.set_label(label.clone());
        }
        tip.set_if_neq(Tip::of(does.0, &label));
        for child in children {
            if let Ok((mut text, mut color)) = icons.get_mut(*child) {
                text.set_if_neq(Text(icon.letter().into()));
                color.set_if_neq(Ink(ink));
            }
        }
    }
}

fn count(
    shown: Res<Shown>,
    rooms: Query<&Unread>,
    mut badges: Query<&mut Node, With<Badge>>,
    mut numbers: Query<&mut Text, With<BadgeNumber>>,
) {
    let unread = shown.0.and_then(|room| rooms.get(room).ok()).copied().unwrap_or_default();
    for mut node in &mut badges {
        let display = if unread.0 > 0 { Display::Flex } else { Display::None };
        if node.display != display {
            node.display = display;
        }
        for mut number in &mut numbers {
            let said = if unread.0 > 99 { "99+".into() } else { unread.0.to_string() };
            number.set_if_neq(Text(said));
        }
    }
}
