//! How the question is drawn.

use bevy::{
    input_focus::{FocusCause, InputFocus},
    prelude::*,
    ui_widgets::ScrollArea,
};
use engine::profiles::{LockKind, ProfileId};

use super::{NewLock, Question};
use crate::{
    engine::{
        journey::JourneyAction,
        profile::{CancelErrand, Errands, Shelf},
    },
    pages::profiles::ProfilesAction,
    ui::{
        action::AnyAction,
        kit::{
            Button, Form, Icon, Kind, Size, bare, column, entry, hint, icon, measure, middle, radius, redraw, row,
            secret, text, toggle, wrapping,
        },
        page::{Page, root},
        theme::{Token, Weight},
        words::Words,
    },
};

const WIDTH: f32 = 440.0;

#[derive(Component)]
pub struct Column;

#[derive(PartialEq)]
pub struct View {
    question: Question,
    lock: LockKind,
    keyring: bool,
    profiles: Vec<(ProfileId, LockKind)>,
    busy: bool,
    may_cancel: bool,
}

pub fn draw(
    mut commands: Commands,
    question: Res<Question>,
    lock: Res<NewLock>,
    shelf: Res<Shelf>,
    errands: Res<Errands>,
    form: Res<Form>,
    words: Res<Words>,
    old: Query<Entity, With<Column>>,
    mut focus: ResMut<InputFocus>,
    mut last: Local<Option<View>>,
) {
    if old.is_empty() {
        *last = None;
    }
    let view = View {
        question: *question,
        lock: lock.0,
        keyring: shelf.keyring,
        profiles: shelf.profiles.clone().unwrap_or_default(),
        busy: errands.busy(),
        may_cancel: errands.may_cancel(),
    };
    // A new question: its first field has the focus, so that letters are text from the first one on.
    let is_new = last.as_ref().is_none_or(|last| last.question != view.question);
    let mut first = None;
    redraw(&mut commands, &mut last, Some(view), &old, |commands, view| {
        commands.spawn((Column, root(Page::Profiles))).with_children(|page| {
            let node = Node { min_height: px(0), padding: UiRect::all(px(24)), ..middle() };
            page.spawn(node).with_children(|middle| {
                let node = Node {
                    width: px(WIDTH),
                    max_height: percent(100),
                    overflow: Overflow::scroll_y(),
                    padding: UiRect::all(px(3)),
                    ..column(14.0)
                };
                middle.spawn((node, ScrollArea)).with_children(|column| {
                    first = fill(column, view, &form, &words);
                });
            });
        });
    });
    if let Some(first) = first.filter(|_| is_new) {
        focus.set(first, FocusCause::Navigated);
    }
}

/// The first field, if there is one.
fn fill(column: &mut ChildSpawnerCommands<'_>, view: &View, form: &Form, words: &Words) -> Option<Entity> {
    let mut first = None;
    column.spawn((Node { flex_shrink: 0.0, ..default() }, children![icon(Icon::Door, measure::SIGN, Token::Accent)]));
    let title = match view.question {
        Question::None => "profiles-looking",
        Question::Which => "profiles-which",
        Question::Passphrase(_) => "profiles-passphrase-title",
        Question::First if view.profiles.is_empty() => "start-title",
        Question::First => "profiles-new-title",
        Question::Import => "profiles-import-title",
    };
    column.spawn(wrapping(words.say(title), Size::Large, Weight::Semibold, Token::Text));
    match view.question {
        Question::None => {}
        Question::Which => which(column, view, words),
        Question::Passphrase(_) => {
            first =
                Some(secret(column, "passphrase", &words.say("profile-passphrase"), Some(ProfilesAction::Open.into())));
            main(column, ProfilesAction::Open, words.say("profiles-open"), view, words);
        }
        Question::First => {
            if view.profiles.is_empty() {
                column.spawn(hint(words.say("start-promise")));
            }
            first = Some(entry(column, form, "name", &words.say("start-name"), Some(ProfilesAction::Make.into())));
            lock(column, view, words, ProfilesAction::Make);
            main(column, ProfilesAction::Make, words.say("profiles-make"), view, words);
        }
        Question::Import => {
            column.spawn(hint(words.say("profiles-import-why")));
            first = Some(entry(column, form, "from", &words.say("profiles-import-from"), None));
            secret(column, "sealed-with", &words.say("profile-sealed-with"), None);
            lock(column, view, words, ProfilesAction::Import);
            main(column, ProfilesAction::Import, words.say("profiles-import-now"), view, words);
        }
    }
    if view.may_cancel {
        let label = words.say("sheet-cancel");
        column.spawn(Button::plain(CancelErrand, label).full(40.0).bundle());
    }
    if view.question != Question::None {
        others(column, view, words);
    }
    first
}

