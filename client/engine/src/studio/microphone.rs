//! The microphone thread: capture, process, measure, encode.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed},
    },
    thread,
    time::Instant,
};

use media::{
    EncodedFrame, FrameClock, Stream,
    encode::{VoiceEncodeError, VoiceEncoder},
    microphone::{self, BLOCK, Microphone, MicrophoneError, MicrophoneSource},
    process::{Cleaning, LevelMeter, Speech},
    repair::VoiceSettings,
    speaker::FarEnd,
};
use tokio::sync::mpsc;

use super::StudioEvent;
use crate::api::{MediaSettings, MicrophoneChoice, Trouble};

const FRAME: usize = 2 * BLOCK;

/// The level is told every so many blocks of 10 ms.
const LEVEL_BLOCKS: u32 = 10;

/// Ends when dropped.
pub(crate) struct MicrophoneThread {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    sending: AtomicBool,
    muted: AtomicBool,
    suppress_noise: AtomicBool,
    /// [`VoiceSettings`], each for itself: a frame between the two changes is one of 20 ms.
    kbps: AtomicU32,
    expected_loss: AtomicU8,
}

/// The speaker's mix on its way to the echo canceller; replaced when the speaker changes.
pub(crate) type FarEndSlot = Arc<Mutex<Option<FarEnd>>>;

impl MicrophoneThread {
    pub fn start(
        settings: &MediaSettings,
        seed: u32,
        clock: FrameClock,
        voice: VoiceSettings,
        far_end: FarEndSlot,
        events: mpsc::Sender<StudioEvent>,
    ) -> Self {
        let shared = Arc::new(Shared::default());
        shared.use_voice(voice);
        shared.suppress_noise.store(settings.suppress_noise, Relaxed);
        let (source, is_device) = match &settings.microphone {
            MicrophoneChoice::None | MicrophoneChoice::Test => (MicrophoneSource::Test { seed }, false),
            MicrophoneChoice::Clip(path) => (MicrophoneSource::Clip(path.clone()), false),
            MicrophoneChoice::Device(id) => (MicrophoneSource::Device(id.clone()), true),
        };
        let stopped = shared.clone();
        let work = Work {
            shared: shared.clone(),
            clock,
            far_end,
            events: events.clone(),
            cleaning: if settings.process.unwrap_or(is_device) { Cleaning::ALL } else { Cleaning::NONE },
            speech: Speech::new(Cleaning::NONE),
            meter: LevelMeter::new(),
        };
        let spawned = thread::Builder::new().name("microphone".into()).spawn(move || {
            let ended = microphone::open(&source).map_err(|why| trouble(&why)).and_then(|opened| work.run(opened));
            // Replaced meanwhile, its trouble is nobody's any more.
            if let Err(trouble) = ended
                && !stopped.stop.load(Relaxed)
            {
                let _ = events.blocking_send(StudioEvent::Trouble(trouble));
            }
        });
        if spawned.is_err() {
            tracing::error!("the system refused a thread for the microphone");
        }
        Self { shared }
    }

    pub fn send(&self, sending: bool) {
        self.shared.sending.store(sending, Relaxed);
    }

    /// Takes effect with the next frame.
    pub fn use_voice(&self, voice: VoiceSettings) {
        self.shared.use_voice(voice);
    }

    /// Takes effect with the next block.
    pub fn suppress_noise(&self, on: bool) {
        self.shared.suppress_noise.store(on, Relaxed);
    }

    pub fn mute(&self, muted: bool) {
        self.shared.muted.store(muted, Relaxed);
    }
}

impl Shared {
    fn use_voice(&self, voice: VoiceSettings) {
        self.kbps.store(voice.kbps, Relaxed);
        self.expected_loss.store(voice.expected_loss, Relaxed);
    }

    fn voice(&self) -> VoiceSettings {
        VoiceSettings { kbps: self.kbps.load(Relaxed), expected_loss: self.expected_loss.load(Relaxed) }
    }
}

impl Drop for MicrophoneThread {
    fn drop(&mut self) {
        self.shared.stop.store(true, Relaxed);
    }
}

struct Work {
    shared: Arc<Shared>,
    clock: FrameClock,
    far_end: FarEndSlot,
    events: mpsc::Sender<StudioEvent>,
    /// What may be done to the voice.
    cleaning: Cleaning,
    speech: Speech,
    meter: LevelMeter,
}

