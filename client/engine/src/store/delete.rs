//! Deleting for good: first the keys, so that what is left anywhere cannot be read; then the files, overwritten and
//! removed.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use super::{
    ProfileKey, StoreError,
    envelope::{Content, Envelope},
    folder::{self, Folder},
    keyring,
    lock::LockKind,
};

/// Deletes one profile: its key in the keyring, and all files of its folder, journals included.
///
/// # Errors
/// [`StoreError::NoProfile`]; [`StoreError::InUse`], and nothing is deleted; [`StoreError::KeyringUnavailable`] when
/// all files are gone and only the key, which opens nothing any more, may still be in the keyring;
/// [`StoreError::NotOurs`] when the profile is gone, and something else in its folder was left alone.
pub fn delete_profile(data_dir: &Path, profile: ProfileKey) -> Result<(), StoreError> {
    delete(data_dir, Folder::open(data_dir, profile)?)
}

/// Deletes all profiles of a data folder, and what is left of some that were never finished. Without any, it does
/// nothing.
///
/// # Errors
/// [`StoreError::InUse`] when one is in use, and nothing is deleted. Otherwise the first error; the other profiles are
/// deleted nevertheless. [`StoreError::NotOurs`] only when all are gone, and something else was left alone.
pub fn delete_everything(data_dir: &Path) -> Result<(), StoreError> {
    let keys = folder::folders(data_dir)?;
    let held: Vec<Folder> = keys.into_iter().map(|key| Folder::open(data_dir, key)).collect::<Result<_, _>>()?;
    let failed: Vec<_> = held.into_iter().filter_map(|folder| delete(data_dir, folder).err()).collect();
    match failed.iter().find(|error| **error != StoreError::NotOurs) {
        Some(error) => Err(*error),
        None => folder::remove_profiles(data_dir),
    }
}

fn delete(data_dir: &Path, folder: Folder) -> Result<(), StoreError> {
    // A header that cannot be read may have been one of the keyring's.
    let key_removed = match folder::read_header(data_dir, folder.key).map(|header| lock_kind(&header)) {
        Ok(Some(LockKind::Passphrase)) => Ok(()),
        Ok(Some(LockKind::Keyring)) => keyring::remove_key(folder.key),
        Ok(None) | Err(_) => keyring::remove_key(folder.key).or(Ok(())),
    };
    // A file that resists keeps none of the others, and stays to be tried again.
    let (mut overwritten, mut files) = (Ok(()), Vec::new());
    for file in folder.files()? {
        match overwrite(&file) {
            Ok(()) => files.push(file),
            Err(error) => overwritten = overwritten.and(Err(error)),
        }
    }
    let removed = folder.remove(&files);
    overwritten?;
    match removed {
        // Nothing of the profile is left: that its key may be in the keyring is the graver news.
        Err(StoreError::NotOurs) => key_removed.and(Err(StoreError::NotOurs)),
        removed => removed.and(key_removed),
    }
}

fn lock_kind(header: &[u8]) -> Option<LockKind> {
    Envelope::parse(Content::Profile, header).ok().map(|(envelope, _)| envelope.locked_by.kind())
}

/// Fills a file with zeros in its place, and syncs it. That there is none is as good.
fn overwrite(path: &Path) -> Result<(), StoreError> {
    let mut file = match fs::OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let mut left = file.metadata()?.len();
    let zeros = [0; 64 * 1024];
    while left > 0 {
        let chunk = zeros.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(&zeros);
        file.write_all(chunk)?;
        left -= chunk.len() as u64;
    }
    Ok(file.sync_all()?)
}
