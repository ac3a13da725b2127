//! Draws the pointer into a screen's pixels, and takes it out again.

/// The pointer's picture and place.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Left and upper edge, in pixels of the shared part; may lie outside.
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: u32,
    pub(super) height: u32,
    /// `width * height` pixels, blue in the lowest byte, opacity in the highest, colours multiplied by it already.
    pub(super) pixels: Vec<u32>,
}

/// What was under the pointer.
#[derive(Default)]
pub(super) struct Under(Vec<(usize, [u8; 4])>);

impl Cursor {
    /// Draws it into pixels of four bytes (blue, green, red, nothing) in lines of `size.0`. What is outside is left out.
    pub(super) fn draw(&self, data: &mut [u8], size: (u32, u32)) -> Under {
        let mut under = Under::default();
        for (at, &pixel) in self.pixels.iter().take((self.width * self.height) as usize).enumerate() {
            let x = self.x + (at as u32 % self.width) as i32;
            let y = self.y + (at as u32 / self.width) as i32;
            let inside = (0..size.0 as i32).contains(&x) && (0..size.1 as i32).contains(&y);
            let [blue, green, red, alpha] = pixel.to_le_bytes();
            if !inside || alpha == 0 {
                continue;
            }
            let at = (y as usize * size.0 as usize + x as usize) * 4;
            if let Some(place) = data.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<4>()) {
                under.0.push((at, *place));
                for (to, over) in place.iter_mut().zip([blue, green, red]) {
                    let shines = u32::from(*to) * (255 - u32::from(alpha)) / 255;
                    *to = (shines + u32::from(over)).min(255) as u8;
                }
            }
        }
        under
    }

    /// Whether any of it would be seen.
    pub(super) fn is_inside(&self, size: (u32, u32)) -> bool {
        let overlaps = |at: i32, length: u32, end: u32| at < end as i32 && at.saturating_add_unsigned(length) > 0;
        overlaps(self.x, self.width, size.0) && overlaps(self.y, self.height, size.1)
    }
}

impl Under {
    pub(super) fn put_back(self, data: &mut [u8]) {
        for (at, pixel) in self.0 {
            data[at..at + 4].copy_from_slice(&pixel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(x: i32, y: i32) -> Cursor {
        // White, half of it shining through; beside it nothing; below both red.
        Cursor { x, y, width: 2, height: 2, pixels: vec![0x8080_8080, 0, 0xffff_0000, 0xffff_0000] }
    }

    #[test]
    fn it_is_drawn_over_what_is_there_and_leaves_no_trace() {
        let before = [100, 100, 100, 0].repeat(12);
        let mut data = before.clone();
        let under = dot(1, 0).draw(&mut data, (4, 3));
        assert_eq!(data[4..8], [177, 177, 177, 0]);
        assert_eq!(data[8..12], [100, 100, 100, 0]);
        assert_eq!(data[20..24], [0, 0, 255, 0]);
        under.put_back(&mut data);
        assert_eq!(data, before);
    }

    #[test]
    fn one_that_is_half_outside_or_far_away_is_cut_off() {
        let mut data = [0, 0, 0, 0].repeat(12);
        for (x, y, inside) in [(-1, -1, true), (3, 2, true), (-2, 0, false), (4, 0, false), (i32::MAX, i32::MIN, false)]
        {
            assert_eq!(dot(x.min(i32::MAX - 2), y).is_inside((4, 3)), inside, "{x} {y}");
            let under = dot(x.min(i32::MAX - 2), y).draw(&mut data, (4, 3));
            assert_eq!(under.0.is_empty(), !inside);
        }
    }
}