impl Work {
    fn run(mut self, mut microphone: Box<dyn Microphone>) -> Result<(), Trouble> {
        let mut voice = self.shared.voice();
        let mut encoder = VoiceEncoder::new(voice.kbps).map_err(|_| Trouble::MicrophoneUnusable)?;
        set(&mut encoder, voice).map_err(|_| Trouble::MicrophoneUnusable)?;
        let mut frame = [0.0; FRAME];
        let mut first: Option<Instant> = None;
        let (mut blocks, mut lost) = (0, false);
        while !self.shared.stop.load(Relaxed) {
            let mut block = [0.0; BLOCK];
            let captured = match microphone.next(&mut block) {
                Ok(captured) => captured,
                Err(_) if self.shared.stop.load(Relaxed) => break,
                // It is looked for, and the call goes on.
                Err(MicrophoneError::Lost) => {
                    if !std::mem::replace(&mut lost, true) {
                        self.tell_lost();
                    }
                    first = None;
                    continue;
                }
                Err(why) => return Err(trouble(&why)),
            };
            lost = false;
            self.hear_far_end(captured);
            self.speech.set(self.wanted());
            self.speech.capture(&mut block);
            let level = self.meter.push(&block);
            blocks += 1;
            if blocks % LEVEL_BLOCKS == 0 {
                let (level, speaking) = (level.level, level.speaking);
                // A level that finds no room is replaced by the next one anyway.
                let _ = self.events.try_send(StudioEvent::MicrophoneLevel { level, speaking });
            }
            if !self.shared.sending.load(Relaxed) || self.shared.muted.load(Relaxed) {
                first = None;
                continue;
            }
            let Some(began) = first.take() else {
                frame[..BLOCK].copy_from_slice(&block);
                first = Some(captured);
                continue;
            };
            frame[BLOCK..].copy_from_slice(&block);
            let wanted = self.shared.voice();
            if wanted != voice {
                voice = wanted;
                if let Err(why) = set(&mut encoder, voice) {
                    tracing::error!(%why, "the voice's encoder keeps its settings");
                }
            }
            self.send(&mut encoder, began, &frame);
        }
        Ok(())
    }

    fn tell_lost(&self) {
        let _ = self.events.blocking_send(StudioEvent::Trouble(Trouble::MicrophoneLost));
        let _ = self.events.try_send(StudioEvent::MicrophoneLevel { level: 0.0, speaking: false });
    }

    /// Encodes one frame, and hands it to the engine.
    fn send(&self, encoder: &mut VoiceEncoder, began: Instant, samples: &[f32; FRAME]) {
        match encoder.encode(samples) {
            Ok(Some(data)) => {
                let captured_us = self.clock.micros(began);
                let frame = EncodedFrame { stream: Stream::Audio, keyframe: true, captured_us, data };
                if self.events.try_send(StudioEvent::Frame(frame)).is_err() {
                    tracing::debug!("a frame of voice found no room and is dropped");
                }
            }
            Ok(None) => {}
            Err(why) => tracing::error!(%why, "a frame of voice could not be encoded"),
        }
    }

    fn wanted(&self) -> Cleaning {
        Cleaning { noise: self.cleaning.noise && self.shared.suppress_noise.load(Relaxed), ..self.cleaning }
    }

    /// What the speaker played goes with what the microphone heard, block by block.
    fn hear_far_end(&mut self, captured: Instant) {
        let mut slot = self.far_end.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut block = [0.0; BLOCK];
        if let Some(far_end) = slot.as_mut()
            && far_end.pull(captured, &mut block)
        {
            self.speech.render(&block);
        }
    }
}

fn set(encoder: &mut VoiceEncoder, voice: VoiceSettings) -> Result<(), VoiceEncodeError> {
    encoder.set_bitrate(voice.kbps)?;
    encoder.set_expected_loss(voice.expected_loss)
}

fn trouble(why: &MicrophoneError) -> Trouble {
    if let MicrophoneError::Unreadable(why) = why {
        tracing::error!(%why, "the clip for the microphone cannot be played");
    }
    match why {
        MicrophoneError::Unreadable(_) => Trouble::MicrophoneClipUnreadable,
        MicrophoneError::Unusable => Trouble::MicrophoneUnusable,
        MicrophoneError::Lost => Trouble::MicrophoneLost,
    }
}
