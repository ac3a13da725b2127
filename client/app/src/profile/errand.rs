//! What is asked of the safe, on a thread of its own: the keyring asks people, and Argon2id computes.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use bevy::prelude::*;
use engine::profiles::{Face, Lock, LockKind, Passphrase, ProfileError, ProfileId, StoreError};

use crate::{
    door::{OpenProfile, Safe},
    power::Waker,
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

/// What came of an errand.
pub(super) enum Outcome {
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
pub(super) enum Changed {
    Face,
    Kept,
    Exported,
}

type Slot = Arc<Mutex<Option<Outcome>>>;

/// The errand that is under way: one at a time.
#[derive(Resource, Default)]
pub struct Errands {
    busy: bool,
    slot: Slot,
}

impl Errands {
    pub fn busy(&self) -> bool {
        self.busy
    }

    /// Sets out, unless another errand is under way. `goodbyes` are waited for first: they free the profile.
    pub fn run(&mut self, safe: Arc<dyn Safe>, errand: Errand, goodbyes: Vec<JoinHandle<()>>, waker: &Waker) {
        if self.busy {
            return;
        }
        self.busy = true;
        let (slot, waker) = (Arc::clone(&self.slot), waker.clone());
        let thread = std::thread::Builder::new().name("safe".into()).spawn(move || {
            for goodbye in goodbyes {
                // A panic in there has been reported, and the profile is free all the same.
                let _ = goodbye.join();
            }
            let outcome = go(safe.as_ref(), errand);
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
            waker.wake();
        });
        if thread.is_err() {
            let refusal = StoreError::Io(std::io::ErrorKind::ResourceBusy);
            *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(Outcome::Refused(refusal.into()));
        }
    }

    pub(super) fn take(&mut self) -> Option<Outcome> {
        let outcome = self.slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        if outcome.is_some() {
            self.busy = false;
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

fn go(safe: &dyn Safe, errand: Errand) -> Outcome {
    let opened = |profile: Result<Box<dyn OpenProfile>, ProfileError>, lock: &Lock| match profile {
        Ok(profile) => Outcome::Opened { profile, locked_by: kind(lock), changed: None },
        Err(error) => Outcome::Refused(error),
    };
    match errand {
        Errand::Look => match safe.list() {
            Ok(profiles) => Outcome::Shelf(profiles, safe.keyring_works()),
            Err(error) => Outcome::Refused(error.into()),
        },
        Errand::Create(lock, face) => opened(safe.create(&lock, &face), &lock),
        Errand::Open(id, lock) => opened(safe.open(id, &lock).map_err(Into::into), &lock),
        Errand::Import { from, passphrase, lock } => {
            opened(safe.import(&from, &passphrase, &lock).map_err(Into::into), &lock)
        }
        Errand::Change(id, lock, change) => match safe.open(id, &lock) {
            Ok(mut profile) => {
                let changed = make(profile.as_mut(), change);
                Outcome::Opened { profile, locked_by: kind(&lock), changed: Some(changed) }
            }
            Err(error) => Outcome::Refused(error.into()),
        },
        Errand::Delete(id) => done(safe.delete(id)),
        Errand::DeleteEverything => done(safe.delete_everything()),
    }
}

fn make(profile: &mut dyn OpenProfile, change: Change) -> Result<Changed, ProfileError> {
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
            profile.export(&to, &passphrase)?;
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
