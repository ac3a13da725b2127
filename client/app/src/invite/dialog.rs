//! The dialog with the invitation.

use accesskit::Role;
use bevy::{a11y::AccessibilityNode, input_focus::tab_navigation::TabGroup, prelude::*};

use super::{Dialog, Invitations, qr};
use crate::{
    action::Action,
    kit::{Icon, Size, Weight, button, column, icon_button, panel, radius, text, wrapping},
    screen::Screen,
    theme::{Edge, Ground, Token},
    tile::shortened,
    words::Words,
};

/// The side that the picture may take, in logical pixels.
const SIDE: usize = 256;

pub fn spawn(
    commands: &mut Commands<'_, '_>,
    words: &Words,
    title: &str,
    invitations: &Invitations,
    images: &mut Assets<Image>,
) {
    let title = words.say_with("invite-title", "room", shortened(title, 28));
    let mut heard = accesskit::Node::new(Role::Dialog);
    heard.set_label(title.clone());
    let veil = (
        Dialog,
        DespawnOnExit(Screen::Room),
        TabGroup::modal(),
        AccessibilityNode(heard),
        Node {
            position_type: PositionType::Absolute,
            width: percent(100),
            height: percent(100),
            align_items: AlignItems::Center,
            justify_content: JustifyContent::Center,
            ..default()
        },
        Ground(Token::Veil),
        GlobalZIndex(100),
    );
    let link = invitations.newest.as_ref().map(ToString::to_string);
    commands.spawn(veil).with_children(|veil| {
        let node = Node { padding: UiRect::all(px(24)), column_gap: px(24), ..default() };
        veil.spawn(panel(node)).with_children(|inside| {
            let code = link.as_deref().and_then(qr::picture);
            inside.spawn(paper()).with_children(|paper| {
                if let Some((image, modules)) = code {
                    let side = (modules * (SIDE / modules).max(1)) as f32;
                    paper.spawn((
                        ImageNode::new(images.add(image)).with_mode(NodeImageMode::Stretch),
                        Node { width: px(side), height: px(side), ..default() },
                        Pickable::IGNORE,
                    ));
                } else {
                    paper.spawn(text(words.say("invite-making"), Size::Small, Weight::Medium, Token::OnPaper));
                }
            });
            inside.spawn(Node { width: px(268), ..column(12.0) }).with_children(|right| {
                explain(right, words, title, link.as_deref(), invitations.copied);
            });
        });
    });
}

fn paper() -> impl Bundle {
    (
        Node {
            width: px(SIDE as f32 + 16.0),
            height: px(SIDE as f32 + 16.0),
            align_items: AlignItems::Center,
            justify_content: JustifyContent::Center,
            border_radius: BorderRadius::all(px(radius::TILE)),
            flex_shrink: 0.0,
            ..default()
        },
        Ground(Token::Paper),
    )
}

fn explain(right: &mut ChildSpawnerCommands<'_>, words: &Words, title: String, link: Option<&str>, copied: bool) {
    right.spawn(wrapping(title, Size::Title, Weight::Semibold, Token::Text));
    right.spawn(wrapping(words.say("invite-how"), Size::Body, Weight::Regular, Token::Muted));
    right
        .spawn((
            Node {
                width: percent(100),
                height: px(44),
                padding: UiRect::new(px(14), px(6), px(0), px(0)),
                column_gap: px(8),
                align_items: AlignItems::Center,
                border: UiRect::all(px(1)),
                border_radius: BorderRadius::all(px(radius::FIELD)),
                ..default()
            },
            Ground(Token::Surface2),
            Edge(Token::Line),
        ))
        .with_children(|field| {
            let shown = link.map_or_else(|| words.say("invite-making"), |link| shortened(link, 25));
            field.spawn(text(shown, Size::Body, Weight::Regular, Token::Muted));
            field.spawn(Node { flex_grow: 1.0, ..default() });
            field.spawn(icon_button(
                Action::CopyInvitation,
                words.say("invite-copy"),
                if copied { Icon::Check } else { Icon::Copy },
                Node { width: px(32), height: px(32), border_radius: BorderRadius::all(px(radius::CHIP)), ..default() },
                Token::Clear,
                if copied { Token::Good } else { Token::Accent },
            ));
        });
    right.spawn((
        Node { height: px(16), ..default() },
        children![text(
            if copied { words.say("invite-copied") } else { String::new() },
            Size::Small,
            Weight::Medium,
            Token::Good,
        )],
    ));
    right.spawn(Node { flex_grow: 1.0, ..default() });
    right
        .spawn(Node { width: percent(100), justify_content: JustifyContent::FlexEnd, column_gap: px(12), ..default() })
        .with_children(|foot| {
            let node = || Node { height: px(40), padding: UiRect::horizontal(px(16)), ..default() };
            foot.spawn(button(
                Action::CopyInvitation,
                words.say("invite-copy"),
                None,
                node(),
                Token::Surface3,
                Token::Text,
            ));
            foot.spawn(button(Action::Close, words.say("invite-done"), None, node(), Token::Accent, Token::OnAccent));
        });
}
