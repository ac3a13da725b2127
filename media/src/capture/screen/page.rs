//! A page of text that somebody writes on: what a screen shows, without one.

use std::time::Instant;

use super::{Screen, ScreenError};
use crate::capture::pace::{Pace, Rate};
use crate::picture::{Picture, RawFrame};

const WIDTH: u32 = 1280;
const HEIGHT: u32 = 720;

/// Digits in three by five dots, rows from above, the left dot in the highest of three bits.
const GLYPHS: [u16; 16] = [
    0o75557, 0o26227, 0o71747, 0o71717, 0o55711, 0o74717, 0o74757, 0o71111, 0o75757, 0o75717, 0o25755, 0o65656,
    0o74447, 0o65556, 0o74647, 0o74644,
];
/// Pixels of a dot, a character's cell, and the margin.
const DOT: u32 = 2;
const CELL: (u32, u32) = (4 * DOT, 8 * DOT);
const MARGIN: u32 = 16;
const COLUMNS: u32 = (WIDTH - 2 * MARGIN) / CELL.0;
const LINES: u32 = (HEIGHT - 2 * MARGIN) / CELL.1;

/// Characters that are there at the start: a page but for its last lines.
const WRITTEN: u64 = (COLUMNS * (LINES - 6)) as u64;

pub(super) struct Page {
    pace: Pace,
    fps: u32,
    picture: Picture,
    /// Characters on the page.
    written: u64,
}

impl Page {
    pub(super) fn new(fps: u32) -> Self {
        let mut page = Self { pace: Pace::new(Rate::hertz(fps)), fps, picture: blank(), written: 0 };
        page.write(WRITTEN);
        page
    }

    /// Writes until there are so many characters; a full page is begun anew.
    fn write(&mut self, until: u64) {
        let cells = u64::from(COLUMNS * LINES);
        for nth in self.written..until {
            let at = (nth % cells) as u32;
            if at == 0 {
                self.picture = blank();
            }
            // One in six is a space; the rest is any digit, the same on every page.
            let dice = (nth as u32).wrapping_mul(0x9e37_79b9) >> 16;
            if !dice.is_multiple_of(6) {
                glyph(&mut self.picture, (at % COLUMNS, at / COLUMNS), GLYPHS[(dice / 6 % 16) as usize]);
            }
        }
        self.written = self.written.max(until);
    }
}

impl Screen for Page {
    fn next(&mut self, again: bool) -> Result<Option<RawFrame>, ScreenError> {
        let now = Instant::now();
        let due = self.pace.next(now);
        std::thread::sleep(due.at.saturating_duration_since(now));
        // Two characters a second.
        let until = WRITTEN + due.index * 2 / u64::from(self.fps);
        let changed = until > self.written || due.index == 0;
        self.write(until);
        let frame = RawFrame { picture: self.picture.clone(), captured: Instant::now() };
        Ok((changed || again).then_some(frame))
    }
}

fn blank() -> Picture {
    let mut picture = Picture::black(WIDTH, HEIGHT);
    picture.y.fill(235);
    picture
}

fn glyph(picture: &mut Picture, (column, line): (u32, u32), dots: u16) {
    for dot in (0..15).filter(|dot| dots >> (14 - dot) & 1 == 1) {
        let x = MARGIN + column * CELL.0 + dot % 3 * DOT;
        let y = MARGIN + line * CELL.1 + dot / 3 * DOT;
        for row in y..y + DOT {
            let at = (row * WIDTH + x) as usize;
            picture.y[at..at + DOT as usize].fill(30);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_changes_only_when_something_is_written() {
        let mut page = Page::new(30);
        let before = page.picture.clone();
        page.write(WRITTEN);
        assert_eq!(page.picture, before);
        page.write(WRITTEN + 20);
        assert_ne!(page.picture, before);
        page.write(3 * u64::from(COLUMNS * LINES) + 5);
    }
}
