//! Profiles: the faces a person shows, each with its own contacts, rooms and keys, kept in a store of its own.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::store::{self, Store, Write};
pub use crate::store::{Lock, LockKind, Passphrase, ProfileKey as ProfileId, StoreError};

const FACE: &str = "face";
/// Set by an import until its rooms have been told to renew their keys.
const IMPORTED: &str = "imported";
/// An export of the greatest length takes a minute or two on a slow disk.
const MOST_TO_IMPORT: Duration = Duration::from_secs(600);

/// What others see of a profile, and how it behaves here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Face {
    pub name: String,
    /// Calls and lines make themselves known while the window is hidden.
    pub notify: bool,
}

/// A profile that is open. Nobody else can open it meanwhile.
pub struct Profile {
    store: Store,
    face: Face,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Name(#[from] group_crypto::CardError),
}

/// Where profiles are kept unless somebody says otherwise; `None` where the system names no such place.
pub fn default_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "In Camera").map(|dirs| dirs.data_dir().to_owned())
}

pub fn keyring_works() -> bool {
    store::is_keyring_available()
}

/// All profiles of a folder, and what opens each. One whose header cannot be read is left out.
pub fn list(folder: &Path) -> Result<Vec<(ProfileId, LockKind)>, StoreError> {
    let keys = store::profiles(folder)?;
    Ok(keys.into_iter().filter_map(|key| Some((key, store::locked_by(folder, key).ok()?))).collect())
}

/// What opens a profile.
///
/// # Errors
/// [`StoreError::NoProfile`], [`StoreError::Newer`], [`StoreError::Damaged`], or what the file system says.
pub fn locked_by(folder: &Path, id: ProfileId) -> Result<LockKind, StoreError> {
    store::locked_by(folder, id)
}

/// All profiles of a folder, also those that nothing can open.
pub fn ids(folder: &Path) -> Result<Vec<ProfileId>, StoreError> {
    store::profiles(folder)
}

/// The name in a profile that `lock` opens, also while another process uses it.
///
/// # Errors
/// As [`open`]; [`StoreError::InUse`] only for a profile that an older version made and that is in use.
pub fn name(folder: &Path, id: ProfileId, lock: &Lock) -> Result<String, StoreError> {
    match store::label(folder, id, lock)? {
        Some(name) => Ok(name),
        None => Ok(open(folder, id, lock)?.face().name.clone()),
    }
}

pub fn create(folder: &Path, lock: &Lock, face: &Face) -> Result<Profile, ProfileError> {
    group_crypto::check_name(&face.name)?;
    let store = Store::create(folder, lock)?;
    let mut profile = Profile { store, face: face.clone() };
    profile.set_face(face.clone())?;
    Ok(profile)
}

pub fn open(folder: &Path, id: ProfileId, lock: &Lock) -> Result<Profile, StoreError> {
    read(Store::open(folder, id, lock)?)
}

/// Makes a new profile of an exported one, which must not be used beside it. Its rooms renew their keys with the first who
/// is met in them.
///
/// # Errors
/// [`StoreError::Stopped`] after ten minutes: a forged file can hold more rows than a computer writes in a day.
pub fn import(folder: &Path, from: &Path, passphrase: &Passphrase, lock: &Lock) -> Result<Profile, StoreError> {
    import_while(folder, from, passphrase, lock, &|| true)
}

/// As [`import`], until `go_on` says no: then it ends with [`StoreError::Stopped`], and there is no new profile.
pub fn import_while(
    folder: &Path,
    from: &Path,
    passphrase: &Passphrase,
    lock: &Lock,
    go_on: &dyn Fn() -> bool,
) -> Result<Profile, StoreError> {
    let began = Instant::now();
    let in_time = || began.elapsed() < MOST_TO_IMPORT && go_on();
    let mut store = store::import(folder, lock, from, passphrase, &in_time)?;
    store.apply(&[Write::Value { name: IMPORTED, bytes: Some(&[1]) }])?;
    read(store)
}

pub fn delete(folder: &Path, id: ProfileId) -> Result<(), StoreError> {
    store::delete_profile(folder, id)
}

/// Every profile with all that belongs to it: keys, chats, journals.
pub fn delete_everything(folder: &Path) -> Result<(), StoreError> {
    store::delete_everything(folder)
}

/// Whether the profile was imported since this was asked last.
pub(crate) fn take_imported(store: &mut Store) -> Result<bool, StoreError> {
    let imported = store.value(IMPORTED)?.is_some();
    if imported {
        store.apply(&[Write::Value { name: IMPORTED, bytes: None }])?;
    }
    Ok(imported)
}

/// Keeps another name in the profile's face.
pub(crate) fn rename(store: &mut Store, name: String) -> Result<(), StoreError> {
    let bytes = store.value(FACE)?.ok_or(StoreError::Damaged)?;
    let face: Face = postcard::from_bytes(&bytes).map_err(|_| StoreError::Damaged)?;
    let face = Face { name, ..face };
    let bytes = postcard::to_stdvec(&face).map_err(|_| StoreError::Damaged)?;
    store.apply(&[Write::Value { name: FACE, bytes: Some(&bytes) }])?;
    store.set_label(&face.name);
    Ok(())
}

fn read(store: Store) -> Result<Profile, StoreError> {
    let bytes = store.value(FACE)?.ok_or(StoreError::Damaged)?;
    let mut face: Face = postcard::from_bytes(&bytes).map_err(|_| StoreError::Damaged)?;
    if group_crypto::check_name(&face.name).is_err() {
        // It was made by an older rule. Nobody is kept out of their profile for that.
        face.name = group_crypto::plain_name(&face.name);
    }
    // An older version kept none, and the last write of one may have been cut off.
    store.set_label(&face.name);
    Ok(Profile { store, face })
}

impl Profile {
    pub fn id(&self) -> ProfileId {
        self.store.profile()
    }

    pub fn locked_by(&self) -> LockKind {
        self.store.locked_by()
    }

    pub fn face(&self) -> &Face {
        &self.face
    }

    pub fn set_face(&mut self, face: Face) -> Result<(), ProfileError> {
        group_crypto::check_name(&face.name)?;
        let bytes = postcard::to_stdvec(&face).map_err(|_| StoreError::Damaged)?;
        self.store.apply(&[Write::Value { name: FACE, bytes: Some(&bytes) }])?;
        self.store.set_label(&face.name);
        self.face = face;
        Ok(())
    }

    /// A setting by its name.
    pub fn value(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.value(name)
    }

    pub fn set_value(&mut self, name: &str, bytes: Option<&[u8]>) -> Result<(), StoreError> {
        self.store.apply(&[Write::Value { name, bytes }])
    }

    /// One file with all of the profile, sealed with a passphrase. The profile must not be used on beside it.
    pub fn export(&self, to: &Path, passphrase: &Passphrase) -> Result<(), StoreError> {
        self.store.export(to, passphrase)
    }

    /// As [`Profile::export`], until `go_on` says no: then it ends with [`StoreError::Stopped`], and the file is as it was.
    pub fn export_while(&self, to: &Path, passphrase: &Passphrase, go_on: &dyn Fn() -> bool) -> Result<(), StoreError> {
        self.store.export_while(to, passphrase, go_on)
    }

    pub fn change_lock(&mut self, lock: &Lock) -> Result<(), StoreError> {
        self.store.change_lock(lock)
    }

    pub(crate) fn into_store(self) -> Store {
        self.store
    }
}
