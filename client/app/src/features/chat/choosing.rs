//! What is done with a message: it is answered, reacted to, edited or deleted.

use bevy::{
    input_focus::{FocusCause, InputFocus},
    prelude::*,
    text::EditableText,
};
use engine::api::{Body, Line, MessageId, RoomWish, Wish};

use super::{ChatAction, Draft, line};
use crate::{
    engine::{
        door::Wished,
        mirror::{Lines, Room, Shown},
    },
    ui::{
        kit::{Button, Icon, IconButton, Kind, Size, column, row, text},
        theme::{Token, Weight},
        words::{Words, shortened},
    },
};

/// Reactions that are one click away.
pub const QUICK: [&str; 5] = ["👍", "❤", "😂", "😮", "🙏"];

/// The message that something is done with.
#[derive(Resource, Default)]
pub struct Chosen(Option<Choice>);

#[derive(Clone, Copy)]
struct Choice {
    room: Entity,
    message: MessageId,
    is_edited: bool,
}

/// Above the field: the message that was chosen, and what can be done with it.
#[derive(Component)]
pub struct ChoiceBar;

pub fn bar() -> impl Bundle {
    let node = Node { display: Display::None, padding: UiRect::axes(px(16), px(8)), flex_shrink: 0.0, ..column(8.0) };
    (ChoiceBar, node)
}

impl Chosen {
    /// What the text in the field is wished for, in this room.
    pub fn said(&mut self, room: Entity, text: String) -> RoomWish {
        match self.0.take_if(|choice| choice.room == room) {
            Some(Choice { message, is_edited: true, .. }) => RoomWish::Edit { message, text },
            Some(Choice { message, .. }) => RoomWish::Reply { to: message, text },
            None => RoomWish::Say(text),
        }
    }
}

fn find(lines: &Lines, message: MessageId) -> Option<&Line> {
    lines.all.iter().find(|line| line.message == Some(message))
}

/// Chooses a message, and does at once what needs no text.
pub fn choose(
    mut acts: MessageReader<ChatAction>,
    mut chosen: ResMut<Chosen>,
    shown: Res<Shown>,
    rooms: Query<(&Room, &Lines)>,
    draft: Option<Single<(Entity, &mut EditableText), With<Draft>>>,
    mut focus: ResMut<InputFocus>,
    mut wishes: MessageWriter<Wished>,
) {
    let mut draft = draft;
    for act in acts.read() {
        let Some(entity) = shown.0 else { continue };
        let Ok((room, lines)) = rooms.get(entity) else { continue };
        if let ChatAction::Choose(index) = *act {
            let message = lines.all.get(index).and_then(|line| line.message);
            chosen.0 = message.map(|message| Choice { room: entity, message, is_edited: false });
            if let Some(draft) = &draft {
                focus.set(draft.0, FocusCause::Navigated);
            }
            continue;
        }
        let Some(choice) = chosen.0.filter(|choice| choice.room == entity) else { continue };
        let message = choice.message;
        let wish = match *act {
            ChatAction::React(nth) => {
                let reacted = find(lines, message).zip(QUICK.get(nth));
                let has = |line: &Line, sign: &str| line.reactions.iter().any(|old| old.mine && old.sign == sign);
                reacted.map(|(line, sign)| {
                    let signs = if has(line, sign) { Vec::new() } else { vec![(*sign).to_owned()] };
                    RoomWish::React { message, signs }
                })
            }
            ChatAction::DeleteChosen => Some(RoomWish::Delete { message }),
            ChatAction::EditChosen => {
                let text = find(lines, message).and_then(|line| match &line.body {
                    Body::Text(text) => Some(text.clone()),
                    _ => None,
                });
                if let (Some(draft), Some(text)) = (&mut draft, text) {
                    draft.1.editor.set_text(&text);
                    focus.set(draft.0, FocusCause::Navigated);
                    chosen.0 = Some(Choice { is_edited: true, ..choice });
                }
                continue;
            }
            ChatAction::Unchoose => None,
            _ => continue,
        };
        wishes.write_batch(wish.map(|wish| Wished(Wish::InRoom { room: room.id, wish })));
        chosen.0 = None;
    }
}

/// Shows what is chosen; nothing in another room, and nothing that is gone.
pub fn show(
    mut commands: Commands,
    chosen: Res<Chosen>,
    shown: Res<Shown>,
    rooms: Query<&Lines>,
    mut bars: Query<(Entity, Ref<ChoiceBar>, &mut Node)>,
    words: Res<Words>,
) {
    for (entity, bar, mut node) in &mut bars {
        if !chosen.is_changed() && !shown.is_changed() && !bar.is_added() {
            continue;
        }
        let choice = chosen.0.filter(|choice| Some(choice.room) == shown.0);
        let line = choice.and_then(|choice| find(rooms.get(choice.room).ok()?, choice.message));
        let mut bar = commands.entity(entity);
        bar.despawn_children();
        node.display = if line.is_some() { Display::Flex } else { Display::None };
        let (Some(choice), Some(line)) = (choice, line) else { continue };
        bar.with_children(|bar| fill(bar, &words, line, choice.is_edited));
    }
}

fn fill(bar: &mut ChildSpawnerCommands<'_>, words: &Words, line: &Line, is_edited: bool) {
    let title = match is_edited {
        true => words.say("chat-editing"),
        false => words.say_with("chat-replying", "name", shortened(&line.name, 28)),
    };
    bar.spawn(row(8.0)).with_children(|head| {
        head.spawn(Node {
            flex_grow: 1.0,
            flex_basis: px(0),
            min_width: px(0),
            overflow: Overflow::clip(),
            ..column(2.0)
        })
        .with_children(|about| {
            about.spawn(text(title, Size::Small, Weight::Semibold, Token::Accent));
            let said = line::summary(words, line.mine, &line.body);
            about.spawn(text(shortened(&said, 60), Size::Small, Weight::Regular, Token::Muted));
        });
        let close = words.say("chat-choose-nothing");
        head.spawn(IconButton::new(Kind::Clear, ChatAction::Unchoose, close, Icon::Down).small().bundle());
    });
    if is_edited {
        return;
    }
    bar.spawn(Node { flex_wrap: FlexWrap::Wrap, row_gap: px(6), ..row(6.0) }).with_children(|does| {
        for (nth, sign) in QUICK.iter().enumerate() {
            does.spawn(Button::new(Kind::Clear, ChatAction::React(nth), (*sign).to_owned()).small().bundle());
        }
        if line.mine {
            if matches!(line.body, Body::Text(_)) {
                let edit = words.say("chat-edit");
                does.spawn(Button::new(Kind::Clear, ChatAction::EditChosen, edit).small().bundle());
            }
            let delete = words.say("chat-delete");
            does.spawn(Button::new(Kind::Stop, ChatAction::DeleteChosen, delete).small().bundle());
        }
    });
}
