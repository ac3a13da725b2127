//! How a line of the chat is drawn.

use std::fmt::Display;

use accesskit::Role;
use bevy::{a11y::AccessibilityNode, prelude::*};
use chrono::{DateTime, Local as LocalTime, TimeZone};
use engine::api::{Body, CallOutcome, Line};

use super::Message;
use crate::{
    engine::mirror::Lines,
    features::chat::ChatAction,
    ui::{
        kit::{Button, Icon, IconButton, Kind, Size, column, figures, icon, radius, row, text, wrapping},
        theme::{Edge, Ground, Token, Weight},
        words::{Words, isolated, shortened},
    },
};

/// The words under an own line that say whether everybody has it.
#[derive(Component)]
pub struct Mark {
    pub sequence: u64,
    pub time: String,
}

/// Different reactions that are drawn at one line.
const SIGNS: usize = 8;
/// The last millisecond of the year 9999.
const LAST_MS: i64 = 253_402_300_799_999;

/// Hours and minutes of this machine's clock, with the day before them where it is not today.
///
/// Nothing for a time before 1970 or after the year 9999, which only a wrong clock or a liar says: further out there
/// are times that have no local one.
pub fn time(at_ms: i64) -> String {
    shown_at(at_ms, &LocalTime::now())
}

fn shown_at<Zone: TimeZone>(at_ms: i64, now: &DateTime<Zone>) -> String
where
    Zone::Offset: Display,
{
    let shown = DateTime::from_timestamp_millis(at_ms).filter(|_| (0..=LAST_MS).contains(&at_ms));
    let Some(at) = shown else {
        return String::new();
    };
    let at = at.with_timezone(&now.timezone());
    let is_today = now.date_naive() == at.date_naive();
    at.format(if is_today { "%H:%M" } else { "%d.%m. %H:%M" }).to_string()
}

/// The words under an own line.
pub fn mark(words: &Words, time: &str, delivered: bool) -> String {
    let state = words.say(if delivered { "chat-delivered" } else { "chat-waiting" });
    format!("{time} · {state}")
}

/// A line in one sentence, for lists and for those who hear it.
pub fn summary(words: &Words, mine: bool, body: &Body) -> String {
    match body {
        Body::Text(text) => shortened(text, 200),
        Body::Invitation { title, .. } => words.say_with("chat-brings", "room", shortened(title, 40)),
        Body::NeedsNewerVersion => words.say("chat-needs-newer"),
        Body::Deleted => words.say("chat-deleted"),
        Body::Missing { count } => words.say_with("chat-missing", "count", *count),
        Body::Call { outcome: CallOutcome::Held(seconds), .. } => {
            words.say_with("chat-call-held", "minutes", seconds.div_ceil(60))
        }
        Body::Call { outcome: CallOutcome::Missed, .. } if mine => words.say("chat-call-unanswered"),
        Body::Call { outcome: CallOutcome::Missed, .. } => words.say("chat-call-missed"),
        Body::Call { outcome: CallOutcome::Declined, .. } => words.say("chat-call-declined"),
        Body::Renamed { to } => words.say_with("chat-renamed", "to", shortened(to, 40)),
    }
}

