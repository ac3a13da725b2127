//! From a screen's pixels to a picture of it: in its colours, and no larger than may be sent.

use yuv::{YuvConversionMode, YuvRange, YuvStandardMatrix, bgra_to_yuv420, rgba_to_yuv420};

use super::MAX_SCREEN;
use crate::capture::colour::planes;
use crate::capture::scale::Scaler;
use crate::picture::Picture;

/// Bytes of a pixel: three colours and one that says nothing.
pub(super) const PIXEL: usize = 4;

/// In which order the colours of a pixel come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Bgr,
    #[cfg_attr(not(feature = "wayland"), allow(dead_code, reason = "only PipeWire gives pixels in this order"))]
    Rgb,
}

/// Makes pictures; keeps its buffers and tables between pictures of the same size.
pub(super) struct Finish {
    native: Picture,
    scaler: Scaler,
}

impl Finish {
    pub(super) fn new() -> Self {
        Self { native: Picture::black(2, 2), scaler: Scaler::new() }
    }

    /// The picture of pixels in lines without gaps, an odd last column and row left out. `None`: there are not so many.
    pub(super) fn picture(&mut self, data: &[u8], size: (u32, u32), order: Order) -> Option<Picture> {
        let (width, height) = (size.0 & !1, size.1 & !1);
        if width == 0 || height == 0 {
            return None;
        }
        if (self.native.width, self.native.height) != (width, height) {
            self.native = Picture::black(width, height);
        }
        let stride = size.0 * PIXEL as u32;
        let data = data.get(..stride as usize * height as usize)?;
        let (range, matrix) = (YuvRange::Limited, YuvStandardMatrix::Bt709);
        let mode = YuvConversionMode::Balanced;
        let convert = match order {
            Order::Bgr => bgra_to_yuv420,
            Order::Rgb => rgba_to_yuv420,
        };
        convert(&mut planes(&mut self.native), data, stride, range, matrix, mode).ok()?;
        let (width, height) = fitting((width, height));
        if (width, height) == (self.native.width, self.native.height) {
            return Some(self.native.clone());
        }
        let mut picture = Picture::black(width, height);
        self.scaler.fill((&self.native).into(), &mut picture)?;
        Some(picture)
    }
}

/// The largest size of the shape of `size` that may be sent, even and no smaller than the codec takes.
fn fitting(size: (u32, u32)) -> (u32, u32) {
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    let scale = (f64::from(MAX_SCREEN.0) / width).min(f64::from(MAX_SCREEN.1) / height).min(1.0);
    let side = |length: f64| ((length * scale) as u32 & !1).max(16);
    (side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn screens_keep_their_shape_and_fit() {
        assert_eq!(fitting((1280, 720)), (1280, 720));
        assert_eq!(fitting((3840, 2160)), (1920, 1080));
        assert_eq!(fitting((3840, 1080)), (1920, 540));
        assert_eq!(fitting((1200, 1920)), (674, 1080));
        assert_eq!(fitting((4, 4)), (16, 16));
    }

    #[test]
    fn large_screen_keeps_its_colours_and_a_short_buffer_fails() {
        let red = [0, 0, 255, 0].repeat(2561 * 1441);
        let picture = Finish::new().picture(&red, (2561, 1441), Order::Bgr).unwrap();
        assert_eq!((picture.width, picture.height), (1920, 1080));
        assert!(picture.y.iter().all(|&y| y.abs_diff(63) <= 1) && picture.v.iter().all(|&v| v.abs_diff(240) <= 1));
        assert!(Finish::new().picture(&red, (2561, 1442), Order::Bgr).is_none());
        assert!(Finish::new().picture(&[], (1, 1), Order::Bgr).is_none());
    }
}
