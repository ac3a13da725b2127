//! Errands to the safe, on a thread of their own: the keyring may ask the person, and Argon2id takes long.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use bevy::prelude::*;
use engine::profiles::{Face, Lock, LockKind, Passphrase, ProfileError, ProfileId, StoreError};

use crate::{
    engine::door::{OpenProfile, Safe},
    ui::power::Waker,
};

/// Something to ask of the safe.
pub enum Errand {
    /// Which profiles there are.
    Look,
    Create(Lock, Face),
    Open(ProfileId, Lock),
    Import {
        from: PathBuf,
        passphrase: Passphrase,
        lock: Lock,
    },
    /// Something that only a profile which no engine runs can do; it is open again afterwards.
    Change(ProfileId, Lock, Change),
    Delete(ProfileId),
    DeleteEverything,
}

pub enum Change {
    Face(Face),
    Keep(&'static str, Vec<u8>),
    Export(PathBuf, Passphrase),
}

/// The outcome of an errand.
pub enum Outcome {
    Shelf(Vec<(ProfileId, LockKind)>, bool),
    /// `failed`: what the change met with.
    Opened {
        profile: Box<dyn OpenProfile>,
        locked_by: LockKind,
        changed: Option<Result<Changed, ProfileError>>,
    },
    Deleted,
    Refused(ProfileError),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Changed {
    Face,
    Kept,
    Exported,
}

type Slot = Arc<Mutex<Option<Outcome>>>;

/// How an errand can be cancelled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cancelling {
    Never,
    /// Nothing waits for its end: a profile that is opened after all is closed again.
    AtOnce,
    /// It ends as soon as it can, and then the profile is opened again.
    InTheEnd,
}

impl Cancelling {
    fn of(errand: &Errand) -> Self {
        match errand {
            Errand::Create(..) | Errand::Open(..) | Errand::Import { .. } => Self::AtOnce,
            Errand::Change(.., Change::Export(..)) => Self::InTheEnd,
            Errand::Look | Errand::Change(..) | Errand::Delete(_) | Errand::DeleteEverything => Self::Never,
        }
    }
}

struct UnderWay {
    slot: Slot,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    cancelling: Cancelling,
    writes: bool,
}

/// The errand that is under way: one at a time.
#[derive(Resource, Default)]
pub struct Errands {
    under_way: Option<UnderWay>,
    /// Those that were cancelled and are about to end. The next one waits for them: they may hold a profile open.
    cancelled: Vec<JoinHandle<()>>,
}

/// How long the end of the program waits for an errand.
const PATIENCE: Duration = Duration::from_secs(15);

impl Drop for Errands {
    /// Waits for an errand that writes, and stops the others.
    fn drop(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        if let Some(under_way) = self.under_way.take() {
            under_way.stopped.store(true, Ordering::Release);
            self.cancelled.extend(under_way.thread.filter(|_| under_way.writes));
        }
        while Instant::now() < deadline && self.cancelled.iter().any(|errand| !errand.is_finished()) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Errands {
    pub fn busy(&self) -> bool {
        self.under_way.is_some()
    }

    /// Whether the person may cancel what is under way.
    pub fn may_cancel(&self) -> bool {
        let may = |errand: &UnderWay| errand.cancelling != Cancelling::Never && !errand.stopped.load(Ordering::Acquire);
        self.under_way.as_ref().is_some_and(may)
    }

    /// Whether something is being written.
    pub fn writes(&self) -> bool {
        self.under_way.as_ref().is_some_and(|errand| errand.writes)
    }

    /// Sets out, unless another errand is under way. `goodbyes` are waited for first: they free the profile.
    pub fn run(&mut self, safe: Arc<dyn Safe>, errand: Errand, mut goodbyes: Vec<JoinHandle<()>>, waker: &Waker) {
        if self.busy() {
            return;
        }
        goodbyes.append(&mut self.cancelled);
        let (slot, stopped) = (Slot::default(), Arc::<AtomicBool>::default());
        let (cancelling, writes) = (Cancelling::of(&errand), !matches!(errand, Errand::Look | Errand::Open(..)));
        let (outcome, stop, waker) = (Arc::clone(&slot), Arc::clone(&stopped), waker.clone());
        let thread = std::thread::Builder::new().name("safe".into()).spawn(move || {
            for goodbye in goodbyes {
                // A panic in there has been reported, and the profile is free all the same.
                let _ = goodbye.join();
            }
            let came = go(safe.as_ref(), errand, &|| !stop.load(Ordering::Acquire));
            *outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(came);
            waker.wake();
        });
        if thread.is_err() {
            let refusal = StoreError::Io(std::io::ErrorKind::ResourceBusy);
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(Outcome::Refused(refusal.into()));
        }
        self.under_way = Some(UnderWay { slot, stopped, thread: thread.ok(), cancelling, writes });
    }

    /// Ends what is under way without what it was for. An errand that opens a profile is over at once for the person,
    /// though its thread may compute on for seconds.
    pub fn cancel(&mut self) {
        if !self.may_cancel() {
            return;
        }
        if let Some(errand) = &self.under_way {
            errand.stopped.store(true, Ordering::Release);
        }
        if let Some(errand) = self.under_way.take_if(|errand| errand.cancelling == Cancelling::AtOnce) {
            self.cancelled.extend(errand.thread);
        }
    }

    pub fn take(&mut self) -> Option<Outcome> {
        let errand = self.under_way.as_ref()?;
        let outcome = errand.slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        if outcome.is_some() {
            self.under_way = None;
        }
        outcome
    }
}

fn kind(lock: &Lock) -> LockKind {
    match lock {
        Lock::Keyring => LockKind::Keyring,
        Lock::Passphrase(_) => LockKind::Passphrase,
    }
}

type Made = Result<Box<dyn OpenProfile>, ProfileError>;

fn opened(profile: Made, lock: &Lock) -> Outcome {
    match profile {
        Ok(profile) => Outcome::Opened { profile, locked_by: kind(lock), changed: None },
        Err(error) => Outcome::Refused(error),
    }
}

/// A profile that came too late to be wanted is not kept.
fn unmade(safe: &dyn Safe, made: Made, go_on: &dyn Fn() -> bool) -> Made {
    let profile = made?;
    if go_on() {
        return Ok(profile);
    }
    let id = profile.id();
    drop(profile);
    safe.delete(id)?;
    Err(StoreError::Stopped.into())
}

fn go(safe: &dyn Safe, errand: Errand, go_on: &dyn Fn() -> bool) -> Outcome {
    if Cancelling::of(&errand) == Cancelling::AtOnce && !go_on() {
        return Outcome::Refused(StoreError::Stopped.into());
    }
    match errand {
        Errand::Look => match safe.list() {
            Ok(profiles) => Outcome::Shelf(profiles, safe.keyring_works()),
            Err(error) => Outcome::Refused(error.into()),
        },
        Errand::Create(lock, face) => opened(unmade(safe, safe.create(&lock, &face), go_on), &lock),
        Errand::Open(id, lock) => opened(safe.open(id, &lock).map_err(Into::into), &lock),
        Errand::Import { from, passphrase, lock } => {
            let made = safe.import(&from, &passphrase, &lock, go_on).map_err(Into::into);
            opened(unmade(safe, made, go_on), &lock)
        }
        Errand::Change(id, lock, change) => match safe.open(id, &lock) {
            Ok(mut profile) => {
                let changed = make(profile.as_mut(), change, go_on);
                Outcome::Opened { profile, locked_by: kind(&lock), changed: Some(changed) }
            }
            Err(error) => Outcome::Refused(error.into()),
        },
        Errand::Delete(id) => done(safe.delete(id)),
        Errand::DeleteEverything => done(safe.delete_everything()),
    }
}

fn make(profile: &mut dyn OpenProfile, change: Change, go_on: &dyn Fn() -> bool) -> Result<Changed, ProfileError> {
    Ok(match change {
        Change::Face(face) => {
            profile.set_face(face)?;
            Changed::Face
        }
        Change::Keep(name, value) => {
            profile.set_value(name, &value)?;
            Changed::Kept
        }
        Change::Export(to, passphrase) => {
            profile.export(&to, &passphrase, go_on)?;
            Changed::Exported
        }
    })
}

fn done(result: Result<(), StoreError>) -> Outcome {
    match result {
        Ok(()) => Outcome::Deleted,
        Err(error) => Outcome::Refused(error.into()),
    }
}
