//! The first start, and every later one where there is a choice: which profile, or none.

mod draw;

use std::path::PathBuf;

use bevy::{ecs::system::SystemParam, prelude::*};
use engine::profiles::{Face, Lock, LockKind, Passphrase, ProfileId};

use crate::{
    engine::{
        choices::Choices,
        door::{Door, WishesOut},
        journey::JourneyAction,
        profile::{Errand, Errands, Shelf, key, passphrase},
    },
    ui::{
        action::{Action, Actions},
        binding::Binding,
        kit::{Filled, Form, Secrets},
        notice::Notice,
        page::Page,
        power::Waker,
        words::Words,
    },
};

/// The question on the page.
#[derive(Resource, Default, Clone, Copy, PartialEq, Eq, Debug)]
enum Question {
    /// Nothing yet: the safe has not answered.
    #[default]
    None,
    Which,
    Passphrase(ProfileId),
    First,
    Import,
}

/// What a new profile is to be locked with.
#[derive(Resource, Clone, Copy, PartialEq, Eq, Debug)]
struct NewLock(LockKind);

/// Chooses a profile, or makes one.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProfilesAction {
    Pick(ProfileId),
    New,
    LockWith(LockKind),
    Make,
    Open,
    OpenImport,
    Import,
    KeepNothing,
}

impl Action for ProfilesAction {
    const KEYS: &'static [Binding<Self>] = &[
        Binding::ctrl('n', &[Page::Profiles], Self::New),
        Binding::ctrl('o', &[Page::Profiles], Self::OpenImport),
        Binding::ctrl('k', &[Page::Profiles], Self::KeepNothing),
    ];

    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

pub fn plugin(app: &mut App) {
    app.add_action::<ProfilesAction>()
        .init_resource::<Question>()
        .insert_resource(NewLock(LockKind::Passphrase))
        .add_systems(OnEnter(Page::Profiles), begin)
        .add_systems(OnExit(Page::Profiles), forget)
        .add_systems(Update, (ask, choose, draw::draw).chain().run_if(in_state(Page::Profiles)))
        // With the letters that were typed in the same frame as the Enter after them.
        .add_systems(PostUpdate, (make, open, import).after(Filled).before(WishesOut).run_if(in_state(Page::Profiles)));
}

fn begin(mut question: ResMut<Question>, mut form: ResMut<Form>, choices: Res<Choices>) {
    *question = Question::None;
    form.clear();
    form.set("name", choices.name.clone());
}

fn forget(mut form: ResMut<Form>) {
    form.clear();
}

fn ask(shelf: Res<Shelf>, mut question: ResMut<Question>, mut lock: ResMut<NewLock>) {
    let Some(profiles) = shelf.profiles.as_ref().filter(|_| *question == Question::None) else {
        return;
    };
    lock.0 = if shelf.keyring { LockKind::Keyring } else { LockKind::Passphrase };
    *question = match profiles[..] {
        [] => Question::First,
        [(id, LockKind::Passphrase)] => Question::Passphrase(id),
        _ => Question::Which,
    };
}

fn choose(
    (mut acts, mut steps): (MessageReader<ProfilesAction>, MessageReader<JourneyAction>),
    mut question: ResMut<Question>,
    mut lock: ResMut<NewLock>,
    (mut form, mut secrets): (ResMut<Form>, ResMut<Secrets>),
    shelf: Res<Shelf>,
    mut desk: Desk,
    mut next: ResMut<NextState<Page>>,
) {
    let before = *question;
    for act in acts.read() {
        match *act {
            ProfilesAction::Pick(id) => {
                let known = shelf.profiles.iter().flatten().find(|(known, _)| *known == id);
                match known.map(|(_, kind)| kind) {
                    Some(LockKind::Keyring) => desk.take(Ok(Errand::Open(id, Lock::Keyring))),
                    Some(LockKind::Passphrase) => *question = Question::Passphrase(id),
                    None => {}
                }
            }
            ProfilesAction::New => {
                form.set("name", "");
                *question = Question::First;
            }
            ProfilesAction::OpenImport => *question = Question::Import,
            ProfilesAction::LockWith(with) if with == LockKind::Passphrase || shelf.keyring => lock.0 = with,
            ProfilesAction::KeepNothing => next.set(Page::Start),
            _ => {}
        }
    }
    if steps.read().any(|step| *step == JourneyAction::GoBack) {
        let any = shelf.profiles.as_ref().is_some_and(|profiles| !profiles.is_empty());
        *question = if any { Question::Which } else { Question::First };
    }
    if *question != before {
        secrets.clear();
    }
}

