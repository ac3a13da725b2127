//! Keys under a lock: the header of a profile, and the beginning of an export.
//!
//! | bytes | |
//! | --- | --- |
//! | 8 | what it is the beginning of: `InCamPrf` or `InCamExp` |
//! | 2 | version: 1 |
//! | 1 | locked by: 1 keyring, 2 passphrase |
//! | 28 | only with a passphrase: Argon2id's memory in KiB (4), passes (4) and lanes (4), salt (16) |
//! | 1 | number of keys: 1 or 2 |
//! | 12 | nonce |
//! | 32 each, + 16 | the keys, sealed with AES-256-GCM; all before the nonce is authenticated with them |
//! | 4 | the first bytes of SHA-256 of all before: tells a damaged envelope from a wrong passphrase |
//!
//! All numbers are big endian. The keys are random, so a lock is changed without touching what they seal; a second
//! one stands there only while a profile moves from one key to the next.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    digest::{SHA256, digest},
};
use zeroize::{Zeroize, Zeroizing};

use super::{
    Lock, Passphrase, ProfileKey, StoreError,
    folder::random,
    keyring,
    lock::{Cost, Key, LockedBy, derive},
};

const VERSION: u16 = 1;
const KEYRING: u8 = 1;
const PASSPHRASE: u8 = 2;
const KEY: usize = 32;
const TAG: usize = 16;
const CHECK: usize = 4;
const MAX_KEYS: u8 = 2;

/// What an envelope stands in front of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Profile,
    Export,
}

impl Content {
    /// Whether `bytes` say that they are this.
    pub(super) fn begins(self, bytes: &[u8]) -> bool {
        bytes.starts_with(&self.magic())
    }

    fn magic(self) -> [u8; 8] {
        match self {
            Self::Profile => *b"InCamPrf",
            Self::Export => *b"InCamExp",
        }
    }
}

/// A parsed envelope, not yet opened.
pub(super) struct Envelope {
    pub(super) locked_by: LockedBy,
    authenticated: Vec<u8>,
    nonce: [u8; 12],
    sealed: Vec<u8>,
}

/// Seals `keys` (one or two) under `locking_key`.
pub(super) fn seal(
    content: Content,
    locked_by: LockedBy,
    locking_key: &Key,
    keys: &[&Key],
) -> Result<Vec<u8>, StoreError> {
    let mut bytes = content.magic().to_vec();
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    match locked_by {
        LockedBy::Keyring => bytes.push(KEYRING),
        LockedBy::Passphrase { cost, salt } => {
            bytes.push(PASSPHRASE);
            for number in [cost.memory_kib, cost.passes, cost.lanes] {
                bytes.extend_from_slice(&number.to_be_bytes());
            }
            bytes.extend_from_slice(&salt);
        }
    }
    let count = u8::try_from(keys.len()).map_err(|_| StoreError::TooLarge)?;
    bytes.push(count);

    let mut nonce = [0; 12];
    random(&mut nonce)?;
    // Room for the tag, so that no copy of the keys is left behind by a reallocation.
    let mut sealed = Zeroizing::new(Vec::with_capacity(keys.len() * KEY + TAG));
    keys.iter().for_each(|key| sealed.extend_from_slice(key.as_ref()));
    cipher(locking_key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&bytes), &mut *sealed)
        .map_err(|_| StoreError::TooLarge)?;
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&sealed);
    let check = digest(&SHA256, &bytes);
    bytes.extend(check.as_ref().iter().take(CHECK));
    Ok(bytes)
}

