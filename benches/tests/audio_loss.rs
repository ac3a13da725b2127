//! Voice over networks that lose, from end to end in simulated time: what is heard, and what it takes.

use std::time::Duration;

use benches::voice::{Heard, Network, call};
use media::repair::BUDGET_KBPS;

const SECOND: Duration = Duration::from_secs(1);

/// Something like a voice: harmonics of a wavering pitch in syllables.
fn voice(seconds: usize) -> Vec<f32> {
    let sample = |n: usize| {
        let t = n as f32 / 48_000.0;
        let pitch = 140.0 + 15.0 * (t * 3.0).sin();
        let syllable = (0.55 + 0.45 * (std::f32::consts::TAU * 4.0 * t).sin()).powi(2);
        let harmonics = (1..12).map(|h| (std::f32::consts::TAU * pitch * h as f32 * t).sin() / h as f32);
        0.15 * syllable * harmonics.sum::<f32>()
    };
    (0..seconds * 48_000).map(sample).collect()
}

/// What is heard after ten seconds of getting used to the network.
fn settled(network: Network) -> Heard {
    call(&voice(30), network, 10 * SECOND)
}

#[test]
fn where_nothing_is_lost_nothing_is_added_and_sound_waits_20_ms() {
    let heard = settled(Network::clean(1));
    assert_eq!((heard.blocks, heard.repaired, heard.concealed), (0.0, 0.0, 0.0));
    assert_eq!(heard.jitter.target_delay_ms, 20);
    assert!(heard.delay_ms.1 <= 45.0, "{:?}", heard.delay_ms);
}

#[test]
fn losses_by_chance_are_repaired_within_the_budget() {
    for (percent, most) in [(5, 0.004), (10, 0.006), (20, 0.01), (30, 0.015)] {
        for seed in 1..4 {
            let heard = settled(Network::losing(percent, seed));
            assert!(heard.concealed <= most, "{percent} %, seed {seed}: {} concealed", heard.concealed);
            assert!(heard.kbps <= f64::from(BUDGET_KBPS), "{percent} %, seed {seed}: {} kbit/s", heard.kbps);
        }
    }
}

#[test]
fn bursts_are_bridged() {
    for ms in [60, 120] {
        let heard = settled(Network::bursts(Duration::from_millis(ms), 1));
        assert!(heard.concealed <= 0.002, "{ms} ms: {} concealed", heard.concealed);
        assert!(heard.repaired > 0.02, "{ms} ms: {} repaired", heard.repaired);
        assert!(heard.kbps <= f64::from(BUDGET_KBPS), "{ms} ms: {} kbit/s", heard.kbps);
    }
}

#[test]
fn jitter_is_not_taken_for_loss() {
    let heard = settled(Network { jitter: Duration::from_millis(40), ..Network::clean(2) });
    assert_eq!(heard.blocks, 0.0);
    assert!(heard.concealed < 0.005, "{}", heard.concealed);
}

#[test]
fn loss_and_jitter_together_are_borne() {
    let heard = settled(Network { jitter: Duration::from_millis(40), ..Network::losing(10, 3) });
    assert!(heard.concealed < 0.015, "{}", heard.concealed);
    assert!(heard.kbps <= f64::from(BUDGET_KBPS), "{}", heard.kbps);
}

#[test]
fn clocks_that_drift_apart_neither_conceal_nor_add_to_the_delay() {
    for drift_ppm in [-200, 200] {
        let heard = call(&voice(120), Network { drift_ppm, ..Network::clean(1) }, 10 * SECOND);
        assert_eq!(heard.concealed, 0.0, "{drift_ppm} ppm");
        assert!(heard.delay_ms.1 < 75.0, "{drift_ppm} ppm: {:?}", heard.delay_ms);
    }
}

#[test]
fn the_same_network_gives_the_same_sound() {
    let network = Network { jitter: Duration::from_millis(30), ..Network::losing(15, 4) };
    assert!(settled(network).samples == settled(network).samples);
}
