//! A profile's name beside its database, sealed with the database's key: a profile that is in use elsewhere, and whose
//! database nobody else can read meanwhile, can still be told by its name.
//!
//! As bytes: nonce (12), then the name, padded with zeros to a multiple of [`BLOCK`] bytes, sealed with AES-256-GCM.

use std::{fs, io, path::Path};

use aws_lc_rs::aead::{Aad, Nonce};

use super::{
    Lock, ProfileKey, Store, StoreError,
    envelope::cipher,
    folder::{self, random},
    lock::Key,
    parse_header,
};

/// The length of a name is told no closer than this, in bytes.
const BLOCK: usize = 256;
const CONTEXT: &[u8] = b"InCamNam1";
const NONCE: usize = 12;

impl Store {
    /// Keeps the name by which [`label`] tells this profile. Where that fails none is kept: a former one would mislead,
    /// and the profile is good without it.
    pub fn set_label(&self, name: &str) {
        let path = self.folder.label();
        if fs::read(&path).is_ok_and(|sealed| open(&sealed, &self.key).as_deref() == Some(name)) {
            return;
        }
        if let Err(why) = seal(name, &self.key).and_then(|sealed| folder::replace(&path, &sealed)) {
            tracing::warn!(%why, "the name of the profile cannot be kept beside it");
            let _ = fs::remove_file(path);
        }
    }

    /// Seals the name again when the database's key has changed.
    pub(super) fn reseal_label(&self, former: &Key) {
        if let Some(name) = fs::read(self.folder.label()).ok().and_then(|sealed| open(&sealed, former)) {
            self.set_label(&name);
        }
    }
}

/// The name of a profile that `lock` opens, also while a process uses it. `None` where it was never kept.
///
/// # Errors
/// [`StoreError::NoProfile`], [`StoreError::WrongLock`], [`StoreError::WrongPassphrase`], [`StoreError::KeyMissing`],
/// [`StoreError::KeyringUnavailable`], [`StoreError::Newer`], [`StoreError::Damaged`].
pub fn label(data_dir: &Path, profile: ProfileKey, lock: &Lock) -> Result<Option<String>, StoreError> {
    let envelope = parse_header(&folder::read_header(data_dir, profile)?)?;
    let (_, keys) = envelope.unlock(lock, profile)?;
    let sealed = match fs::read(folder::label(data_dir, profile)) {
        Ok(sealed) => sealed,
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(why.into()),
    };
    // While a lock is being changed there are two keys.
    Ok(keys.iter().find_map(|key| open(&sealed, key)))
}

fn seal(name: &str, key: &Key) -> Result<Vec<u8>, StoreError> {
    let mut nonce = [0; NONCE];
    random(&mut nonce)?;
    let mut text = name.as_bytes().to_vec();
    text.resize(name.len().next_multiple_of(BLOCK).max(BLOCK), 0);
    cipher(key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(CONTEXT), &mut text)
        .map_err(|_| StoreError::TooLarge)?;
    Ok([&nonce[..], &text].concat())
}

fn open(sealed: &[u8], key: &Key) -> Option<String> {
    let (nonce, text) = sealed.split_first_chunk::<NONCE>()?;
    let mut text = text.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let plain = cipher(key).ok()?.open_in_place(nonce, Aad::from(CONTEXT), &mut text).ok()?;
    let name = plain.split(|byte| *byte == 0).next()?;
    String::from_utf8(name.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;
    use crate::store::Passphrase;

    fn lock(text: &str) -> Lock {
        Lock::Passphrase(Passphrase::new(text.to_owned()).unwrap())
    }

    #[test]
    fn name_is_told_while_another_uses_the_profile() {
        let folder = tempdir().unwrap();
        let mut store = Store::create(folder.path(), &lock("one")).unwrap();
        let profile = store.profile();
        assert_eq!(label(folder.path(), profile, &lock("one")), Ok(None));
        store.set_label("Ann");
        assert_eq!(label(folder.path(), profile, &lock("one")), Ok(Some("Ann".to_owned())));
        assert_eq!(label(folder.path(), profile, &lock("two")), Err(StoreError::WrongPassphrase));
        store.change_lock(&lock("two")).unwrap();
        assert_eq!(label(folder.path(), profile, &lock("two")), Ok(Some("Ann".to_owned())));
    }

    #[test]
    fn length_of_a_name_is_not_told() {
        let key = Key::default();
        assert_eq!(seal("A", &key).unwrap().len(), seal("Anna Bertha Cecilia", &key).unwrap().len());
        assert!(!seal("Anna", &key).unwrap().windows(4).any(|bytes| bytes == b"Anna"));
        assert_eq!(open(&seal("", &key).unwrap(), &key).as_deref(), Some(""));
        assert_eq!(open(b"short", &key), None);
    }
}
