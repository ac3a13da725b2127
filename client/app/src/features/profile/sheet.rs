//! The sheet of the own profile: its name, where it is locked, its way to another machine, its end.

use std::path::PathBuf;

use bevy::prelude::*;
use engine::{
    api::Wish,
    profiles::{Face, Lock, LockKind, StoreError},
};

use crate::{
    engine::{
        choices::Choices,
        door::{Wished, WishesOut},
        parting::Parting,
        profile::{CancelErrand, Change, Errand, Errands, Opened, key, passphrase},
    },
    features::profile::ProfileAction,
    ui::{
        kit::{
            Button, Close, Filled, Form, Question, Secrets, Sheet, SheetKind, entry, foot, heading, hint, line, redraw,
            row, secret, sheet, toggle,
        },
        notice::Notice,
        page::Page,
        power::Waker,
        words::Words,
    },
};

#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
struct ProfileSheet;

impl SheetKind for ProfileSheet {}

/// The questions that the sheet shows.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq)]
struct Asked {
    everything: bool,
    comes_to_front: Option<bool>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Asked>()
        .add_systems(Update, (open, draw).chain())
        .add_systems(PostUpdate, (save, end).after(Filled).before(WishesOut));
}

fn open(
    mut acts: MessageReader<ProfileAction>,
    mut open: ResMut<Sheet>,
    opened: Res<Opened>,
    mut asked: ResMut<Asked>,
    mut form: ResMut<Form>,
    mut parting: Parting,
    mut next: ResMut<NextState<Page>>,
) {
    for act in acts.read() {
        match (*act, &opened.0) {
            (ProfileAction::Open, Some(profile)) => {
                open.open(ProfileSheet);
                form.set("name", profile.face.name.clone());
                *asked = Asked::default();
            }
            (ProfileAction::ComesToFront, Some(profile)) => {
                asked.comes_to_front = Some(!asked.comes_to_front.unwrap_or(profile.face.notify));
            }
            (ProfileAction::DeleteEverything, Some(_)) => asked.everything = true,
            (ProfileAction::Switch, Some(_)) if parting.may(*act) => next.set(Page::Profiles),
            _ => {}
        }
    }
}

/// The lock that opens the profile again: the keyring, or the passphrase that was typed into the sheet.
fn lock(locked_by: LockKind, secrets: &Secrets) -> Result<Lock, StoreError> {
    match locked_by {
        LockKind::Keyring => Ok(Lock::Keyring),
        LockKind::Passphrase => Ok(Lock::Passphrase(passphrase(secrets.typed("passphrase"))?)),
    }
}

fn save(
    mut acts: MessageReader<ProfileAction>,
    (form, secrets): (Res<Form>, Res<Secrets>),
    asked: Res<Asked>,
    mut opened: ResMut<Opened>,
    mut choices: ResMut<Choices>,
    mut errands: ResMut<Errands>,
    mut parting: Parting,
    (waker, words): (Res<Waker>, Res<Words>),
    mut wishes: MessageWriter<Wished>,
    mut notices: MessageWriter<Notice>,
) {
    for act in acts.read() {
        let Some(open) = opened.0.as_mut() else {
            continue;
        };
        let change = match *act {
            ProfileAction::SaveFace => {
                let name = form.text("name").to_owned();
                if name.is_empty() {
                    notices.write(Notice::trouble(words.say("refused-name")));
                    continue;
                }
                let face = Face { name, notify: asked.comes_to_front.unwrap_or(open.face.notify) };
                if face.notify == open.face.notify {
                    open.face.clone_from(&face);
                    choices.name.clone_from(&face.name);
                    wishes.write(Wished(Wish::Rename(face.name)));
                    notices.write(Notice::news(words.say("safe-kept")));
                    continue;
                }
                Ok(Change::Face(face))
            }
            ProfileAction::Export => passphrase(secrets.typed("sealed-with"))
                .map(|sealed_with| Change::Export(PathBuf::from(form.text("export-to")), sealed_with)),
            _ => continue,
        };
        match change.and_then(|change| Ok((change, lock(open.locked_by, &secrets)?))) {
            Ok((change, lock)) => {
                let id = open.id;
                if let Some(goodbyes) = parting.close_for(*act) {
                    errands.run(parting.door.machine().safe(), Errand::Change(id, lock, change), goodbyes, &waker);
                }
            }
            Err(error) => drop(notices.write(Notice::trouble(words.say(key(&error))))),
        }
    }
}

