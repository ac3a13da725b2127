//! Sound to try speech processing on: recorded voices, a made room around them, and made noises.
//!
//! The voices are the demo's recordings (assets/CREDITS.md). Room, loudspeaker, fan and keyboard are models; babble is made
//! of the recordings. All of it is 48 kHz mono, and the same in each run.

use std::f32::consts::TAU;

pub const RATE: usize = 48_000;

/// Numbers that look random, from a seed.
pub struct Dice(fastrand::Rng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// -1 to 1.
    pub fn throw(&mut self) -> f32 {
        2.0 * self.0.f32() - 1.0
    }
}

/// Somebody reads aloud: the demo's voices in this order, again and again, for so many seconds.
///
/// # Panics
/// Where the demo's clips are missing or are not 16 kHz mono.
pub fn voice(order: &[usize], seconds: usize) -> Vec<f32> {
    let whole: Vec<f32> = order.iter().flat_map(|guest| recorded(*guest)).collect();
    whole.iter().copied().cycle().take(seconds * RATE).collect()
}

fn recorded(guest: usize) -> Vec<f32> {
    let path = format!("{}/../assets/demo/guest-{guest}.wav", env!("CARGO_MANIFEST_DIR"));
    let mut wav = hound::WavReader::open(path).expect("the demo's clips are part of the tree");
    assert_eq!((wav.spec().sample_rate, wav.spec().channels), (16_000, 1));
    let samples: Vec<f32> = wav.samples::<i16>().map_while(Result::ok).map(|s| f32::from(s) / 32_768.0).collect();
    (0..samples.len() * 3).map(|n| at(&samples, n as f64 / 3.0)).collect()
}

/// The value between samples, by a windowed sinc of 32 of them.
fn at(samples: &[f32], position: f64) -> f32 {
    const HALF: i64 = 16;
    let (whole, part) = (position.floor() as i64, position.fract());
    if part == 0.0 {
        return usize::try_from(whole).ok().and_then(|n| samples.get(n).copied()).unwrap_or(0.0);
    }
    let weight = |x: f64| {
        let pi_x = std::f64::consts::PI * x;
        pi_x.sin() / pi_x * (0.5 + 0.5 * (pi_x / HALF as f64).cos())
    };
    let near = (1 - HALF..=HALF).filter_map(|i| {
        let sample = usize::try_from(whole + i).ok().and_then(|n| samples.get(n))?;
        Some(f64::from(*sample) * weight(part - i as f64))
    });
    near.sum::<f64>() as f32
}

/// What a clock hears that runs so many parts per million slower than the one the samples were made for.
pub fn drifted(samples: &[f32], ppm: f64) -> Vec<f32> {
    let n = (samples.len() as f64 / (1.0 + ppm.max(0.0) * 1e-6)) as usize;
    if ppm == 0.0 { samples.to_vec() } else { (0..n).map(|n| at(samples, n as f64 * (1.0 + ppm * 1e-6))).collect() }
}

/// A small loudspeaker: no bass, and a few percent of distortion where it is loud.
pub fn loudspeaker(samples: &[f32]) -> Vec<f32> {
    let (mut low, keep) = (0.0, 1.0 - TAU * 180.0 / RATE as f32);
    let played = samples.iter().map(|&sample| {
        low = keep * low + (1.0 - keep) * sample;
        let x = sample - low;
        x + 0.04 * x * x - 0.12 * x * x * x
    });
    played.collect()
}

/// A room's response: taps as (samples, gain). Sound arrives after `delay_ms`, then from walls near by, then from everywhere,
/// 60 dB less after `reverberation_s`. `gain` is that of the direct way.
pub fn room(seed: u64, delay_ms: f64, gain: f32, reverberation_s: f32) -> Vec<(usize, f32)> {
    let mut dice = Dice::new(seed);
    let direct = (delay_ms * 48.0) as usize;
    let mut taps = vec![(direct, gain)];
    for n in 1..8 {
        let later = (n as f32 + 0.4 * dice.throw()) * 2.2;
        taps.push((direct + (later * 48.0) as usize, 0.5 * gain * dice.throw().signum() * 0.8f32.powi(n)));
    }
    // A tail of sparse pulses is heard as noise and costs a tenth of it.
    let tail = (reverberation_s * RATE as f32) as usize;
    let mut n = 240;
    while n < tail {
        let fallen = 10f32.powf(-3.0 * n as f32 / tail as f32);
        taps.push((direct + n, 0.12 * gain * fallen * dice.throw()));
        n += 12 + (12.0 * (1.0 + dice.throw())) as usize;
    }
    taps
}

