//! Layers: the resolutions and rates in which one camera's pictures are encoded, each only while somebody wants it.

use crate::capture::VideoFormat;
use crate::decode::PictureLimit;

/// One encoded resolution of a video, with all of its pictures or every other one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// As [`Self::Low`], but every other picture: for machines that have too much to do.
    Least,
    /// About 180 lines.
    Low,
    /// About 360 lines.
    Middle,
    /// About 720 lines.
    #[default]
    High,
}

impl Layer {
    pub const ALL: [Self; Self::COUNT] = [Self::Least, Self::Low, Self::Middle, Self::High];
    pub const COUNT: usize = 4;

    /// From 0, the lowest.
    pub const fn index(self) -> usize {
        self as usize
    }

    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// Who wants no more than this layer says to show so many lines: as many as its pictures have where the camera has more, and
    /// for the least so few that all that is there is hardly seen.
    pub const fn lines(self) -> u16 {
        match self {
            Layer::Least => LEAST_LINES,
            Layer::Low => 180,
            Layer::Middle => 360,
            Layer::High => 720,
        }
    }

    /// Which layer a picture with so many lines is.
    pub const fn of(lines: u32) -> Self {
        match lines {
            0..270 => Layer::Low,
            270..540 => Layer::Middle,
            _ => Layer::High,
        }
    }
}

/// What is shown with no more lines than this is a sign more than a picture.
const LEAST_LINES: u16 = 60;

/// What a layer is for one camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    pub layer: Layer,
    /// In pixels, even.
    pub width: u32,
    pub height: u32,
    /// Of so many pictures one is encoded.
    pub every: u32,
    /// Kilobits per second: with less, the layer below is the better picture; more is not spent.
    pub min_kbps: u32,
    pub max_kbps: u32,
}

/// The layers that one camera has, from the lowest; at least two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    rungs: Vec<Rung>,
}

/// A picture that is shown with a few more lines than it has is as good as one that has them.
const STRETCH: u32 = 4;
/// The lowest layer is sent with a quarter of its rate, or with this, before no picture is sent at all. It has to fit into what is
/// known of a path that has carried nothing yet.
const THINNEST: u32 = 4;
const THINNEST_KBPS: u32 = 60;
/// Pictures with more time between them differ more: half of them take this share of the rate of all, in percent.
const HALF_OF_ALL: u32 = 60;

impl Ladder {
    /// The camera's own size on top, held within what others decode ([`PictureLimit::CAMERA`]), at `kbps`, and the layers below it. Their rates follow the number of pixels to the power of
    /// three quarters: the smaller a picture, the more each of its pixels has to tell.
    pub fn new(format: VideoFormat, kbps: u32) -> Self {
        let (width, height) = within(format.width & !1, format.height & !1, PictureLimit::CAMERA);
        let top = Layer::of(width.min(height));
        let mut rungs = Vec::new();
        let mut min_kbps = None;
        for layer in Layer::ALL.into_iter().filter(|layer| (Layer::Low..=top).contains(layer)) {
            let scale = if layer == top { 1.0 } else { f64::from(layer.lines()) / f64::from(width.min(height)) };
            let even = |side: u32| ((f64::from(side) * scale / 2.0).round() as u32 * 2).max(16);
            let max_kbps = ((f64::from(kbps) * scale.powf(1.5)).round() as u32).max(1);
            let min_kbps = min_kbps.replace(max_kbps).unwrap_or((max_kbps / THINNEST).min(THINNEST_KBPS));
            let (width, height) = if layer == top { (width, height) } else { (even(width), even(height)) };
            rungs.push(Rung { layer, width, height, every: 1, min_kbps, max_kbps });
        }
        if let Some(low) = rungs.first().copied() {
            let max_kbps = (low.max_kbps * HALF_OF_ALL / 100).max(low.min_kbps);
            rungs.insert(0, Rung { layer: Layer::Least, every: 2, max_kbps, ..low });
        }
        Self { rungs }
    }

    pub fn rungs(&self) -> &[Rung] {
        &self.rungs
    }

    /// The layers that somebody may get who wants this one at most, from the lowest. The least is for those who ask for it: it saves
    /// them work, but nobody's uplink anything.
    pub fn rungs_up_to(&self, wants: Option<Layer>) -> impl DoubleEndedIterator<Item = &Rung> {
        let lowest = if wants == Some(Layer::Least) { Layer::Least } else { Layer::Low };
        self.rungs.iter().filter(move |rung| rung.layer >= lowest && Some(rung.layer) <= wants)
    }

    pub fn rung(&self, layer: Layer) -> Option<&Rung> {
        self.rungs.iter().find(|rung| rung.layer == layer)
    }

