//! The folder of a profile: `DATA_DIR/profiles/KEY/`, and files that are written completely or not at all.
//!
//! A folder is a profile once it has a header; the header is written last when a profile is made.

use std::{
    ffi::OsString,
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use aws_lc_rs::rand;
use media::private_file;

use super::StoreError;

const PROFILES: &str = "profiles";
const HEADER: &str = "header";
const DATABASE: &str = "profile.db";
const LABEL: &str = "name";
const IN_USE: &str = "in-use";
/// What a person may have moved elsewhere, with a link in its place.
const OWN: [&str; 3] = [HEADER, DATABASE, LABEL];
/// What holds a sealed key, and so what to destroy first.
const KEYS_FIRST: [&str; 2] = [HEADER, "header.new"];

/// What tells the profiles of one computer apart: random, says nothing about the profile, and never leaves the
/// computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileKey([u8; 8]);

/// As 16 lower-case hexadecimal digits: the name of the folder.
impl fmt::Display for ProfileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for ProfileKey {
    type Err = StoreError;

    /// # Errors
    /// [`StoreError::NoProfile`] for everything but 16 lower-case hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, StoreError> {
        let number = u64::from_str_radix(text, 16).map_err(|_| StoreError::NoProfile)?;
        let key = Self(number.to_be_bytes());
        // One spelling only: a folder of another one is none of ours.
        if key.to_string() == text { Ok(key) } else { Err(StoreError::NoProfile) }
    }
}

/// A profile's folder, held by this process alone for as long as this value lives.
pub(super) struct Folder {
    pub(super) key: ProfileKey,
    path: PathBuf,
    _in_use: InUse,
}

/// The lock on a folder. The system frees it when the process ends, however it ends.
struct InUse(fs::File);

impl Drop for InUse {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that is just being started from this one holds it open a moment
        // longer.
        let _ = self.0.unlock();
    }
}

impl Folder {
    /// Makes an empty folder under a new random key.
    pub(super) fn create(data_dir: &Path) -> Result<Self, StoreError> {
        let profiles = data_dir.join(PROFILES);
        private_folder(&profiles, true)?;
        let mut bytes = [0; 8];
        random(&mut bytes)?;
        let key = ProfileKey(bytes);
        let path = profiles.join(key.to_string());
        private_folder(&path, false)?;
        let in_use = take(&path)?;
        sync_folder(&profiles)?;
        Ok(Self { key, path, _in_use: in_use })
    }

    /// # Errors
    /// [`StoreError::NoProfile`], [`StoreError::InUse`], or what the file system says.
    pub(super) fn open(data_dir: &Path, key: ProfileKey) -> Result<Self, StoreError> {
        let path = path(data_dir, key);
        if !path.is_dir() {
            return Err(StoreError::NoProfile);
        }
        let in_use = take(&path)?;
        Ok(Self { key, path, _in_use: in_use })
    }

    #[cfg(test)]
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Its files, those that hold a sealed key first. Folders, pipes and links in it are none of ours: file managers and
    /// network drives make some (`@eaDir`, `.Trash-1000`). Only a link in the place of a file of ours is followed.
    pub(super) fn files(&self) -> Result<Vec<PathBuf>, StoreError> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            let stands_in = || kind.is_symlink() && OWN.iter().any(|name| path.ends_with(name)) && !path.is_dir();
            if kind.is_file() || stands_in() {
                files.push(path);
            }
        }
        files.sort_by_key(|path| !KEYS_FIRST.iter().any(|name| path.ends_with(name)));
        Ok(files)
    }

    /// Removes `files`, and the folder when nothing else is in it.
    ///
    /// # Errors
    /// What the file system says, and the other files are removed nevertheless; [`StoreError::NotOurs`] when `files`
    /// are gone and something else is left.
    pub(super) fn remove(self, files: &[PathBuf]) -> Result<(), StoreError> {
        let Self { path, _in_use: in_use, .. } = self;
        let removed = files.iter().map(fs::remove_file).fold(Ok(()), io::Result::and);
        // Held up to here; some systems keep an open file's folder.
        drop(in_use);
        removed?;
        remove_folder(&path)
    }

    pub(super) fn write_header(&self, bytes: &[u8]) -> Result<(), StoreError> {
        replace(&self.path.join(HEADER), bytes)
    }

    pub(super) fn label(&self) -> PathBuf {
        self.path.join(LABEL)
    }
}

