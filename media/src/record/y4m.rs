//! What was seen, as YUV4MPEG2.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use crate::capture::Scaler;
use crate::picture::Picture;
use crate::private_file;

/// Bytes gathered before they go to the disk.
const BUFFER: usize = 1 << 20;

/// A gap longer than this is shortened to it, so that nobody's pause fills the disk.
const LONGEST_GAP: Duration = Duration::from_secs(60);

/// Writes pictures to a file, all in one size, at an even rate.
pub struct Y4mRecorder {
    fps: u32,
    /// `None` once writing failed, or after [`Self::finish`].
    file: Option<BufWriter<File>>,
    /// What the pictures are expected to become; without it the first one has the file's size.
    expected: Option<(u32, u32)>,
    /// A picture of the file's size, known from the first picture on: the one written last.
    last: Option<Picture>,
    /// Pictures in the file, and those that were left out where a gap was shortened.
    written: u64,
    left_out: u64,
    scaler: Scaler,
}

impl Y4mRecorder {
    /// Creates or empties the file. Nothing is written before the first picture, whose size is the file's.
    pub fn create(path: &Path, fps: u32) -> io::Result<Self> {
        let file = BufWriter::with_capacity(BUFFER, private_file::create(path)?);
        let (expected, last, scaler) = (None, None, Scaler::new());
        Ok(Self { fps: fps.max(1), file: Some(file), expected, last, written: 0, left_out: 0, scaler })
    }

    /// As [`Self::create`], for pictures that begin small and grow up to `size`: the file has as many lines as that, in the
    /// shape of the first picture.
    pub fn create_for(path: &Path, fps: u32, size: (u32, u32)) -> io::Result<Self> {
        Ok(Self { expected: Some(size), ..Self::create(path, fps)? })
    }

    /// Appends a picture. An error, such as a full disk, is told once: it ends the recording, and what comes later is
    /// dropped in silence.
    pub fn write(&mut self, picture: &Picture) -> io::Result<()> {
        self.append(|recorder, file| recorder.put(file, picture))
    }

    /// As [`Self::write`], for a picture of `at` after the recording's beginning. The picture before is repeated up to then;
    /// one that comes sooner than the file's rate takes the place of none.
    pub fn write_at(&mut self, picture: &Picture, at: Duration) -> io::Result<()> {
        let position = self.position(at);
        self.append(|recorder, file| {
            recorder.fill(file, position)?;
            if recorder.written + recorder.left_out > position {
                return Ok(());
            }
            recorder.put(file, picture)
        })
    }

    /// Repeats the last picture up to `at`, writes what is still gathered and ends the recording.
    pub fn finish_at(&mut self, at: Duration) -> io::Result<()> {
        let position = self.position(at);
        self.append(|recorder, file| recorder.fill(file, position))?;
        self.finish()
    }

    /// Writes what is still gathered and ends the recording.
    pub fn finish(&mut self) -> io::Result<()> {
        match self.file.take() {
            Some(file) => file.into_inner().map(drop).map_err(io::IntoInnerError::into_error),
            None => Ok(()),
        }
    }

    /// Which picture of the file belongs to this time.
    fn position(&self, at: Duration) -> u64 {
        (at.as_secs_f64() * f64::from(self.fps)).round() as u64
    }