    /// The layer for a picture that is shown with so many lines; none for one that is not shown.
    pub fn layer_for(&self, lines: u16) -> Option<Layer> {
        let lines = u32::from(lines);
        let enough = |rung: &&Rung| rung.width.min(rung.height) * (STRETCH + 1) >= lines * STRETCH;
        match lines {
            0 => None,
            _ if lines <= u32::from(LEAST_LINES) => Some(Layer::Least),
            _ => self.rungs.iter().skip(1).find(enough).or(self.rungs.last()).map(|rung| rung.layer),
        }
    }
}

/// The largest even size of this shape within the limit.
fn within(width: u32, height: u32, limit: PictureLimit) -> (u32, u32) {
    let (long, short) = (width.max(height), width.min(height));
    if long <= limit.long_side && short <= limit.short_side {
        return (width, height);
    }
    let scale = (f64::from(limit.long_side) / f64::from(long)).min(f64::from(limit.short_side) / f64::from(short));
    let even = |side: u32| ((f64::from(side) * scale / 2.0).floor() as u32 * 2).max(16);
    (even(width), even(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder(width: u32, height: u32, kbps: u32) -> Ladder {
        Ladder::new(VideoFormat { width, height, fps: 30 }, kbps)
    }

    #[test]
    fn a_camera_has_the_layers_below_its_own_size() {
        let sizes = |ladder: &Ladder| ladder.rungs().iter().map(|r| (r.width, r.height)).skip(1).collect::<Vec<_>>();
        assert_eq!(sizes(&ladder(1280, 720, 1500)), [(320, 180), (640, 360), (1280, 720)]);
        assert_eq!(sizes(&ladder(640, 360, 500)), [(320, 180), (640, 360)]);
        assert_eq!(sizes(&ladder(640, 480, 500)), [(240, 180), (640, 480)]);
        assert_eq!(sizes(&ladder(320, 180, 150)), [(320, 180)]);
        assert_eq!(sizes(&ladder(720, 1280, 1500)), [(180, 320), (360, 640), (720, 1280)]);
    }

    #[test]
    fn top_layer_is_no_larger_than_others_decode() {
        let top = |width, height| ladder(width, height, 1500).rungs().last().map(|r| (r.width, r.height));
        assert_eq!(top(3840, 2160), Some((1920, 1080)));
        assert_eq!(top(2160, 3840), Some((1080, 1920)));
        assert_eq!(top(3840, 16), Some((1920, 16)));
        assert_eq!(top(2160, 2160), Some((1080, 1080)));
    }

    #[test]
    fn the_rates_of_layers_meet() {
        let ladder = ladder(1280, 720, 1500);
        for pair in ladder.rungs()[1..].windows(2) {
            assert_eq!(pair[0].max_kbps, pair[1].min_kbps);
            assert!(pair[0].max_kbps < pair[1].max_kbps / 2);
        }
    }

    #[test]
    fn a_small_picture_at_a_high_rate_begins_thin() {
        assert_eq!(ladder(320, 180, 1500).rung(Layer::Low).unwrap().min_kbps, THINNEST_KBPS);
    }

    #[test]
    fn least_layer_has_every_other_low_picture_when_asked_for() {
        let ladder = ladder(1280, 720, 1500);
        let (least, low) = (ladder.rung(Layer::Least).unwrap(), ladder.rung(Layer::Low).unwrap());
        assert_eq!((least.width, least.height, least.every, low.every), (low.width, low.height, 2, 1));
        assert!(least.min_kbps == low.min_kbps && least.max_kbps < low.max_kbps);
        let up_to = |wants| ladder.rungs_up_to(wants).map(|rung| rung.layer).collect::<Vec<_>>();
        assert_eq!(up_to(Some(Layer::Least)), [Layer::Least]);
        assert_eq!(up_to(Some(Layer::Middle)), [Layer::Low, Layer::Middle]);
        assert_eq!(up_to(None), []);
        assert_eq!(ladder.layer_for(Layer::Least.lines()), Some(Layer::Least));
        assert_eq!(ladder.layer_for(Layer::Least.lines() + 1), Some(Layer::Low));
    }

    #[test]
    fn tile_gets_the_smallest_layer_that_fills_it() {
        let ladder = ladder(1280, 720, 1500);
        let layers = [0, 100, 180, 225, 226, 450, 451, 720, 4000].map(|lines| ladder.layer_for(lines));
        let (low, middle, high) = (Some(Layer::Low), Some(Layer::Middle), Some(Layer::High));
        assert_eq!(layers, [None, low, low, low, middle, middle, high, high, high]);
    }
}