impl Envelope {
    /// Reads an envelope from the front of `bytes`, and gives back what follows it.
    ///
    /// # Errors
    /// [`StoreError::Newer`], or [`StoreError::Damaged`].
    pub(super) fn parse(content: Content, bytes: &[u8]) -> Result<(Self, &[u8]), StoreError> {
        let mut rest = bytes;
        if take(&mut rest)? != content.magic() {
            return Err(StoreError::Damaged);
        }
        let version = u16::from_be_bytes(take(&mut rest)?);
        if version > VERSION {
            return Err(StoreError::Newer(version.into()));
        }
        let [kind] = take(&mut rest)?;
        let locked_by = match kind {
            KEYRING => LockedBy::Keyring,
            PASSPHRASE => {
                let [memory_kib, passes, lanes] =
                    [take(&mut rest)?, take(&mut rest)?, take(&mut rest)?].map(u32::from_be_bytes);
                LockedBy::Passphrase { cost: Cost { memory_kib, passes, lanes }, salt: take(&mut rest)? }
            }
            _ => return Err(StoreError::Damaged),
        };
        let [count] = take(&mut rest)?;
        if version == 0 || !(1..=MAX_KEYS).contains(&count) {
            return Err(StoreError::Damaged);
        }
        let authenticated = before(bytes, rest).to_vec();
        let nonce = take(&mut rest)?;
        let (sealed, after) = rest.split_at_checked(usize::from(count) * KEY + TAG).ok_or(StoreError::Damaged)?;
        rest = after;
        let checked = digest(&SHA256, before(bytes, rest));
        let check: [u8; CHECK] = take(&mut rest)?;
        if !checked.as_ref().starts_with(&check) {
            return Err(StoreError::Damaged);
        }
        Ok((Self { locked_by, authenticated, nonce, sealed: sealed.to_vec() }, rest))
    }

    /// The keys of the profile that this is the header of, and the locking key that opened them.
    ///
    /// # Errors
    /// [`StoreError::WrongLock`], [`StoreError::WrongPassphrase`], [`StoreError::KeyringUnavailable`];
    /// [`StoreError::KeyMissing`] where the keyring holds none or another key.
    pub(super) fn unlock(&self, lock: &Lock, profile: ProfileKey) -> Result<(Key, Vec<Key>), StoreError> {
        match (self.locked_by, lock) {
            (LockedBy::Keyring, Lock::Keyring) => {
                let locking_key = keyring::key(profile)?;
                let keys = self.open(&locking_key)?;
                Ok((locking_key, keys))
            }
            (LockedBy::Passphrase { cost, salt }, Lock::Passphrase(passphrase)) => {
                self.open_with(passphrase, cost, &salt)
            }
            _ => Err(StoreError::WrongLock),
        }
    }

    /// The keys, and the locking key that opened them: one of those that the passphrase may have given.
    ///
    /// # Errors
    /// [`StoreError::WrongPassphrase`], or [`StoreError::Damaged`] for a cost that is never paid.
    pub(super) fn open_with(
        &self,
        passphrase: &Passphrase,
        cost: Cost,
        salt: &[u8],
    ) -> Result<(Key, Vec<Key>), StoreError> {
        for form in passphrase.forms() {
            let locking_key = derive(form, cost, salt)?;
            match self.open(&locking_key) {
                Err(StoreError::WrongPassphrase) => {}
                opened => return opened.map(|keys| (locking_key, keys)),
            }
        }
        Err(StoreError::WrongPassphrase)
    }

    /// The keys, when `locking_key` is the right one.
    ///
    /// # Errors
    /// [`StoreError::WrongPassphrase`], or [`StoreError::KeyMissing`] where the keyring holds another key.
    fn open(&self, locking_key: &Key) -> Result<Vec<Key>, StoreError> {
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let mut sealed = self.sealed.clone();
        let opened = cipher(locking_key)?.open_in_place(nonce, Aad::from(&self.authenticated), &mut sealed);
        let Ok(plain) = opened else {
            return Err(match self.locked_by {
                LockedBy::Keyring => StoreError::KeyMissing,
                LockedBy::Passphrase { .. } => StoreError::WrongPassphrase,
            });
        };
        let (keys, _) = plain.as_chunks::<KEY>();
        let keys = keys.iter().map(|key| Zeroizing::new(*key)).collect();
        plain.zeroize();
        Ok(keys)
    }
}

pub(super) fn cipher(key: &Key) -> Result<LessSafeKey, StoreError> {
    let key = UnboundKey::new(&AES_256_GCM, key.as_ref()).map_err(|_| StoreError::Damaged)?;
    Ok(LessSafeKey::new(key))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], StoreError> {
    let (first, after) = rest.split_first_chunk::<N>().ok_or(StoreError::Damaged)?;
    *rest = after;
    Ok(*first)
}

/// The part of `bytes` in front of `rest`, which is its end.
fn before<'a>(bytes: &'a [u8], rest: &[u8]) -> &'a [u8] {
    bytes.get(..bytes.len().saturating_sub(rest.len())).unwrap_or_default()
}
