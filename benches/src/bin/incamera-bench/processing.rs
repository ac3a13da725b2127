//! What speech processing takes away of echo and noise and leaves of the voice, and what mixing many voices costs.

use std::path::Path;

use benches::{
    mixer::{self, MixerFigures},
    speech::{self, EchoScene, Kept, mixture::Noise},
};
use media::process::Cleaning;

use crate::{
    Failed,
    report::{Cleaned, Mixed},
    scorer::{score, write},
};

/// How long the echo takes, and by how much the speaker's clock is ahead of the microphone's.
const ECHOES: [(f64, f64); 3] = [(25.0, 0.0), (45.0, 300.0), (60.0, -300.0)];
/// What is heard beside the voice, and how much louder the voice is.
const NOISES: [(&str, Option<(Noise, f32)>); 5] = [
    ("nothing but the voice", None),
    ("fan, 20 dB under the voice", Some((Noise::Fan, 20.0))),
    ("fan, 10 dB under the voice", Some((Noise::Fan, 10.0))),
    ("babble, 15 dB under the voice", Some((Noise::Babble, 15.0))),
    ("keyboard, 15 dB under the voice", Some((Noise::Keyboard, 15.0))),
];
/// How many are there, and how many of them talk.
const CROWDS: [(usize, usize); 6] = [(1, 1), (4, 4), (8, 8), (16, 16), (16, 1), (16, 0)];

/// Without the scorer there are no scores.
pub fn measure(folder: &Path) -> Result<Vec<Cleaned>, Failed> {
    let mut measured = Vec::new();
    for (delay_ms, drift_ppm) in ECHOES {
        let figures = speech::echo(&EchoScene { delay_ms, drift_ppm, cleaning: Cleaning::ALL, ..EchoScene::default() });
        let scores = scores(folder, &figures.near, &figures.heard, &figures.sent)?;
        let what = format!("echo after {delay_ms} ms, clocks {drift_ppm:+} ppm");
        measured.push(cleaned(what, figures.enhancement_db, figures.double_talk, scores));
    }
    for (what, noise) in NOISES {
        let (kind, ratio_db) = noise.unzip();
        let figures = speech::noisy(kind, ratio_db.unwrap_or_default(), Cleaning::ALL);
        let scores = scores(folder, &figures.clean, &figures.heard, &figures.sent)?;
        let taken = if noise.is_some() { figures.reduction_db } else { 0.0 };
        measured.push(cleaned(what.to_owned(), taken, figures.voice, scores));
    }
    Ok(measured)
}

pub fn mix() -> Vec<Mixed> {
    let mixed = |(people, talking)| {
        let MixerFigures { people, talking, decode, mix } = mixer::play(people, talking);
        Mixed { people, talking, decode_us: decode.as_secs_f64() * 1e6, mix_us: mix.as_secs_f64() * 1e6 }
    };
    CROWDS.into_iter().map(mixed).collect()
}

fn cleaned(what: String, taken_db: f32, voice: Kept, scores: Option<[f64; 2]>) -> Cleaned {
    Cleaned {
        what,
        taken_db: f64::from(taken_db),
        level_db: f64::from(voice.level_db),
        likeness: f64::from(voice.likeness),
        pesq_before: scores.map(|[before, _]| before),
        pesq_after: scores.map(|[_, after]| after),
    }
}

/// Of what was heard and of what was sent, against the voice alone.
fn scores(folder: &Path, voice: &[f32], heard: &[f32], sent: &[f32]) -> Result<Option<[f64; 2]>, Failed> {
    let files = ["voice.wav", "before.wav", "after.wav"].map(|name| folder.join(name));
    for (file, samples) in files.iter().zip([voice, heard, sent]) {
        write(file, samples)?;
    }
    let [voice, heard, sent] = files;
    Ok(score(&voice, &[heard, sent]).and_then(|scores| <[f64; 2]>::try_from(scores).ok()))
}
