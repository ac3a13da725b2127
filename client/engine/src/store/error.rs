//! Why the store could not do what was asked.

use std::io;

/// Nothing in here comes from what is stored: no names, texts, keys or paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("there is no such profile here")]
    NoProfile,
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    #[error("a passphrase is 1 to 1024 bytes long")]
    UnusablePassphrase,
    /// A passphrase was given for a profile that the keyring locks, or the other way round.
    #[error("the profile is locked in another way")]
    WrongLock,
    #[error("the keyring of this computer does not answer")]
    KeyringUnavailable,
    /// The keyring answers, and does not hold this profile's key: it was deleted, or the folder came from elsewhere.
    #[error("the keyring does not hold the key of this profile")]
    KeyMissing,
    #[error("this was written by a newer version (format {0})")]
    Newer(u32),
    #[error("the stored data is damaged")]
    Damaged,
    #[error("another process uses this profile")]
    InUse,
    #[error("the disk is full")]
    DiskFull,
    #[error("more data than an export may hold")]
    TooLarge,
    #[error("this is not a plain file")]
    NoFile,
    #[error("this is not an exported profile")]
    NoExport,
    /// The profile's own files are gone.
    #[error("deleted, except for something else in the folder that was left there")]
    NotOurs,
    #[error("stopped, or took too long")]
    Stopped,
    /// A write names a room or a member that was never stored, or was forgotten.
    #[error("unknown {0}")]
    Unknown(&'static str),
    /// A sequence number leaves a gap, or acknowledges what was never queued. When it came from a member, it is that
    /// member's fault.
    #[error("a sequence number is out of order")]
    OutOfOrder,
    #[error("storage: {0}")]
    Io(io::ErrorKind),
    /// A result code of SQLite (sqlite.org/rescode.html) that nothing above stands for.
    #[error("database error {0}")]
    Database(i32),
}

impl StoreError {
    /// The write itself makes no sense, and never will: trying again does not help, and other writes go on.
    pub fn is_of_meaning(self) -> bool {
        matches!(self, Self::Unknown(_) | Self::OutOfOrder)
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::IsADirectory => Self::NoFile,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            kind => Self::Io(kind),
        }
    }
}

/// Keeps codes only: SQLite's messages quote statements, and a statement can hold a key.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::{Error, ErrorCode};
        match error {
            Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => Self::DiskFull,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::InUse,
                ErrorCode::PermissionDenied | ErrorCode::ReadOnly | ErrorCode::CannotOpen => {
                    Self::Io(io::ErrorKind::PermissionDenied)
                }
                ErrorCode::SystemIoFailure => Self::Io(io::ErrorKind::Other),
                ErrorCode::OutOfMemory => Self::Io(io::ErrorKind::OutOfMemory),
                _ => Self::Database(failure.extended_code),
            },
            Error::SqlInputError { error, .. } => Self::Database(error.extended_code),
            Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..) => Self::Damaged,
            _ => Self::Database(rusqlite::ffi::SQLITE_ERROR),
        }
    }
}
