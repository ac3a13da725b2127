//! `profile`: the faces one shows.

use std::path::Path;

use engine::profiles::{self, Face, Lock, LockKind, Passphrase, Profile, ProfileId, StoreError};
use serde::Serialize;

use crate::{
    arguments::{Global, ProfileCommand},
    error::{Named, PeerError},
    names::{self, Candidate},
    output, secrets,
};

pub fn run(command: ProfileCommand, global: &Global) -> Result<(), PeerError> {
    match command {
        ProfileCommand::Create { name, silent } => create(global, &Face { name, notify: !silent }),
        ProfileCommand::List { json } => list(global, json),
        ProfileCommand::Rename { name } => rename(global, name),
        ProfileCommand::Export { file, export_passphrase_file, force } => {
            if !force && file.symlink_metadata().is_ok_and(|there| there.is_file()) {
                return Err(PeerError::FileExists);
            }
            Ok(open(global)?.export(&file, &secrets::passphrase(&export_passphrase_file)?)?)
        }
        ProfileCommand::Import { file, export_passphrase_file, name } => {
            import(global, &file, &secrets::passphrase(&export_passphrase_file)?, name)
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
    let id = match (&global.profile, &fitting[..]) {
        (Some(name), _) => by_name(&folder, &fitting, &lock, name)?,
        (None, [only]) => *only,
        (None, _) => return Err(PeerError::WhichProfile),
    };
    Ok(output::told_after_a_while("waiting for the keyring or the disk", || profiles::open(&folder, id, &lock))?)
}

/// The profile with that id, or the one of that name among those that the lock opens.
fn by_name(folder: &Path, among: &[ProfileId], lock: &Lock, wanted: &str) -> Result<ProfileId, PeerError> {
    let ids: Vec<_> = among.iter().map(|id| (*id, id.to_string())).collect();
    let by_id = ids.iter().map(|(id, digits)| Candidate { id: digits.clone(), name: "", note: "", it: *id });
    match names::find(wanted, Named::Profile, by_id) {
        Err(PeerError::Unknown(_)) => {}
        found => return found,
    }
    let (mut named, mut refused) = (Vec::new(), None);
    for (id, digits) in ids {
        match profiles::name(folder, id, lock) {
            Ok(name) => named.push((id, digits, name)),
            // A wrong passphrase says least: the profile may be somebody else's.
            Err(why) if !matches!(refused, Some(StoreError::InUse)) => refused = Some(why),
            Err(_) => {}
        }
    }
    let all = named.iter().map(|(id, digits, name)| Candidate { id: digits.clone(), name, note: "", it: *id });
    match (names::find(wanted, Named::Profile, all), refused) {
        // It may be the one whose name cannot be told.
        (_, Some(StoreError::InUse)) => Err(PeerError::NameInUse),
        (Err(PeerError::Unknown(_)), Some(why)) if named.is_empty() => Err(why.into()),
        (found, _) => found,
    }
}

/// The profiles that are locked in the chosen way.
///
/// # Errors
///
/// What the profiles that are here want instead, where none is.
fn fitting(folder: &Path, lock: &Lock) -> Result<Vec<ProfileId>, PeerError> {
    let (kind, other) = match lock {
        Lock::Keyring => (LockKind::Keyring, PeerError::WantsPassphrase),
        Lock::Passphrase(_) => (LockKind::Passphrase, PeerError::WantsKeyring),
    };
    let all = profiles::list(folder)?;
    let fitting: Vec<_> = all.iter().filter(|(_, locked)| *locked == kind).map(|(id, _)| *id).collect();
    if !fitting.is_empty() {
        return Ok(fitting);
    }
    match (all.is_empty(), profiles::ids(folder)?.is_empty()) {
        (false, _) => Err(other),
        (true, false) => Err(StoreError::Damaged.into()),
        (true, true) => Err(PeerError::NoProfile),
    }
}

/// Whether another profile that the lock opens has that name. One whose name cannot be told stands in nobody's way: it can
/// be opened by its id.
fn is_taken(folder: &Path, lock: &Lock, name: &str, own: Option<ProfileId>) -> Result<bool, PeerError> {
    let has_it = |(id, _): &(ProfileId, LockKind)| {
        Some(*id) != own && profiles::name(folder, *id, lock).is_ok_and(|other| other == name)
    };
    Ok(profiles::list(folder)?.iter().any(has_it))
}

/// Names are unique among the profiles that open with the same lock.
fn create(global: &Global, face: &Face) -> Result<(), PeerError> {
    let (folder, lock) = (global.folder()?, global.lock()?);
    if is_taken(&folder, &lock, &face.name, None)? {
        return Err(PeerError::ProfileExists);
    }
    profiles::create(&folder, &lock, face)?;
    Ok(())
}

fn rename(global: &Global, name: String) -> Result<(), PeerError> {
    let mut profile = open(global)?;
    if is_taken(&global.folder()?, &global.lock()?, &name, Some(profile.id()))? {
        return Err(PeerError::ProfileExists);
    }
    let face = Face { name, ..profile.face().clone() };
    Ok(profile.set_face(face)?)
}

/// The same profile twice would seal with the same keys twice, so one of a name that is here is removed again.
fn import(global: &Global, file: &Path, passphrase: &Passphrase, name: Option<String>) -> Result<(), PeerError> {
    let (folder, lock) = (global.folder()?, global.lock()?);
    let mut profile = profiles::import(&folder, file, passphrase, &lock)?;
    let id = profile.id();
    let named = match name {
        Some(name) => profile.set_face(Face { name, ..profile.face().clone() }).map_err(PeerError::from),
        None => Ok(()),
    };
    let name = profile.face().name.clone();
    let kept = named.and_then(|()| match is_taken(&folder, &lock, &name, Some(id))? {
        true => Err(PeerError::ImportedExists),
        false => Ok(()),
    });
    if kept.is_err() {
        drop(profile);
        profiles::delete(&folder, id)?;
        return kept;
    }
    output::say(format_args!("{id}  {}", output::isolated(&name)));
    Ok(())
}

#[derive(Serialize)]
struct Listed {
    id: String,
    lock: &'static str,
    /// `None`: the passphrase or the keyring at hand does not open it.
    name: Option<String>,
    /// `None` also while another process uses it.
    notify: Option<bool>,
}

/// Without a keyring there is no lock, and the list is of what can be seen from outside.
fn allow_missing_keyring(lock: Result<Lock, PeerError>) -> Result<Option<Lock>, PeerError> {
    match lock {
        Ok(lock) => Ok(Some(lock)),
        Err(PeerError::NoKeyring | PeerError::NoKeyringForProfiles) => Ok(None),
        Err(why) => Err(why),
    }
}

fn list(global: &Global, json: bool) -> Result<(), PeerError> {
    let folder = global.folder()?;
    let lock = allow_missing_keyring(global.lock())?;
    let ids: Vec<_> = profiles::ids(&folder)?.into_iter().map(|id| (id, id.to_string())).collect();
    let mut all = Vec::new();
    for (id, digits) in &ids {
        let (locked, fits) = match profiles::locked_by(&folder, *id) {
            Ok(LockKind::Keyring) => ("keyring", matches!(lock, Some(Lock::Keyring))),
            Ok(LockKind::Passphrase) => ("passphrase", matches!(lock, Some(Lock::Passphrase(_)))),
            Err(StoreError::Newer(_)) => ("newer", false),
            Err(_) => ("damaged", false),
        };
        let fitting = lock.as_ref().filter(|_| fits);
        let name = fitting.and_then(|lock| profiles::name(&folder, *id, lock).ok());
        let opened = fitting.and_then(|lock| profiles::open(&folder, *id, lock).ok());
        all.push(Listed {
            id: digits.clone(),
            lock: locked,
            name,
            notify: opened.map(|profile| profile.face().notify),
        });
    }
    if json {
        return output::say_json(&all);
    }
    for one in all {
        let name = one.name.as_deref().map_or_else(|| "(locked)".to_owned(), output::isolated);
        output::say(format_args!("{}  {:10}  {name}", one.id, one.lock));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_listed_when_no_keyring_answers() {
        for why in [PeerError::NoKeyring, PeerError::NoKeyringForProfiles] {
            assert!(matches!(allow_missing_keyring(Err(why)), Ok(None)));
        }
        assert!(matches!(allow_missing_keyring(Ok(Lock::Keyring)), Ok(Some(Lock::Keyring))));
        assert!(matches!(allow_missing_keyring(Err(PeerError::Passphrase)), Err(PeerError::Passphrase)));
    }
}