/// The clear header of a profile.
///
/// # Errors
/// [`StoreError::NoProfile`] where there is none, or what the file system says.
pub(super) fn read_header(data_dir: &Path, key: ProfileKey) -> Result<Vec<u8>, StoreError> {
    match fs::read(path(data_dir, key).join(HEADER)) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::NoProfile),
        Err(error) => Err(error.into()),
    }
}

/// The file with the sealed name of a profile.
pub(super) fn label(data_dir: &Path, key: ProfileKey) -> PathBuf {
    path(data_dir, key).join(LABEL)
}

/// All profiles here, in the order of their keys.
pub(super) fn profiles(data_dir: &Path) -> Result<Vec<ProfileKey>, StoreError> {
    let mut keys = folders(data_dir)?;
    keys.retain(|&key| path(data_dir, key).join(HEADER).is_file());
    Ok(keys)
}

/// As [`profiles`], with folders that lack a header: left behind when a process ended while it made a profile.
pub(super) fn folders(data_dir: &Path) -> Result<Vec<ProfileKey>, StoreError> {
    let entries = match fs::read_dir(data_dir.join(PROFILES)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut keys = Vec::new();
    for entry in entries {
        if let Some(key) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) {
            keys.push(key);
        }
    }
    keys.sort();
    Ok(keys)
}

/// Removes the folder that holds all profiles.
///
/// # Errors
/// [`StoreError::NotOurs`] when something is left in it, or what the file system says.
pub(super) fn remove_profiles(data_dir: &Path) -> Result<(), StoreError> {
    match remove_folder(&data_dir.join(PROFILES)) {
        Err(StoreError::Io(io::ErrorKind::NotFound)) => Ok(()),
        removed => removed,
    }
}

/// Removes an empty folder. In one that is not empty, what was removed so far survives a power cut.
fn remove_folder(path: &Path) -> Result<(), StoreError> {
    match fs::remove_dir(path) {
        Ok(()) => sync_parent(path),
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
            sync_folder(path)?;
            Err(StoreError::NotOurs)
        }
        Err(error) => Err(error.into()),
    }
}

/// Puts `bytes` in the place of the file at `path`: after a crash there is the old file or the new one, whole.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut name = path.file_name().map_or_else(OsString::new, ToOwned::to_owned);
    name.push(".new");
    let new = path.with_file_name(name);
    let written = write_synced(&new, bytes).and_then(|()| fs::rename(&new, path));
    if let Err(error) = written {
        // What is left of it would only take space; that it could not be written is the news.
        let _ = fs::remove_file(&new);
        return Err(error.into());
    }
    sync_parent(path)
}

/// Makes the name of a file survive a power cut.
pub(super) fn sync_parent(path: &Path) -> Result<(), StoreError> {
    // A path of one component stands in the current folder.
    sync_folder(path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

/// Makes an empty file that only this user may read. SQLite gives its journal the same permissions.
pub(super) fn make_private_file(path: &Path) -> Result<(), StoreError> {
    private_file::options().create_new(true).open(path)?;
    Ok(())
}

/// Fills `bytes` from the system's generator.
pub(super) fn random(bytes: &mut [u8]) -> Result<(), StoreError> {
    rand::fill(bytes).map_err(|_| StoreError::Io(io::ErrorKind::Other))
}

fn path(data_dir: &Path, key: ProfileKey) -> PathBuf {
    data_dir.join(PROFILES).join(key.to_string())
}

fn take(folder: &Path) -> Result<InUse, StoreError> {
    let file = private_file::options().create(true).truncate(false).open(folder.join(IN_USE))?;
    match file.try_lock() {
        Ok(()) => Ok(InUse(file)),
        Err(fs::TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private_file::options().create(true).truncate(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn private_folder(path: &Path, with_parents: bool) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(with_parents);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(path)?)
}

/// Makes names in a folder survive a power cut. Windows has no such call and needs none.
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    fs::File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
