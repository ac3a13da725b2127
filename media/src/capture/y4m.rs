//! YUV4MPEG2 clips, read from disk picture by picture, in a loop.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Instant;

use super::clip::Playback;
use super::pace::Rate;
use super::scale::{Planes, Scaler};
use super::y4m_header::{Header, MAX_LINE};
use super::{Camera, CaptureError, Unreadable, VideoFormat};
use crate::picture::{Picture, RawFrame};

/// The longest clip, in pictures: 11 hours at 25 a second. Each costs 8 bytes of memory.
const MAX_PICTURES: usize = 1_000_000;

/// A clip whose every picture was found when it was opened; so it never ends in the middle of a call.
pub(super) struct Y4mClip {
    file: File,
    header: Header,
    /// Where each picture's planes begin. Not empty.
    pictures: Vec<u64>,
    /// One picture as it is in the file.
    buffer: Vec<u8>,
    format: VideoFormat,
    playback: Playback,
    scaler: Scaler,
}

impl Y4mClip {
    pub(super) fn open(path: &Path, format: VideoFormat) -> Result<Self, Unreadable> {
        // Opening a pipe or the like would block.
        if !std::fs::metadata(path)?.is_file() {
            return Err(Unreadable::NotAClip);
        }
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let (line, mut at) = line_at(&mut file, 0)?;
        let header = Header::parse(&line)?;
        let mut pictures = Vec::new();
        while at < length {
            let (line, begin) = match line_at(&mut file, at) {
                // Its writer was stopped: the whole pictures before are a clip.
                Err(Unreadable::CutShort) if !pictures.is_empty() => break,
                line => line?,
            };
            if line.is_empty() && begin == length && !pictures.is_empty() {
                break;
            }
            if line != b"FRAME" && !line.starts_with(b"FRAME ") {
                return Err(Unreadable::NotAClip);
            }
            at = begin + header.picture_size() as u64;
            if at > length {
                break;
            }
            if pictures.len() == MAX_PICTURES {
                return Err(Unreadable::Unsupported("more than a million pictures"));
            }
            pictures.push(begin);
        }
        if pictures.is_empty() {
            return Err(Unreadable::CutShort);
        }
        let rate = header.rate.unwrap_or(Rate::hertz(format.fps));
        let buffer = vec![0; header.picture_size()];
        let playback = Playback::new(rate, format);
        Ok(Self { file, header, pictures, buffer, format, playback, scaler: Scaler::new() })
    }

    /// Reads a picture, counted over all rounds of the loop.
    fn picture(&mut self, index: u64) -> Result<Picture, Unreadable> {
        let at = self.pictures[(index % self.pictures.len() as u64) as usize];
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut self.buffer)?;
        let (luma, chroma) = self.header.plane_sizes();
        let (y, rest) = self.buffer.split_at(luma);
        let (u, v) = rest.split_at(chroma);
        let (width, height) = (self.header.width, self.header.height);
        if (width, height) == (self.format.width, self.format.height) {
            return Ok(Picture { width, height, y: y.to_vec(), u: u.to_vec(), v: v.to_vec() });
        }
        let mut picture = Picture::black(self.format.width, self.format.height);
        self.scaler.fill(Planes { width, height, y, u, v }, &mut picture).ok_or(Unreadable::NotAClip)?;
        Ok(picture)
    }
}

impl Camera for Y4mClip {
    fn next(&mut self) -> Result<RawFrame, CaptureError> {
        let index = self.playback.wait();
        let picture = self.picture(index)?;
        Ok(RawFrame { picture, captured: Instant::now() })
    }
}

/// The line at `at`, without its end, and where the next byte is.
fn line_at(file: &mut File, at: u64) -> Result<(Vec<u8>, u64), Unreadable> {
    file.seek(SeekFrom::Start(at))?;
    let mut length = 0;
    // Lines in front of pictures are six bytes long in practice: the first read finds the end.
    let mut wanted = 16;
    let mut bytes = vec![0; wanted];
    loop {
        match file.read(&mut bytes[length..wanted]) {
            Ok(0) if length == wanted => {}
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        }
        if let Some(end) = bytes[..length].iter().position(|&byte| byte == b'\n') {
            return Ok((bytes[..end].to_vec(), at + end as u64 + 1));
        }
        if length == MAX_LINE {
            return Err(Unreadable::NotAClip);
        }
        wanted = MAX_LINE;
        bytes.resize(wanted, 0);
    }
    // The file ends before the line does: a clip only if it began as one.
    let begins_well = b"YUV4MPEG2 ".starts_with(&bytes[..length.min(10)]) || at > 0;
    Err(if begins_well && length > 0 { Unreadable::CutShort } else { Unreadable::NotAClip })
}
