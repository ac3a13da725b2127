//! The frame's way, step by step: what each costs, and how often one of N people pays for it.

mod camera;
mod journey;
mod network;
mod paced;
mod sound;

use std::time::Duration;

use benches::{median, micros};
use media::{Picture, capture::VideoFormat, microphone::BLOCK};

use crate::{
    clips::{FORMAT, KBPS},
    report::{Class, Per, Stage},
};

/// Measures all of them with these pictures and this sound.
pub fn measure(card: &[(Duration, Picture)], melody: &[[f32; BLOCK]]) -> Vec<Stage> {
    let mut stages = camera::measure(card);
    stages.extend(sound::process(melody));
    stages.extend(way(card, melody, FORMAT, KBPS));
    stages.extend(sound::mix(melody));
    stages
}

/// Those that every call has, with pictures of any size.
pub fn way(card: &[(Duration, Picture)], melody: &[[f32; BLOCK]], format: VideoFormat, kbps: u32) -> Vec<Stage> {
    let mut stages = journey::measure(card, melody, format, kbps);
    stages.extend(network::measure());
    stages.extend(paced::measure(card, melody, format, kbps));
    stages
}

const PICTURE: &str = "picture";
const PACKET: &str = "packet";
const TENTH: &str = "10 ms";

/// The stage of these times; nothing of none.
fn stage(name: &'static str, unit: &'static str, per: Per, class: Class, times: Vec<Duration>) -> Stage {
    let per_second = match unit {
        PICTURE => f64::from(FORMAT.fps),
        PACKET => 50.0,
        _ => 100.0,
    };
    Stage { name, unit, per, class, micros: micros(median(times)), per_second }
}
