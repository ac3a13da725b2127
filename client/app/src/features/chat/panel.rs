//! How the chat is drawn.

use accesskit::Role;
use bevy::{a11y::AccessibilityNode, prelude::*, ui_widgets::ScrollArea};

use super::{Draft, LONGEST, choosing, list::List};
use crate::{
    features::chat::ChatAction,
    ui::{
        kit::{Field, Icon, IconButton, Kind, Size, column, field, line, measure, radius, row, text},
        theme::{Ground, Token, Weight},
        words::Words,
    },
};

/// Where a chat is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Beside the tiles, where it opens and closes.
    Beside,
    /// At home, where it is all there is of a room.
    Whole,
}

/// The panel beside the tiles.
#[derive(Component)]
pub struct Panel;

/// Spawns the chat of the room that is shown; beside the tiles it is closed at first.
pub fn spawn(parent: &mut ChildSpawnerCommands<'_>, words: &Words, place: Place) {
    match place {
        Place::Beside => {
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
                    .spawn(Node {
                        height: px(measure::HEADER),
                        padding: UiRect::horizontal(px(16)),
                        flex_shrink: 0.0,
                        ..row(8.0)
                    })
                    .with_child(text(words.say("chat-title"), Size::Body, Weight::Semibold, Token::Text));
                panel.spawn(line());
                fill(panel, words, place);
            });
        }
        Place::Whole => {
            let node = Node { flex_grow: 1.0, flex_basis: px(0), min_height: px(0), ..column(0.0) };
            parent.spawn(node).with_children(|panel| fill(panel, words, place));
        }
    }
}

fn fill(panel: &mut ChildSpawnerCommands<'_>, words: &Words, place: Place) {
    let around = match place {
        Place::Beside => 16.0,
        Place::Whole => 24.0,
    };
    let mut heard = accesskit::Node::new(Role::Log);
    heard.set_label(words.say("chat-title"));
    panel.spawn((
        List::default(),
        ScrollArea,
        AccessibilityNode(heard),
        Node {
            flex_grow: 1.0,
            flex_basis: px(0),
            min_height: px(0),
            padding: UiRect::all(px(around)),
            overflow: Overflow::scroll_y(),
            ..column(14.0)
        },
    ));
    panel.spawn(choosing::bar());
    panel
        .spawn(Node { padding: UiRect::axes(px(around - 4.0), px(12)), flex_shrink: 0.0, ..default() })
        .with_children(|foot| write(foot, words, place));
}

fn write(foot: &mut ChildSpawnerCommands<'_>, words: &Words, place: Place) {
    let label = words.say(match place {
        Place::Beside => "chat-placeholder",
        Place::Whole => "chat-write",
    });
    let send = words.say("chat-send");
    let draft = Field {
        label: &label,
        value: "",
        icon: None,
        submits: Some(ChatAction::Send.into()),
        longest: LONGEST,
        height: measure::FIELD,
        lines: 4,
    };
    field(foot, draft, Draft, |frame| {
        frame.spawn(
            IconButton::new(Kind::Clear, ChatAction::Send, send, Icon::Send)
                .small()
                .ink(Token::Accent)
                .with(|node| node.margin = UiRect::right(px(-8)))
                .bundle(),
        );
    });
}
