//! A profile's locking key in the keyring of this computer: service "In Camera", account the profile's key.

use keyring::{Entry, Error};
use zeroize::Zeroizing;

use super::{ProfileKey, StoreError, folder::random, lock::Key};

const SERVICE: &str = "In Camera";
/// An account that never exists: asking for it tells whether anybody answers.
const NOBODY: &str = "nobody";

/// Whether a keyring answers. It may still be locked: then the system asks the person when a key is wanted.
///
/// The connection is made once per process: a keyring that starts later is not seen.
pub fn is_keyring_available() -> bool {
    match Entry::new(SERVICE, NOBODY).and_then(|entry| entry.get_secret()) {
        Ok(_) | Err(Error::NoEntry) => true,
        Err(_) => false,
    }
}

pub(super) fn key(profile: ProfileKey) -> Result<Key, StoreError> {
    let secret = Zeroizing::new(entry(profile)?.get_secret().map_err(explain)?);
    let bytes: &[u8; 32] = secret.as_slice().try_into().map_err(|_| StoreError::Damaged)?;
    Ok(Zeroizing::new(*bytes))
}

pub(super) fn new_key(profile: ProfileKey) -> Result<Key, StoreError> {
    let mut key = Key::default();
    random(key.as_mut())?;
    entry(profile)?.set_secret(key.as_ref()).map_err(explain)?;
    Ok(key)
}

/// Removes a profile's key; that there is none is as good.
pub(super) fn remove_key(profile: ProfileKey) -> Result<(), StoreError> {
    match entry(profile)?.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(explain(error)),
    }
}

fn entry(profile: ProfileKey) -> Result<Entry, StoreError> {
    Entry::new(SERVICE, &profile.to_string()).map_err(explain)
}

fn explain(error: Error) -> StoreError {
    match error {
        Error::NoEntry => StoreError::KeyMissing,
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::Ambiguous(_) => StoreError::Damaged,
        _ => StoreError::KeyringUnavailable,
    }
}
