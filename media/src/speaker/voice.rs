//! One participant in the mixer: a ring of samples played at a place in front of the listener.

use std::convert::Infallible;

use kira::info::Info;
use kira::sound::{Sound, SoundData};
use kira::track::SpatialTrackBuilder;
use kira::{Decibels, Frame};
use rtrb::Consumer;

/// How different the ears may hear a voice: at 1, a voice at the side would be lost to the other ear.
const STRENGTH: f32 = 0.7;
/// What a voice in the middle loses to the ears' directions, given back: 1 / (0.3 + 0.7 * 0.69) as amplitude.
const MIDDLE_DB: f32 = 2.1;
/// Where a starved voice's last sample goes, so that it ends without a click: to nothing within 5 ms.
const DECAY: f32 = 0.98;

/// A voice's track: placed, never quieter for being far.
pub(super) fn track() -> SpatialTrackBuilder {
    SpatialTrackBuilder::new()
        .volume(Decibels(MIDDLE_DB))
        .attenuation_function(None)
        .spatialization_strength(STRENGTH)
        .sub_track_capacity(0)
        .sound_capacity(1)
}

/// Where `x` (-1 left, 1 right) is: on a line before the listener, 45 degrees wide to each side.
pub(super) fn position(x: f32) -> [f32; 3] {
    let x = if x.is_finite() { x.clamp(-1.0, 1.0) } else { 0.0 };
    [x, 0.0, -1.0]
}

pub(super) struct VoiceSound {
    samples: Consumer<f32>,
    last: f32,
}

impl VoiceSound {
    pub(super) fn new(samples: Consumer<f32>) -> Self {
        Self { samples, last: 0.0 }
    }
}

impl SoundData for VoiceSound {
    type Error = Infallible;
    type Handle = ();

    fn into_sound(self) -> Result<(Box<dyn Sound>, ()), Infallible> {
        Ok((Box::new(self), ()))
    }
}

impl Sound for VoiceSound {
    fn process(&mut self, out: &mut [Frame], _dt: f64, _info: &Info) {
        for frame in out {
            self.last = self.samples.pop().unwrap_or(self.last * DECAY);
            *frame = Frame::from_mono(self.last);
        }
    }

    fn finished(&self) -> bool {
        self.samples.is_abandoned() && self.samples.is_empty()
    }
}
