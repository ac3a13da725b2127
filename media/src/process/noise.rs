//! Steady noise taken out of a voice, by a port of WebRTC's noise suppressor.

use sonora::three_band_filter_bank::ThreeBandFilterBank;
use sonora_ns::config::{NsConfig, OVERLAP_SIZE, SuppressionLevel};
use sonora_ns::noise_suppressor::NoiseSuppressor;

use super::level::decibels;
use crate::microphone::BLOCK;

const BANDS: usize = 3;
/// The suppressor thinks in 16-bit samples.
const FULL_SCALE: f32 = 32_768.0;

/// A suppressor of its own, outside of the processing module: inside, it comes with that module's high pass only.
///
/// What it does to a voice in a quiet room costs 0.4 of PESQ and gains nothing, so it is blended in by how much noise there is.
pub(super) struct NoiseFilter {
    bank: ThreeBandFilterBank,
    suppressor: NoiseSuppressor,
    delay: [f32; OVERLAP_SIZE],
    need: Need,
}

impl NoiseFilter {
    pub(super) fn new() -> Self {
        let config = NsConfig { target_level: SuppressionLevel::K12dB };
        Self {
            bank: ThreeBandFilterBank::new(),
            suppressor: NoiseSuppressor::new_with_bands(config, BANDS),
            delay: [0.0; OVERLAP_SIZE],
            need: Need::new(),
        }
    }

    pub(super) fn remove(&mut self, block: &mut [f32; BLOCK]) {
        let share = self.need.follow(decibels(block));
        let mut bands = [[0.0; BLOCK / BANDS]; BANDS];
        self.bank.analysis(&block.map(|sample| sample * FULL_SCALE), &mut bands);
        let [low, high @ ..] = &mut bands;
        let untouched = self.delayed(low);
        self.suppressor.analyze(low);
        self.suppressor.process(low);
        for (sample, before) in low.iter_mut().zip(untouched) {
            *sample = before + share * (*sample - before);
        }
        let gain = 1.0 + share * (self.suppressor.upper_band_gain() - 1.0);
        for (n, band) in high.iter_mut().enumerate() {
            self.suppressor.process_upper_band(band, n, gain);
        }
        self.bank.synthesis(&bands, block);
        for sample in block {
            *sample = (*sample / FULL_SCALE).clamp(-1.0, 1.0);
        }
    }

    /// The band as late as the suppressor gives it.
    fn delayed(&mut self, band: &[f32; BLOCK / BANDS]) -> [f32; BLOCK / BANDS] {
        let (late, now) = (self.delay, BLOCK / BANDS - OVERLAP_SIZE);
        self.delay.copy_from_slice(&band[now..]);
        std::array::from_fn(|n| if n < OVERLAP_SIZE { late[n] } else { band[n - OVERLAP_SIZE] })
    }
}

/// A voice this far above the room's noise is left alone; one that is only so far above it is cleaned fully.
const CLEAN_DB: f32 = 34.0;
const NOISY_DB: f32 = 27.0;
/// A voice of a usual level, until one is heard.
const USUAL_DB: f32 = -25.0;
const QUIET_DB: f32 = -45.0;
/// A voice pauses at least once in two of these.
const WINDOW: u32 = 200;

/// How much of the suppression is needed, from how far the loudest is above the most silent.
struct Need {
    level_db: f32,
    loud_db: f32,
    /// The most silent of this window and of the one before.
    silent_db: [f32; 2],
    blocks: u32,
    share: f32,
}

impl Need {
    fn new() -> Self {
        Self { level_db: USUAL_DB, loud_db: USUAL_DB, silent_db: [0.0; 2], blocks: 0, share: 0.0 }
    }

    /// 0 to 1, never in a hurry: it takes a second to change.
    fn follow(&mut self, block_db: f32) -> f32 {
        self.level_db += (block_db - self.level_db) / 4.0;
        self.loud_db = (self.loud_db - 0.01).max(self.level_db).max(QUIET_DB);
        self.silent_db[0] = self.silent_db[0].min(self.level_db);
        self.blocks += 1;
        if self.blocks.is_multiple_of(WINDOW) {
            self.silent_db = [self.level_db, self.silent_db[0]];
        }
        let above = self.loud_db - self.silent_db[0].min(self.silent_db[1]);
        let wanted = ((CLEAN_DB - above) / (CLEAN_DB - NOISY_DB)).clamp(0.0, 1.0);
        self.share += (wanted - self.share).clamp(-0.01, 0.01);
        self.share
    }
}
