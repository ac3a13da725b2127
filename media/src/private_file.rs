//! Files that only this user may read: recordings, figures, exports, pictures of invitations.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use tempfile::TempDir;

/// How a file is opened for writing that nobody else may read. The mode counts when the file is made only.
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Whether a file may be written to `path`: there is nothing, or a plain file.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`] for a folder, a device, a pipe or a link, which would be destroyed or lead elsewhere.
pub fn check_place(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_file() => Ok(()),
        Ok(_) => Err(io::ErrorKind::InvalidInput.into()),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(why) => Err(why),
    }
}

/// Makes an empty file at `path`, in the place of a plain file that was there. A device or a pipe is written to as it is.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`] for a link or a folder, or what the file system says.
pub fn create(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file() && !there.is_symlink() && !there.is_dir()) {
        return options().open(path);
    }
    check_place(path)?;
    match fs::remove_file(path) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
        _ => {}
    }
    options().create_new(true).open(path)
}

/// Puts `bytes` in the place of the plain file at `path`, if there is one: after a crash there is the old file or the new
/// one, whole.
///
/// # Errors
///
/// As [`check_place`], or what the file system says; the old file is left then.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    check_place(path)?;
    let mut name = OsString::from(".");
    name.push(path.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    // Another process that writes the same file at the same time has a name of its own.
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let written = write_new(&new, bytes).and_then(|()| fs::rename(&new, path));
    if written.as_ref().is_err_and(|why| why.kind() != io::ErrorKind::AlreadyExists) {
        // What is left of it would only take space; that it could not be written is the news.
        let _ = fs::remove_file(&new);
    }
    written
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = options().create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a folder that only this user may enter. Its parent must be there, and nothing of its name.
///
/// # Errors
///
/// [`io::ErrorKind::AlreadyExists`], or what the file system says.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A folder that only this user may look into, gone when it is dropped.
///
/// # Errors
/// When the system has no room for it.
pub fn temporary_folder() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("incamera-");
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o700));
    builder.tempdir()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn file_is_private_also_where_a_public_one_was() {
        let outer = temporary_folder().unwrap();
        let folder = outer.path().join("folder");
        create_folder(&folder).unwrap();
        assert_eq!((mode(outer.path()), mode(&folder)), (0o700, 0o700));
        for write in [|path: &Path| replace(path, b"new"), |path: &Path| create(path)?.write_all(b"new")] {
            let path = folder.join("file");
            fs::write(&path, b"a longer old one").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            write(&path).unwrap();
            assert_eq!((mode(&path), fs::read(&path).unwrap()), (0o600, b"new".to_vec()));
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn link_or_folder_in_the_place_of_a_file_is_refused() {
        let folder = temporary_folder().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, b"kept").unwrap();
        symlink(&target, &link).unwrap();
        for path in [link.as_path(), folder.path()] {
            assert_eq!(replace(path, b"x").unwrap_err().kind(), io::ErrorKind::InvalidInput);
            assert_eq!(create(path).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
        assert_eq!(replace(Path::new("/dev/null"), b"x").unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert!(create(Path::new("/dev/null")).is_ok());
        assert_eq!(fs::read(&target).unwrap(), b"kept");
        assert_eq!(create_folder(folder.path()).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
}