fn end(
    mut acts: MessageReader<ProfileAction>,
    form: Res<Form>,
    mut opened: ResMut<Opened>,
    mut errands: ResMut<Errands>,
    mut parting: Parting,
    (waker, words): (Res<Waker>, Res<Words>),
    mut notices: MessageWriter<Notice>,
) {
    for act in acts.read() {
        let Some(id) = opened.0.as_ref().map(|open| open.id) else {
            continue;
        };
        let errand = match *act {
            ProfileAction::Delete if parting.is_confirmed(*act, delete_question()) => Errand::Delete(id),
            ProfileAction::DeleteEverythingSurely => {
                // Typed, so that no slip of a finger does it.
                if form.text("word").to_lowercase() != words.say("profile-delete-word") {
                    notices.write(Notice::trouble(words.say("profile-delete-wrong-word")));
                    continue;
                }
                Errand::DeleteEverything
            }
            _ => continue,
        };
        opened.0 = None;
        parting.hang_up();
        let goodbyes = parting.door.close_for_good();
        errands.run(parting.door.machine().safe(), errand, goodbyes, &waker);
    }
}

fn delete_question() -> Question {
    Question {
        title: "confirm-delete-profile",
        why: "profile-delete-why",
        label: "profile-delete-surely",
        name: String::new(),
    }
}

#[derive(PartialEq)]
struct View {
    asked: Asked,
    comes_to_front: bool,
    locked_by: LockKind,
    may_cancel: bool,
}

fn draw(
    mut commands: Commands,
    open: Res<Sheet>,
    opened: Res<Opened>,
    asked: Res<Asked>,
    errands: Res<Errands>,
    form: Res<Form>,
    words: Res<Words>,
    old: Query<Entity, With<ProfileSheet>>,
    mut last: Local<Option<View>>,
) {
    let profile = opened.0.as_ref().filter(|_| open.shows(ProfileSheet));
    let view = profile.map(|profile| View {
        asked: *asked,
        comes_to_front: asked.comes_to_front.unwrap_or(profile.face.notify),
        locked_by: profile.locked_by,
        may_cancel: errands.may_cancel(),
    });
    redraw(&mut commands, &mut last, view, &old, |commands, view| {
        sheet(commands, ProfileSheet, words.say("profile-title"), 520.0, |inside| fill(inside, view, &form, &words));
    });
}

fn fill(inside: &mut ChildSpawnerCommands<'_>, view: &View, form: &Form, words: &Words) {
    entry(inside, form, "name", &words.say("start-name"), Some(ProfileAction::SaveFace.into()));
    inside.spawn(Node { flex_wrap: FlexWrap::Wrap, row_gap: px(8), flex_shrink: 0.0, ..row(8.0) }).with_children(
        |chips| {
            chips.spawn(toggle(ProfileAction::ComesToFront, words.say("profile-front"), view.comes_to_front));
        },
    );
    inside.spawn(hint(words.say(match view.locked_by {
        LockKind::Keyring => "profile-locked-keyring",
        LockKind::Passphrase => "profile-locked-passphrase",
    })));
    if view.locked_by == LockKind::Passphrase {
        secret(inside, "passphrase", &words.say("profile-passphrase"), None);
    }
    foot(inside, [Button::main(ProfileAction::SaveFace, words.say("sheet-save"))]);
    inside.spawn(line());
    inside.spawn(heading(words.say("profile-export")));
    inside.spawn(hint(words.say("profile-export-why")));
    entry(inside, form, "export-to", &words.say("profile-export-to"), None);
    secret(inside, "sealed-with", &words.say("profile-sealed-with"), Some(ProfileAction::Export.into()));
    if view.may_cancel {
        inside.spawn(hint(words.say("profiles-busy")));
        foot(inside, [Button::plain(CancelErrand, words.say("sheet-cancel"))]);
    } else {
        foot(inside, [Button::plain(ProfileAction::Export, words.say("profile-export-now"))]);
    }
    inside.spawn(line());
    foot(
        inside,
        [
            Button::careful(ProfileAction::Delete, words.say("profile-delete")),
            Button::careful(ProfileAction::DeleteEverything, words.say("profile-delete-everything")),
        ],
    );
    if view.asked.everything {
        let word = words.say("profile-delete-word");
        inside.spawn(hint(words.say_with("profile-delete-everything-why", "word", word)));
        entry(
            inside,
            form,
            "word",
            &words.say("profile-delete-type"),
            Some(ProfileAction::DeleteEverythingSurely.into()),
        );
        foot(
            inside,
            [Button::careful(ProfileAction::DeleteEverythingSurely, words.say("profile-delete-everything-surely"))],
        );
    }
    foot(
        inside,
        [
            Button::plain(ProfileAction::Switch, words.say("profile-switch")),
            Button::main(Close, words.say("sheet-done")),
        ],
    );
}
