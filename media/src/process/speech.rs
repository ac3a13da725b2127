//! Echo cancellation, noise suppression and gain, by a port of WebRTC's audio processing module.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sonora::config::{
    AdaptiveDigital, EchoCanceller, GainController2, HighPassFilter, MaxProcessingRate, NoiseSuppression,
    NoiseSuppressionLevel, Pipeline,
};
use sonora::{AudioProcessing, Config, StreamConfig};

use crate::microphone::BLOCK;

/// Cleans one microphone's voice of what the own speakers play, of noise, and of a level that is too low or too high.
///
/// Both directions are fed in blocks of 10 ms at 48 kHz, by one thread.
pub struct Speech {
    processing: Option<AudioProcessing>,
}

impl Speech {
    /// With `on` false every block passes bit by bit as it is.
    pub fn new(on: bool) -> Self {
        Self { processing: on.then(build) }
    }

    /// What the speakers are about to play.
    pub fn render(&mut self, far: &[f32; BLOCK]) {
        let mut unused = [0.0; BLOCK];
        self.guarded(|processing| {
            // The formats are fixed above, so the only errors there are can't occur.
            let _ = processing.process_render_f32(&[far], &mut [&mut unused]);
        });
    }

    /// What the microphone heard; cleaned in place.
    pub fn capture(&mut self, near: &mut [f32; BLOCK]) {
        let heard = *near;
        let mut cleaned = heard;
        let done = self.guarded(|processing| {
            // As above; on an error `cleaned` is left as it was heard.
            let _ = processing.process_capture_f32(&[&heard], &mut [&mut cleaned]);
        });
        if done && cleaned.iter().all(|sample| sample.is_finite()) {
            *near = cleaned;
        }
    }

    /// Runs `work`; a panic inside the module costs its state and one block, not the call.
    fn guarded(&mut self, work: impl FnOnce(&mut AudioProcessing)) -> bool {
        let Some(processing) = &mut self.processing else {
            return false;
        };
        let survived = catch_unwind(AssertUnwindSafe(|| work(processing))).is_ok();
        if !survived {
            tracing::warn!("speech processing failed and starts again");
            self.processing = Some(build());
        }
        survived
    }
}

fn build() -> AudioProcessing {
    let config = Config {
        // The default of 32 kHz would cut a voice at 16 kHz.
        pipeline: Pipeline { maximum_internal_processing_rate: MaxProcessingRate::Rate48kHz, ..Pipeline::default() },
        high_pass_filter: Some(HighPassFilter::default()),
        echo_canceller: Some(EchoCanceller::default()),
        noise_suppression: Some(NoiseSuppression {
            level: NoiseSuppressionLevel::Moderate,
            ..NoiseSuppression::default()
        }),
        gain_controller2: Some(GainController2 {
            adaptive_digital: Some(AdaptiveDigital::default()),
            ..GainController2::default()
        }),
        ..Config::default()
    };
    let mono = StreamConfig::new(48_000, 1);
    AudioProcessing::builder().config(config).capture_config(mono).render_config(mono).build()
}
