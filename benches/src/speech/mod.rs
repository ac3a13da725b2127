//! What speech processing takes away of echo and noise, and what it leaves of a voice.

use std::time::{Duration, Instant};

use media::microphone::BLOCK;
use media::process::{Cleaning, Speech};
use media::speaker::far_end;

pub mod mixture;
#[cfg(test)]
mod tests;

use mixture::{Dice, Noise, RATE, decibels, mixed, noise, rms, scaled, through};

/// Two people at two ends, one of them at a loudspeaker: what is tried.
#[derive(Clone, Copy, Debug)]
pub struct EchoScene {
    /// From the mix's way into the sound card until it is in the microphone.
    pub delay_ms: f64,
    /// How much faster the speaker's clock runs than the microphone's.
    pub drift_ppm: f64,
    /// How late callbacks of the sound card come, at most.
    pub jitter_ms: f64,
    /// The echo against what is played.
    pub echo_gain: f32,
    pub cleaning: Cleaning,
    /// The far voice speaks alone for so long, then both for so long.
    pub alone_s: usize,
    pub both_s: usize,
}

impl Default for EchoScene {
    fn default() -> Self {
        Self {
            delay_ms: 45.0,
            drift_ppm: 0.0,
            jitter_ms: 1.5,
            echo_gain: 0.35,
            cleaning: Cleaning { echo: true, noise: true, gain: false },
            alone_s: 20,
            both_s: 14,
        }
    }
}

/// What came of an [`EchoScene`].
#[derive(Clone, Debug)]
pub struct EchoFigures {
    /// Echo return loss enhancement over the second half of the far voice alone, in dB.
    pub enhancement_db: f32,
    /// Of the first second, and of each second after it.
    pub course_db: Vec<f32>,
    pub double_talk: Kept,
    /// What the far end took the clocks to differ by at the end.
    pub drift_found_ppm: f64,
    /// While both speak: the near voice alone, what the microphone heard, what was sent.
    pub near: Vec<f32>,
    pub heard: Vec<f32>,
    pub sent: Vec<f32>,
}

/// What is left of a voice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kept {
    /// Its level afterwards against before, in dB.
    pub level_db: f32,
    /// The mean correlation of 20 ms pieces in which it speaks, 0 to 1.
    pub likeness: f32,
}

/// A far voice out of the loudspeaker, then a near voice as well.
///
/// # Panics
/// Where the demo's clips are missing.
pub fn echo(scene: &EchoScene) -> EchoFigures {
    let seconds = scene.alone_s + scene.both_s;
    let far = mixture::voice(&[1, 2, 3], seconds + 1);
    let response = mixture::room(3, scene.delay_ms, scene.echo_gain, 0.3);
    let echo = mixture::drifted(&through(&mixture::loudspeaker(&far), &response), scene.drift_ppm);
    let echo = &echo[..seconds * RATE];
    let near = scaled(&mixture::voice(&[3, 1], scene.both_s), 0.7);
    let near = [vec![0.0; scene.alone_s * RATE], near].concat();
    // No room is silent.
    let still = scaled(&noise(Noise::Fan, echo.len()), 1e-4);
    let heard = mixed(&mixed(echo, &near), &still);
    let (sent, drift) = process(scene, &far, &heard);

    let alone = scene.alone_s * RATE;
    let loss = |from: usize, to: usize| decibels(rms(&echo[from..to]) / rms(&sent[from..to]));
    let (near, heard, sent_late) = (&near[alone..], &heard[alone..], &sent[alone..]);
    EchoFigures {
        enhancement_db: loss(alone / 2, alone),
        course_db: (0..scene.alone_s).map(|s| loss(s * RATE, (s + 1) * RATE)).collect(),
        double_talk: kept(near, sent_late),
        drift_found_ppm: drift * 1e6,
        near: near.to_vec(),
        heard: heard.to_vec(),
        sent: sent_late.to_vec(),
    }
}

