//! What a microphone and a speaker add: cleaning the voice, and mixing those of the others.

use std::time::{Duration, Instant};

use benches::timed;
use media::{
    microphone::BLOCK,
    playout::VoiceId,
    process::{Cleaning, Speech},
    speaker::{Demand, Speaker},
};

use super::{TENTH, stage};
use crate::report::{Class, Per, Stage};

/// Voices of the larger of two mixes, whose difference is what a voice costs.
const VOICES: u64 = 16;

pub fn process(melody: &[[f32; BLOCK]]) -> Vec<Stage> {
    let mut speech = Speech::new(Cleaning::ALL);
    let mut times = Vec::new();
    // The far end is the melody some time ago, and its echo is in what the microphone hears.
    for (near, far) in melody.iter().skip(50).zip(melody) {
        let mut heard: [f32; BLOCK] = std::array::from_fn(|at| near[at] + 0.3 * far[at]);
        timed(&mut times, || {
            speech.render(far);
            speech.capture(&mut heard);
        });
    }
    vec![stage("process: echo, noise, gain", TENTH, Per::Person, Class::Sound, times)]
}

pub fn mix(melody: &[[f32; BLOCK]]) -> Vec<Stage> {
    let one = mix_of(1, melody);
    let many = mix_of(VOICES, melody);
    let each = Stage {
        name: "mix: each voice",
        per: Per::Other,
        micros: ((many.micros - one.micros) / (VOICES - 1) as f64).max(0.0),
        ..one.clone()
    };
    let base = Stage { micros: (one.micros - each.micros).max(0.0), ..one };
    vec![base, each]
}

fn mix_of(voices: u64, melody: &[[f32; BLOCK]]) -> Stage {
    let (mut speaker, demand): (Speaker, Demand) = Speaker::on_demand().expect("a mixer without a device");
    for voice in 0..voices {
        speaker.add(VoiceId(voice));
        speaker.place(VoiceId(voice), voice as f32 / voices as f32 * 2.0 - 1.0);
    }
    let mut far_end = speaker.far_end();
    let (mut out, mut far) = ([0.0; 2 * BLOCK], [0.0; BLOCK]);
    let (mut now, mut times) = (Instant::now(), Vec::new());
    for block in melody {
        now += Duration::from_millis(10);
        timed(&mut times, || {
            for voice in 0..voices {
                speaker.push(VoiceId(voice), block);
            }
            speaker.pushed();
            demand.render(now, &mut out);
        });
        if let Some(far_end) = &mut far_end {
            far_end.pull(now, &mut far);
        }
    }
    stage("mix: of all voices", TENTH, Per::Person, Class::Sound, times)
}