    fn append(&mut self, write: impl FnOnce(&mut Self, &mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
        let Some(mut file) = self.file.take() else {
            return Ok(());
        };
        match write(self, &mut file) {
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

    /// Repeats the last picture until this position is next.
    fn fill(&mut self, file: &mut impl Write, position: u64) -> io::Result<()> {
        let Some(last) = &self.last else {
            return Ok(());
        };
        let gap = position.saturating_sub(self.written + self.left_out);
        let longest = LONGEST_GAP.as_secs() * u64::from(self.fps);
        self.left_out += gap.saturating_sub(longest);
        for _ in 0..gap.min(longest) {
            frame(file, last)?;
            self.written += 1;
        }
        Ok(())
    }

    fn put(&mut self, file: &mut impl Write, picture: &Picture) -> io::Result<()> {
        let first = self.last.is_none();
        let (width, height) = self.expected.map_or((picture.width, picture.height), |size| grown(picture, size));
        let last = self.last.get_or_insert_with(|| Picture::black(width, height));
        if first {
            writeln!(file, "YUV4MPEG2 W{} H{} F{}:1 Ip A1:1 C420mpeg2", last.width, last.height, self.fps)?;
        }
        if (picture.width, picture.height) == (last.width, last.height) {
            last.clone_from(picture);
        } else {
            self.scaler.fill(picture.into(), last).ok_or(io::ErrorKind::InvalidInput)?;
        }
        self.written += 1;
        frame(file, last)
    }
}

/// The size that a picture of this shape has once it has as many lines as are expected; what is larger already stays.
fn grown(picture: &Picture, (width, height): (u32, u32)) -> (u32, u32) {
    let (short, lines) = (picture.width.min(picture.height), width.min(height) & !1);
    if short == 0 || short >= lines {
        return (picture.width, picture.height);
    }
    let side = |side: u32| {
        let side = (f64::from(side) * f64::from(lines) / f64::from(short) / 2.0).round() as u32 * 2;
        // The lower layers are rounded to even sides, which a larger one shows as a pixel or two.
        [width & !1, height & !1].into_iter().find(|&expected| side.abs_diff(expected) <= 4).unwrap_or(side)
    };
    let grown = (side(picture.width), side(picture.height));
    // A picture of one line would become one of millions.
    if grown.0.max(grown.1) > crate::decode::MAX_SIDE { (picture.width, picture.height) } else { grown }
}

fn frame(file: &mut impl Write, picture: &Picture) -> io::Result<()> {
    file.write_all(b"FRAME\n")?;
    file.write_all(&picture.y)?;
    file.write_all(&picture.u)?;
    file.write_all(&picture.v)
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_picture_does_not_grow_beyond_what_is_decoded() {
        assert_eq!(grown(&Picture::black(1920, 2), (1920, 1080)), (1920, 2));
        assert_eq!(grown(&Picture::black(320, 180), (640, 360)), (640, 360));
    }

    #[test]
    fn a_full_disk_is_told_once_and_ends_the_recording() {
        let mut recorder = Y4mRecorder::create(Path::new("/dev/full"), 25).unwrap();
        let picture = Picture::black(1280, 720);
        let error = recorder.write(&picture).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(recorder.write(&picture).is_ok());
        assert!(recorder.finish().is_ok());
    }

    /// The header of what was recorded, and the first luma sample of each picture.
    fn recorded(
        create: impl Fn(&Path) -> io::Result<Y4mRecorder>,
        record: impl FnOnce(&mut Y4mRecorder),
    ) -> (String, Vec<u8>) {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut recorder = create(file.path()).unwrap();
        record(&mut recorder);
        let bytes = std::fs::read(file.path()).unwrap();
        let end = bytes.iter().position(|&byte| byte == b'\n').unwrap();
        let header = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let (last, mut lumas) = (recorder.last.unwrap(), Vec::new());
        for frame in bytes[end + 1..].chunks(6 + last.y.len() + 2 * last.u.len()) {
            assert_eq!(&frame[..6], b"FRAME\n");
            lumas.push(frame[6]);
        }
        (header, lumas)
    }

    fn plain(width: u32, height: u32, luma: u8) -> Picture {
        let mut picture = Picture::black(width, height);
        picture.y.fill(luma);
        picture
    }

    #[test]
    fn recording_has_the_size_that_was_asked_for() {
        for (first, asked, expected) in [
            ((320, 180), (640, 360), (640, 360)),
            ((320, 180), (1280, 720), (1280, 720)),
            ((320, 180), (852, 480), (852, 480)),
            ((240, 180), (640, 360), (480, 360)),
            ((180, 320), (640, 360), (360, 640)),
            ((1280, 720), (640, 360), (1280, 720)),
        ] {
            let create = |path: &Path| Y4mRecorder::create_for(path, 30, asked);
            let (header, lumas) = recorded(create, |recorder| {
                recorder.write(&plain(first.0, first.1, 50)).unwrap();
                recorder.write(&plain(expected.0, expected.1, 60)).unwrap();
                recorder.finish().unwrap();
            });
            assert!(header.contains(&format!(" W{} H{} ", expected.0, expected.1)), "{first:?} {asked:?}: {header}");
            assert_eq!(lumas, [50, 60]);
        }
    }

    #[test]
    fn recording_lasts_as_long_as_what_came() {
        let ms = Duration::from_millis;
        let create = |path: &Path| Y4mRecorder::create(path, 30);
        // Ten pictures a second for 4.9 s, none of them on time.
        let (_, lumas) = recorded(create, |recorder| {
            for nth in 0..49u8 {
                let early = u64::from(nth % 3) * 5;
                recorder.write_at(&plain(16, 16, 20 + nth), ms(100 * u64::from(nth) + early)).unwrap();
            }
            recorder.finish_at(ms(4_900)).unwrap();
        });
        assert_eq!(lumas.len(), 147);
        for (at, luma) in lumas.iter().enumerate() {
            assert!(luma.abs_diff(20 + (at / 3) as u8) <= 1, "{at}: {luma}");
        }
    }

    #[test]
    fn pictures_faster_than_the_file_are_left_out() {
        let create = |path: &Path| Y4mRecorder::create(path, 25);
        let (_, lumas) = recorded(create, |recorder| {
            for nth in 0..100u32 {
                recorder.write_at(&plain(16, 16, nth as u8 + 16), Duration::from_millis(10) * nth).unwrap();
            }
            recorder.finish_at(Duration::from_secs(1)).unwrap();
        });
        // The last one, of 0.99 s, is nearest to the picture of 1 s.
        assert_eq!(lumas.len(), 26);
    }

    #[test]
    fn long_gap_does_not_fill_the_disk() {
        let create = |path: &Path| Y4mRecorder::create(path, 10);
        let (_, lumas) = recorded(create, |recorder| {
            recorder.write_at(&plain(16, 16, 50), Duration::ZERO).unwrap();
            recorder.write_at(&plain(16, 16, 60), Duration::from_secs(40_000)).unwrap();
            recorder.write_at(&plain(16, 16, 70), Duration::from_secs(40_001)).unwrap();
            recorder.finish().unwrap();
        });
        // The first, the gap, the second, nine repetitions, and the third.
        assert_eq!(lumas.len(), 1 + 600 + 1 + 9 + 1);
    }
}
