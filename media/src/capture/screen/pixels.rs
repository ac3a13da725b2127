//! What a screen shows now, kept up to date.

use super::finish::PIXEL;

/// Pixels of four bytes: three colours and one that says nothing.
#[derive(Default)]
pub(super) struct Pixels {
    pub(super) size: (u32, u32),
    pub(super) data: Vec<u8>,
}

impl Pixels {
    /// Whether the size is another than it was.
    pub(super) fn resize(&mut self, size: (u32, u32)) -> bool {
        if self.size == size {
            return false;
        }
        *self = Self { size, data: vec![0; size.0 as usize * size.1 as usize * PIXEL] };
        true
    }

    /// Takes a rectangle over, which must lie inside; its lines are `stride` bytes apart. Whether anything in it was different.
    pub(super) fn put(&mut self, (x, y): (u32, u32), (width, height): (u32, u32), from: &[u8], stride: usize) -> bool {
        let mut changed = false;
        for (row, line) in from.chunks(stride).take(height as usize).enumerate() {
            let at = ((y as usize + row) * self.size.0 as usize + x as usize) * PIXEL;
            let line = &line[..width as usize * PIXEL];
            let to = &mut self.data[at..at + line.len()];
            if to != line {
                to.copy_from_slice(line);
                changed = true;
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_pixels_again_are_no_change() {
        let mut pixels = Pixels::default();
        assert!(pixels.resize((4, 3)) && !pixels.resize((4, 3)));
        let red = [0, 0, 255, 0].repeat(4);
        assert!(pixels.put((1, 1), (2, 2), &red, 8));
        assert!(!pixels.put((1, 1), (2, 2), &red, 8));
        assert_eq!(pixels.data.iter().filter(|&&byte| byte == 255).count(), 4);
    }

    #[test]
    fn what_stands_between_lines_is_left_out() {
        let mut pixels = Pixels::default();
        pixels.resize((2, 2));
        let lines = [[1; 8].as_slice(), &[9; 4], &[2; 8]].concat();
        assert!(pixels.put((0, 0), (2, 2), &lines, 12));
        assert_eq!(pixels.data, [[1; 8], [2; 8]].concat());
    }
}
