//! A quiet melody, for rooms without microphones.

use std::f32::consts::TAU;
use std::time::Instant;

use super::pace::Pace;
use super::{BLOCK, Microphone, MicrophoneError};

/// Samples a note lasts: 300 ms.
const NOTE: u64 = 14_400;
/// Semitones above the root: a pentatonic scale, in which no two notes clash.
const SCALE: [f32; 8] = [0.0, 2.0, 4.0, 7.0, 9.0, 12.0, 14.0, 16.0];
/// About -26 dBFS.
const AMPLITUDE: f32 = 0.07;

pub(super) struct Melody {
    seed: u32,
    pace: Pace,
}

impl Melody {
    pub(super) fn new(seed: u32) -> Self {
        Self { seed, pace: Pace::new(Instant::now()) }
    }
}

impl Microphone for Melody {
    fn next(&mut self, block: &mut [f32; BLOCK]) -> Result<Instant, MicrophoneError> {
        let (position, due) = self.pace.wait();
        fill(self.seed, position, block);
        Ok(due)
    }
}

/// The melody's samples from `position` on.
fn fill(seed: u32, position: u64, block: &mut [f32; BLOCK]) {
    for (i, sample) in block.iter_mut().enumerate() {
        let at = position + i as u64;
        let (note, within) = (at / NOTE, at % NOTE);
        let random = hash(u64::from(seed) << 32 ^ note);
        // One note in eight is a rest.
        let rest = random >> 8 & 7 == 0;
        let root = 196.0 * (1.0 + (seed % 5) as f32 * 0.125);
        let frequency = root * 2f32.powf(SCALE[(random & 7) as usize] / 12.0);
        let t = within as f32 / 48_000.0;
        let attack = (t / 0.01).min(1.0);
        let release = ((NOTE - within) as f32 / 2400.0).min(1.0);
        let tone = (TAU * frequency * t).sin() + 0.3 * (TAU * 2.0 * frequency * t).sin();
        *sample = if rest { 0.0 } else { AMPLITUDE * attack * release * (-4.0 * t).exp() * tone };
    }
}

/// splitmix64's finish.
fn hash(n: u64) -> u64 {
    let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ n >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_seed_has_its_own_quiet_melody() {
        let second = |seed| {
            let mut all = Vec::new();
            for n in 0..100 {
                let mut block = [0.0; BLOCK];
                fill(seed, n * BLOCK as u64, &mut block);
                all.extend(block);
            }
            all
        };
        assert_ne!(second(1), second(2));
        assert_eq!(second(1), second(1));
        let peak = second(1).iter().fold(0f32, |peak, s| peak.max(s.abs()));
        assert!(peak > 0.02 && peak < 0.1, "{peak}");
    }
}
