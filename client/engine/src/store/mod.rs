//! The store: what a profile keeps, in one SQLCipher database, and who can open it.
//!
//! ```text
//! DATA_DIR/profiles/0123456789abcdef/    0700, held by one process at a time
//!     header                             clear: how the profile is locked, and its sealed key (see `envelope`)
//!     profile.db                         SQLCipher: AES-256-CBC and HMAC-SHA512 per page, all of it
//!     profile.db-journal                 rollback journal, encrypted too, zeros between transactions
//!     name                               the profile's name, sealed with the database's key (see `label`)
//!     in-use                             empty: the lock on it says that a process uses the profile
//! ```
//!
//! The database has a random key. A lock ([`Lock`]) opens that key: either a random one in the keyring, or what
//! Argon2id makes of a passphrase. So a wrong passphrase, a missing key and damaged data are told apart, and a lock is
//! changed in one step that a crash cannot tear.
//!
//! **Written is written.** [`Store::apply`] is one transaction and returns when it is on the disk: it outlives a killed
//! process and a power cut. When the disk is full it fails with [`StoreError::DiskFull`], nothing of it is there, and
//! the store goes on.
//!
//! **Outbox.** Lines are counted without gaps by their author. An own line waits for each member whose `acknowledged`
//! is lower than its sequence; a member's line goes in once, with the rise of `received`, in one transaction: apply
//! [`Write::Received`] together with the group state that opened it, and only then acknowledge it to its author.
//!
//! **Deleted is deleted** as far as a program can see to it: freed pages are overwritten, no journal keeps a former
//! state, and deleting a profile destroys its keys first. What a file system, an SSD or a backup keeps aside is out of
//! reach, and stays encrypted.
//!
//! **Exports carry it all**, the MLS state of each room too. An MLS state must not live in two places: two members who
//! seal with the same keys break their secrecy, and peers refuse one of them. So an imported profile must have each of
//! its rooms renewed (a new epoch) before it says anything in them, and the exported one must not be used on.

use std::{fmt, path::Path};

use rusqlite::{Connection, TransactionBehavior};

mod apply;
mod database;
mod delete;
mod dump;
mod envelope;
mod error;
mod export;
mod folder;
mod keyring;
mod label;
mod lock;
mod names;
mod read;
mod schema;
mod stream;
#[cfg(test)]
pub(crate) mod tests;
mod write;

pub use delete::{delete_everything, delete_profile};
pub use dump::{Dump, read_dump};
pub use error::StoreError;
pub use export::import;
#[cfg(any(test, feature = "fuzzing"))]
pub use export::read_export;
pub use folder::ProfileKey;
pub use keyring::is_keyring_available;
pub use label::label;
pub use lock::{Lock, LockKind, Passphrase};
pub use names::{InvitationKey, MemberKey, RoomKey};
pub use read::{Author, Line};
pub use write::{Part, Write};

use envelope::{Content, Envelope};
use folder::Folder;
use lock::{Key, LockedBy};

/// The profiles of a data folder. One that has none yet need not exist.
pub fn profiles(data_dir: &Path) -> Result<Vec<ProfileKey>, StoreError> {
    folder::profiles(data_dir)
}

/// What a profile wants to be opened with.
///
/// # Errors
/// [`StoreError::NoProfile`], [`StoreError::Newer`], [`StoreError::Damaged`], or what the file system says.
pub fn locked_by(data_dir: &Path, profile: ProfileKey) -> Result<LockKind, StoreError> {
    let header = folder::read_header(data_dir, profile)?;
    Ok(parse_header(&header)?.locked_by.kind())
}

/// A profile's store, open. Its folder is this process's until it is dropped.
pub struct Store {
    // Declared before the folder: closed before the folder is given free.
    connection: Connection,
    key: Key,
    locked_by: LockedBy,
    folder: Folder,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("profile", &self.folder.key).finish_non_exhaustive()
    }
}

