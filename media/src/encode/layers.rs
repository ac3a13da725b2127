//! One camera's pictures in every layer that somebody wants, each by an encoder of its own.

use std::time::Duration;

use super::h264::{EncodeError, EncodedPicture, VideoEncoder};
use crate::capture::{Scaler, VideoFormat};
use crate::layer::{Ladder, Layer, Rung};
use crate::picture::Picture;

/// Keyframes of a layer come no more often than this, whoever asks: each costs as much as many other frames. Two may come at once: the
/// very first is lost where packets overtake it, as nobody can miss it then.
const KEYFRAME_PAUSE: Duration = Duration::from_millis(250);

/// What the next picture is to be encoded as, by [`Layer::index`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Kilobits per second of each layer that is wanted.
    pub kbps: [Option<u32>; 3],
    /// Somebody can't go on without a keyframe.
    pub keyframes: [bool; 3],
}

/// The encoders of one camera. A layer that is not wanted has none.
pub struct LayeredEncoder {
    ladder: Ladder,
    fps: u32,
    scaler: Scaler,
    encoders: [Option<Encoding>; 3],
}

struct Encoding {
    encoder: VideoEncoder,
    /// In the layer's size; none for the camera's own.
    scaled: Option<Picture>,
    kbps: u32,
    /// The latest first.
    last_keyframes: [Option<Duration>; 2],
    /// A keyframe was asked for too early.
    owes_keyframe: bool,
}

impl LayeredEncoder {
    /// For pictures of `format`, whose own size is the highest layer at `kbps` kilobits per second.
    pub fn new(format: VideoFormat, kbps: u32) -> Self {
        Self { ladder: Ladder::new(format, kbps), fps: format.fps, scaler: Scaler::new(), encoders: [None, None, None] }
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
        let format = VideoFormat { width: rung.width, height: rung.height, fps };
        let scaled = ((rung.width, rung.height) != camera).then(|| Picture::black(rung.width, rung.height));
        let encoder = VideoEncoder::new(format, kbps)?;
        Ok(Self { encoder, scaled, kbps, last_keyframes: [None; 2], owes_keyframe: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::VideoDecoder;

    const FORMAT: VideoFormat = VideoFormat { width: 640, height: 360, fps: 30 };
    const FRAME: Duration = Duration::from_millis(33);

    fn wanted(kbps: [Option<u32>; 3]) -> Wanted {
        Wanted { kbps, keyframes: [false; 3] }
    }

    #[test]
    fn a_layer_is_encoded_only_while_it_is_wanted_and_begins_with_a_keyframe() {
        let mut encoder = LayeredEncoder::new(FORMAT, 500);
        let picture = Picture::black(640, 360);
        let mut layers = |at: u32, kbps| {
            let encoded = encoder.encode(&picture, FRAME * at, &wanted(kbps)).unwrap();
            encoded.into_iter().map(|(layer, unit)| (layer, unit.keyframe)).collect::<Vec<_>>()
        };
        assert_eq!(layers(0, [None; 3]), []);
        assert_eq!(layers(1, [None, Some(400), None]), [(Layer::Middle, true)]);
        assert_eq!(layers(2, [Some(100), Some(300), None]), [(Layer::Middle, false), (Layer::Low, true)]);
        assert_eq!(layers(3, [Some(100), None, None]), [(Layer::Low, false)]);
        assert_eq!(layers(4, [Some(100), Some(300), None]), [(Layer::Middle, true), (Layer::Low, false)]);
        // What this camera does not have is not made up.
        assert_eq!(layers(5, [None, None, Some(1500)]), []);
    }

    #[test]
    fn each_layer_has_its_size() {
        let mut encoder = LayeredEncoder::new(VideoFormat { width: 1280, height: 720, fps: 30 }, 1500);
        let encoded = encoder.encode(&Picture::black(1280, 720), FRAME, &wanted([Some(100); 3])).unwrap();
        let sizes: Vec<_> = encoded
            .iter()
            .map(|(_, unit)| {
                let mut decoder = VideoDecoder::new();
                let view = decoder.decode(&unit.data).unwrap().unwrap();
                (view.width(), view.height())
            })
            .collect();
        assert_eq!(sizes, [(1280, 720), (640, 360), (320, 180)]);
    }

    #[test]
    fn a_decoder_follows_from_layer_to_layer() {
        let mut encoder = LayeredEncoder::new(FORMAT, 500);
        let picture = Picture::black(640, 360);
        let mut decoder = VideoDecoder::new();
        for (at, layer) in [(1, 1), (2, 1), (3, 0), (4, 0), (5, 1), (6, 1)] {
            let mut kbps = [None; 3];
            kbps[layer] = Some(200);
            let encoded = encoder.encode(&picture, FRAME * at, &wanted(kbps)).unwrap();
            let view = decoder.decode(&encoded[0].1.data).unwrap().unwrap();
            assert_eq!(view.height(), [180, 360][layer]);
        }
    }

    #[test]
    fn keyframes_that_many_ask_for_come_seldom_and_are_not_forgotten() {
        let mut encoder = LayeredEncoder::new(FORMAT, 500);
        let picture = Picture::black(640, 360);
        let mut keyframes = Vec::new();
        for at in 0..30 {
            let asked = Wanted { kbps: [None, Some(400), None], keyframes: [false, at == 2 || at == 3, false] };
            let encoded = encoder.encode(&picture, FRAME * at, &asked).unwrap();
            keyframes.extend(encoded.iter().filter(|(_, unit)| unit.keyframe).map(|_| at));
        }
        assert_eq!(keyframes, [0, 2, 16]);
    }
}
