//! A moving test card, drawn straight in I420.

use std::time::Instant;

use super::pace::{Pace, Rate};
use super::{Camera, CaptureError, VideoFormat};
use crate::picture::{Picture, RawFrame};

/// Colours that are told apart at a glance, as blue and red difference.
const HUES: [(u8, u8); 8] =
    [(170, 90), (90, 160), (100, 90), (160, 170), (90, 120), (180, 120), (120, 180), (128, 128)];

pub(super) struct TestCamera {
    seed: u32,
    format: VideoFormat,
    pace: Pace,
}

impl TestCamera {
    pub(super) fn new(seed: u32, format: VideoFormat) -> Self {
        Self { seed, format, pace: Pace::new(Rate::hertz(format.fps)) }
    }
}

impl Camera for TestCamera {
    fn next(&mut self) -> Result<RawFrame, CaptureError> {
        let now = Instant::now();
        let due = self.pace.next(now);
        std::thread::sleep(due.at.saturating_duration_since(now));
        let picture = draw(self.seed, due.index, self.format);
        Ok(RawFrame { picture, captured: Instant::now() })
    }
}

/// The card of a seed at its `index`th picture: a wash of the seed's colour, a bar that sweeps across, a ball that
/// bounces, and in the corner as many marks as the seed, so that it is known without colours too.
fn draw(seed: u32, index: u64, format: VideoFormat) -> Picture {
    let VideoFormat { width, height, fps } = format;
    let mut picture = Picture::black(width, height);
    let (hue, opposite) = (HUES[(seed % 8) as usize], HUES[((seed + 3) % 8) as usize]);
    picture.u.fill(hue.0);
    picture.v.fill(hue.1);

    // Seconds, so that a card moves as fast at every rate.
    let seconds = index as f64 / f64::from(fps);
    wash(&mut picture);

    let bar = i64::from(width / 16).max(2);
    let x = (seconds * 0.25 + f64::from(seed % 7) / 7.0).fract() * f64::from(width);
    fill(&mut picture, (x as i64, 0, bar, i64::from(height)), |luma| luma.saturating_add(36), hue);

    let side = i64::from(height / 5).max(4);
    let across = bounce(seconds * 0.31 + f64::from(seed) * 0.13, i64::from(width) - side);
    let down = bounce(seconds * 0.47 + f64::from(seed) * 0.29, i64::from(height) - side);
    ball(&mut picture, (across, down), side, opposite);

    let mark = i64::from(height / 24).max(2);
    for nth in 0..i64::from(seed % 8) + 1 {
        fill(&mut picture, (mark * (1 + 2 * nth), mark, mark, mark), |_| 220, (128, 128));
    }
    picture
}

/// Brightness rising from the left to the right, a little darker towards the bottom.
fn wash(picture: &mut Picture) {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let row: Vec<u8> = (0..width).map(|x| (70 + x * 90 / width) as u8).collect();
    for (y, line) in picture.y.chunks_exact_mut(width).enumerate() {
        let darker = (y * 30 / height) as u8;
        for (to, from) in line.iter_mut().zip(&row) {
            *to = from - darker;
        }
    }
}

/// Goes to and fro between 0 and `span` as `turns` counts up.
fn bounce(turns: f64, span: i64) -> i64 {
    let phase = turns.fract() * 2.0;
    let place = if phase < 1.0 { phase } else { 2.0 - phase };
    (place * span.max(0) as f64) as i64
}

/// Changes a rectangle (left, top, width, height), cut off at the picture's edges.
fn fill(picture: &mut Picture, area: (i64, i64, i64, i64), luma: impl Fn(u8) -> u8, hue: (u8, u8)) {
    let (width, height) = (i64::from(picture.width), i64::from(picture.height));
    let (left, top, wide, high) = area;
    for y in top.max(0)..(top + high).min(height) {
        let (from, to) = (left.clamp(0, width), (left + wide).clamp(0, width));
        let line = &mut picture.y[(y * width) as usize..][from as usize..to as usize];
        line.iter_mut().for_each(|sample| *sample = luma(*sample));
        if y % 2 == 0 {
            let chroma = (y / 2 * (width / 2)) as usize;
            let (from, to) = (chroma + from as usize / 2, chroma + to as usize / 2);
            picture.u[from..to].fill(hue.0);
            picture.v[from..to].fill(hue.1);
        }
    }
}

fn ball(picture: &mut Picture, (left, top): (i64, i64), side: i64, hue: (u8, u8)) {
    let radius = side as f64 / 2.0;
    for y in 0..side {
        let off = y as f64 + 0.5 - radius;
        let half = (radius * radius - off * off).max(0.0).sqrt();
        fill(picture, (left + (radius - half) as i64, top + y, (half * 2.0) as i64, 1), |_| 200, hue);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: VideoFormat = VideoFormat { width: 640, height: 360, fps: 30 };

    fn difference(a: &Picture, b: &Picture) -> u64 {
        let of = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
        of(&a.y, &b.y) + of(&a.u, &b.u) + of(&a.v, &b.v)
    }

    #[test]
    fn cards_move_and_no_two_seeds_look_alike() {
        for seed in 0..8 {
            let card = draw(seed, 0, FORMAT);
            assert!(difference(&card, &draw(seed, 1, FORMAT)) > 1_000);
            for other in seed + 1..8 {
                assert!(difference(&card, &draw(other, 0, FORMAT)) > 100_000, "{seed} {other}");
            }
        }
    }

    #[test]
    fn any_size_and_any_moment_can_be_drawn() {
        for (width, height) in [(16, 16), (18, 3000), (3840, 16)] {
            for index in (0..2_000).step_by(97).chain([u64::MAX]) {
                draw(u32::MAX - 7, index, VideoFormat { width, height, fps: 30 });
            }
        }
    }
}
