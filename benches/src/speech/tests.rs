//! What is promised of echo, noise and gain, on mixtures with recorded voices.

use media::process::Cleaning;

use super::mixture::Noise;
use super::{EchoScene, echo, noisy};

#[test]
fn echo_of_speech_falls_by_35_db_when_clocks_differ() {
    for (delay_ms, drift_ppm) in [(25.0, 0.0), (45.0, 300.0), (60.0, -300.0)] {
        let scene = EchoScene { delay_ms, drift_ppm, cleaning: Cleaning::ALL, both_s: 7, ..EchoScene::default() };
        let figures = echo(&scene);
        assert!(figures.enhancement_db > 35.0, "{delay_ms} ms, {drift_ppm} ppm: {} dB", figures.enhancement_db);
        // Who speaks into the echo is heard.
        let near = figures.double_talk;
        assert!(near.level_db.abs() < 4.0 && near.likeness > 0.6, "{delay_ms} ms, {drift_ppm} ppm: {near:?}");
    }
}

#[test]
fn steady_noise_falls_by_10_db_and_the_voice_stays() {
    for ratio_db in [10.0, 20.0] {
        let figures = noisy(Some(Noise::Fan), ratio_db, Cleaning::ALL);
        assert!(figures.reduction_db > 10.0, "{ratio_db} dB: {}", figures.reduction_db);
        assert!(figures.voice.level_db.abs() < 3.0 && figures.voice.likeness > 0.75, "{:?}", figures.voice);
    }
}

#[test]
fn a_clean_voice_is_left_alone() {
    let voice = noisy(None, 0.0, Cleaning::ALL).voice;
    assert!(voice.level_db.abs() < 2.0 && voice.likeness > 0.85, "{voice:?}");
}
