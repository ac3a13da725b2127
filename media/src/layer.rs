//! Layers: the resolutions in which one camera's pictures are encoded, each only while somebody wants it.

use crate::capture::VideoFormat;

/// One encoded resolution of a video.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// About 180 lines.
    Low,
    /// About 360 lines.
    Middle,
    /// About 720 lines.
    #[default]
    High,
}

impl Layer {
    pub const ALL: [Self; 3] = [Self::Low, Self::Middle, Self::High];

    /// 0, 1 or 2, from the lowest.
    pub const fn index(self) -> usize {
        self as usize
    }

    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// Lines of a picture of this layer where the camera has more.
    pub const fn lines(self) -> u16 {
        match self {
            Layer::Low => 180,
            Layer::Middle => 360,
            Layer::High => 720,
        }
    }

    /// Which layer a picture with so many lines is.
    const fn of(lines: u32) -> Self {
        match lines {
            0..270 => Layer::Low,
            270..540 => Layer::Middle,
            _ => Layer::High,
        }
    }
}

/// What a layer is for one camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    pub layer: Layer,
    /// In pixels, even.
    pub width: u32,
    pub height: u32,
    /// Kilobits per second: with less, the layer below is the better picture; more is not spent.
    pub min_kbps: u32,
    pub max_kbps: u32,
}

/// The layers that one camera has, from the lowest; at least one.
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

impl Ladder {
    /// The camera's own size on top, at `kbps`, and the layers below it. Their rates follow the number of pixels to the power of
    /// three quarters: the smaller a picture, the more each of its pixels has to tell.
    pub fn new(format: VideoFormat, kbps: u32) -> Self {
        let (width, height) = (format.width & !1, format.height & !1);
        let top = Layer::of(width.min(height));
        let mut rungs = Vec::new();
        let mut min_kbps = None;
        for layer in Layer::ALL.into_iter().filter(|layer| *layer <= top) {
            let scale = if layer == top { 1.0 } else { f64::from(layer.lines()) / f64::from(width.min(height)) };
            let even = |side: u32| ((f64::from(side) * scale / 2.0).round() as u32 * 2).max(16);
            let max_kbps = ((f64::from(kbps) * scale.powf(1.5)).round() as u32).max(1);
            let min_kbps = min_kbps.replace(max_kbps).unwrap_or((max_kbps / THINNEST).min(THINNEST_KBPS));
            let (width, height) = if layer == top { (width, height) } else { (even(width), even(height)) };
            rungs.push(Rung { layer, width, height, min_kbps, max_kbps });
        }
        Self { rungs }
    }

    pub fn rungs(&self) -> &[Rung] {
        &self.rungs
    }

    pub fn rung(&self, layer: Layer) -> Option<&Rung> {
        self.rungs.iter().find(|rung| rung.layer == layer)
    }

    /// The layer for a picture that is shown with so many lines; none for one that is not shown.
    pub fn layer_for(&self, lines: u16) -> Option<Layer> {
        let lines = u32::from(lines);
        let enough = |rung: &&Rung| rung.width.min(rung.height) * (STRETCH + 1) >= lines * STRETCH;
        let rung = self.rungs.iter().find(enough).or(self.rungs.last())?;
        (lines > 0).then_some(rung.layer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder(width: u32, height: u32, kbps: u32) -> Ladder {
        Ladder::new(VideoFormat { width, height, fps: 30 }, kbps)
    }

    #[test]
    fn a_camera_has_the_layers_below_its_own_size() {
        let sizes = |ladder: &Ladder| ladder.rungs().iter().map(|r| (r.width, r.height)).collect::<Vec<_>>();
        assert_eq!(sizes(&ladder(1280, 720, 1500)), [(320, 180), (640, 360), (1280, 720)]);
        assert_eq!(sizes(&ladder(640, 360, 500)), [(320, 180), (640, 360)]);
        assert_eq!(sizes(&ladder(640, 480, 500)), [(240, 180), (640, 480)]);
        assert_eq!(sizes(&ladder(320, 180, 150)), [(320, 180)]);
        assert_eq!(sizes(&ladder(720, 1280, 1500)), [(180, 320), (360, 640), (720, 1280)]);
    }

    #[test]
    fn the_rates_of_layers_meet() {
        let ladder = ladder(1280, 720, 1500);
        for pair in ladder.rungs().windows(2) {
            assert_eq!(pair[0].max_kbps, pair[1].min_kbps);
            assert!(pair[0].max_kbps < pair[1].max_kbps / 2);
        }
    }

    #[test]
    fn a_small_picture_at_a_high_rate_begins_thin() {
        assert_eq!(ladder(320, 180, 1500).rungs()[0].min_kbps, THINNEST_KBPS);
    }

    #[test]
    fn a_tile_gets_the_smallest_layer_that_fills_it_and_a_hidden_one_nothing() {
        let ladder = ladder(1280, 720, 1500);
        let layers = [0, 100, 180, 225, 226, 450, 451, 720, 4000].map(|lines| ladder.layer_for(lines));
        let (low, middle, high) = (Some(Layer::Low), Some(Layer::Middle), Some(Layer::High));
        assert_eq!(layers, [None, low, low, low, middle, middle, high, high, high]);
    }
}
