//! A moving picture that costs a codec about what a person in a room does.

use media::{
    Picture,
    capture::VideoFormat,
    encode::{EncodedPicture, VideoEncoder},
};
use std::time::Duration;

/// What is measured: one person's usual layer.
pub const FORMAT: VideoFormat = VideoFormat { width: 640, height: 360, fps: 30 };
/// Kilobits per second.
pub const KBPS: u32 = 500;
/// Pictures until the scene begins again, without a seam.
pub const LOOP: usize = 60;

/// One loop of the scene: a resting, textured background, and a textured head and shoulders that sway before it.
pub fn pictures() -> Vec<Picture> {
    (0..LOOP).map(picture).collect()
}

fn picture(number: usize) -> Picture {
    let mut picture = Picture::black(FORMAT.width, FORMAT.height);
    let (width, height) = (picture.width as i32, picture.height as i32);
    let turn = std::f32::consts::TAU * number as f32 / LOOP as f32;
    let (sway, nod) = ((turn.sin() * 40.0) as i32, (turn.cos() * 12.0) as i32);
    for (at, luma) in picture.y.iter_mut().enumerate() {
        let (x, y) = (at as i32 % width, at as i32 / width);
        let (px, py) = (x - width / 2 - sway, y - height / 2 - nod);
        *luma = if is_person(px, py) {
            90 + (texture(px, py) / 3)
        } else {
            40 + (x * 60 / width) as u8 + texture(x, y) / 8
        };
    }
    let half = width / 2;
    for (at, (u, v)) in picture.u.iter_mut().zip(&mut picture.v).enumerate() {
        let (x, y) = (at as i32 % half * 2, at as i32 / half * 2);
        if is_person(x - width / 2 - sway, y - height / 2 - nod) {
            (*u, *v) = (110, 150);
        }
    }
    picture
}

/// Head and shoulders, around the middle of the picture.
fn is_person(x: i32, y: i32) -> bool {
    let head = x * x + (y + 40) * (y + 40) < 70 * 70;
    let shoulders = y > 30 && x.abs() < 60 + y;
    head || shoulders
}

/// Detail that moves with what it lies on: a hash, smoothed over cells of four pixels.
fn texture(x: i32, y: i32) -> u8 {
    let cell = |x: i32, y: i32| {
        let mixed = (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca77);
        (mixed ^ (mixed >> 15)).wrapping_mul(0x2c1b_3c6d) >> 24
    };
    let (cx, cy, fx) = (x.div_euclid(4), y.div_euclid(4), x.rem_euclid(4) as u32);
    ((cell(cx, cy) * (4 - fx) + cell(cx + 1, cy) * fx) / 4) as u8
}

/// The time of a picture since the scene's start, however often it has begun again.
pub fn time_of(number: usize) -> Duration {
    Duration::from_secs(1) * number as u32 / FORMAT.fps
}

/// The loop as access units, the first a keyframe, so that decoding may begin anew with it.
pub fn encoded(pictures: &[Picture]) -> Vec<EncodedPicture> {
    let mut encoder = VideoEncoder::new(FORMAT, KBPS).expect("the format is one that can be encoded");
    pictures
        .iter()
        .enumerate()
        .filter_map(|(number, picture)| {
            encoder.encode(picture, time_of(number), number == 0).expect("the pictures have the size they say")
        })
        .collect()
}
