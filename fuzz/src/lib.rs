//! Hostile bytes for everything that reads what a stranger, a member, a file or a device gives.
//!
//! A target is a function of bytes that panics when a promise is broken. `incamera-fuzz smoke` throws kept and changed
//! inputs at each, on the stable compiler and with what the program itself is built of; `libfuzzer/` drives the same
//! functions by coverage.

mod targets;

use std::{fs, io, path::PathBuf};

pub use targets::TARGETS;

/// Something that reads foreign bytes.
pub struct Target {
    /// Also the folder of its inputs in `seeds/`.
    pub name: &'static str,
    /// The longest input worth giving, in bytes.
    pub longest: usize,
    /// Panics when a promise is broken.
    pub run: fn(&[u8]),
    /// What its inputs are likely to hold.
    pub words: &'static [&'static [u8]],
}

pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

impl Target {
    pub fn folder(&self) -> PathBuf {
        [env!("CARGO_MANIFEST_DIR"), "seeds", self.name].iter().collect()
    }

    /// The inputs that are kept, with their names, in order of these.
    ///
    /// # Errors
    /// When the target's folder cannot be read.
    pub fn seeds(&self) -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut seeds = fs::read_dir(self.folder())?
            .map(|entry| {
                let entry = entry?;
                Ok((entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?))
            })
            .collect::<io::Result<Vec<_>>>()?;
        seeds.sort();
        Ok(seeds)
    }
}
