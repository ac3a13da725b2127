//! Brings pictures to the size that is wanted: what is too much at the sides is cut off, so that nothing is distorted.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::picture::Picture;

/// Planes in 4:2:0 of any size, odd ones as well: chroma is rounded up.
#[derive(Clone, Copy)]
pub(crate) struct Planes<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) y: &'a [u8],
    pub(crate) u: &'a [u8],
    pub(crate) v: &'a [u8],
}

impl<'a> From<&'a Picture> for Planes<'a> {
    fn from(picture: &'a Picture) -> Self {
        let Picture { width, height, y, u, v } = picture;
        Self { width: *width, height: *height, y, u, v }
    }
}

/// Scales pictures; keeps its tables between pictures of the same size.
pub(crate) struct Scaler {
    resizer: Resizer,
}

impl Scaler {
    pub(crate) fn new() -> Self {
        Self { resizer: Resizer::new() }
    }

    /// Fills `to` with the middle of `from`. `None` if the planes are not as large as they claim.
    pub(crate) fn fill(&mut self, from: Planes, to: &mut Picture) -> Option<()> {
        let (left, top, width, height) = crop((from.width, from.height), (to.width, to.height));
        let luma = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear))
            .crop(left, top, width, height);
        let chroma = luma.crop(left / 2.0, top / 2.0, width / 2.0, height / 2.0);
        let half = |size: u32| size.div_ceil(2);
        let (to_width, to_height) = (to.width, to.height);
        for (from, size, to, to_size, options) in [
            (from.y, (from.width, from.height), &mut to.y, (to_width, to_height), &luma),
            (from.u, (half(from.width), half(from.height)), &mut to.u, (half(to_width), half(to_height)), &chroma),
            (from.v, (half(from.width), half(from.height)), &mut to.v, (half(to_width), half(to_height)), &chroma),
        ] {
            let from = ImageRef::new(size.0, size.1, from, PixelType::U8).ok()?;
            let mut to = Image::from_slice_u8(to_size.0, to_size.1, to, PixelType::U8).ok()?;
            self.resizer.resize(&from, &mut to, options).ok()?;
        }
        Some(())
    }
}

/// The largest part in the middle of `from` with the shape of `to`: left, top, width, height.
fn crop(from: (u32, u32), to: (u32, u32)) -> (f64, f64, f64, f64) {
    let (width, height) = (f64::from(from.0), f64::from(from.1));
    let shape = f64::from(to.0) / f64::from(to.1);
    let (wide, high) = if width > height * shape { (height * shape, height) } else { (width, width / shape) };
    // Division may end a hair outside.
    let (wide, high) = (wide.min(width), high.min(height));
    ((width - wide) / 2.0, (height - high) / 2.0, wide, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_fills_the_picture_undistorted() {
        assert_eq!(crop((640, 480), (640, 360)), (0.0, 60.0, 640.0, 360.0));
        assert_eq!(crop((1280, 360), (640, 360)), (320.0, 0.0, 640.0, 360.0));
        assert_eq!(crop((320, 180), (640, 360)), (0.0, 0.0, 320.0, 180.0));
    }

    #[test]
    fn an_odd_picture_is_scaled_with_its_colours() {
        let (y, u, v) = (vec![90; 33 * 17], vec![60; 17 * 9], vec![200; 17 * 9]);
        let mut to = Picture::black(64, 48);
        let planes = Planes { width: 33, height: 17, y: &y, u: &u, v: &v };
        assert!(Scaler::new().fill(planes, &mut to).is_some());
        assert!(to.y.iter().all(|&y| y == 90) && to.u.iter().all(|&u| u == 60) && to.v.iter().all(|&v| v == 200));
    }

    #[test]
    fn planes_that_are_too_short_are_refused() {
        let planes = Planes { width: 32, height: 32, y: &[0; 1000], u: &[0; 256], v: &[0; 256] };
        assert!(Scaler::new().fill(planes, &mut Picture::black(16, 16)).is_none());
    }
}
