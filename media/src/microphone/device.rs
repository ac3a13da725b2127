//! A sound card's microphone, through cpal. Its samples come on cpal's thread; [`Microphone::next`] runs on another.

use std::time::Instant;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, Data, ErrorKind, FromSample, Sample, SampleFormat, SupportedBufferSize};

use super::ring::{Intake, Outlet, ring};
use super::{BLOCK, Microphone, MicrophoneError, SoundDevice};

/// The microphones there are now; empty where there is no sound system.
pub fn microphones() -> Vec<SoundDevice> {
    let devices = cpal::default_host().input_devices().into_iter().flatten();
    described(devices.filter(|device| device.default_input_config().is_ok()))
}

/// What a person needs to choose among devices. One that can't even say its name is left out.
pub(crate) fn described(devices: impl Iterator<Item = cpal::Device>) -> Vec<SoundDevice> {
    let described = devices.filter_map(|device| {
        let name = device.description().ok()?.name().to_owned();
        Some(SoundDevice { id: device.id().ok()?.to_string(), name })
    });
    // ALSA offers a device that discards everything as fast as it is given, thousands of times faster than sound is heard.
    described.filter(|device| !device.id.ends_with(":null")).collect()
}

/// Asks for 10 ms a callback where the device can: the default may be seconds.
pub(crate) fn short_buffer(supported: &SupportedBufferSize, rate: u32) -> BufferSize {
    let wanted = rate / 100;
    match *supported {
        SupportedBufferSize::Range { min, max } if min <= max => BufferSize::Fixed(wanted.clamp(min, max)),
        _ => BufferSize::Default,
    }
}

/// Whether a stream that reported this is over. The others are hiccups, or news.
pub(crate) fn is_over(kind: ErrorKind) -> bool {
    !matches!(kind, ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied)
}

pub(super) struct Device {
    outlet: Outlet,
    // Sound comes for as long as this lives.
    _stream: cpal::Stream,
}

impl Device {
    pub(super) fn open(id: &str) -> Result<Self, MicrophoneError> {
        let host = cpal::default_host();
        let device = match id {
            "default" => host.default_input_device(),
            _ => id.parse().ok().and_then(|id| host.device_by_id(&id)),
        };
        let device = device.ok_or(MicrophoneError::Unusable)?;
        // A default device is offered even where there is no sound card: only this call finds out.
        let supported = device.default_input_config().map_err(|_| MicrophoneError::Unusable)?;
        let mut config = supported.config();
        config.buffer_size = short_buffer(supported.buffer_size(), config.sample_rate);
        let channels = usize::from(config.channels);
        let (mut intake, outlet) = ring(config.sample_rate)?;
        let failure = intake.failure();
        if channels == 0 || !readable(supported.sample_format()) {
            return Err(MicrophoneError::Unusable);
        }
        let stream = device
            .build_input_stream_raw(
                config,
                supported.sample_format(),
                move |data, _| take(&mut intake, data, channels),
                move |error| {
                    if is_over(error.kind()) {
                        failure();
                    }
                },
                None,
            )
            .map_err(|_| MicrophoneError::Unusable)?;
        stream.play().map_err(|_| MicrophoneError::Unusable)?;
        Ok(Self { outlet, _stream: stream })
    }
}

impl Microphone for Device {
    fn next(&mut self, block: &mut [f32; BLOCK]) -> Result<Instant, MicrophoneError> {
        self.outlet.next(block)
    }
}

fn readable(format: SampleFormat) -> bool {
    use SampleFormat::{F32, F64, I8, I16, I32, U8, U16, U32};
    matches!(format, F32 | F64 | I8 | I16 | I32 | U8 | U16 | U32)
}

/// Runs in the sound card's callback.
fn take(intake: &mut Intake, data: &Data, channels: usize) {
    match data.sample_format() {
        SampleFormat::F32 => mix::<f32>(intake, data, channels),
        SampleFormat::F64 => mix::<f64>(intake, data, channels),
        SampleFormat::I8 => mix::<i8>(intake, data, channels),
        SampleFormat::I16 => mix::<i16>(intake, data, channels),
        SampleFormat::I32 => mix::<i32>(intake, data, channels),
        SampleFormat::U8 => mix::<u8>(intake, data, channels),
        SampleFormat::U16 => mix::<u16>(intake, data, channels),
        SampleFormat::U32 => mix::<u32>(intake, data, channels),
        _ => {}
    }
}

fn mix<T: cpal::SizedSample>(intake: &mut Intake, data: &Data, channels: usize)
where
    f32: FromSample<T>,
{
    let frames = data.as_slice::<T>().unwrap_or_default().chunks_exact(channels);
    intake.push(frames.map(|frame| frame.iter().map(|&s| f32::from_sample(s)).sum::<f32>() / channels as f32));
}
