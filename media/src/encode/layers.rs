//! One camera's pictures in every layer that somebody wants, each by an encoder of its own.

use std::time::Duration;

use super::h264::{EncodeError, EncodedPicture, VideoEncoder};
use crate::capture::{Scaler, VideoFormat};
use crate::layer::{Ladder, Layer, Rung};
use crate::picture::Picture;

/// Keyframes of a layer come no more often than this, whoever asks: each costs as much as many other frames, and where there is little
/// room it holds up what is sent again. Two may come at once: the very first is lost where packets overtake it, as nobody can miss it
/// then.
const KEYFRAME_PAUSE: Duration = Duration::from_millis(400);

/// What the next picture is to be encoded as, by [`Layer::index`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Kilobits per second of each layer that is wanted.
    pub kbps: [Option<u32>; Layer::COUNT],
    /// Somebody can't go on without a keyframe.
    pub keyframes: [bool; Layer::COUNT],
}

/// The encoders of one camera. A layer that is not wanted has none.
pub struct LayeredEncoder {
    ladder: Ladder,
    fps: u32,
    scaler: Scaler,
    encoders: [Option<Encoding>; Layer::COUNT],
}

struct Encoding {
    encoder: VideoEncoder,
    /// In the layer's size; none for the camera's own.
    scaled: Option<Picture>,
    kbps: u32,
    /// Pictures that come sooner than this after the one before are left out, and when that was.
    pause: Duration,
    last: Option<Duration>,
    /// The latest first.
    last_keyframes: [Option<Duration>; 2],
    /// A keyframe was asked for too early.
    owes_keyframe: bool,
}

impl LayeredEncoder {
    /// For pictures of `format`, whose own size is the highest layer at `kbps` kilobits per second.
    pub fn new(format: VideoFormat, kbps: u32) -> Self {
        Self {
            ladder: Ladder::new(format, kbps),
            fps: format.fps,
            scaler: Scaler::new(),
            encoders: [const { None }; Layer::COUNT],
        }
    }

    /// Encodes one picture captured `at` after the stream's start, the highest layer first. A layer that was not wanted before
    /// begins with a keyframe. An encoder that fails is made anew with the next picture; the error is the first one.
    pub fn encode(
        &mut self,
        picture: &Picture,
        at: Duration,
        wanted: &Wanted,
    ) -> Result<Vec<(Layer, EncodedPicture)>, EncodeError> {
        let mut encoded = Vec::new();
        let mut failed = None;
        for rung in self.ladder.rungs().to_vec().into_iter().rev() {
            let index = rung.layer.index();
            let Some(kbps) = wanted.kbps[index] else {
                self.encoders[index] = None;
                continue;
            };
            match self.layer(&rung, picture, at, kbps, wanted.keyframes[index]) {
                Ok(Some(unit)) => encoded.push((rung.layer, unit)),
                Ok(None) => {}
                Err(why) => {
                    self.encoders[index] = None;
                    failed.get_or_insert(why);
                }
            }
        }
        failed.map_or(Ok(encoded), Err)
    }

    fn layer(
        &mut self,
        rung: &Rung,
        picture: &Picture,
        at: Duration,
        kbps: u32,
        keyframe: bool,
    ) -> Result<Option<EncodedPicture>, EncodeError> {
        let index = rung.layer.index();
        let mut encoding = match self.encoders[index].take() {
            Some(encoding) => encoding,
            None => Encoding::new(rung, self.fps, kbps, (picture.width, picture.height))?,
        };
        if encoding.kbps != kbps {
            encoding.kbps = kbps;
            encoding.encoder.set_bitrate(kbps)?;
        }
        encoding.owes_keyframe |= keyframe;
        if encoding.last.is_some_and(|last| at < last + encoding.pause) {
            self.encoders[index] = Some(encoding);
            return Ok(None);
        }
        encoding.last = Some(at);
        let rested = encoding.last_keyframes[1].is_none_or(|last| at >= last + 2 * KEYFRAME_PAUSE);
        let forced = rested && encoding.owes_keyframe;
        if let Some(scaled) = &mut encoding.scaled {
            // From the layer above, if there is one: it has fewer pixels to look at than the camera's picture.
            let above = self.encoders[index + 1..].iter().flatten().find_map(|above| above.scaled.as_ref());
            let source = above.unwrap_or(picture);
            self.scaler.fill(source.into(), scaled).ok_or(EncodeError::Planes)?;
        }
        let unit = encoding.encoder.encode(encoding.scaled.as_ref().unwrap_or(picture), at, forced)?;
        if unit.as_ref().is_some_and(|unit| unit.keyframe) {
            encoding.last_keyframes = [Some(at), encoding.last_keyframes[0]];
            encoding.owes_keyframe = false;
        }
        self.encoders[index] = Some(encoding);
        Ok(unit)
    }
}

