//! Playback: one mixer in which every participant has a place, its output stream, and a copy of what was played for the
//! echo canceller.

use std::collections::BTreeMap;

use rtrb::{Producer, RingBuffer};

use crate::lookout::Lookout;
use crate::microphone::BLOCK;

mod device;
mod far_end;
mod mix;
mod output;

pub use crate::microphone::SoundDevice;
pub use device::speakers;
pub use far_end::{FarEnd, Played, far_end};
pub use output::Demand;

use mix::{Desk, mixer};
use output::{Progress, Rendering};

/// What waits between the jitter buffers and the sound card, at least: 30 ms.
const FILL: u64 = 3 * BLOCK as u64;
/// ... and at most, for a sound card that takes much at once.
const FILL_MAX: u64 = 10 * BLOCK as u64;
/// Each voice's ring: 200 ms. A full one drops the newest samples.
const RING: usize = 20 * BLOCK;
/// More participants than this are not heard.
const MAX_VOICES: usize = 128;

/// A participant's voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VoiceId(pub u64);

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

/// Looks for a speaker that is gone, until it is dropped. The system's own stands in for it meanwhile.
pub struct Search(Lookout<Speaker>);

impl Search {
    pub fn start(source: &SpeakerSource) -> Self {
        let SpeakerSource::Device(id) = source.clone();
        let open = move |id: &str| Speaker::open(&SpeakerSource::Device(id.to_owned())).ok();
        Self(Lookout::start(move |which| which.of(&id).and_then(open)))
    }

    /// A speaker that was found since this was asked last; a second one is the speaker that was looked for.
    pub fn found(&self) -> Option<Speaker> {
        self.0.found()
    }
}

/// The speaker can't be opened. It may be gone, busy or forbidden; another one may work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpeakerError {
    #[error("the speaker can't be used")]
    Unusable,
}

/// An open speaker. Dropping it ends playback at once; [`Self::close`] before that fades it out.
pub struct Speaker {
    desk: Desk,
    /// Each voice's ring, the end that is filled.
    voices: BTreeMap<VoiceId, Producer<f32>>,
    progress: Progress,
    /// Samples that were given to every voice, or that it was too late for.
    pushed: u64,
    far_end: Option<FarEnd>,
    // Sound goes for as long as this lives.
    _stream: Option<cpal::Stream>,
}

impl Speaker {
    pub fn open(source: &SpeakerSource) -> Result<Self, SpeakerError> {
        let SpeakerSource::Device(id) = source;
        let (mut speaker, rendering) = Self::new()?;
        speaker._stream = Some(device::start(id, rendering, speaker.progress.clone())?);
        Ok(speaker)
    }

    /// A speaker that renders when told to, for rooms and tests without a sound card.
    pub fn on_demand() -> Result<(Self, Demand), SpeakerError> {
        let (speaker, rendering) = Self::new()?;
        Ok((speaker, Demand::new(rendering)))
    }

    fn new() -> Result<(Self, Rendering), SpeakerError> {
        let (tap, far_end) = far_end()?;
        let (desk, mixer) = mixer();
        let progress = Progress::new();
        let rendering = Rendering::new(mixer, tap, progress.clone());
        let (voices, far_end) = (BTreeMap::new(), Some(far_end));
        Ok((Self { desk, voices, progress, pushed: 0, far_end, _stream: None }, rendering))
    }

    /// Gives a voice its place, in the middle. Beyond 128 voices it stays unheard.
    pub fn add(&mut self, voice: VoiceId) {
        let (mut samples, ring) = RingBuffer::new(RING);
        // The new voice starts in step with the others: what they have waiting, it has as silence.
        for _ in 0..self.waiting() {
            let _ = samples.push(0.0);
        }
        if self.voices.len() < MAX_VOICES && self.desk.add(voice, ring) {
            self.voices.insert(voice, samples);
        }
    }

    pub fn remove(&mut self, voice: VoiceId) {
        self.voices.remove(&voice);
    }

    /// Moves a voice from -1, the left, to 1, the right, gently.
    pub fn place(&mut self, voice: VoiceId, x: f32) {
        self.desk.place(voice, x);
    }

    /// Fades out, within 10 ms of the card's time; nothing is heard from then on.
    pub fn close(&self) {
        self.desk.close();
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
        if let Some(samples) = self.voices.get_mut(&voice) {
            for &sample in block {
                let _ = samples.push(sample);
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
