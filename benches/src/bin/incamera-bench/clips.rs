//! What is shown and said: the test card and the test melody of every room here, as pictures, as sound, and as files for others.

use std::path::Path;
use std::time::Duration;

use media::{
    Picture,
    capture::{self, CameraSource, VideoFormat},
    microphone::{self, BLOCK, MicrophoneSource},
    record::{WavRecorder, Y4mRecorder},
};

use crate::Failed;

/// One person's usual pictures, in kilobits per second `KBPS`.
pub const FORMAT: VideoFormat = VideoFormat { width: 640, height: 360, fps: 30 };
pub const KBPS: u32 = 500;
/// Of rooms in which tiles are small.
pub const SMALL: VideoFormat = VideoFormat { width: 320, height: 180, fps: 30 };
pub const SMALL_KBPS: u32 = 150;

/// The pictures of a source, with the time of each since the first. Sources play in real time, and so does this.
pub fn pictures(
    source: &CameraSource,
    format: VideoFormat,
    time: Duration,
) -> Result<Vec<(Duration, Picture)>, Failed> {
    let mut camera = capture::open(source, format).map_err(|why| Failed::Clip(why.to_string()))?;
    let mut pictures = Vec::new();
    let mut first = None;
    loop {
        let frame = camera.next().map_err(|why| Failed::Clip(why.to_string()))?;
        let at = frame.captured.saturating_duration_since(*first.get_or_insert(frame.captured));
        if at >= time {
            return Ok(pictures);
        }
        pictures.push((at, frame.picture));
    }
}

/// The test card, as rooms show it.
pub fn card(format: VideoFormat, time: Duration) -> Result<Vec<(Duration, Picture)>, Failed> {
    pictures(&CameraSource::Test { seed: 1 }, format, time)
}

/// The test melody, as rooms play it.
pub fn melody(time: Duration) -> Result<Vec<[f32; BLOCK]>, Failed> {
    let source = MicrophoneSource::Test { seed: 1 };
    let mut microphone = microphone::open(&source).map_err(|why| Failed::Clip(why.to_string()))?;
    let mut block = || {
        let mut block = [0.0; BLOCK];
        microphone.next(&mut block).map(|_| block).map_err(|why| Failed::Clip(why.to_string()))
    };
    (0..time.as_millis() / 10).map(|_| block()).collect()
}

/// Writes both, for a program that takes files as camera and microphone.
pub fn write(card: &[(Duration, Picture)], melody: &[[f32; BLOCK]], y4m: &Path, wav: &Path) -> Result<(), Failed> {
    let failed = |why: &dyn std::fmt::Display| Failed::Clip(why.to_string());
    let mut video = Y4mRecorder::create(y4m, FORMAT.fps).map_err(|why| failed(&why))?;
    for (_, picture) in card {
        video.write(picture).map_err(|why| failed(&why))?;
    }
    video.finish().map_err(|why| failed(&why))?;
    let mut sound = WavRecorder::create(wav).map_err(|why| failed(&why))?;
    for block in melody {
        sound.write(block).map_err(|why| failed(&why))?;
    }
    sound.finish().map_err(|why| failed(&why))
}
