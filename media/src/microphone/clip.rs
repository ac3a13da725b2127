//! A WAV file as a microphone: read and brought to 48 kHz mono once, then played again and again.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::Instant;

use hound::{SampleFormat, WavReader};
use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::audioadapter_buffers::owned::InterleavedOwned;
use rubato::{Fft, FixedSync, Resampler};

use super::pace::Pace;
use super::{BLOCK, Microphone, MicrophoneError};

const MAX_FILE: u64 = 64 << 20;
/// A file of low rate may be small and long; in memory it is 48 kHz all the same.
const MAX_SECONDS: usize = 12 * 60;

pub(super) struct Clip {
    samples: Vec<f32>,
    pace: Pace,
}

impl Clip {
    pub(super) fn open(path: &Path) -> Result<Self, MicrophoneError> {
        // Opening a pipe or the like would block.
        let meta = std::fs::metadata(path).map_err(|e| MicrophoneError::Unreadable(e.kind()))?;
        if !meta.is_file() || meta.len() > MAX_FILE {
            return Err(MicrophoneError::Unusable);
        }
        let file = File::open(path).map_err(|e| MicrophoneError::Unreadable(e.kind()))?;
        let samples = read(WavReader::new(BufReader::new(file)).map_err(refusal)?)?;
        Ok(Self { samples, pace: Pace::new(Instant::now()) })
    }
}

impl Microphone for Clip {
    fn next(&mut self, block: &mut [f32; BLOCK]) -> Result<Instant, MicrophoneError> {
        let (position, due) = self.pace.wait();
        for (i, sample) in block.iter_mut().enumerate() {
            *sample = self.samples[((position + i as u64) % self.samples.len() as u64) as usize];
        }
        Ok(due)
    }
}

/// The whole file as 48 kHz mono, at least one sample of it.
fn read(mut wav: WavReader<BufReader<File>>) -> Result<Vec<f32>, MicrophoneError> {
    let spec = wav.spec();
    let (rate, channels) = (spec.sample_rate as usize, usize::from(spec.channels));
    if !(4000..=192_000).contains(&rate) || channels == 0 {
        return Err(MicrophoneError::Unusable);
    }
    let mono = match (spec.sample_format, spec.bits_per_sample) {
        (SampleFormat::Float, 32) => downmix(wav.samples::<f32>(), channels, rate),
        (SampleFormat::Int, bits @ 8..=32) => {
            let scale = 1.0 / (1u64 << (bits - 1)) as f32;
            downmix(wav.samples::<i32>().map(|s| s.map(|s| s as f32 * scale)), channels, rate)
        }
        _ => Err(MicrophoneError::Unusable),
    }?;
    if rate == 48_000 { Ok(mono) } else { resample(&mono, rate) }
}

/// Averages the channels. A file that ends early is taken as far as it goes, like one whose writer was killed.
fn downmix(
    samples: impl Iterator<Item = hound::Result<f32>>,
    channels: usize,
    rate: usize,
) -> Result<Vec<f32>, MicrophoneError> {
    let mut mono = Vec::new();
    let (mut sum, mut filled) = (0.0, 0);
    for sample in samples.map_while(Result::ok) {
        sum += if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
        filled += 1;
        if filled == channels {
            mono.push(sum / channels as f32);
            (sum, filled) = (0.0, 0);
            if mono.len() > MAX_SECONDS * rate {
                return Err(MicrophoneError::Unusable);
            }
        }
    }
    if mono.is_empty() { Err(MicrophoneError::Unusable) } else { Ok(mono) }
}

fn resample(mono: &[f32], rate: usize) -> Result<Vec<f32>, MicrophoneError> {
    let mut resampler =
        Fft::<f32>::new(rate, 48_000, 1024, 1, FixedSync::Both).map_err(|_| MicrophoneError::Unusable)?;
    let input = SequentialSlice::new(mono, 1, mono.len()).map_err(|_| MicrophoneError::Unusable)?;
    let output: InterleavedOwned<f32> =
        resampler.process_all(&input, mono.len(), None).map_err(|_| MicrophoneError::Unusable)?;
    let samples = output.take_data();
    if samples.is_empty() { Err(MicrophoneError::Unusable) } else { Ok(samples) }
}

fn refusal(error: hound::Error) -> MicrophoneError {
    match error {
        // The end of a file inside its header is the file's fault, not the disk's.
        hound::Error::IoError(e) if e.kind() != std::io::ErrorKind::UnexpectedEof && e.raw_os_error().is_some() => {
            MicrophoneError::Unreadable(e.kind())
        }
        _ => MicrophoneError::Unusable,
    }
}
