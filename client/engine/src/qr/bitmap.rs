//! Black and white from a noisy and unevenly lit picture.

use image::GrayImage;

/// Of the shorter side: a window holds more than a finder's dark middle, and less than a whole uneven picture.
const WINDOW: u32 = 4;

/// What is dark in a picture.
pub struct Bitmap {
    pub width: usize,
    pub height: usize,
    dark: Vec<bool>,
}

impl Bitmap {
    /// Takes each pixel for dark that is below `percent` of the mean around it (the adaptive threshold of Bradley and
    /// Roth, "Adaptive Thresholding Using the Integral Image", 2007).
    pub fn new(picture: &GrayImage, percent: u64) -> Self {
        let (width, height) = picture.dimensions();
        let sums = Sums::of(picture);
        let reach = (width.min(height) / WINDOW / 2).max(1);
        let is_dark = |(x, y, pixel): (u32, u32, &image::Luma<u8>)| {
            let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(width));
            let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(height));
            let area = u64::from(right - left) * u64::from(bottom - top);
            u64::from(pixel.0[0]) * area * 100 < sums.inside(left, top, right, bottom) * percent
        };
        let dark = picture.enumerate_pixels().map(is_dark).collect();
        Self { width: width as usize, height: height as usize, dark }
    }

    /// All outside of the picture is light.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.width && self.dark.get(y * self.width + x).copied().unwrap_or(false)
    }

    pub fn rows(&self) -> impl Iterator<Item = &[bool]> {
        self.dark.chunks(self.width.max(1))
    }
}

/// At each corner of pixels the sum of all that lie above and left of it.
struct Sums {
    row: usize,
    sums: Vec<u64>,
}

impl Sums {
    fn of(picture: &GrayImage) -> Self {
        let row = picture.width() as usize + 1;
        let mut sums = vec![0; row];
        for pixels in picture.rows() {
            let above = sums.len() - row;
            let mut line = 0;
            sums.push(0);
            for (x, pixel) in pixels.enumerate() {
                line += u64::from(pixel.0[0]);
                sums.push(sums[above + x + 1] + line);
            }
        }
        Self { row, sums }
    }

    fn inside(&self, left: u32, top: u32, right: u32, bottom: u32) -> u64 {
        let at = |x: u32, y: u32| self.sums[y as usize * self.row + x as usize];
        at(right, bottom) + at(left, top) - at(right, top) - at(left, bottom)
    }
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    fn dark(picture: &GrayImage, percent: u64) -> Vec<(usize, usize)> {
        let seen = Bitmap::new(picture, percent);
        let all = (0..seen.height).flat_map(|y| (0..seen.width).map(move |x| (x, y)));
        all.filter(|(x, y)| seen.is_dark(*x, *y)).collect()
    }

    #[test]
    fn what_is_darker_than_its_surroundings_is_dark_in_any_light() {
        for light in [40, 120, 240] {
            let dot = |x, y| if (x, y) == (20, 10) { light / 2 } else { light };
            assert_eq!(dark(&GrayImage::from_fn(60, 40, |x, y| Luma([dot(x, y)])), 85), [(20, 10)], "light {light}");
        }
    }

    #[test]
    fn weak_noise_and_a_slope_of_light_are_not_dark() {
        let noise = |x: u32, y: u32| ((x * 7 + y * 3) % 5) as u8;
        let slope = GrayImage::from_fn(200, 50, |x, y| Luma([50 + (x / 2) as u8 + noise(x, y)]));
        assert!(dark(&slope, 85).is_empty());
    }
}