/// What is heard in the room.
pub fn through(samples: &[f32], room: &[(usize, f32)]) -> Vec<f32> {
    let mut heard = vec![0.0; samples.len()];
    for &(delay, gain) in room {
        for (out, sample) in heard.iter_mut().skip(delay).zip(samples) {
            *out += gain * sample;
        }
    }
    heard
}

/// What else there is to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// Air through blades: low, steady noise with the hum of a motor. A model.
    Fan,
    /// Twelve people in the same room, made of the recorded voices.
    Babble,
    /// Somebody types: short clicks of two resonances. A model.
    Keyboard,
}

/// So many samples of a noise at 0 dB full scale RMS.
pub fn noise(noise: Noise, samples: usize) -> Vec<f32> {
    let mut dice = Dice::new(noise as u64 + 77);
    let made = match noise {
        Noise::Fan => fan(&mut dice, samples),
        Noise::Babble => babble(&mut dice, samples),
        Noise::Keyboard => keyboard(&mut dice, samples),
    };
    scaled(&made, 1.0 / rms(&made))
}

fn fan(dice: &mut Dice, samples: usize) -> Vec<f32> {
    let (mut low, mut lower) = (0.0, 0.0);
    let blow = |n: usize| {
        let white = dice.throw();
        low += 0.09 * (white - low);
        lower += 0.02 * (white - lower);
        let t = n as f32 / RATE as f32;
        let hum = 0.02 * (TAU * 118.0 * t).sin() + 0.012 * (TAU * 236.0 * t).sin() + 0.006 * (TAU * 590.0 * t).sin();
        low + 1.5 * lower + hum + 0.02 * white
    };
    (0..samples).map(blow).collect()
}

fn babble(dice: &mut Dice, samples: usize) -> Vec<f32> {
    let whole = voice(&[1, 2, 3], 22);
    let mut heard = vec![0.0; samples];
    for _ in 0..12 {
        let begin = ((0.5 + 0.5 * dice.throw()) * (whole.len() - 1) as f32) as usize;
        let voice = drifted(&whole, f64::from(dice.throw()) * 80_000.0);
        for (n, out) in heard.iter_mut().enumerate() {
            *out += voice[(begin + n) % voice.len()];
        }
    }
    through(&heard, &room(5, 3.0, 1.0, 0.4))
}

fn keyboard(dice: &mut Dice, samples: usize) -> Vec<f32> {
    let mut heard = vec![0.0; samples];
    let mut key = RATE / 10;
    while key < samples {
        let (low, high) = (500.0 + 200.0 * dice.throw(), 3200.0 + 900.0 * dice.throw());
        let loud = 0.6 + 0.4 * dice.throw();
        for (n, out) in heard.iter_mut().skip(key).take(RATE / 20).enumerate() {
            let t = n as f32 / RATE as f32;
            let click = (TAU * high * t).sin() * (-t * 400.0).exp() + 0.6 * (TAU * low * t).sin() * (-t * 160.0).exp();
            *out += loud * (click + 0.5 * dice.throw() * (-t * 900.0).exp());
        }
        key += RATE / 6 + (0.1 * (1.0 + dice.throw()) * RATE as f32) as usize;
    }
    heard
}

pub fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|s| s * s).sum::<f32>() / samples.len().max(1) as f32).sqrt()
}

pub fn scaled(samples: &[f32], gain: f32) -> Vec<f32> {
    samples.iter().map(|s| gain * s).collect()
}

/// Both at once; as long as the shorter.
pub fn mixed(one: &[f32], other: &[f32]) -> Vec<f32> {
    one.iter().zip(other).map(|(a, b)| a + b).collect()
}

pub fn decibels(ratio: f32) -> f32 {
    20.0 * ratio.max(1e-9).log10()
}
