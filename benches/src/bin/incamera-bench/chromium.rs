//! The same mesh in Chromium, by a small script of ours that Node runs.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use media::capture::VideoFormat;

use crate::{Failed, report::Browser};

pub const LACKING: &str = "Chromium beside ours: chromium or node is not installed (or was switched off), so there is nothing to compare with";

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/chromium/mesh.mjs");
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

pub struct Chromium {
    program: PathBuf,
}

impl Chromium {
    /// The one of that path, or else one that is installed; none without Node.
    pub fn find(path: Option<&Path>) -> Option<Self> {
        in_path("node")?;
        let program = path.map(Path::to_owned).or_else(|| NAMES.into_iter().find_map(in_path))?;
        Some(Self { program })
    }

    /// Runs a mesh with the pictures and the sound in `clips`.
    pub fn mesh(
        &self,
        people: u32,
        format: VideoFormat,
        kbps: u32,
        seconds: u64,
        clips: &Path,
    ) -> Result<Browser, Failed> {
        let size = format!("{}x{}", format.width, format.height);
        let numbers = [people, format.fps, kbps].map(|number| number.to_string());
        let output = Command::new("node")
            .arg(SCRIPT)
            .arg(&self.program)
            .args([&numbers[0], &size, &numbers[1], &numbers[2], &seconds.to_string()])
            .args([video(clips), sound(clips)])
            .stderr(Stdio::inherit())
            .output()
            .map_err(|why| Failed::Child(why.to_string()))?;
        serde_json::from_slice(&output.stdout).map_err(|_| Failed::Child("it gave no figures".into()))
    }
}

pub fn video(clips: &Path) -> PathBuf {
    clips.join("card.y4m")
}

pub fn sound(clips: &Path) -> PathBuf {
    clips.join("melody.wav")
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