impl Store {
    /// Makes a new, empty profile. `data_dir` is made when it is missing.
    ///
    /// # Errors
    /// [`StoreError::KeyringUnavailable`], [`StoreError::DiskFull`], or what the file system says.
    pub fn create(data_dir: &Path, lock: &Lock) -> Result<Self, StoreError> {
        Self::create_with(data_dir, lock, |_| Ok(()))
    }

    /// As [`Store::create`]; `fill` writes what the profile begins with. When it fails, there is no profile.
    fn create_with(
        data_dir: &Path,
        lock: &Lock,
        fill: impl FnOnce(&mut Connection) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let folder = Folder::create(data_dir)?;
        let profile = folder.key;
        let made = Self::fill(&folder, lock, fill);
        match made {
            Ok((connection, key, locked_by)) => Ok(Self { connection, key, locked_by, folder }),
            Err(error) => {
                drop(folder);
                // Without a header it is no profile; what cannot be removed now, deleting everything removes.
                let _ = delete_profile(data_dir, profile);
                Err(error)
            }
        }
    }

    fn fill(
        folder: &Folder,
        lock: &Lock,
        fill: impl FnOnce(&mut Connection) -> Result<(), StoreError>,
    ) -> Result<(Connection, Key, LockedBy), StoreError> {
        let locked_by = LockedBy::new(lock)?;
        let locking_key = locked_by.key_or_new(lock, folder.key)?;
        let key = new_key()?;
        folder::make_private_file(&folder.database())?;
        let mut connection = database::open(&folder.database(), &key)?;
        schema::migrate(&mut connection, schema::MIGRATIONS)?;
        fill(&mut connection)?;
        database::wipe_journal(&folder.database());
        folder.write_header(&envelope::seal(Content::Profile, locked_by, &locking_key, &[&key])?)?;
        Ok((connection, key, locked_by))
    }

    /// Opens a profile, and brings one of an older version up to date.
    ///
    /// # Errors
    /// [`StoreError::NoProfile`], [`StoreError::InUse`], [`StoreError::WrongLock`], [`StoreError::WrongPassphrase`],
    /// [`StoreError::KeyMissing`], [`StoreError::KeyringUnavailable`], [`StoreError::Newer`], [`StoreError::Damaged`],
    /// [`StoreError::DiskFull`], or what the file system says. Nothing is changed then.
    pub fn open(data_dir: &Path, profile: ProfileKey, lock: &Lock) -> Result<Self, StoreError> {
        Self::open_with(data_dir, profile, lock, schema::MIGRATIONS)
    }

    fn open_with(data_dir: &Path, profile: ProfileKey, lock: &Lock, migrations: &[&str]) -> Result<Self, StoreError> {
        let folder = Folder::open(data_dir, profile)?;
        let header = folder::read_header(data_dir, profile)?;
        let envelope = parse_header(&header)?;
        let locked_by = envelope.locked_by;
        let (locking_key, keys) = envelope.unlock(lock, profile)?;

        let path = folder.database();
        database::remove_copy(&path)?;
        let (mut connection, key) = match keys.as_slice() {
            [key] => (database::open(&path, key)?, key.clone()),
            // The process ended while it changed the lock: do the rest.
            [old, new] => {
                let connection = match database::open(&path, new) {
                    Err(StoreError::Damaged) => {
                        let connection = database::open(&path, old)?;
                        database::copy(&connection, &path, new)?;
                        database::swap(connection, &path)?;
                        database::open(&path, new)?
                    }
                    result => result?,
                };
                folder.write_header(&envelope::seal(Content::Profile, locked_by, &locking_key, &[new])?)?;
                (connection, new.clone())
            }
            _ => return Err(StoreError::Damaged),
        };
        // An emptied file opens with any key.
        if schema::version(&connection)? == 0 {
            return Err(StoreError::Damaged);
        }
        schema::migrate(&mut connection, migrations)?;
        database::wipe_journal(&path);
        Ok(Self { connection, key, locked_by, folder })
    }

    pub fn profile(&self) -> ProfileKey {
        self.folder.key
    }

    pub fn locked_by(&self) -> LockKind {
        self.locked_by.kind()
    }

