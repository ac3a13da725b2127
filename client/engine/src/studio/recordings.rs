//! Where recordings go.

use std::path::PathBuf;

use media::Ladder;

use super::format;
use crate::api::MediaSettings;

/// Where recordings go, one file name for each participant.
pub(crate) struct Recordings {
    directory: PathBuf,
    /// Pictures a second, and what the largest pictures of cameras are taken to be.
    pub fps: u32,
    pub size: Option<(u32, u32)>,
}

impl Recordings {
    pub fn new(directory: PathBuf, settings: &MediaSettings) -> Self {
        let ladder = Ladder::new(format(settings), settings.video_kbps);
        let size = ladder.rungs().last().map(|top| (top.width, top.height));
        Self { directory, fps: settings.fps, size }
    }

    /// NAME.EXTENSION, its name made safe, with a number behind it where that file exists already.
    pub fn path(&self, name: &str, extension: &str) -> PathBuf {
        let safe: String =
            name.chars().map(|c| if c.is_alphanumeric() || "-_. ".contains(c) { c } else { '_' }).collect();
        let safe = safe.trim_start_matches('.');
        let safe = if safe.is_empty() { "_" } else { safe };
        let numbered = |n: u32| match n {
            1 => self.directory.join(format!("{safe}.{extension}")),
            n => self.directory.join(format!("{safe}-{n}.{extension}")),
        };
        (1..1000).map(numbered).find(|path| !path.exists()).unwrap_or_else(|| numbered(1000))
    }
}