impl Encoding {
    fn new(rung: &Rung, fps: u32, kbps: u32, camera: (u32, u32)) -> Result<Self, EncodeError> {
        let fps = fps.max(1);
        let format = VideoFormat { width: rung.width, height: rung.height, fps: (fps / rung.every).max(1) };
        // Half a picture less than what is due: a camera in the dark, that gives half as many anyway, gives no fewer.
        let pause = Duration::from_secs_f64((f64::from(rung.every) - 0.5) / f64::from(fps));
        let pause = if rung.every > 1 { pause } else { Duration::ZERO };
        let scaled = ((rung.width, rung.height) != camera).then(|| Picture::black(rung.width, rung.height));
        let encoder = VideoEncoder::new(format, kbps)?;
        Ok(Self { encoder, scaled, kbps, pause, last: None, last_keyframes: [None; 2], owes_keyframe: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::VideoDecoder;

    const FORMAT: VideoFormat = VideoFormat { width: 640, height: 360, fps: 30 };
    const FRAME: Duration = Duration::from_millis(33);

    fn wanted(kbps: [Option<u32>; Layer::COUNT]) -> Wanted {
        Wanted { kbps, keyframes: [false; Layer::COUNT] }
    }

    #[test]
    fn layer_is_encoded_while_wanted_and_begins_with_a_keyframe() {
        let mut encoder = LayeredEncoder::new(FORMAT, 500);
        let picture = Picture::black(640, 360);
        let mut layers = |at: u32, kbps| {
            let encoded = encoder.encode(&picture, FRAME * at, &wanted(kbps)).unwrap();
            encoded.into_iter().map(|(layer, unit)| (layer, unit.keyframe)).collect::<Vec<_>>()
        };
        assert_eq!(layers(0, [None; 4]), []);
        assert_eq!(layers(1, [None, None, Some(400), None]), [(Layer::Middle, true)]);
        assert_eq!(layers(2, [None, Some(100), Some(300), None]), [(Layer::Middle, false), (Layer::Low, true)]);
        assert_eq!(layers(3, [None, Some(100), None, None]), [(Layer::Low, false)]);
        assert_eq!(layers(4, [None, Some(100), Some(300), None]), [(Layer::Middle, true), (Layer::Low, false)]);
        // What this camera does not have is not made up.
        assert_eq!(layers(5, [None, None, None, Some(1500)]), []);
    }

    #[test]
    fn each_layer_has_its_size() {
        let mut encoder = LayeredEncoder::new(VideoFormat { width: 1280, height: 720, fps: 30 }, 1500);
        let encoded = encoder.encode(&Picture::black(1280, 720), FRAME, &wanted([Some(100); 4])).unwrap();
        let sizes: Vec<_> = encoded
            .iter()
            .map(|(_, unit)| {
                let mut decoder = VideoDecoder::new();
                let view = decoder.decode(&unit.data).unwrap().unwrap();
                (view.width(), view.height())
            })
            .collect();
        assert_eq!(sizes, [(1280, 720), (640, 360), (320, 180), (320, 180)]);
    }

    #[test]
    fn a_decoder_follows_from_layer_to_layer() {
        let mut encoder = LayeredEncoder::new(FORMAT, 500);
        let picture = Picture::black(640, 360);
        let mut decoder = VideoDecoder::new();
        for (at, layer) in [(1, 2), (2, 2), (3, 1), (4, 1), (5, 2), (6, 2)] {
            let mut kbps = [None; 4];
            kbps[layer] = Some(200);
            let encoded = encoder.encode(&picture, FRAME * at, &wanted(kbps)).unwrap();
            let view = decoder.decode(&encoded[0].1.data).unwrap().unwrap();
            assert_eq!(view.height(), [180, 180, 360][layer]);
        }
    }

    #[test]
    fn least_layer_drops_no_picture_when_the_camera_halves_them() {
        let mut encoder = LayeredEncoder::new(FORMAT, 500);
        let picture = Picture::black(640, 360);
        let mut encoded = |from: u32, to: u32, step: u32| {
            let mut at = Vec::new();
            for n in (from..to).step_by(step as usize) {
                let asked = Wanted { kbps: [Some(80), None, None, None], keyframes: [n == 3, false, false, false] };
                let units = encoder.encode(&picture, FRAME * n, &asked).unwrap();
                at.extend(units.iter().map(|(layer, unit)| (n, *layer == Layer::Least && unit.keyframe)));
            }
            at
        };
        assert_eq!(
            encoded(0, 7, 1),
            [(0, true), (2, false), (4, true), (6, false)],
            "a keyframe waits for its picture"
        );
        assert_eq!(encoded(8, 14, 2), [(8, false), (10, false), (12, false)]);
    }

    #[test]
    fn keyframes_that_many_ask_for_come_seldom() {
        let mut encoder = LayeredEncoder::new(FORMAT, 500);
        let picture = Picture::black(640, 360);
        let mut keyframes = Vec::new();
        for at in 0..30 {
            let asked =
                Wanted { kbps: [None, None, Some(400), None], keyframes: [false, false, at == 2 || at == 3, false] };
            let encoded = encoder.encode(&picture, FRAME * at, &asked).unwrap();
            keyframes.extend(encoded.iter().filter(|(_, unit)| unit.keyframe).map(|_| at));
        }
        assert_eq!(keyframes, [0, 2, 25]);
    }
}