    /// Locks the profile in another way and encrypts all of it under a new key, so that the former lock opens nothing
    /// that is written from here on, even for somebody who kept a copy of the header. Takes as much disk again while it
    /// works.
    ///
    /// # Errors
    /// [`StoreError::KeyringUnavailable`] and [`StoreError::DiskFull`] above all. The former lock holds then, or the
    /// new one does already: [`Store::locked_by`] and, for two passphrases, the next [`Store::open`] tell.
    pub fn change_lock(&mut self, lock: &Lock) -> Result<(), StoreError> {
        let (profile, path) = (self.folder.key, self.folder.database());
        let locked_by = LockedBy::new(lock)?;
        let locking_key = locked_by.key_or_new(lock, profile)?;
        let new = new_key()?;
        // The one step that takes space comes first: when it fails, nothing has changed.
        database::copy(&self.connection, &path, &new)?;
        // With both keys in the header, the database opens at whichever point the process ends.
        self.folder.write_header(&envelope::seal(Content::Profile, locked_by, &locking_key, &[&self.key, &new])?)?;
        let former = std::mem::replace(&mut self.locked_by, locked_by);
        let former_key = self.key.clone();

        // Stands in while the file is exchanged. It has no tables: should opening fail below, nothing is taken for
        // written.
        let connection = std::mem::replace(&mut self.connection, Connection::open_in_memory()?);
        let swapped = database::swap(connection, &path);
        if swapped.is_ok() {
            self.key = new;
        }
        self.connection = database::open(&path, &self.key)?;
        swapped?;
        self.reseal_label(&former_key);
        self.folder.write_header(&envelope::seal(Content::Profile, locked_by, &locking_key, &[&self.key])?)?;
        if former.kind() == LockKind::Keyring && locked_by.kind() == LockKind::Passphrase {
            // It opens nothing any more.
            keyring::remove_key(profile)?;
        }
        Ok(())
    }

    /// Writes all of `writes` in their order, in one transaction that is on the disk when this returns.
    ///
    /// # Errors
    /// [`StoreError::Unknown`], [`StoreError::OutOfOrder`], [`StoreError::DiskFull`], or what the file system says.
    /// Nothing of `writes` is there then.
    pub fn apply(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        let applied = Self::apply_to(&mut self.connection, writes);
        database::wipe_journal(&self.folder.database());
        applied
    }

    fn apply_to(connection: &mut Connection, writes: &[Write]) -> Result<(), StoreError> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for one in writes {
            apply::apply(&transaction, one)?;
        }
        Ok(transaction.commit()?)
    }

    /// As [`Self::apply`], but for parts that may be left out: one that makes no sense is, and the rest is written.
    /// Returns which were left out.
    ///
    /// # Errors
    /// Those of [`Self::apply`]; nothing is written then.
    pub fn apply_parts(&mut self, parts: &[Part]) -> Result<Vec<usize>, StoreError> {
        let applied = Self::apply_parts_to(&mut self.connection, parts);
        database::wipe_journal(&self.folder.database());
        applied
    }

    fn apply_parts_to(connection: &mut Connection, parts: &[Part]) -> Result<Vec<usize>, StoreError> {
        let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut left_out = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let savepoint = transaction.savepoint()?;
            match part.writes.iter().try_for_each(|one| apply::apply(&savepoint, one)) {
                Ok(()) => savepoint.commit()?,
                // It is rolled back when it goes.
                Err(why) if part.may_be_left_out && why.is_of_meaning() => left_out.push(index),
                Err(why) => return Err(why),
            }
        }
        transaction.commit()?;
        Ok(left_out)
    }
}

fn parse_header(bytes: &[u8]) -> Result<Envelope, StoreError> {
    match Envelope::parse(Content::Profile, bytes)? {
        (envelope, []) => Ok(envelope),
        _ => Err(StoreError::Damaged),
    }
}

fn new_key() -> Result<Key, StoreError> {
    let mut key = Key::default();
    folder::random(key.as_mut())?;
    Ok(key)
}
