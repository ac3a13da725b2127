//! How the chat is drawn.

use accesskit::Role;
use bevy::{a11y::AccessibilityNode, prelude::*, ui_widgets::ScrollArea};

use super::{Draft, LONGEST, List, Message, Nothing, Panel};
use crate::{
    action::Action,
    kit::{Field, Icon, Size, Weight, column, field, figures, icon_button, line, radius, row, text, wrapping},
    theme::{Ground, Token},
    tile::shortened,
    words::Words,
};

/// Spawns the panel, empty and closed.
pub fn spawn(parent: &mut ChildSpawnerCommands<'_>, words: &Words) {
    let node = Node {
        display: Display::None,
        width: px(336),
        height: percent(100),
        flex_shrink: 0.0,
        border_radius: BorderRadius::all(px(radius::TILE)),
        ..column(0.0)
    };
    parent.spawn((Panel, node, Ground(Token::Surface1))).with_children(|panel| {
        panel
            .spawn(Node { height: px(52), padding: UiRect::horizontal(px(16)), flex_shrink: 0.0, ..row(8.0) })
            .with_child(text(words.say("chat-title"), Size::Body, Weight::Semibold, Token::Text));
        panel.spawn(line());
        panel
            .spawn((
                List,
                ScrollArea,
                AccessibilityNode(accesskit::Node::new(Role::Log)),
                Node {
                    flex_grow: 1.0,
                    flex_basis: px(0),
                    min_height: px(0),
                    padding: UiRect::all(px(16)),
                    overflow: Overflow::scroll_y(),
                    ..column(14.0)
                },
            ))
            .with_child((Nothing, wrapping(words.say("chat-nothing"), Size::Body, Weight::Regular, Token::Muted)));
        panel
            .spawn(Node { padding: UiRect::all(px(12)), flex_shrink: 0.0, ..default() })
            .with_children(|foot| write(foot, words));
    });
}

fn write(foot: &mut ChildSpawnerCommands<'_>, words: &Words) {
    let (label, send) = (words.say("chat-placeholder"), words.say("chat-send"));
    let draft = Field {
        label: &label,
        value: "",
        icon: None,
        submits: Some(Action::SendMessage),
        longest: LONGEST,
        height: 44.0,
        lines: 4,
    };
    field(foot, draft, Draft, |frame| {
        frame.spawn(icon_button(
            Action::SendMessage,
            send,
            Icon::Send,
            Node {
                width: px(32),
                height: px(32),
                margin: UiRect::right(px(-8)),
                border_radius: BorderRadius::all(px(radius::CHIP)),
                ..default()
            },
            Token::Clear,
            Token::Accent,
        ));
    });
}

/// A message with its sender, or on accent ground where it is our own.
pub fn message(list: &mut ChildSpawnerCommands<'_>, number: u64, name: &str, said: &str, time: &str, mine: bool) {
    let mut heard = accesskit::Node::new(Role::Label);
    heard.set_value(if mine { format!("{time}: {said}") } else { format!("{name}, {time}: {said}") });
    let heard = (Message { number }, AccessibilityNode(heard));
    if mine {
        let node = Node {
            align_self: AlignSelf::FlexEnd,
            align_items: AlignItems::FlexEnd,
            max_width: percent(88),
            padding: UiRect::axes(px(12), px(8)),
            flex_shrink: 0.0,
            border_radius: BorderRadius { bottom_right: px(2), ..BorderRadius::all(px(12)) },
            ..column(0.0)
        };
        list.spawn((heard, node, Ground(Token::AccentGround))).with_children(|bubble| {
            bubble.spawn(wrapping(said.to_owned(), Size::Body, Weight::Regular, Token::Text));
            bubble.spawn(figures(time.to_owned(), Size::Small, Weight::Regular, Token::Muted));
        });
    } else {
        let node = Node { width: percent(100), flex_shrink: 0.0, ..column(2.0) };
        list.spawn((heard, node)).with_children(|message| {
            message.spawn(row(6.0)).with_children(|head| {
                head.spawn(text(shortened(name, 28), Size::Small, Weight::Semibold, Token::Text));
                head.spawn(figures(time.to_owned(), Size::Small, Weight::Regular, Token::Muted));
            });
            message.spawn(wrapping(said.to_owned(), Size::Body, Weight::Regular, Token::Text));
        });
    }
}
