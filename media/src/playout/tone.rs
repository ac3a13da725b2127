//! A few notes to find out whether the speaker is heard: from the left, from the right, from both.

use std::f32::consts::{PI, TAU};

use crate::microphone::BLOCK;

const RATE: f32 = 48_000.0;
/// Hertz, and where the note is heard: -1 left, 1 right.
const NOTES: [(f32, f32); 3] = [(523.25, -1.0), (659.26, 1.0), (783.99, 0.0)];
/// Samples of a note.
const NOTE: usize = 36 * BLOCK;
const LOUD: f32 = 0.25;

#[derive(Default)]
pub(super) struct Tone {
    played: usize,
}

impl Tone {
    /// Where the next block is heard; none once all was played.
    pub(super) fn place(&self) -> Option<f32> {
        NOTES.get(self.played / NOTE).map(|(_, x)| *x)
    }

    pub(super) fn next(&mut self) -> [f32; BLOCK] {
        let mut block = [0.0; BLOCK];
        if let Some((hertz, _)) = NOTES.get(self.played / NOTE) {
            for (n, sample) in block.iter_mut().enumerate() {
                let at = (self.played % NOTE + n) as f32;
                // From silence to silence: no note begins or ends with a click.
                let swell = (PI * at / NOTE as f32).sin().powi(2);
                *sample = LOUD * swell * (TAU * hertz * at / RATE).sin();
            }
        }
        self.played += BLOCK;
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_heard_left_right_and_in_the_middle_without_a_click() {
        let (mut tone, mut places, mut samples) = (Tone::default(), Vec::new(), Vec::new());
        while let Some(place) = tone.place() {
            places.push(place);
            samples.extend(tone.next());
        }
        places.dedup();
        assert_eq!(places, [-1.0, 1.0, 0.0]);
        assert!(samples.len() as f32 / RATE < 1.5);
        assert!(samples.iter().any(|sample| sample.abs() > 0.2));
        let step = samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(step < LOUD * TAU * 784.0 / RATE * 1.1, "{step}");
    }
}