/// `index` counts the room's lines from the oldest that the window has.
pub fn spawn(list: &mut ChildSpawnerCommands<'_>, words: &Words, lines: &Lines, index: usize, kept: bool) {
    let Some(line) = lines.all.get(index) else {
        return;
    };
    let time = time(line.at_ms);
    let said = summary(words, line.mine, &line.body);
    let mut heard = accesskit::Node::new(Role::Label);
    heard.set_value(match line.mine {
        true => format!("{time}: {said}"),
        false => format!("{}, {time}: {said}", isolated(&line.name)),
    });
    let heard = (Message, AccessibilityNode(heard));
    let drawn = Drawn { words, lines, line, index, kept, time: &time };
    match &line.body {
        Body::Call { video, outcome } => call(list, heard, &said, &time, *video, *outcome),
        Body::NeedsNewerVersion | Body::Invitation { .. } if line.mine => mine(list, heard, &drawn, &said),
        Body::Missing { .. } | Body::NeedsNewerVersion => theirs(list, heard, &drawn, |message| {
            message.spawn(wrapping(said, Size::Body, Weight::Regular, Token::Muted));
        }),
        Body::Renamed { .. } => {
            let said = format!("{} {said}", isolated(&shortened(&line.name, 40)));
            happened(list, heard, &said, &time, (Icon::Verified, Token::Muted));
        }
        Body::Deleted => {
            let said = format!("{}: {said}", isolated(&shortened(&line.name, 40)));
            happened(list, heard, &said, &time, (Icon::Revoke, Token::Muted));
        }
        Body::Text(text) if line.mine => mine(list, heard, &drawn, text),
        Body::Text(text) => theirs(list, heard, &drawn, |message| {
            message.spawn(wrapping(text.clone(), Size::Body, Weight::Regular, Token::Text));
        }),
        Body::Invitation { .. } => theirs(list, heard, &drawn, |message| {
            message.spawn(wrapping(said, Size::Body, Weight::Regular, Token::Text));
            let enter = Button::new(Kind::Lit, ChatAction::TakeBrought(index), words.say("chat-take-brought"));
            let below = |node: &mut Node| (node.margin, node.align_self) = (UiRect::top(px(4)), AlignSelf::FlexStart);
            message.spawn(enter.icon(Icon::Door).small().with(below).bundle());
        }),
    }
}

/// A line, and what is needed to draw it.
struct Drawn<'a> {
    words: &'a Words,
    lines: &'a Lines,
    line: &'a Line,
    index: usize,
    kept: bool,
    time: &'a str,
}

impl Drawn<'_> {
    /// The line that this one answers, where the window has it, or that it does.
    fn quote(&self, message: &mut ChildSpawnerCommands<'_>) {
        let Some(answered) = self.line.reply_to else {
            return;
        };
        let of = self.lines.all.iter().find(|line| line.message == Some(answered));
        let said = of.map_or_else(
            || self.words.say("chat-reply-to-older"),
            |of| format!("{}: {}", isolated(&shortened(&of.name, 28)), summary(self.words, of.mine, &of.body)),
        );
        let node = Node {
            padding: UiRect { left: px(8), ..default() },
            border: UiRect::left(px(2)),
            flex_shrink: 0.0,
            ..column(0.0)
        };
        message.spawn((node, Edge(Token::Accent))).with_child(wrapping(
            shortened(&said, 120),
            Size::Small,
            Weight::Regular,
            Token::Muted,
        ));
    }

    /// What stands behind the time.
    fn time(&self) -> String {
        match self.line.former.is_empty() {
            true => self.time.to_owned(),
            false => format!("{} · {}", self.time, self.words.say("chat-edited")),
        }
    }

    /// The reactions, and the button that leads to more.
    fn foot(&self, foot: &mut ChildSpawnerCommands<'_>) {
        let mut signs: Vec<(&str, u32)> = Vec::new();
        for reaction in &self.line.reactions {
            match signs.iter_mut().find(|(sign, _)| *sign == reaction.sign) {
                Some((_, count)) => *count += 1,
                None => signs.push((&reaction.sign, 1)),
            }
        }
        for (sign, count) in signs.into_iter().take(SIGNS) {
            let node = Node {
                padding: UiRect::axes(px(6), px(2)),
                border_radius: BorderRadius::all(px(radius::CHIP)),
                ..default()
            };
            let said = if count == 1 { sign.to_owned() } else { format!("{sign} {count}") };
            foot.spawn((node, Ground(Token::Surface2))).with_child(text(
                said,
                Size::Small,
                Weight::Medium,
                Token::Text,
            ));
        }
        if self.line.message.is_some() {
            let more = self.words.say("chat-choose");
            let button = IconButton::new(Kind::Clear, ChatAction::Choose(self.index), more, Icon::More);
            foot.spawn(button.small().ink(Token::Muted).with(|node| node.height = px(20)).bundle());
        }
    }
}