/// The lock that a new profile is to have; a passphrase has to be typed twice alike.
fn new_lock(with: LockKind, secrets: &Secrets) -> Result<Lock, &'static str> {
    match with {
        LockKind::Keyring => Ok(Lock::Keyring),
        LockKind::Passphrase if secrets.typed("passphrase") != secrets.typed("again") => Err("profiles-not-alike"),
        LockKind::Passphrase => typed(secrets, "passphrase").map(Lock::Passphrase),
    }
}

/// The passphrase in a field, or the key of the words for what is wrong with it.
fn typed(secrets: &Secrets, field: &str) -> Result<Passphrase, &'static str> {
    passphrase(secrets.typed(field)).map_err(|error| key(&error))
}

/// Where every way into a profile ends.
#[derive(SystemParam)]
struct Desk<'w> {
    words: Res<'w, Words>,
    errands: ResMut<'w, Errands>,
    door: ResMut<'w, Door>,
    waker: Res<'w, Waker>,
    notices: MessageWriter<'w, Notice>,
}

impl Desk<'_> {
    /// Sets out on an errand to the safe, or says why there is none: by the key of the words for it.
    fn take(&mut self, errand: Result<Errand, &'static str>) {
        match errand {
            Ok(errand) => self.errands.run(self.door.machine().safe(), errand, Vec::new(), &self.waker),
            Err(key) => drop(self.notices.write(Notice::trouble(self.words.say(key)))),
        }
    }
}

fn make(
    mut acts: MessageReader<ProfilesAction>,
    question: Res<Question>,
    lock: Res<NewLock>,
    (form, secrets): (Res<Form>, Res<Secrets>),
    mut desk: Desk,
) {
    for act in acts.read() {
        if *act != ProfilesAction::Make || *question != Question::First {
            continue;
        }
        let name = form.text("name").to_owned();
        let lock = if name.is_empty() { Err("refused-name") } else { new_lock(lock.0, &secrets) };
        desk.take(lock.map(|lock| Errand::Create(lock, Face { name, notify: true })));
    }
}

fn open(
    mut acts: MessageReader<ProfilesAction>,
    question: Res<Question>,
    mut secrets: ResMut<Secrets>,
    mut desk: Desk,
) {
    for act in acts.read() {
        let Question::Passphrase(id) = *question else {
            continue;
        };
        if *act != ProfilesAction::Open {
            continue;
        }
        let typed = typed(&secrets, "passphrase");
        desk.take(typed.map(|typed| Errand::Open(id, Lock::Passphrase(typed))));
        secrets.clear();
    }
}

fn import(
    mut acts: MessageReader<ProfilesAction>,
    question: Res<Question>,
    lock: Res<NewLock>,
    (form, secrets): (Res<Form>, Res<Secrets>),
    mut desk: Desk,
) {
    for act in acts.read() {
        if *act != ProfilesAction::Import || *question != Question::Import {
            continue;
        }
        desk.take(typed(&secrets, "sealed-with").and_then(|passphrase| {
            let lock = new_lock(lock.0, &secrets)?;
            Ok(Errand::Import { from: PathBuf::from(form.text("from")), passphrase, lock })
        }));
    }
}
