//! Playback: one kira mixer in which every participant has a place, its output stream, and a copy of what was played for
//! the echo canceller.

use std::collections::BTreeMap;

use kira::listener::ListenerHandle;
use kira::track::SpatialTrackHandle;
use kira::{AudioManager, AudioManagerSettings, Capacities, Tween};
use rtrb::{Producer, RingBuffer};

use crate::microphone::BLOCK;
use crate::playout::VoiceId;

mod device;
mod far_end;
mod output;
mod voice;

pub use crate::microphone::SoundDevice;
pub use device::speakers;
pub use far_end::{FarEnd, Played, far_end};
pub use output::Demand;

use output::{Output, OutputSettings, Progress};
use voice::VoiceSound;

/// What waits between the jitter buffers and the sound card, at least: 30 ms.
const FILL: u64 = 3 * BLOCK as u64;
/// ... and at most, for a sound card that takes much at once.
const FILL_MAX: u64 = 10 * BLOCK as u64;
/// Each voice's ring: 200 ms. A full one drops the newest samples.
const RING: usize = 20 * BLOCK;
/// More participants than this are not heard.
const MAX_VOICES: usize = 128;

/// Which speaker to open.
#[derive(Clone, PartialEq, Eq)]
pub enum SpeakerSource {
    /// A [`SoundDevice::id`], or `default`.
    Device(String),
}

impl std::fmt::Debug for SpeakerSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Device")
    }
}

/// The speaker can't be opened. It may be gone, busy or forbidden; another one may work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpeakerError {
    #[error("the speaker can't be used")]
    Unusable,
}

struct Voice {
    samples: Producer<f32>,
    track: SpatialTrackHandle,
}

/// An open speaker. Dropping it ends playback.
pub struct Speaker {
    manager: AudioManager<Output>,
    listener: ListenerHandle,
    voices: BTreeMap<VoiceId, Voice>,
    progress: Progress,
    /// Samples that were given to every voice, or that it was too late for.
    pushed: u64,
    far_end: Option<FarEnd>,
}

impl Speaker {
    pub fn open(source: &SpeakerSource) -> Result<Self, SpeakerError> {
        let SpeakerSource::Device(id) = source;
        Self::with(|tap, progress| OutputSettings::Device { id: id.clone(), tap, progress })
    }

    /// A speaker that renders when told to, for rooms and tests without a sound card.
    pub fn on_demand() -> Result<(Self, Demand), SpeakerError> {
        let demand = Demand::default();
        let slot = demand.clone();
        let speaker = Self::with(|tap, progress| OutputSettings::Demand { slot, tap, progress })?;
        Ok((speaker, demand))
    }

    fn with(settings: impl FnOnce(Played, Progress) -> OutputSettings) -> Result<Self, SpeakerError> {
        let (tap, far_end) = far_end()?;
        let progress = Progress::new();
        let mut manager = AudioManager::new(AudioManagerSettings {
            capacities: Capacities { sub_track_capacity: MAX_VOICES, ..Capacities::default() },
            main_track_builder: Default::default(),
            internal_buffer_size: BLOCK / 2,
            backend_settings: settings(tap, progress.clone()),
        })?;
        // At the origin, looking along -z.
        let listener =
            manager.add_listener([0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]).map_err(|_| SpeakerError::Unusable)?;
        Ok(Self { manager, listener, voices: BTreeMap::new(), progress, pushed: 0, far_end: Some(far_end) })
    }

    /// Gives a voice its track, in the middle. Beyond 128 voices it stays unheard.
    pub fn add(&mut self, voice: VoiceId) {
        let (mut samples, ring) = RingBuffer::new(RING);
        // The new voice starts in step with the others: what they have waiting, it has as silence.
        for _ in 0..self.waiting() {
            let _ = samples.push(0.0);
        }
        let builder = voice::track();
        let Ok(mut track) = self.manager.add_spatial_sub_track(&self.listener, voice::position(0.0), builder) else {
            return;
        };
        if track.play(VoiceSound::new(ring)).is_ok() {
            self.voices.insert(voice, Voice { samples, track });
        }
    }

    pub fn remove(&mut self, voice: VoiceId) {
        self.voices.remove(&voice);
    }

    /// Moves a voice from -1, the left, to 1, the right, gently.
    pub fn place(&mut self, voice: VoiceId, x: f32) {
        if let Some(voice) = self.voices.get_mut(&voice) {
            voice.track.set_position(voice::position(x), Tween::default());
        }
    }

    /// How many blocks of every voice are wanted now, to have 30 ms waiting (more where the card takes much at once).
    ///
    /// All voices are pushed in step: ask once, push so many blocks of each, and call [`Self::pushed`] for each round.
    pub fn wanted(&mut self) -> usize {
        let played = self.progress.played();
        // What the card played without us is silence, and gone.
        self.pushed = self.pushed.max(played);
        let fill = (self.progress.largest() + 2 * BLOCK as u64).clamp(FILL, FILL_MAX);
        (fill.saturating_sub(self.pushed - played) as usize).div_ceil(BLOCK)
    }

    /// Gives one block of a voice. See [`Self::wanted`].
    pub fn push(&mut self, voice: VoiceId, block: &[f32; BLOCK]) {
        if let Some(voice) = self.voices.get_mut(&voice) {
            for &sample in block {
                let _ = voice.samples.push(sample);
            }
        }
    }

    /// Says that one block of every voice has been pushed.
    pub fn pushed(&mut self) {
        self.pushed += BLOCK as u64;
    }

    /// What is played, for the echo canceller. There is one; whoever takes it first has it.
    pub fn far_end(&mut self) -> Option<FarEnd> {
        self.far_end.take()
    }

    /// Whether the device is gone: it said so, or has asked for nothing for two seconds.
    pub fn lost(&self) -> bool {
        self.progress.lost()
    }

    fn waiting(&self) -> u64 {
        self.pushed.saturating_sub(self.progress.played())
    }
}
