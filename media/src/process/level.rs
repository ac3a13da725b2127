//! How loud a voice is, and whether it speaks: what the ring around a tile shows.

use crate::microphone::BLOCK;

/// The bottom of the scale in dBFS; the top is 0.
const BOTTOM_DB: f32 = -60.0;
/// Below this nobody speaks, however silent the room.
const QUIETEST_SPEECH_DB: f32 = -50.0;
/// A room louder than this is not taken for noise: the first thing heard may be a voice.
const LOUDEST_NOISE_DB: f32 = -35.0;
/// A voice begins this far above the room's noise, and ends at half of it: the difference keeps the ring from flickering.
const BEGIN_ABOVE_NOISE_DB: f32 = 12.0;
const END_ABOVE_NOISE_DB: f32 = 6.0;
/// A click is shorter than this, a syllable is not.
const BEGIN_BLOCKS: u32 = 3;
/// The gaps between words are shorter than this: 300 ms.
const HANGOVER_BLOCKS: u32 = 30;
/// The noise estimate falls at once and rises by 1.5 dB a second, so that a long sentence is not taken for noise.
const NOISE_RISE_DB: f32 = 0.015;
/// What the meter falls by in a block: 60 dB in a second.
const FALL: f32 = 0.01;

/// A meter's reading.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Level {
    /// 0 (-60 dBFS or less) to 1 (0 dBFS), linear in dB.
    pub level: f32,
    pub speaking: bool,
}

/// Reads one voice's level, block by block.
#[derive(Clone, Debug)]
pub struct LevelMeter {
    noise_db: f32,
    loud_blocks: u32,
    hangover: u32,
    level: f32,
}

impl LevelMeter {
    pub fn new() -> Self {
        Self { noise_db: LOUDEST_NOISE_DB, loud_blocks: 0, hangover: 0, level: 0.0 }
    }

    pub fn push(&mut self, block: &[f32; BLOCK]) -> Level {
        let db = decibels(block);
        let speaking = self.hangover > 0;
        let above = if speaking { END_ABOVE_NOISE_DB } else { BEGIN_ABOVE_NOISE_DB };
        let loud = db > QUIETEST_SPEECH_DB.max(self.noise_db + above);
        self.loud_blocks = if loud { self.loud_blocks + 1 } else { 0 };
        self.hangover = match (speaking, loud) {
            (true, true) => HANGOVER_BLOCKS,
            (false, true) if self.loud_blocks >= BEGIN_BLOCKS => HANGOVER_BLOCKS,
            _ => self.hangover.saturating_sub(1),
        };
        self.noise_db = db.min(self.noise_db + NOISE_RISE_DB).clamp(BOTTOM_DB, LOUDEST_NOISE_DB);
        self.level = ((db - BOTTOM_DB) / -BOTTOM_DB).clamp(0.0, 1.0).max(self.level - FALL);
        Level { level: self.level, speaking: self.hangover > 0 }
    }
}

impl Default for LevelMeter {
    fn default() -> Self {
        Self::new()
    }
}

/// The block's RMS in dBFS, no less than the bottom of the scale.
pub(super) fn decibels(block: &[f32; BLOCK]) -> f32 {
    let energy = block.iter().map(|s| s * s).sum::<f32>() / BLOCK as f32;
    if energy.is_finite() { (10.0 * energy.max(1e-12).log10()).max(BOTTOM_DB) } else { BOTTOM_DB }
}