/// The two sound cards' callbacks in simulated time.
fn process(scene: &EchoScene, far: &[f32], heard: &[f32]) -> (Vec<f32>, f64) {
    let start = Instant::now();
    let (mut played, mut far_end) = far_end().expect("the ratio and the chunk of its resampler are possible");
    let mut speech = Speech::new(scene.cleaning);
    let mut dice = Dice::new(9);
    let mut late = || f64::from(0.5 + 0.5 * dice.throw()) * scene.jitter_ms / 1e3;
    let callback = BLOCK as f64 / RATE as f64 / (1.0 + scene.drift_ppm * 1e-6);
    let (mut rendered, mut due) = (0, late());
    let mut sent = Vec::with_capacity(heard.len());
    for (n, block) in heard.as_chunks::<BLOCK>().0.iter().enumerate() {
        let captured = (n + 1) as f64 * 0.01;
        // The thread wakes a moment after the block is whole.
        while due <= captured + 0.001 + late() && (rendered + 1) * BLOCK <= far.len() {
            let stereo: Vec<f32> = far[rendered * BLOCK..][..BLOCK].iter().flat_map(|s| [*s, *s]).collect();
            played.push(start + Duration::from_secs_f64(due), &stereo);
            rendered += 1;
            due = rendered as f64 * callback + late();
        }
        let mut reference = [0.0; BLOCK];
        if far_end.pull(start + Duration::from_secs_f64(captured), &mut reference) {
            speech.render(&reference);
        }
        let mut block = *block;
        speech.capture(&mut block);
        sent.extend(block);
    }
    (sent, far_end.drift())
}

/// What a noise and its suppression make of a voice.
#[derive(Clone, Debug)]
pub struct NoiseFigures {
    /// How much less of the noise there is while nobody speaks, after two seconds, in dB.
    pub reduction_db: f32,
    pub voice: Kept,
    pub clean: Vec<f32>,
    pub heard: Vec<f32>,
    pub sent: Vec<f32>,
}

/// A voice that pauses now and then, `ratio_db` louder than the noise; `None` is silence.
///
/// # Panics
/// Where the demo's clips are missing.
pub fn noisy(kind: Option<Noise>, ratio_db: f32, cleaning: Cleaning) -> NoiseFigures {
    let mut clean = vec![0.0; 3 * RATE];
    for guest in [1, 2, 3] {
        clean.extend(mixture::voice(&[guest], 5));
        clean.extend(vec![0.0; 2 * RATE]);
    }
    let level = rms(&mixture::voice(&[1, 2, 3], 20));
    let noise = match kind {
        Some(kind) => scaled(&noise(kind, clean.len()), level * 10f32.powf(-ratio_db / 20.0)),
        None => vec![0.0; clean.len()],
    };
    let heard = mixed(&clean, &noise);
    let mut speech = Speech::new(cleaning);
    let mut sent = Vec::new();
    for block in heard.as_chunks::<BLOCK>().0 {
        let mut block = *block;
        speech.capture(&mut block);
        sent.extend(block);
    }
    // The last two seconds are a pause, and so is the third.
    let pauses = |samples: &[f32]| rms(&[&samples[2 * RATE..3 * RATE], &samples[samples.len() - RATE..]].concat());
    NoiseFigures {
        reduction_db: decibels(pauses(&heard) / pauses(&sent)),
        voice: kept(&clean, &sent),
        clean,
        heard,
        sent,
    }
}

/// Compares a voice with what became of it, at the shift at which they are most alike: processing takes some milliseconds.
pub fn kept(before: &[f32], after: &[f32]) -> Kept {
    let shift =
        (0..1200).step_by(4).max_by(|a, b| product(before, &after[*a..]).total_cmp(&product(before, &after[*b..])));
    let after = &after[shift.unwrap_or(0)..];
    let (mut pieces, mut likeness) = (0, 0.0);
    let (mut energy_before, mut energy_after) = (0.0, 0.0);
    for (before, after) in before.chunks_exact(960).zip(after.chunks_exact(960)) {
        if rms(before) < 0.01 {
            continue;
        }
        pieces += 1;
        let energy = (product(before, before), product(after, after));
        likeness += (product(before, after) / (energy.0 * energy.1).sqrt().max(1e-12)).max(0.0);
        (energy_before, energy_after) = (energy_before + energy.0, energy_after + energy.1);
    }
    Kept { level_db: decibels((energy_after / energy_before).sqrt()), likeness: likeness / pieces.max(1) as f32 }
}

fn product(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}
