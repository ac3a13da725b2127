//! What a camera adds: its bytes become pictures, and those the size that is wanted.

use std::time::Duration;

use benches::timed;
use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};
use media::{
    Picture,
    capture::{RawConverter, RawFormat},
};

use super::{PICTURE, stage};
use crate::{
    clips::FORMAT,
    report::{Class, Per, Stage},
};

/// What cameras give most.
const SIZE: (u32, u32) = (1280, 720);
const TIMES: usize = 60;

pub fn measure(card: &[(Duration, Picture)]) -> Vec<Stage> {
    let mut converter = RawConverter::new();
    let mut large = Picture::black(SIZE.0, SIZE.1);
    converter.scale(&card[0].1, &mut large).expect("whole planes");
    let inputs = [
        ("from NV12, 1280x720", RawFormat::Nv12, nv12(&large)),
        ("from YUYV, 1280x720", RawFormat::Yuyv, yuyv(&large)),
        ("from MJPEG, 1280x720", RawFormat::Mjpeg, mjpeg(&large)),
    ];
    let mut stages = Vec::new();
    for (name, format, data) in &inputs {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            timed(&mut times, || {
                converter.convert(*format, data, SIZE).is_some().then_some(()).expect("a whole buffer")
            });
        }
        stages.push(stage(name, PICTURE, Per::Person, Class::Camera, times));
    }
    let (mut small, mut times) = (Picture::black(FORMAT.width, FORMAT.height), Vec::new());
    for _ in 0..TIMES {
        timed(&mut times, || converter.scale(&large, &mut small).expect("whole planes"));
    }
    stages.push(stage("scale 1280x720 to 640x360", PICTURE, Per::Person, Class::Camera, times));
    stages
}

fn nv12(picture: &Picture) -> Vec<u8> {
    let chroma = picture.u.iter().zip(&picture.v).flat_map(|(u, v)| [*u, *v]);
    picture.y.iter().copied().chain(chroma).collect()
}

fn yuyv(picture: &Picture) -> Vec<u8> {
    let width = picture.width as usize;
    let line = |(at, luma): (usize, &[u8])| -> Vec<u8> {
        let chroma = at / 2 * width / 2..(at / 2 + 1) * width / 2;
        let chroma = picture.u[chroma.clone()].iter().zip(&picture.v[chroma]);
        luma.chunks_exact(2).zip(chroma).flat_map(|(y, (u, v))| [y[0], *u, y[1], *v]).collect()
    };
    picture.y.chunks_exact(width).enumerate().flat_map(line).collect()
}

/// The luma is enough: what a decoder does hangs on the size and the detail.
fn mjpeg(picture: &Picture) -> Vec<u8> {
    let rgb: Vec<u8> = picture.y.iter().flat_map(|y| [*y; 3]).collect();
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 85)
        .encode(&rgb, picture.width, picture.height, ExtendedColorType::Rgb8)
        .expect("a picture that fits into memory");
    jpeg
}