fn mine(list: &mut ChildSpawnerCommands<'_>, heard: impl Bundle, drawn: &Drawn<'_>, said: &str) {
    let node = Node {
        align_self: AlignSelf::FlexEnd,
        align_items: AlignItems::FlexEnd,
        max_width: percent(88),
        padding: UiRect::axes(px(12), px(8)),
        flex_shrink: 0.0,
        border_radius: BorderRadius { bottom_right: px(2), ..BorderRadius::all(px(12)) },
        ..column(2.0)
    };
    let time = drawn.time();
    let shown = if drawn.kept { mark(drawn.words, &time, drawn.line.delivered) } else { time.clone() };
    list.spawn((heard, node, Ground(Token::AccentGround))).with_children(|bubble| {
        drawn.quote(bubble);
        bubble.spawn(wrapping(said.to_owned(), Size::Body, Weight::Regular, Token::Text));
        bubble.spawn(row(6.0)).with_children(|foot| {
            let mark = Mark { sequence: drawn.line.sequence, time };
            foot.spawn((mark, figures(shown, Size::Small, Weight::Regular, Token::Muted)));
            drawn.foot(foot);
        });
    });
}

fn theirs(
    list: &mut ChildSpawnerCommands<'_>,
    heard: impl Bundle,
    drawn: &Drawn<'_>,
    body: impl FnOnce(&mut ChildSpawnerCommands<'_>),
) {
    let node = Node { width: percent(100), flex_shrink: 0.0, ..column(2.0) };
    list.spawn((heard, node)).with_children(|message| {
        message.spawn(row(6.0)).with_children(|head| {
            head.spawn(text(shortened(&drawn.line.name, 28), Size::Small, Weight::Semibold, Token::Text));
            head.spawn(figures(drawn.time(), Size::Small, Weight::Regular, Token::Muted));
            drawn.foot(head);
        });
        drawn.quote(message);
        body(message);
    });
}

/// A call in the middle, as something that happened and nobody said.
fn call(
    list: &mut ChildSpawnerCommands<'_>,
    heard: impl Bundle,
    said: &str,
    time: &str,
    video: bool,
    outcome: CallOutcome,
) {
    let (shown, ink) = match (outcome, video) {
        (CallOutcome::Missed | CallOutcome::Declined, _) => (Icon::CallMissed, Token::Stop),
        (CallOutcome::Held(_), true) => (Icon::Camera, Token::Muted),
        (CallOutcome::Held(_), false) => (Icon::Call, Token::Muted),
    };
    happened(list, heard, said, time, (shown, ink));
}

/// In the middle of the chat, what happened and nobody said.
fn happened(
    list: &mut ChildSpawnerCommands<'_>,
    heard: impl Bundle,
    said: &str,
    time: &str,
    (shown, ink): (Icon, Token),
) {
    let node = Node {
        align_self: AlignSelf::Center,
        padding: UiRect::axes(px(12), px(6)),
        flex_shrink: 0.0,
        border_radius: BorderRadius::all(px(radius::CHIP)),
        ..row(8.0)
    };
    list.spawn((heard, node, Ground(Token::Surface2))).with_children(|entry| {
        entry.spawn(icon(shown, 14.0, ink));
        entry.spawn(text(said.to_owned(), Size::Small, Weight::Medium, Token::Text));
        entry.spawn(figures(time.to_owned(), Size::Small, Weight::Regular, Token::Muted));
    });
}

#[cfg(test)]
mod tests {
    use chrono::{FixedOffset, Utc};

    use super::*;

    #[test]
    fn any_time_is_shown_or_left_out_in_any_zone() {
        let edges = [i64::MIN, -8_334_601_228_800_000, -1, 0, 1, LAST_MS, LAST_MS + 1, 8_210_266_876_799_999, i64::MAX];
        let mut dice = fastrand::Rng::with_seed(7);
        let random = std::iter::repeat_with(|| {
            // Times of every size, near and far.
            dice.i64(..) >> dice.u32(..64)
        });
        for at_ms in edges.into_iter().chain(random.take(20_000)) {
            for seconds in [-86_399, -43_200, 0, 1, 50_400, 86_399] {
                let zone = FixedOffset::east_opt(seconds).unwrap();
                for now in [0, LAST_MS] {
                    let now = DateTime::from_timestamp_millis(now).unwrap().with_timezone(&zone);
                    let is_shown = !shown_at(at_ms, &now).is_empty();
                    assert_eq!(is_shown, (0..=LAST_MS).contains(&at_ms), "{at_ms} in {seconds}");
                }
            }
        }
        assert_eq!(shown_at(60_000, &DateTime::<Utc>::UNIX_EPOCH), "00:01");
    }
}
