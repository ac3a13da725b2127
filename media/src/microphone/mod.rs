//! Where a voice comes from: a microphone, a clip, or a melody. Each gives 48 kHz mono in blocks of 10 ms, in real time.

use std::path::PathBuf;
use std::time::Instant;

mod clip;
pub(crate) mod device;
mod pace;
mod returning;
mod test;

mod ring;

pub use device::microphones;

/// Samples in a block: 10 ms at 48 kHz.
pub const BLOCK: usize = 480;

/// Which microphone to open.
#[derive(Clone, PartialEq, Eq)]
pub enum MicrophoneSource {
    /// A quiet melody, another one for each seed.
    Test { seed: u32 },
    /// A WAV file, played again and again.
    Clip(PathBuf),
    /// A [`SoundDevice::id`], or `default`.
    Device(String),
}

impl std::fmt::Debug for MicrophoneSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Paths and device names tell who somebody is.
        f.write_str(match self {
            Self::Test { .. } => "Test",
            Self::Clip(_) => "Clip",
            Self::Device(_) => "Device",
        })
    }
}

/// A microphone or speaker that can be chosen.
#[derive(Clone, PartialEq, Eq)]
pub struct SoundDevice {
    /// Names the device to this program, the same in every run where the system allows.
    pub id: String,
    /// Names the device to a person.
    pub name: String,
}

impl std::fmt::Debug for SoundDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SoundDevice")
    }
}

/// Why there is no sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MicrophoneError {
    #[error("the sound file can't be read: {0}")]
    Unreadable(std::io::ErrorKind),
    /// A file that is not PCM WAV, is larger than 64 MiB or longer than twelve minutes; a device that can't be opened.
    #[error("the sound file or microphone can't be used")]
    Unusable,
    /// It is looked for; the system's own is heard until it is back, if there is one.
    #[error("the microphone is gone")]
    Lost,
}

/// A source of sound that keeps real time.
pub trait Microphone: Send {
    /// Waits until the next block is due, fills it, and says when its last sample was captured.
    ///
    /// Whoever comes late gets the present, not the past: blocks are skipped, and no burst follows.
    fn next(&mut self, block: &mut [f32; BLOCK]) -> Result<Instant, MicrophoneError>;
}

/// Opens a source; its first block is due 10 ms later.
pub fn open(source: &MicrophoneSource) -> Result<Box<dyn Microphone>, MicrophoneError> {
    Ok(match source {
        MicrophoneSource::Test { seed } => Box::new(test::Melody::new(*seed)),
        MicrophoneSource::Clip(path) => Box::new(clip::Clip::open(path)?),
        MicrophoneSource::Device(id) => {
            let id = id.clone();
            Box::new(returning::Returning::open(move |which| -> Result<Box<dyn Microphone>, MicrophoneError> {
                Ok(Box::new(device::Device::open(which.of(&id).ok_or(MicrophoneError::Unusable)?)?))
            })?)
        }
    })
}
