//! How many finder patterns a picture seems to hold, before anybody tries to make codes of them.
//!
//! The reading library tries each with each, on a copy of the picture: a picture full of finders would keep it busy for
//! hours.

use std::collections::BTreeSet;

use super::bitmap::Bitmap;

/// A dozen codes and some accidents.
const MOST: usize = 40;

/// Dark pixels side by side, from `left` up to `end`.
#[derive(Clone, Copy)]
struct Run {
    left: usize,
    end: usize,
    /// Which of the [`Areas`] it belongs to.
    area: usize,
}

/// Dark areas and their sizes: a forest in which the root of a tree stands for the whole area.
#[derive(Default)]
struct Areas {
    parents: Vec<usize>,
    pixels: Vec<usize>,
}

impl Areas {
    fn add(&mut self, pixels: usize) -> usize {
        self.parents.push(self.parents.len());
        self.pixels.push(pixels);
        self.parents.len() - 1
    }

    fn root(&mut self, mut area: usize) -> usize {
        while self.parents[area] != area {
            self.parents[area] = self.parents[self.parents[area]];
            area = self.parents[area];
        }
        area
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if one != other {
            let (small, large) = if self.pixels[one] < self.pixels[other] { (one, other) } else { (other, one) };
            self.parents[small] = large;
            self.pixels[large] += self.pixels[small];
        }
    }
}

/// Whether there are more finders than any honest picture of an invitation has.
pub fn are_too_many(bitmap: &Bitmap) -> bool {
    let mut areas = Areas::default();
    let mut rows: Vec<Vec<Run>> = Vec::with_capacity(bitmap.height);
    for row in bitmap.rows() {
        let runs = runs(row, &mut areas);
        join_rows(rows.last().map_or(&[], |above| above), &runs, &mut areas);
        rows.push(runs);
    }
    let mut stones = BTreeSet::new();
    for runs in &rows {
        for three in runs.windows(3) {
            if let [left, stone, right] = three
                && is_finder(*left, *stone, *right)
            {
                let [left, stone, right] = [left, stone, right].map(|run| areas.root(run.area));
                let share = areas.pixels[stone] * 100 / areas.pixels[right];
                if left == right && left != stone && (10..=70).contains(&share) {
                    stones.insert(stone);
                }
            }
        }
        if stones.len() > MOST {
            return true;
        }
    }
    false
}

fn runs(row: &[bool], areas: &mut Areas) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut begin = None;
    for (x, dark) in row.iter().copied().chain([false]).enumerate() {
        match (begin, dark) {
            (None, true) => begin = Some(x),
            (Some(left), false) => {
                runs.push(Run { left, end: x, area: areas.add(x - left) });
                begin = None;
            }
            _ => {}
        }
    }
    runs
}

/// Runs that touch are of one area.
fn join_rows(above: &[Run], below: &[Run], areas: &mut Areas) {
    let (mut above, mut below) = (above.iter().peekable(), below.iter().peekable());
    while let (Some(upper), Some(lower)) = (above.peek(), below.peek()) {
        if upper.left < lower.end && lower.left < upper.end {
            areas.join(upper.area, lower.area);
        }
        if upper.end < lower.end {
            above.next()
        } else {
            below.next()
        };
    }
}

/// Dark and light in about the proportions 1:1:3:1:1 (ISO/IEC 18004, section 6.3.3), as tolerant as the reading library.
fn is_finder(left: Run, stone: Run, right: Run) -> bool {
    let parts = [
        left.end - left.left,
        stone.left - left.end,
        stone.end - stone.left,
        right.left - stone.end,
        right.end - right.left,
    ];
    let module = (parts[0] + parts[1] + parts[3] + parts[4]) / 4;
    let slack = module * 3 / 4;
    [1, 1, 3, 1, 1].iter().zip(parts).all(|(modules, part)| part.abs_diff(modules * module) <= slack)
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    /// So many finders in each of so many rows, one pixel a module times four.
    fn finders(columns: u32, rows: u32) -> Bitmap {
        let part = |pixel: u32| pixel % 40 / 4;
        let picture = GrayImage::from_fn(columns * 40, rows * 40, |x, y| {
            let (x, y) = (part(x), part(y));
            let ring = x < 7 && y < 7 && (x == 0 || y == 0 || x == 6 || y == 6);
            let stone = (2..5).contains(&x) && (2..5).contains(&y);
            Luma([if ring || stone { 0 } else { 255 }])
        });
        Bitmap::new(&picture, 85)
    }

    #[test]
    fn a_picture_full_of_finders_is_told_from_one_with_some() {
        assert!(!are_too_many(&finders(8, 5)));
        assert!(are_too_many(&finders(41, 1)));
        assert!(are_too_many(&finders(7, 6)));
    }

    #[test]
    fn bars_in_the_same_proportions_are_no_finders() {
        let bars =
            GrayImage::from_fn(2000, 100, |x, _| Luma([if matches!(x % 40 / 4, 0 | 2 | 3 | 4 | 6) { 0 } else { 255 }]));
        assert!(!are_too_many(&Bitmap::new(&bars, 85)));
    }

    #[test]
    fn an_area_that_parts_join_below_is_one() {
        let mut areas = Areas::default();
        let rows =
            [[true, false, true, false, true], [true, true, true, false, false]].map(|row| runs(&row, &mut areas));
        join_rows(&rows[0], &rows[1], &mut areas);
        let [first, second, third] = [0, 1, 2].map(|run: usize| areas.root(rows[0][run].area));
        assert!(first == second && first != third);
        assert_eq!(areas.pixels[first], 5);
    }
}