fn which(column: &mut ChildSpawnerCommands<'_>, view: &View, words: &Words) {
    column.spawn(hint(words.say("profiles-which-why")));
    for (index, (id, kind)) in view.profiles.iter().enumerate() {
        let name = words.say_with("profiles-one", "number", index + 1);
        let (shown, locked) = match kind {
            LockKind::Keyring => (Icon::Key, "profiles-by-keyring"),
            LockKind::Passphrase => (Icon::Lock, "profiles-by-passphrase"),
        };
        let node = Node {
            width: percent(100),
            height: px(56),
            padding: UiRect::horizontal(px(16)),
            border_radius: BorderRadius::all(px(radius::FIELD)),
            flex_shrink: 0.0,
            ..row(12.0)
        };
        column.spawn(bare(ProfilesAction::Pick(*id), &name, node, Token::Surface2)).with_children(|line| {
            line.spawn(icon(Icon::Profile, 20.0, Token::Text));
            line.spawn(text(name.clone(), Size::Body, Weight::Medium, Token::Text));
            line.spawn(Node { flex_grow: 1.0, ..default() });
            line.spawn(icon(shown, 14.0, Token::Muted));
            line.spawn(text(words.say(locked), Size::Small, Weight::Regular, Token::Muted));
        });
    }
}

fn lock(column: &mut ChildSpawnerCommands<'_>, view: &View, words: &Words, submits: ProfilesAction) {
    if view.keyring {
        column.spawn(Node { flex_shrink: 0.0, ..row(8.0) }).with_children(|chips| {
            for (with, key) in
                [(LockKind::Keyring, "profiles-lock-keyring"), (LockKind::Passphrase, "profiles-lock-passphrase")]
            {
                chips.spawn(toggle(ProfilesAction::LockWith(with), words.say(key), view.lock == with));
            }
        });
    }
    column.spawn(hint(words.say(match (view.lock, view.keyring) {
        (LockKind::Keyring, _) => "profiles-keyring-why",
        (LockKind::Passphrase, true) => "profiles-passphrase-why",
        (LockKind::Passphrase, false) => "profiles-no-keyring",
    })));
    if view.lock == LockKind::Passphrase {
        secret(column, "passphrase", &words.say("profile-passphrase"), None);
        secret(column, "again", &words.say("profiles-again"), Some(submits.into()));
    }
}

fn main(column: &mut ChildSpawnerCommands<'_>, action: ProfilesAction, label: String, view: &View, words: &Words) {
    let label = if view.busy { words.say("profiles-busy") } else { label };
    column.spawn(Button::main(action, label).full(measure::MAIN).bundle());
}

fn others(column: &mut ChildSpawnerCommands<'_>, view: &View, words: &Words) {
    let node = Node {
        width: percent(100),
        flex_wrap: FlexWrap::Wrap,
        justify_content: JustifyContent::Center,
        row_gap: px(4),
        flex_shrink: 0.0,
        ..row(4.0)
    };
    let mut all: Vec<(AnyAction, &str)> = Vec::new();
    match view.question {
        Question::Which => all.extend([
            (ProfilesAction::New.into(), "profiles-new"),
            (ProfilesAction::OpenImport.into(), "profiles-import"),
        ]),
        Question::First if view.profiles.is_empty() => all.push((ProfilesAction::OpenImport.into(), "profiles-import")),
        Question::Passphrase(_) if view.profiles.len() == 1 => all.extend([
            (ProfilesAction::New.into(), "profiles-new"),
            (ProfilesAction::OpenImport.into(), "profiles-import"),
        ]),
        _ => all.push((JourneyAction::GoBack.into(), "lobby-back")),
    }
    all.push((ProfilesAction::KeepNothing.into(), "profiles-nothing"));
    column.spawn(node).with_children(|row| {
        for (action, key) in all {
            row.spawn(Button::new(Kind::Quiet, action, words.say(key)).low().bundle());
        }
    });
}
