//! How the sheet of a comparison is drawn.

use bevy::prelude::*;
use engine::api::{LazySafety, Safety, SpokenWords, Verification};

use super::{groups, plugin::VerifySheet};
use crate::{
    features::verify::Verify,
    stage::{
        mark::mark,
        reading::{self, ReadingAction},
    },
    ui::{
        kit::{
            self, Button, Close, Form, Icon, Size, column, figures, foot, heading, hint, icon, qr_code, radius, row,
            text, wrapping,
        },
        theme::{Ground, Token, Weight},
        words::{Words, shortened},
    },
};

/// The side that the picture may take, in logical pixels.
const SIDE: usize = 196;

/// All that the sheet shows.
#[derive(PartialEq)]
pub struct View {
    pub sheet: VerifySheet,
    pub name: String,
    pub verification: Verification,
    /// None for the moment before the engine has told it.
    pub safety: Option<LazySafety>,
    pub differs: bool,
    pub scanning: bool,
    pub may_scan: bool,
}

pub fn sheet(commands: &mut Commands<'_, '_>, view: &View, form: &Form, words: &Words, images: &mut Assets<Image>) {
    let title = words.say_with("verify-title", "name", shortened(&view.name, 28));
    kit::sheet(commands, view.sheet, title, 620.0, |inside| {
        inside.spawn(Node { flex_shrink: 0.0, ..row(8.0) }).with_children(|line| {
            mark(line, view.verification, words);
        });
        match view.verification {
            Verification::Broken => warning(inside, words.say("verify-broken")),
            Verification::Renamed => warning(inside, words.say("verify-renamed")),
            Verification::Ambiguous => warning(inside, words.say("verify-ambiguous")),
            _ if view.differs => warning(inside, words.say("verify-differs")),
            _ => {}
        }
        let Some(safety) = view.safety.as_ref().map(LazySafety::get) else {
            inside.spawn(hint(words.say("verify-none")));
            return foot(inside, [Button::main(Close, words.say("sheet-done"))]);
        };
        inside.spawn(hint(words.say("verify-how")));
        inside.spawn(Node { width: percent(100), column_gap: px(12), flex_shrink: 0.0, ..default() }).with_children(
            |both| {
                spoken(both, words.say("verify-you-read"), safety.mine);
                spoken(both, words.say("verify-they-read"), safety.theirs);
            },
        );
        pictures(inside, view, safety, form, words, images);
        inside.spawn(heading(words.say("verify-digits")));
        inside.spawn(paper()).with_children(|paper| {
            for line in groups(&safety.code.to_string()) {
                paper.spawn(figures(line, Size::Body, Weight::Medium, Token::Text));
            }
        });
        let mut buttons = vec![Button::plain(Close, words.say("sheet-done"))];
        if view.may_scan {
            let scan = if view.scanning { "accept-scan-stop" } else { "accept-scan" };
            buttons.push(Button::plain(ReadingAction::Scan, words.say(scan)));
        }
        buttons.push(Button::careful(Verify(false), words.say("verify-different")));
        buttons.push(Button::main(Verify(true), words.say("verify-same")));
        foot(inside, buttons);
    });
}

/// The code to show, and where theirs is read.
fn pictures(
    inside: &mut ChildSpawnerCommands<'_>,
    view: &View,
    safety: &Safety,
    form: &Form,
    words: &Words,
    images: &mut Assets<Image>,
) {
    inside.spawn(heading(words.say("verify-show")));
    inside.spawn(Node { width: percent(100), column_gap: px(16), flex_shrink: 0.0, ..default() }).with_children(
        |beside| {
            qr_code(beside, &safety.comparison.to_string(), SIDE, images);
            beside.spawn(Node { flex_grow: 1.0, flex_basis: px(0), min_width: px(0), ..column(12.0) }).with_children(
                |right| {
                    right.spawn(hint(words.say("verify-show-how")));
                    reading::file(right, form, words);
                },
            );
        },
    );
    if view.scanning {
        reading::camera(inside, words);
    }
}

fn warning(inside: &mut ChildSpawnerCommands<'_>, said: String) {
    let node = Node {
        width: percent(100),
        padding: UiRect::all(px(12)),
        border_radius: BorderRadius::all(px(radius::FIELD)),
        flex_shrink: 0.0,
        ..row(10.0)
    };
    inside.spawn((node, Ground(Token::StopGround))).with_children(|line| {
        line.spawn(icon(Icon::Trouble, 18.0, Token::Text));
        let words = Node { flex_grow: 1.0, flex_basis: px(0), min_width: px(0), ..default() };
        line.spawn(words).with_child(wrapping(said, Size::Body, Weight::Medium, Token::Text));
    });
}

fn paper() -> impl Bundle {
    let node = Node {
        padding: UiRect::all(px(12)),
        border_radius: BorderRadius::all(px(radius::FIELD)),
        flex_shrink: 0.0,
        ..column(6.0)
    };
    (Node { width: percent(100), align_items: AlignItems::Center, ..node }, Ground(Token::Surface2))
}

/// The words that one of the two reads.
fn spoken(both: &mut ChildSpawnerCommands<'_>, title: String, said: SpokenWords) {
    both.spawn(Node { flex_grow: 1.0, flex_basis: px(0), min_width: px(0), ..column(8.0) }).with_children(|side| {
        side.spawn(heading(title));
        side.spawn(paper()).with_children(|paper| {
            for (at, word) in said.iter().enumerate() {
                let line = format!("{}  {word}", at + 1);
                paper.spawn(text(line, Size::Body, Weight::Medium, Token::Text));
            }
        });
    });
}
