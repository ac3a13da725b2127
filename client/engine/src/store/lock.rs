//! What locks a profile: the computer's keyring, or a passphrase.

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{ProfileKey, StoreError, folder::random, keyring};

/// 32 secret bytes: a key of AES-256.
pub(super) type Key = Zeroizing<[u8; 32]>;

/// What a person opens a profile with.
pub enum Lock {
    /// A random key that the keyring of this computer keeps (Secret Service, Keychain, Credential Manager).
    Keyring,
    Passphrase(Passphrase),
}

/// Which of the two a profile needs, see [`super::locked_by`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockKind {
    Keyring,
    Passphrase,
}

/// A passphrase. Letters with accents are bytes of one kind on one system and of another kind on another, so keys are
/// made of the form that RFC 8265 has for passphrases (section 4.2, OpaqueString): NFC, and every space is U+0020.
/// Capitals stay, and nothing is trimmed.
pub struct Passphrase {
    prepared: Zeroizing<String>,
    /// As it was typed, where that differs. Older versions took it byte for byte.
    typed: Option<Zeroizing<String>>,
}

impl Passphrase {
    /// # Errors
    /// [`StoreError::UnusablePassphrase`] when it is empty or longer than 1024 bytes.
    pub fn new(text: String) -> Result<Self, StoreError> {
        let text = Zeroizing::new(text);
        if !(1..=1024).contains(&text.len()) {
            return Err(StoreError::UnusablePassphrase);
        }
        let prepared = prepare(&text);
        let typed = Some(text).filter(|text| **text != *prepared);
        Ok(Self { prepared, typed })
    }

    /// What new keys are made of.
    pub(super) fn prepared(&self) -> &str {
        &self.prepared
    }

    /// What keys that exist may have been made of, the likeliest first.
    pub(super) fn forms(&self) -> impl Iterator<Item = &str> {
        [Some(&self.prepared), self.typed.as_ref()].into_iter().flatten().map(|text| text.as_str())
    }

    /// As older versions took it.
    #[cfg(test)]
    pub(super) fn of_older_version(text: &str) -> Self {
        Self { prepared: Zeroizing::new(text.to_owned()), typed: None }
    }
}

fn prepare(text: &str) -> Zeroizing<String> {
    // No text in UTF-8 grows to more than that in NFC, so no copy is left behind by a reallocation.
    let mut prepared = Zeroizing::new(String::with_capacity(text.len().saturating_mul(3)));
    prepared.extend(text.chars().map(|c| if is_space(c) { ' ' } else { c }).nfc());
    prepared
}

/// General category Zs.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// What guessing a passphrase costs: the parameters of Argon2id (RFC 9106).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

impl Cost {
    /// The second recommended option of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes.
    const RECOMMENDED: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };
    /// Unit tests open profiles by the dozen and guard nothing.
    pub(super) const OWN: Self =
        if cfg!(test) { Self { memory_kib: 64, passes: 1, lanes: 1 } } else { Self::RECOMMENDED };
    /// No file may make us spend more: the parameters are read before anything is authenticated.
    const MAX: Self = Self { memory_kib: 256 * 1024, passes: 16, lanes: 16 };

    pub(super) fn is_bearable(self) -> bool {
        self.memory_kib <= Self::MAX.memory_kib && self.passes <= Self::MAX.passes && self.lanes <= Self::MAX.lanes
    }
}

/// How the key that seals a profile's or an export's keys comes about. Stands in the clear in front of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LockedBy {
    Keyring,
    Passphrase { cost: Cost, salt: [u8; 16] },
}

impl LockedBy {
    /// For something new: a passphrase gets a fresh salt.
    pub(super) fn new(lock: &Lock) -> Result<Self, StoreError> {
        match lock {
            Lock::Keyring => Ok(Self::Keyring),
            Lock::Passphrase(_) => {
                let mut salt = [0; 16];
                random(&mut salt)?;
                Ok(Self::Passphrase { cost: Cost::OWN, salt })
            }
        }
    }

    pub(super) fn kind(self) -> LockKind {
        match self {
            Self::Keyring => LockKind::Keyring,
            Self::Passphrase { .. } => LockKind::Passphrase,
        }
    }

    /// The locking key for something new. The keyring makes one where it has none.
    ///
    /// # Errors
    /// [`StoreError::WrongLock`], [`StoreError::KeyringUnavailable`].
    pub(super) fn key_or_new(self, lock: &Lock, profile: ProfileKey) -> Result<Key, StoreError> {
        match (self, lock) {
            (Self::Keyring, Lock::Keyring) => match keyring::key(profile) {
                Err(StoreError::KeyMissing) => keyring::new_key(profile),
                result => result,
            },
            (Self::Passphrase { cost, salt }, Lock::Passphrase(passphrase)) => {
                derive(passphrase.prepared(), cost, &salt)
            }
            _ => Err(StoreError::WrongLock),
        }
    }
}

/// Argon2id (RFC 9106) of one form of a passphrase, without secret and associated data.
pub(super) fn derive(passphrase: &str, cost: Cost, salt: &[u8]) -> Result<Key, StoreError> {
    if !cost.is_bearable() {
        return Err(StoreError::Damaged);
    }
    let mut key = Key::default();
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(key.len()));
    let params = params.map_err(|_| StoreError::Damaged)?;
    // The key can be computed from what is left in this memory.
    let mut memory = Zeroizing::new(vec![Block::default(); params.block_count()]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase.as_bytes(), salt, key.as_mut(), &mut *memory)
        .map_err(|_| StoreError::Damaged)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(text.to_owned()).unwrap()
    }

    fn hex(key: &Key) -> String {
        key.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The tests of the reference implementation, github.com/P-H-C/phc-winner-argon2, `src/test.c`, Argon2id.
    #[test]
    fn keys_are_those_that_the_reference_implementation_derives() {
        let of = |memory_kib, passes, lanes| {
            hex(&derive("password", Cost { memory_kib, passes, lanes }, b"somesalt").unwrap())
        };
        assert_eq!(of(65536, 2, 1), "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
        assert_eq!(of(256, 2, 2), "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037");
    }

    #[test]
    fn a_cost_beyond_all_bounds_is_refused_before_it_is_paid() {
        for cost in [
            Cost { memory_kib: u32::MAX, ..Cost::RECOMMENDED },
            Cost { passes: u32::MAX, ..Cost::RECOMMENDED },
            Cost { lanes: u32::MAX, ..Cost::RECOMMENDED },
            Cost { memory_kib: 0, passes: 0, lanes: 0 },
        ] {
            assert_eq!(derive("a", cost, &[0; 16]).err(), Some(StoreError::Damaged));
        }
    }

    #[test]
    fn a_passphrase_is_neither_empty_nor_endless_and_never_printed() {
        assert_eq!(Passphrase::new(String::new()).err(), Some(StoreError::UnusablePassphrase));
        assert_eq!(Passphrase::new("x".repeat(1025)).err(), Some(StoreError::UnusablePassphrase));
        assert!(!format!("{:?}", passphrase("correct horse")).contains("horse"));
    }
}
