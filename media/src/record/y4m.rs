//! What was seen, as YUV4MPEG2.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::capture::Scaler;
use crate::picture::Picture;

/// Bytes gathered before they go to the disk.
const BUFFER: usize = 1 << 20;

/// Writes pictures to a file, all in the size of the first.
pub struct Y4mRecorder {
    fps: u32,
    /// `None` once writing failed, or after [`Self::finish`].
    file: Option<BufWriter<File>>,
    /// A picture of the file's size, known from the first picture on.
    scaled: Option<Picture>,
    scaler: Scaler,
}

impl Y4mRecorder {
    /// Creates or empties the file. Nothing is written before the first picture.
    pub fn create(path: &Path, fps: u32) -> io::Result<Self> {
        let file = BufWriter::with_capacity(BUFFER, File::create(path)?);
        Ok(Self { fps: fps.max(1), file: Some(file), scaled: None, scaler: Scaler::new() })
    }

    /// Appends a picture. An error, such as a full disk, is told once: it ends the recording, and what comes later is
    /// dropped in silence.
    pub fn write(&mut self, picture: &Picture) -> io::Result<()> {
        let Some(mut file) = self.file.take() else {
            return Ok(());
        };
        match self.append(&mut file, picture) {
            Ok(()) => {
                self.file = Some(file);
                Ok(())
            }
            Err(error) => {
                // Dropping the writer would try the disk once more.
                let _ = file.into_parts();
                Err(error)
            }
        }
    }

    /// Writes what is still gathered and ends the recording.
    pub fn finish(&mut self) -> io::Result<()> {
        match self.file.take() {
            Some(file) => file.into_inner().map(drop).map_err(io::IntoInnerError::into_error),
            None => Ok(()),
        }
    }

    fn append(&mut self, file: &mut impl Write, picture: &Picture) -> io::Result<()> {
        let Some(scaled) = &mut self.scaled else {
            let (width, height) = (picture.width, picture.height);
            writeln!(file, "YUV4MPEG2 W{width} H{height} F{}:1 Ip A1:1 C420mpeg2", self.fps)?;
            self.scaled = Some(Picture::black(width, height));
            return frame(file, picture);
        };
        if (picture.width, picture.height) == (scaled.width, scaled.height) {
            return frame(file, picture);
        }
        self.scaler.fill(picture.into(), scaled).ok_or(io::ErrorKind::InvalidInput)?;
        frame(file, scaled)
    }
}

fn frame(file: &mut impl Write, picture: &Picture) -> io::Result<()> {
    file.write_all(b"FRAME\n")?;
    file.write_all(&picture.y)?;
    file.write_all(&picture.u)?;
    file.write_all(&picture.v)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_once_and_ends_the_recording() {
        let mut recorder = Y4mRecorder::create(Path::new("/dev/full"), 25).unwrap();
        let picture = Picture::black(1280, 720);
        let error = recorder.write(&picture).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(recorder.write(&picture).is_ok());
        assert!(recorder.finish().is_ok());
    }
}
