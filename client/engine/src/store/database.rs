//! A SQLCipher database as the store uses it.
//!
//! A rollback journal, not a write-ahead log: a log keeps former versions of pages, and with them MLS states that must
//! be gone, until it is overwritten. The journal's header is zeroed at the end of each transaction, and that is synced, so
//! what was reported as written survives a power cut; then the rest of it is overwritten too, as it has former pages. A full
//! disk is met before the database itself is touched.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, params};
use zeroize::Zeroizing;

use super::{
    StoreError,
    folder::{make_private_file, sync_parent},
    lock::Key,
    schema,
};

/// Bytes of the journal that stay reserved between transactions, as zeros.
const JOURNAL: u64 = 256 * 1024;

/// Opens the database at `path`; an empty file becomes a database under `key` with the first write.
///
/// # Errors
/// [`StoreError::Damaged`] when `key` does not open it, or it is missing.
pub(super) fn open(path: &Path, key: &Key) -> Result<Connection, StoreError> {
    if !path.is_file() {
        return Err(StoreError::Damaged);
    }
    // What a killed process left is rolled back with the first read, and the file removed; this still reaches what it had.
    let left = open_journal(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // SQLCipher writes to stderr otherwise.
    connection.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    let raw = raw(key);
    let mut sql = Zeroizing::new(String::with_capacity(128));
    for part in ["PRAGMA key = \"", raw.as_str(), "\""] {
        sql.push_str(part);
    }
    connection.execute_batch(&sql)?;
    // The first read tells whether the key is right, before anything can be written.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    connection.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE;
         PRAGMA journal_mode = PERSIST;
         PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA secure_delete = ON;
         PRAGMA cipher_memory_security = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;",
    )?;
    if let Some(mut left) = left.filter(|_| !journal_path(path).exists()) {
        note(overwrite(&mut left));
    }
    wipe_journal(path);
    Ok(connection)
}

/// Overwrites what the last transaction left in the journal: former pages, and with them keys that must be gone. To be called
/// after every transaction, however it ended. A journal that is in use, or still to be rolled back, is left alone.
///
/// A disk that refuses this undoes nothing of what was written; it is tried again after the next transaction.
pub(super) fn wipe_journal(path: &Path) {
    let Some(mut journal) = open_journal(path) else { return };
    let mut first = [0];
    match journal.read(&mut first) {
        // SQLite does not look at a journal that begins with a zero.
        Ok(1) if first == [0] => note(overwrite(&mut journal)),
        Ok(_) => {}
        Err(error) => note(Err(error)),
    }
}

fn note(overwritten: io::Result<()>) {
    if let Err(error) = overwritten {
        tracing::warn!(kind = ?error.kind(), "the journal could not be overwritten");
    }
}

fn open_journal(path: &Path) -> Option<File> {
    File::options().read(true).write(true).open(journal_path(path)).ok()
}

fn journal_path(path: &Path) -> PathBuf {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    journal.into()
}

fn overwrite(journal: &mut File) -> io::Result<()> {
    const ZEROS: [u8; 16 * 1024] = [0; 16 * 1024];
    let mut chunk = ZEROS;
    let (mut at, mut changed) = (0, false);
    loop {
        journal.seek(SeekFrom::Start(at))?;
        let length = journal.read(&mut chunk)?;
        let Some(read) = chunk.get(..length).filter(|read| !read.is_empty()) else { break };
        if read.iter().any(|byte| *byte != 0) {
            journal.seek(SeekFrom::Start(at))?;
            journal.write_all(ZEROS.get(..length).unwrap_or_default())?;
            changed = true;
        }
        at = at.saturating_add(length as u64);
    }
    if changed {
        // Before it is cut: what is cut off first is never written.
        journal.sync_data()?;
    }
    if at > JOURNAL {
        journal.set_len(JOURNAL)?;
    }
    Ok(())
}

/// Copies everything into a new file beside the database at `path`, under another key. [`swap`] puts it in its place.
///
/// Not SQLCipher's own `rekey`: it takes a commit that failed for a success, and after an error it writes with the new
/// key what it reads with the former.
pub(super) fn copy(connection: &Connection, path: &Path, key: &Key) -> Result<(), StoreError> {
    remove_copy(path)?;
    let copy = copy_path(path);
    make_private_file(&copy)?;
    let copied = copy_into(connection, &copy, key);
    if copied.is_err() {
        // What is left of it would only take space, and the next copy removes it.
        let _ = remove_copy(path);
    }
    copied
}

fn copy_into(connection: &Connection, copy: &Path, key: &Key) -> Result<(), StoreError> {
    let version = schema::version(connection)?;
    let to_version = usize::try_from(version).ok().and_then(|version| schema::MIGRATIONS.get(..version));
    let mut fresh = open(copy, key)?;
    schema::migrate(&mut fresh, to_version.ok_or(StoreError::Newer(version))?)?;
    fresh.close().map_err(|(_, error)| error)?;

    let copy = copy.to_str().ok_or(StoreError::Io(ErrorKind::InvalidFilename))?;
    connection.execute("ATTACH DATABASE ?1 AS copy KEY ?2", params![copy, *raw(key)])?;
    let copied = copy_tables(connection);
    connection.execute("DETACH DATABASE copy", [])?;
    copied
}

fn copy_tables(connection: &Connection) -> Result<(), StoreError> {
    let transaction = connection.unchecked_transaction()?;
    // In the order in which they were made: what refers to another comes after it.
    let sql = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid";
    let tables: Vec<String> = transaction.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for table in tables {
        transaction.execute(&format!("INSERT INTO copy.{table} SELECT * FROM main.{table}"), [])?;
    }
    // The ids that lines had, also those that are gone.
    transaction.execute_batch(
        "DELETE FROM copy.sqlite_sequence;
         INSERT INTO copy.sqlite_sequence SELECT * FROM main.sqlite_sequence;",
    )?;
    Ok(transaction.commit()?)
}

/// Closes the database at `path` and puts its finished copy there. After a crash there is the one or the other.
pub(super) fn swap(connection: Connection, path: &Path) -> Result<(), StoreError> {
    connection.close().map_err(|(_, error)| error)?;
    fs::rename(copy_path(path), path)?;
    sync_parent(path)
}

/// Removes a copy that was never put in place.
pub(super) fn remove_copy(path: &Path) -> Result<(), StoreError> {
    let copy = copy_path(path);
    let journal = journal_path(&copy);
    for leftover in [copy.as_path(), journal.as_path()] {
        match fs::remove_file(leftover) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

fn copy_path(path: &Path) -> PathBuf {
    path.with_extension("copy")
}

/// A raw key as SQLCipher takes it: it derives nothing from it but the key of its page authentication.
fn raw(key: &Key) -> Zeroizing<String> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    // As long as it gets, so that no copy is left behind by a reallocation.
    let mut text = Zeroizing::new(String::with_capacity(2 * key.len() + 3));
    text.push_str("x'");
    for nibble in key.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
        text.push(DIGITS.get(usize::from(nibble)).copied().unwrap_or_default().into());
    }
    text.push('\'');
    text
}
