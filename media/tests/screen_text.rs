//! What people do on a screen: they write, scroll and turn to another page. It has to stay readable at a small rate.

use std::collections::VecDeque;
use std::time::Duration;

use media::Picture;
use media::capture::VideoFormat;
use media::decode::VideoDecoder;
use media::encode::{Content, VideoEncoder};

const FORMAT: VideoFormat = VideoFormat { width: 1280, height: 720, fps: 5 };

const PICTURES: u32 = 100;

/// A page of strokes like those of small letters, scrolled by some lines of pixels; each seed is another text.
fn page(seed: u32, scrolled: u32, written: u32) -> Picture {
    let mut picture = Picture::black(FORMAT.width, FORMAT.height);
    picture.y.fill(235);
    let columns = FORMAT.width / 8;
    for (at, sample) in picture.y.iter_mut().enumerate() {
        let (x, y) = (at as u32 % FORMAT.width, at as u32 / FORMAT.width + scrolled);
        let letter = y / 16 * columns + x / 8;
        if letter >= written {
            continue;
        }
        let shape = (letter ^ seed.wrapping_mul(0x9e37_79b9)).wrapping_mul(0x85eb_ca6b);
        let (dot, space) = (y % 16 / 2 * 3 + x % 8 / 2, shape.is_multiple_of(6));
        let inside = x % 8 < 6 && y % 16 < 10;
        if inside && !space && (shape ^ shape >> 13).wrapping_mul(0xc2b2_ae35) >> dot & 1 == 1 {
            *sample = 30;
        }
    }
    picture
}

/// Twenty seconds of it: written on, scrolled, another page, and looked at.
fn picture(nth: u32) -> Picture {
    match nth {
        0..40 => page(1, 0, 5_000 + nth),
        40..50 => page(1, (nth - 39) * 16, 20_000),
        50..70 => page(2, 0, 20_000),
        _ => page(2, 0, 20_000),
    }
}

fn psnr(a: &Picture, b: &Picture) -> f64 {
    let squares: u64 = a.y.iter().zip(&b.y).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
    let error = squares as f64 / a.y.len() as f64;
    10.0 * (255.0 * 255.0 / error.max(1e-3)).log10()
}

/// What a reader sees at each picture's time over a line of this rate, in dB, and what it cost, in kilobits a second.
fn seen(content: Content, kbps: u32) -> (Vec<f64>, f64) {
    let mut encoder = VideoEncoder::of(content, FORMAT, kbps).unwrap();
    let (mut decoder, mut decoded) = (VideoDecoder::new(), Picture::black(FORMAT.width, FORMAT.height));
    let (mut bytes, mut qualities) = (0, Vec::new());
    let (mut line_free, mut under_way) = (Duration::ZERO, VecDeque::new());
    for nth in 0..PICTURES {
        let (picture, at) = (picture(nth), Duration::from_secs(1) * nth / FORMAT.fps);
        if let Some(encoded) = encoder.encode(&picture, at, false).unwrap() {
            bytes += encoded.data.len();
            line_free =
                line_free.max(at) + Duration::from_secs_f64(encoded.data.len() as f64 / 125.0 / f64::from(kbps));
            decoder.decode(&encoded.data).unwrap().unwrap().copy_to(&mut decoded);
            under_way.push_back((line_free, decoded.clone()));
        }
        // A picture's time to be looked at is until the next one is due.
        let until = at + Duration::from_secs(1) / FORMAT.fps;
        while under_way.len() > 1 && under_way[1].0 <= until {
            under_way.pop_front();
        }
        let there = under_way.front().filter(|(arrived, _)| *arrived <= until);
        qualities.push(there.map_or(0.0, |(_, shown)| psnr(&picture, shown)));
    }
    (qualities, f64::from(bytes as u32) * 8.0 / 1000.0 / f64::from(PICTURES / FORMAT.fps))
}

/// Finer than this, letters are as sharp as on the screen itself.
const READABLE: f64 = 34.0;

#[test]
fn text_is_readable_sooner_than_with_camera_settings() {
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    for (kbps, most) in [(300, 0.8), (600, 0.8), (1500, 1.0)] {
        let readable = [Content::Screen, Content::Camera].map(|content| {
            let (qualities, real) = seen(content, kbps);
            let readable = qualities.iter().filter(|quality| **quality >= READABLE).count();
            println!(
                "{kbps} kbps, {content:?}: {readable} % of the time readable; writing {:.1}, scrolling {:.1}, other page {:.1}, \
                 at rest {:.1} dB; {real:.0} kbps used",
                mean(&qualities[..40]),
                mean(&qualities[40..50]),
                mean(&qualities[50..70]),
                mean(&qualities[70..]),
            );
            (readable as f64, real)
        });
        let [(screen, screen_kbps), (camera, camera_kbps)] = readable;
        assert!(camera <= screen * most && screen_kbps < camera_kbps, "{kbps}: {screen} % and {camera} %");
    }
}
