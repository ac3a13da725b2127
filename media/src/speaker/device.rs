//! A sound card's output through cpal. The mix is rendered on cpal's thread.

use std::time::Instant;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{Data, FromSample, SampleFormat, SizedSample};
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};

use super::output::{Progress, RATE, Rendering};
use super::{SoundDevice, SpeakerError};
use crate::microphone::device::{described, is_over, short_buffer};

/// The speakers there are now; empty where there is no sound system.
pub fn speakers() -> Vec<SoundDevice> {
    let devices = cpal::default_host().output_devices().into_iter().flatten();
    described(devices.filter(|device| device.default_output_config().is_ok()))
}

/// Opens a device and has it play what `rendering` renders.
pub(super) fn start(id: &str, rendering: Rendering, progress: Progress) -> Result<cpal::Stream, SpeakerError> {
    let host = cpal::default_host();
    let device = match id {
        "default" => host.default_output_device(),
        _ => id.parse().ok().and_then(|id| host.device_by_id(&id)),
    };
    let device = device.ok_or(SpeakerError::Unusable)?;
    // A default device is offered even where there is no sound card: only this call finds out.
    let supported = device.default_output_config().map_err(|_| SpeakerError::Unusable)?;
    let mut config = supported.config();
    config.buffer_size = short_buffer(supported.buffer_size(), config.sample_rate);
    let channels = usize::from(config.channels);
    if channels == 0 || !writable(supported.sample_format()) {
        return Err(SpeakerError::Unusable);
    }
    let mut chunks = Chunks::new(rendering, config.sample_rate)?;
    let failure = progress.clone();
    let stream = device
        .build_output_stream_raw(
            config,
            supported.sample_format(),
            move |data, _| give(&mut chunks, data, channels),
            move |error| {
                if is_over(error.kind()) {
                    failure.fail();
                }
            },
            None,
        )
        .map_err(|_| SpeakerError::Unusable)?;
    stream.play().map_err(|_| SpeakerError::Unusable)?;
    progress.paced_by_device();
    Ok(stream)
}

/// Cuts the mix into frames at the device's rate.
struct Chunks {
    rendering: Rendering,
    resampler: Option<Fft<f32>>,
    mix: Vec<f32>,
    chunk: Vec<f32>,
    taken: usize,
    filled: usize,
}

impl Chunks {
    fn new(rendering: Rendering, rate: u32) -> Result<Self, SpeakerError> {
        if !(8000..=192_000).contains(&rate) {
            return Err(SpeakerError::Unusable);
        }
        let resampler = match rate {
            RATE => None,
            // Small chunks: each is delay.
            _ => Some(
                Fft::new(RATE as usize, rate as usize, 240, 2, FixedSync::Input).map_err(|_| SpeakerError::Unusable)?,
            ),
        };
        let longest = resampler.as_ref().map_or(240, |r| r.output_frames_max());
        Ok(Self { rendering, resampler, mix: vec![0.0; 480], chunk: vec![0.0; 2 * longest], taken: 0, filled: 0 })
    }

    fn next(&mut self) -> [f32; 2] {
        if self.taken == self.filled {
            self.taken = 0;
            self.filled = self.refill();
        }
        let frame = [self.chunk[2 * self.taken], self.chunk[2 * self.taken + 1]];
        self.taken += 1;
        frame
    }

    /// Returns how many frames `chunk` now holds: at least one, of silence if need be.
    fn refill(&mut self) -> usize {
        let Some(resampler) = &mut self.resampler else {
            self.rendering.render(Instant::now(), &mut self.chunk);
            return self.chunk.len() / 2;
        };
        for _ in 0..8 {
            self.rendering.render(Instant::now(), &mut self.mix);
            let capacity = self.chunk.len() / 2;
            let Ok(input) = InterleavedSlice::new(&self.mix, 2, 240) else {
                break;
            };
            let Ok(mut output) = InterleavedSlice::new_mut(&mut self.chunk, 2, capacity) else {
                break;
            };
            match resampler.process_into_buffer(&input, &mut output, None) {
                Ok((_, frames)) if frames > 0 => return frames,
                Ok(_) => {}
                Err(_) => break,
            }
        }
        self.chunk.fill(0.0);
        1
    }
}

fn writable(format: SampleFormat) -> bool {
    use SampleFormat::{F32, F64, I8, I16, I32, U8, U16, U32};
    matches!(format, F32 | F64 | I8 | I16 | I32 | U8 | U16 | U32)
}

/// Runs in the sound card's callback.
fn give(chunks: &mut Chunks, data: &mut Data, channels: usize) {
    match data.sample_format() {
        SampleFormat::F32 => fill::<f32>(chunks, data, channels),
        SampleFormat::F64 => fill::<f64>(chunks, data, channels),
        SampleFormat::I8 => fill::<i8>(chunks, data, channels),
        SampleFormat::I16 => fill::<i16>(chunks, data, channels),
        SampleFormat::I32 => fill::<i32>(chunks, data, channels),
        SampleFormat::U8 => fill::<u8>(chunks, data, channels),
        SampleFormat::U16 => fill::<u16>(chunks, data, channels),
        SampleFormat::U32 => fill::<u32>(chunks, data, channels),
        _ => {}
    }
}

/// Left and right to the first two channels, both to an only one; the others stay silent.
fn fill<T: SizedSample + FromSample<f32>>(chunks: &mut Chunks, data: &mut Data, channels: usize) {
    for frame in data.as_slice_mut::<T>().unwrap_or_default().chunks_exact_mut(channels) {
        let [left, right] = chunks.next();
        match frame {
            [only] => *only = T::from_sample((left + right) / 2.0),
            [first, second, ..] => (*first, *second) = (T::from_sample(left), T::from_sample(right)),
            [] => {}
        }
    }
}
