//! Clips that are raw H.264 (Annex B), small enough to keep in memory, in a loop.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::time::Instant;

use super::clip::Playback;
use super::pace::Rate;
use super::scale::Scaler;
use super::{Camera, CaptureError, Unreadable, VideoFormat};
use crate::decode::{DecodeError, PictureLimit, VideoDecoder, nal, sps};
use crate::picture::{Picture, RawFrame};

/// The largest file, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// A clip that says nothing about its rate, so it is shown at the one asked for.
pub(super) struct H264Clip {
    stream: Vec<u8>,
    /// The access units in the stream, the first of them a keyframe. Not empty.
    units: Vec<Range<usize>>,
    next: usize,
    decoder: VideoDecoder,
    /// As decoded, before scaling.
    decoded: Picture,
    format: VideoFormat,
    playback: Playback,
    scaler: Scaler,
}

impl H264Clip {
    pub(super) fn open(path: &Path, format: VideoFormat) -> Result<Self, Unreadable> {
        if !std::fs::metadata(path)?.is_file() {
            return Err(Unreadable::NotAClip);
        }
        let mut stream = Vec::new();
        File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut stream)?;
        if stream.len() as u64 > MAX_BYTES {
            return Err(Unreadable::Unsupported("more than 16 MiB of H.264"));
        }
        for set in nal::units(&stream).filter(|unit| unit.kind() == nal::SPS) {
            sps::parse(set.bytes, &PictureLimit::FILE).map_err(|why| match why {
                DecodeError::TooLarge => Unreadable::Unsupported("pictures larger than 4096x4096"),
                _ => Unreadable::Unsupported("H.264 parameter sets that make no sense, or fields"),
            })?;
        }
        let units = nal::access_units(&stream);
        let mut clip = Self {
            stream,
            units,
            next: 0,
            decoder: VideoDecoder::new(),
            decoded: Picture::black(0, 0),
            format,
            playback: Playback::new(Rate::hertz(format.fps), format),
            scaler: Scaler::new(),
        };
        // Whoever opens it should hear of a clip that is none, not whoever waits for its first picture.
        clip.step().map_err(|_| Unreadable::NotAClip)?;
        clip.rewind();
        Ok(clip)
    }

    /// Decodes the next picture. After a stall the clip goes on where it was: to skip is to decode all the same.
    fn step(&mut self) -> Result<(), Unreadable> {
        for _ in 0..self.units.len() {
            if self.next == self.units.len() {
                self.rewind();
            }
            let unit = &self.stream[self.units[self.next].clone()];
            self.next += 1;
            if let Some(view) = self.decoder.decode(unit).map_err(|_| Unreadable::CutShort)? {
                view.copy_to(&mut self.decoded);
                return Ok(());
            }
        }
        Err(Unreadable::NotAClip)
    }

    fn rewind(&mut self) {
        self.next = 0;
        self.decoder = VideoDecoder::new();
    }
}

impl Camera for H264Clip {
    fn next(&mut self) -> Result<RawFrame, CaptureError> {
        self.playback.wait();
        self.step()?;
        let picture = if (self.decoded.width, self.decoded.height) == (self.format.width, self.format.height) {
            self.decoded.clone()
        } else {
            let mut picture = Picture::black(self.format.width, self.format.height);
            self.scaler.fill((&self.decoded).into(), &mut picture).ok_or(Unreadable::NotAClip)?;
            picture
        };
        Ok(RawFrame { picture, captured: Instant::now() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::tests::cropped_out_of_memory;

    #[test]
    fn clip_cropped_outside_its_picture_is_refused_by_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, cropped_out_of_memory()).unwrap();
        let opened = H264Clip::open(file.path(), VideoFormat { width: 128, height: 128, fps: 25 });
        let named = Unreadable::Unsupported("H.264 parameter sets that make no sense, or fields");
        assert_eq!(opened.err(), Some(named));
    }
}
