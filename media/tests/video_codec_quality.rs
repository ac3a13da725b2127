//! Encoder and decoder together: enough quality at the rate asked for, nothing left out, keyframes only when wanted.

use std::time::Duration;

use media::Picture;
use media::capture::VideoFormat;
use media::decode::VideoDecoder;
use media::encode::{EncodedPicture, VideoEncoder};

const FORMAT: VideoFormat = VideoFormat { width: 320, height: 180, fps: 25 };

/// A textured scene that pans, with something crossing it, and the grain of a camera in a dim room.
fn scene(width: u32, height: u32, nth: u32) -> Picture {
    let mut picture = Picture::black(width, height);
    let pan = nth as i32;
    for (at, sample) in picture.y.iter_mut().enumerate() {
        let (x, y) = ((at as u32 % width) as i32 + pan, (at as u32 / width) as i32);
        let texture = (x * x / 37 + y * y / 23 + x * y / 51) % 64;
        let crossing = (x - pan * 4 % 300 - 20).pow(2) + (y - 80).pow(2) < 900;
        *sample = if crossing { 210 } else { (70 + texture) as u8 } + grain(at as u32, nth);
    }
    for (at, (u, v)) in picture.u.iter_mut().zip(&mut picture.v).enumerate() {
        let x = at as u32 % (width / 2) + nth / 2;
        (*u, *v) = ((100 + x / 4 % 50) as u8, (150 - x / 8 % 40) as u8);
    }
    picture
}

/// 0 to 7, different for every sample of every picture.
fn grain(at: u32, nth: u32) -> u8 {
    let mixed = (at ^ nth.wrapping_mul(0x9e37_79b9)).wrapping_mul(0x85eb_ca6b);
    ((mixed ^ mixed >> 15).wrapping_mul(0xc2b2_ae35) >> 29) as u8
}

fn at(nth: u32) -> Duration {
    Duration::from_secs(1) * nth / FORMAT.fps
}

fn encode(encoder: &mut VideoEncoder, nth: u32, keyframe: bool) -> EncodedPicture {
    let picture = scene(FORMAT.width, FORMAT.height, nth);
    let encoded = encoder.encode(&picture, at(nth), keyframe).unwrap();
    encoded.expect("no picture is left out")
}

/// Peak signal to noise ratio over all samples of both pictures, in dB.
fn psnr(a: &Picture, b: &Picture) -> f64 {
    assert_eq!((a.width, a.height), (b.width, b.height));
    let planes = [(&a.y, &b.y), (&a.u, &b.u), (&a.v, &b.v)];
    let samples: usize = planes.iter().map(|(a, _)| a.len()).sum();
    let squares = |(a, b): &(&Vec<u8>, &Vec<u8>)| -> u64 {
        a.iter().zip(b.iter()).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum()
    };
    let error = planes.iter().map(squares).sum::<u64>() as f64 / samples as f64;
    10.0 * (255.0 * 255.0 / error.max(1e-3)).log10()
}

#[test]
fn ten_seconds_keep_quality_and_rate_with_one_keyframe() {
    let mut encoder = VideoEncoder::new(FORMAT, 600).unwrap();
    let mut decoder = VideoDecoder::new();
    let mut decoded = Picture::black(0, 0);
    let (mut bytes, mut quality) = (0, 0.0);
    for nth in 0..250 {
        let encoded = encode(&mut encoder, nth, false);
        assert_eq!(encoded.keyframe, nth == 0);
        bytes += encoded.data.len();
        let view = decoder.decode(&encoded.data).unwrap().expect("a picture for every unit");
        view.copy_to(&mut decoded);
        quality += psnr(&scene(FORMAT.width, FORMAT.height, nth), &decoded) / 250.0;
    }
    let kbps = bytes as f64 * 8.0 / 10.0 / 1000.0;
    println!("{quality:.2} dB, {kbps:.0} kbps");
    assert!(quality >= 34.0, "{quality:.2} dB");
    assert!((540.0..=660.0).contains(&kbps), "{kbps:.0} kbps");
}

#[test]
fn change_of_rate_takes_hold_without_a_keyframe() {
    let mut encoder = VideoEncoder::new(FORMAT, 300).unwrap();
    let mut nth = 0;
    for kbps in [300, 1200, 200, 900, 100] {
        encoder.set_bitrate(kbps).unwrap();
        let mut bytes = 0;
        for second in 0..4 {
            for _ in 0..FORMAT.fps {
                let encoded = encode(&mut encoder, nth, false);
                assert_eq!(encoded.keyframe, nth == 0);
                bytes += if second > 0 { encoded.data.len() } else { 0 };
                nth += 1;
            }
        }
        let real = bytes as f64 * 8.0 / 3.0 / 1000.0;
        println!("{kbps} -> {real:.0} kbps");
        let target = f64::from(kbps);
        assert!((target * 0.6..=target * 1.25).contains(&real), "{kbps} -> {real:.0} kbps");
    }
}

#[test]
fn noise_at_a_starving_rate_leaves_no_picture_out() {
    let mut encoder = VideoEncoder::new(FORMAT, 60).unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    for nth in 0..75 {
        let mut picture = scene(FORMAT.width, FORMAT.height, nth);
        random.fill(&mut picture.y);
        assert!(encoder.encode(&picture, at(nth), false).unwrap().is_some());
    }
}

#[test]
fn a_keyframe_comes_when_asked_for_and_starts_a_new_decoder() {
    let mut encoder = VideoEncoder::new(FORMAT, 400).unwrap();
    for nth in 0..10 {
        encode(&mut encoder, nth, false);
    }
    let keyframe = encode(&mut encoder, 10, true);
    assert!(keyframe.keyframe);
    assert!(!encode(&mut encoder, 11, false).keyframe);
    assert!(VideoDecoder::new().decode(&keyframe.data).unwrap().is_some());
}

#[test]
fn a_picture_of_another_size_starts_afresh_at_the_current_rate() {
    let mut encoder = VideoEncoder::new(FORMAT, 2000).unwrap();
    let mut decoder = VideoDecoder::new();
    encoder.set_bitrate(150).unwrap();
    let mut bytes = 0;
    for nth in 0..100 {
        let (width, height) = if nth < 25 { (320, 180) } else { (640, 360) };
        let encoded = encoder.encode(&scene(width, height, nth), at(nth), false).unwrap().unwrap();
        assert_eq!(encoded.keyframe, nth == 0 || nth == 25);
        let view = decoder.decode(&encoded.data).unwrap().unwrap();
        assert_eq!((view.width(), view.height()), (width, height));
        bytes += if nth >= 50 { encoded.data.len() } else { 0 };
    }
    let kbps = bytes as f64 * 8.0 / 2.0 / 1000.0;
    assert!(kbps < 300.0, "{kbps:.0} kbps");
}

#[test]
fn a_camera_slower_than_announced_still_gets_the_whole_rate() {
    let format = VideoFormat { fps: 30, ..FORMAT };
    let mut encoder = VideoEncoder::new(format, 300).unwrap();
    let mut bytes = 0;
    for nth in 0..90 {
        let picture = scene(format.width, format.height, nth);
        let encoded = encoder.encode(&picture, Duration::from_secs(1) * nth / 15, false).unwrap().unwrap();
        bytes += if nth >= 30 { encoded.data.len() } else { 0 };
    }
    let kbps = bytes as f64 * 8.0 / 4.0 / 1000.0;
    println!("{kbps:.0} kbps");
    assert!((255.0..=345.0).contains(&kbps), "{kbps:.0} kbps");
}
