//! Echo cancellation, noise suppression and gain, by a port of WebRTC's audio processing module.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sonora::config::{AdaptiveDigital, EchoCanceller, GainController2, MaxProcessingRate, Pipeline};
use sonora::{AudioProcessing, Config, StreamConfig};

use super::noise::NoiseFilter;
use crate::microphone::BLOCK;

/// What is done to a voice. With nothing of it every block passes bit by bit as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleaning {
    /// Takes out what the own speakers play.
    pub echo: bool,
    /// Takes out steady noise.
    pub noise: bool,
    /// Brings a voice that is too low or too high to a usual level.
    pub gain: bool,
}

impl Cleaning {
    /// What a person at a microphone wants.
    pub const ALL: Self = Self { echo: true, noise: true, gain: true };
    /// For files, which are to be heard as they are.
    pub const NONE: Self = Self { echo: false, noise: false, gain: false };
}

/// Cleans one microphone's voice of what the own speakers play, of noise, and of a level that is too low or too high.
///
/// Both directions are fed in blocks of 10 ms at 48 kHz, by one thread, and in step: see [`crate::speaker::FarEnd`].
pub struct Speech {
    cleaning: Cleaning,
    stages: Stages,
    rumble: Rumble,
}

/// In the order in which a voice passes them.
struct Stages {
    echo: Option<AudioProcessing>,
    noise: Option<NoiseFilter>,
    gain: Option<AudioProcessing>,
}

impl Speech {
    pub fn new(cleaning: Cleaning) -> Self {
        Self { cleaning, stages: Stages::new(cleaning), rumble: Rumble::default() }
    }

    /// Changes what is done; what goes on keeps what it has learnt.
    pub fn set(&mut self, cleaning: Cleaning) {
        if cleaning == self.cleaning {
            return;
        }
        let mut new = Stages::new(cleaning);
        if cleaning.echo == self.cleaning.echo {
            new.echo = self.stages.echo.take();
        }
        if cleaning.noise == self.cleaning.noise {
            new.noise = self.stages.noise.take();
        }
        if cleaning.gain == self.cleaning.gain {
            new.gain = self.stages.gain.take();
        }
        (self.cleaning, self.stages) = (cleaning, new);
    }

    /// What the speakers are about to play.
    pub fn render(&mut self, far: &[f32; BLOCK]) {
        let mut unused = [0.0; BLOCK];
        self.guarded(|stages| {
            if let Some(echo) = &mut stages.echo {
                // The formats are fixed below, so the only errors there are can't occur.
                let _ = echo.process_render_f32(&[far], &mut [&mut unused]);
            }
        });
    }

    /// What the microphone heard; cleaned in place.
    pub fn capture(&mut self, near: &mut [f32; BLOCK]) {
        if self.cleaning == Cleaning::NONE {
            return;
        }
        let mut cleaned = *near;
        self.rumble.remove(&mut cleaned);
        let done = self.guarded(|stages| {
            if let Some(echo) = &mut stages.echo {
                through(echo, &mut cleaned);
            }
            if let Some(noise) = &mut stages.noise {
                noise.remove(&mut cleaned);
            }
            if let Some(gain) = &mut stages.gain {
                through(gain, &mut cleaned);
            }
        });
        if done && cleaned.iter().all(|sample| sample.is_finite()) {
            *near = cleaned;
        }
    }

    /// Runs `work`; a panic inside costs what was learnt and one block, not the call.
    fn guarded(&mut self, work: impl FnOnce(&mut Stages)) -> bool {
        let survived = catch_unwind(AssertUnwindSafe(|| work(&mut self.stages))).is_ok();
        if !survived {
            tracing::warn!("speech processing failed and starts again");
            self.stages = Stages::new(self.cleaning);
        }
        survived
    }
}

fn through(stage: &mut AudioProcessing, block: &mut [f32; BLOCK]) {
    let heard = *block;
    // As above; on an error the block is left as it was heard.
    let _ = stage.process_capture_f32(&[&heard], &mut [block]);
}

impl Stages {
    fn new(cleaning: Cleaning) -> Self {
        // Its high pass of sixth order at 100 Hz smears the pitch of a voice: by itself it costs 1.4 of PESQ. See `Rumble`.
        let canceller = EchoCanceller { enforce_high_pass_filtering: false, ..EchoCanceller::default() };
        let controller = GainController2 {
            // It begins at no gain and follows the voice: what it would begin with, noise and echo would have as well.
            adaptive_digital: Some(AdaptiveDigital {
                initial_gain_db: 0.0,
                max_gain_db: 30.0,
                ..AdaptiveDigital::default()
            }),
            ..GainController2::default()
        };
        Self {
            echo: cleaning.echo.then(|| stage(Config { echo_canceller: Some(canceller), ..Config::default() })),
            noise: cleaning.noise.then(NoiseFilter::new),
            gain: cleaning.gain.then(|| stage(Config { gain_controller2: Some(controller), ..Config::default() })),
        }
    }
}

fn stage(config: Config) -> AudioProcessing {
    // The default of 32 kHz would cut a voice at 16 kHz.
    let pipeline = Pipeline { maximum_internal_processing_rate: MaxProcessingRate::Rate48kHz, ..Pipeline::default() };
    let mono = StreamConfig::new(48_000, 1);
    AudioProcessing::builder().config(Config { pipeline, ..config }).capture_config(mono).render_config(mono).build()
}

/// What is below every voice, and a microphone's offset: a filter of first order at 20 Hz, which leaves a voice its shape.
#[derive(Clone, Copy, Debug, Default)]
struct Rumble {
    before: f32,
    after: f32,
}

impl Rumble {
    fn remove(&mut self, block: &mut [f32; BLOCK]) {
        const KEEP: f32 = 1.0 - std::f32::consts::TAU * 20.0 / 48_000.0;
        for sample in block {
            self.after = *sample - self.before + KEEP * self.after;
            self.before = *sample;
            *sample = self.after;
        }
    }
}
