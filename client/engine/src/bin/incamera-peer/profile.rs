//! `profile`: the faces one shows.

use std::path::Path;

use engine::profiles::{self, Face, Lock, LockKind, Profile, ProfileId, StoreError};
use serde::Serialize;

use crate::{
    arguments::{Global, ProfileCommand},
    error::{Named, PeerError},
    names, output, secrets,
};

pub fn run(command: ProfileCommand, global: &Global) -> Result<(), PeerError> {
    match command {
        ProfileCommand::Create { name, silent } => create(global, &Face { name, notify: !silent }),
        ProfileCommand::List { json } => list(global, json),
        ProfileCommand::Rename { name } => rename(global, name),
        ProfileCommand::Export { file, export_passphrase_file } => {
            Ok(open(global)?.export(&file, &secrets::passphrase(&export_passphrase_file)?)?)
        }
        ProfileCommand::Import { file, export_passphrase_file } => {
            let passphrase = secrets::passphrase(&export_passphrase_file)?;
            let profile = profiles::import(&global.folder()?, &file, &passphrase, &global.lock()?)?;
            output::say(output::printable(&profile.face().name));
            Ok(())
        }
        ProfileCommand::Delete { yes } => {
            // It must be closed before it is deleted.
            let id = open(global)?.id();
            if !yes {
                return Err(PeerError::NotConfirmed);
            }
            Ok(profiles::delete(&global.folder()?, id)?)
        }
        ProfileCommand::DeleteEverything { yes } => {
            if !yes {
                return Err(PeerError::NotConfirmed);
            }
            Ok(profiles::delete_everything(&global.folder()?)?)
        }
    }
}

/// Opens the profile that `--profile` names, or the only one that is locked in the chosen way.
pub fn open(global: &Global) -> Result<Profile, PeerError> {
    let (folder, lock) = (global.folder()?, global.lock()?);
    let fitting = fitting(&folder, &lock)?;
    match (&global.profile, &fitting[..]) {
        (_, []) => Err(PeerError::NoProfile),
        (None, [only]) => Ok(profiles::open(&folder, *only, &lock)?),
        (None, _) => Err(PeerError::WhichProfile),
        (Some(name), _) => by_name(&folder, &fitting, &lock, name),
    }
}

/// Names stand inside of profiles, so that each has to be opened, one at a time.
fn by_name(folder: &Path, among: &[ProfileId], lock: &Lock, wanted: &str) -> Result<Profile, PeerError> {
    let (mut others, mut refused) = (Vec::new(), None);
    for id in among {
        match profiles::open(folder, *id, lock) {
            Ok(profile) if profile.face().name == wanted => return Ok(profile),
            Ok(profile) => others.push((profile.face().name.clone(), *id)),
            // A wrong passphrase says least: the profile may be somebody else's.
            Err(why) if !matches!(refused, Some(StoreError::InUse)) => refused = Some(why),
            Err(_) => {}
        }
    }
    match names::find(wanted, Named::Profile, others.iter().map(|(name, id)| (name.as_str(), *id))) {
        Ok(id) => Ok(profiles::open(folder, id, lock)?),
        // It may be the one that could not be opened.
        Err(PeerError::Unknown(_)) if others.is_empty() => Err(refused.map_or(PeerError::NoProfile, Into::into)),
        Err(PeerError::Unknown(_)) if matches!(refused, Some(StoreError::InUse)) => Err(StoreError::InUse.into()),
        Err(why) => Err(why),
    }
}

fn fitting(folder: &Path, lock: &Lock) -> Result<Vec<ProfileId>, PeerError> {
    let kind = match lock {
        Lock::Keyring => LockKind::Keyring,
        Lock::Passphrase(_) => LockKind::Passphrase,
    };
    Ok(profiles::list(folder)?.into_iter().filter(|(_, locked)| *locked == kind).map(|(id, _)| id).collect())
}

/// Names are unique among the profiles that open with the same lock, or nobody could choose one.
fn create(global: &Global, face: &Face) -> Result<(), PeerError> {
    let (folder, lock) = (global.folder()?, global.lock()?);
    for id in fitting(&folder, &lock)? {
        if profiles::open(&folder, id, &lock).is_ok_and(|profile| profile.face().name == face.name) {
            return Err(PeerError::ProfileExists);
        }
    }
    profiles::create(&folder, &lock, face)?;
    Ok(())
}

fn rename(global: &Global, name: String) -> Result<(), PeerError> {
    let mut profile = open(global)?;
    let face = Face { name, ..profile.face().clone() };
    Ok(profile.set_face(face)?)
}

#[derive(Serialize)]
struct Listed {
    id: String,
    lock: &'static str,
    /// `None`: the passphrase or the keyring at hand does not open it.
    name: Option<String>,
    notify: Option<bool>,
}

fn list(global: &Global, json: bool) -> Result<(), PeerError> {
    let folder = global.folder()?;
    // Without any lock at hand the list is of what can be seen from outside.
    let lock = match global.lock() {
        Ok(lock) => Some(lock),
        Err(PeerError::NoKeyring) => None,
        Err(why) => return Err(why),
    };
    let mut all = Vec::new();
    for (id, kind) in profiles::list(&folder)? {
        let (locked, fits) = match kind {
            LockKind::Keyring => ("keyring", matches!(lock, Some(Lock::Keyring))),
            LockKind::Passphrase => ("passphrase", matches!(lock, Some(Lock::Passphrase(_)))),
        };
        let opened = lock.as_ref().filter(|_| fits).and_then(|lock| profiles::open(&folder, id, lock).ok());
        let face = opened.as_ref().map(Profile::face);
        all.push(Listed {
            id: id.to_string(),
            lock: locked,
            name: face.map(|face| face.name.clone()),
            notify: face.map(|face| face.notify),
        });
    }
    if json {
        return output::say_json(&all);
    }
    for one in all {
        let name = one.name.as_deref().map_or_else(|| "(locked)".to_owned(), output::printable);
        output::say(format_args!("{}  {:10}  {name}", one.id, one.lock));
    }
    Ok(())
}
