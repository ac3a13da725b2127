//! A voice as it was played, kept as a WAV file: 16 bit, 48 kHz, mono.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use hound::{SampleFormat, WavSpec, WavWriter};

use crate::microphone::BLOCK;
use crate::private_file;

/// The header is made true this often, so that a killed process loses a second at most.
const BLOCKS_PER_HEADER: u32 = 100;

/// A WAV file's sizes are 32-bit numbers; this is twelve hours.
const MAX_BLOCKS: u32 = 12 * 3600 * 100;

/// The file can't be written, or not any further. What it holds so far is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WavError {
    #[error("the recording can't be written: {0}")]
    Unwritable(std::io::ErrorKind),
    #[error("the recording has reached twelve hours, the most that its format holds")]
    Full,
}

impl From<hound::Error> for WavError {
    fn from(error: hound::Error) -> Self {
        match error {
            hound::Error::IoError(error) => Self::Unwritable(error.kind()),
            _ => Self::Unwritable(std::io::ErrorKind::InvalidData),
        }
    }
}

/// Writes one voice. After the first error it writes nothing more and says so no more.
pub struct WavRecorder {
    writer: Option<WavWriter<BufWriter<File>>>,
    blocks: u32,
}

impl WavRecorder {
    pub fn create(path: &Path) -> Result<Self, WavError> {
        let spec = WavSpec { channels: 1, sample_rate: 48_000, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut writer =
            WavWriter::new(BufWriter::new(private_file::create(path).map_err(hound::Error::IoError)?), spec)?;
        writer.flush()?;
        Ok(Self { writer: Some(writer), blocks: 0 })
    }

    /// Appends 10 ms. An error comes once; later calls do nothing.
    pub fn write(&mut self, block: &[f32; BLOCK]) -> Result<(), WavError> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        let written = append(writer, self.blocks, block);
        self.blocks += 1;
        if written.is_err() {
            self.writer = None;
        }
        written
    }

    /// Makes the header true and closes the file.
    pub fn finish(mut self) -> Result<(), WavError> {
        match self.writer.take() {
            Some(writer) => Ok(writer.finalize()?),
            None => Ok(()),
        }
    }
}

fn append(writer: &mut WavWriter<BufWriter<File>>, blocks: u32, block: &[f32; BLOCK]) -> Result<(), WavError> {
    if blocks >= MAX_BLOCKS {
        return Err(WavError::Full);
    }
    let mut samples = writer.get_i16_writer(BLOCK as u32);
    for &sample in block {
        // `as` saturates, and turns what is not a number into silence.
        samples.write_sample((sample * 32_767.0).round() as i16);
    }
    samples.flush()?;
    if blocks % BLOCKS_PER_HEADER == BLOCKS_PER_HEADER - 1 {
        writer.flush()?;
    }
    Ok(())
}

impl std::fmt::Debug for WavRecorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WavRecorder({} blocks)", self.blocks)
    }
}
