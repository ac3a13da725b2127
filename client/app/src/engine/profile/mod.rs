//! The profile that is open, and the errands to where profiles are kept.

mod errand;
pub mod network;

use bevy::prelude::*;
use engine::profiles::{Face, LockKind, Passphrase, ProfileError, ProfileId, StoreError};

pub use errand::{Change, Changed, Errand, Errands, Outcome};

use crate::ui::action::Action;

/// The profile that the engine runs; without one nothing is kept.
#[derive(Resource, Default)]
pub struct Opened(pub Option<Open>);

/// An open profile, as far as the window knows it.
#[derive(Clone)]
pub struct Open {
    pub id: ProfileId,
    pub face: Face,
    pub locked_by: LockKind,
}

/// The profiles that are kept on this machine.
#[derive(Resource, Default)]
pub struct Shelf {
    /// Nothing until the safe has answered.
    pub profiles: Option<Vec<(ProfileId, LockKind)>>,
    pub keyring: bool,
}

/// Cancels what is being computed or written for a profile.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub struct CancelErrand;

impl Action for CancelErrand {
    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

/// The key of the words for a refusal of the safe.
pub fn key(error: &StoreError) -> &'static str {
    match error {
        StoreError::WrongPassphrase => "safe-wrong-passphrase",
        StoreError::UnusablePassphrase => "safe-unusable-passphrase",
        StoreError::KeyringUnavailable => "safe-no-keyring",
        StoreError::KeyMissing => "safe-key-missing",
        StoreError::Newer(_) => "safe-newer",
        StoreError::Damaged => "safe-damaged",
        StoreError::NoExport | StoreError::NoFile => "safe-no-export",
        StoreError::InUse => "safe-in-use",
        StoreError::DiskFull => "safe-disk-full",
        StoreError::NoProfile => "safe-no-profile",
        StoreError::Stopped => "safe-stopped",
        StoreError::NotOurs => "safe-not-ours",
        _ => "safe-refused",
    }
}

pub fn error_key(error: &ProfileError) -> &'static str {
    match error {
        ProfileError::Store(error) => key(error),
        ProfileError::Name(_) => "refused-name",
    }
}

/// A passphrase as it was typed.
pub fn passphrase(text: &str) -> Result<Passphrase, StoreError> {
    Passphrase::new(text.to_owned())
}
