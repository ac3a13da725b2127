//! A target of the fuzzer, and where its inputs are kept.

use std::{fs, io, path::PathBuf};

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
