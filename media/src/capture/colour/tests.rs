use image::codecs::jpeg::JpegEncoder;

use super::*;

/// Red in BT.601 of limited range, and in BT.709.
const RED_601: [u8; 3] = [81, 90, 240];
const RED_709: [u8; 3] = [63, 102, 240];

fn assert_red(picture: &Picture, by: u8) {
    let near = |samples: &[u8], value: u8| samples.iter().all(|sample| sample.abs_diff(value) <= by);
    let [y, u, v] = RED_709;
    assert!(near(&picture.y, y) && near(&picture.u, u) && near(&picture.v, v));
}

/// A red picture as a camera of this format sends it.
fn red(format: FrameFormat, width: u32, height: u32) -> Vec<u8> {
    let [y, u, v] = RED_601;
    let (pixels, pairs) = ((width * height) as usize, width.div_ceil(2) as usize);
    match format {
        FrameFormat::YUYV => [y, u, y, v].repeat(pairs * height as usize),
        FrameFormat::NV12 => [vec![y; pixels], [u, v].repeat(pairs * height.div_ceil(2) as usize)].concat(),
        _ => jpeg_of(&[255, 0, 0].repeat(pixels), width, height),
    }
}

fn jpeg_of(rgb: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    image::ImageEncoder::write_image(encoder, rgb, width, height, image::ExtendedColorType::Rgb8).unwrap();
    bytes
}

fn convert(format: FrameFormat, data: &[u8], size: (u32, u32), picture: &mut Picture) -> Option<()> {
    Converter::default().convert(format, data, size, picture)
}

#[test]
fn red_stays_red_from_every_format_at_even_and_odd_sizes() {
    for format in READABLE {
        for (width, height) in [(16, 16), (17, 16), (16, 17), (33, 19), (2, 2), (3, 3), (640, 480)] {
            let mut picture = Picture::black(2, 2);
            let data = red(format, width, height);
            assert!(convert(format, &data, (width, height), &mut picture).is_some(), "{format} {width}x{height}");
            assert_eq!((picture.width, picture.height), (width & !1, height & !1));
            assert_red(&picture, if format == FrameFormat::MJPEG { 3 } else { 1 });
        }
    }
}

#[test]
fn each_pixel_stays_in_its_place() {
    // Luma counts the columns, chroma stays neutral: what is shifted by a byte or a line shows.
    let (width, height) = (17, 6);
    let column = |at: usize| 16 + 12 * (at % width as usize) as u8;
    let nv12 = [(0..(width * height) as usize).map(column).collect(), vec![128; 18 * 3]].concat();
    let line: Vec<u8> = (0..18).flat_map(|at| [16 + 12 * (at % 18) as u8, 128]).collect();
    for (format, data) in [(FrameFormat::NV12, nv12), (FrameFormat::YUYV, line.repeat(height as usize))] {
        let mut picture = Picture::black(2, 2);
        assert!(convert(format, &data, (width, height), &mut picture).is_some());
        assert!(picture.y.iter().enumerate().all(|(at, &sample)| sample == 16 + 12 * (at % 16) as u8), "{format}");
    }
}

#[test]
fn short_and_garbled_buffers_are_left_out() {
    let mut picture = Picture::black(2, 2);
    for format in READABLE {
        for data in [&[][..], &[0xff, 0xd8, 0xff, 0xe0], &[0xff, 0xd8, 0xff, 0xd9], &[7; 100]] {
            assert!(convert(format, data, (640, 480), &mut picture).is_none());
        }
        let whole = red(format, 64, 48);
        for length in (0..whole.len()).step_by(61).chain([whole.len() - 1]) {
            assert!(convert(format, &whole[..length], (64, 48), &mut picture).is_none(), "{format} {length}");
        }
    }
}

#[test]
fn sizes_that_no_picture_has_are_refused() {
    let mut picture = Picture::black(2, 2);
    for format in [FrameFormat::NV12, FrameFormat::YUYV] {
        for size in [(0, 0), (1, 1), (1, 640), (640, 1), (0, 480), (5000, 16), (u32::MAX, u32::MAX)] {
            assert!(convert(format, &[7; 4096], size, &mut picture).is_none());
        }
    }
}

#[test]
fn damaged_jpeg_is_left_out_or_has_its_size() {
    let rgb: Vec<u8> = (0..64 * 48 * 3u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let whole = jpeg_of(&rgb, 64, 48);
    let mut random = fastrand::Rng::with_seed(7);
    let mut next = || random.usize(..1 << 24);
    // One converter for all: from the tenth on it reads leniently.
    let mut converter = Converter::default();
    for _ in 0..300 {
        let mut damaged = whole.clone();
        for _ in 0..1 + next() % 8 {
            let at = next() % damaged.len();
            damaged[at] = next() as u8;
        }
        damaged.truncate(damaged.len() - next() % 3 * (next() % 200));
        let mut picture = Picture::black(2, 2);
        if converter.convert(FrameFormat::MJPEG, &damaged, (64, 48), &mut picture).is_some() {
            assert_eq!(picture.y.len(), (picture.width * picture.height) as usize);
        }
    }
}

#[test]
fn a_jpeg_may_be_followed_by_zeros() {
    let mut data = red(FrameFormat::MJPEG, 32, 32);
    data.extend([0; 500]);
    let mut picture = Picture::black(2, 2);
    assert!(convert(FrameFormat::MJPEG, &data, (32, 32), &mut picture).is_some());
}

#[test]
fn jpeg_without_an_end_is_read_unless_a_whole_one_came() {
    let whole = red(FrameFormat::MJPEG, 32, 32);
    let endless = &whole[..whole.len() - 2];
    let mut picture = Picture::black(2, 2);
    let mut converter = Converter::default();
    let mut shown = |converter: &mut Converter, data: &[u8]| {
        converter.convert(FrameFormat::MJPEG, data, (32, 32), &mut picture).is_some()
    };
    assert_eq!((0..12).filter(|_| shown(&mut converter, endless)).count(), 2);
    let mut converter = Converter::default();
    assert!(shown(&mut converter, &whole));
    assert!((0..50).all(|_| !shown(&mut converter, endless)));
}
