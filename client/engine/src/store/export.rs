//! A profile as one file, sealed with a passphrase of its own: an [`super::envelope`] with one fresh key, and behind it
//! the [`Dump`], sealed with that key as a [`super::stream`].

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use media::private_file;
use zeroize::Zeroizing;

use super::{
    Dump, Lock, Passphrase, Store, StoreError,
    envelope::{self, Content, Envelope},
    folder,
    lock::{Cost, LockedBy, derive},
    new_key, read_dump, stream,
};

/// No export is longer, in bytes. Making one and importing it takes a few times as much memory as the export is long.
const MAX: usize = 256 * 1024 * 1024;

impl Store {
    /// Writes all that this profile holds to a file at `path`, in the place of what was there. A crash leaves the
    /// former file, or the whole export.
    ///
    /// The MLS state of all rooms is in it, which must not live in two places: see the module's documentation.
    ///
    /// # Errors
    /// [`StoreError::NoFile`] where a folder, a device, a pipe or a link is; [`StoreError::TooLarge`] past 256 MiB, [`StoreError::DiskFull`], or what the file system says.
    pub fn export(&self, path: &Path, passphrase: &Passphrase) -> Result<(), StoreError> {
        self.export_while(path, passphrase, &|| true)
    }

    /// As [`Store::export`], until `go_on` says no: then it ends with [`StoreError::Stopped`], and the file is as it was.
    pub fn export_while(
        &self,
        path: &Path,
        passphrase: &Passphrase,
        go_on: &dyn Fn() -> bool,
    ) -> Result<(), StoreError> {
        check(go_on)?;
        check_place(path)?;
        let dump = Dump::read(&self.connection)?.to_bytes()?;
        check(go_on)?;
        let sealed = seal(&dump, passphrase)?;
        check(go_on)?;
        private_file::replace(path, &sealed)?;
        folder::sync_parent(path)
    }
}

/// Makes a new profile from an export at `path`: all of it, or none.
///
/// # Errors
/// [`StoreError::NoFile`]; [`StoreError::NoExport`]; [`StoreError::WrongPassphrase`]; [`StoreError::Damaged`] also for a
/// file that is cut off; [`StoreError::Newer`]; [`StoreError::TooLarge`]; [`StoreError::Stopped`] once `go_on`, which is
/// asked again and again, says no; and those of [`Store::create`].
pub fn import(
    data_dir: &Path,
    lock: &Lock,
    path: &Path,
    passphrase: &Passphrase,
    go_on: &dyn Fn() -> bool,
) -> Result<Store, StoreError> {
    // A pipe may have no end, and opening one may wait for ever.
    if !fs::metadata(path)?.is_file() {
        return Err(StoreError::NoFile);
    }
    let mut bytes = Vec::new();
    // One byte more than allowed tells that there is more.
    File::open(path)?.take(MAX as u64 + 1).read_to_end(&mut bytes)?;
    if !Content::Export.begins(&bytes) {
        return Err(StoreError::NoExport);
    }
    check(go_on)?;
    // Deriving the key is bounded by `Cost::MAX`, and cannot be interrupted.
    let dump = read_export(&bytes, passphrase)?;
    check(go_on)?;
    Store::create_with(data_dir, lock, |connection| dump.write(connection, go_on))
}

fn check(go_on: &dyn Fn() -> bool) -> Result<(), StoreError> {
    if go_on() { Ok(()) } else { Err(StoreError::Stopped) }
}

fn check_place(path: &Path) -> Result<(), StoreError> {
    private_file::check_place(path).map_err(|why| match why.kind() {
        io::ErrorKind::InvalidInput => StoreError::NoFile,
        _ => why.into(),
    })
}

/// Opens and reads an export.
///
/// # Errors
/// As [`import`] says.
pub fn read_export(bytes: &[u8], passphrase: &Passphrase) -> Result<Dump, StoreError> {
    if bytes.len() > MAX {
        return Err(StoreError::TooLarge);
    }
    let (envelope, sealed) = Envelope::parse(Content::Export, bytes)?;
    let LockedBy::Passphrase { cost, salt } = envelope.locked_by else { return Err(StoreError::Damaged) };
    let (_, keys) = envelope.open_with(passphrase, cost, &salt)?;
    let [key] = keys.as_slice() else { return Err(StoreError::Damaged) };
    read_dump(&stream::open(key, sealed)?)
}

fn seal(dump: &Zeroizing<Vec<u8>>, passphrase: &Passphrase) -> Result<Vec<u8>, StoreError> {
    let mut salt = [0; 16];
    folder::random(&mut salt)?;
    let cost = Cost::OWN;
    let key = new_key()?;
    let locking_key = derive(passphrase.prepared(), cost, &salt)?;
    let mut bytes = envelope::seal(Content::Export, LockedBy::Passphrase { cost, salt }, &locking_key, &[&key])?;
    bytes.append(&mut stream::seal(&key, dump)?);
    if bytes.len() > MAX { Err(StoreError::TooLarge) } else { Ok(bytes) }
}
