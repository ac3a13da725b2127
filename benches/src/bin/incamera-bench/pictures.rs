//! How good pictures are by size and rate: what the encoder and decoder leave of a clip.

use std::path::Path;
use std::time::Duration;

use media::{
    Picture,
    capture::{CameraSource, VideoFormat},
    decode::VideoDecoder,
    encode::VideoEncoder,
};

use crate::{Failed, clips, report::PictureQuality};

/// Sizes of layers, with rates from poor to plenty.
const LADDER: [(u32, u32, [u32; 3]); 3] =
    [(320, 180, [75, 150, 300]), (640, 360, [250, 500, 800]), (1280, 720, [800, 1500, 2500])];
const FPS: u32 = 25;
const CLIP: Duration = Duration::from_secs(4);
/// Rate control and the first keyframe are not what is asked about.
const SETTLE: Duration = Duration::from_secs(1);

pub fn measure(clip: &Path) -> Result<Vec<PictureQuality>, Failed> {
    let mut measured = Vec::new();
    for (width, height, rates) in LADDER {
        let format = VideoFormat { width, height, fps: FPS };
        let pictures = clips::pictures(&CameraSource::Clip(clip.to_owned()), format, CLIP)?;
        measured.extend(rates.into_iter().map(|kbps| at_rate(format, kbps, &pictures)));
    }
    Ok(measured)
}

fn at_rate(format: VideoFormat, kbps: u32, pictures: &[(Duration, Picture)]) -> PictureQuality {
    let mut encoder = VideoEncoder::new(format, kbps).expect("a format that can be encoded");
    let (mut decoder, mut shown) = (VideoDecoder::new(), Picture::black(2, 2));
    let (mut bytes, mut psnr, mut similar) = (0, Vec::new(), Vec::new());
    let (mut skipped, mut counted) = (0, 0);
    for (at, picture) in pictures {
        let unit = encoder.encode(picture, *at, false).expect("a picture of the right size");
        if let Some(unit) = &unit
            && let Some(view) = decoder.decode(&unit.data).expect("our own unit")
        {
            view.copy_to(&mut shown);
        }
        if *at < SETTLE {
            continue;
        }
        counted += 1;
        skipped += u32::from(unit.is_none());
        bytes += unit.map_or(0, |unit| unit.data.len());
        // Of one that was left out, the one before it is seen.
        psnr.push(peak_signal_to_noise(picture, &shown));
        similar.push(similarity(picture, &shown));
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let seconds = (CLIP - SETTLE).as_secs_f64();
    PictureQuality {
        width: format.width,
        height: format.height,
        asked_kbps: kbps,
        kbps: bytes as f64 * 8.0 / 1000.0 / seconds,
        psnr_db: mean(&psnr),
        ssim: mean(&similar),
        skipped: f64::from(skipped) / f64::from(counted.max(1)),
    }
}

/// In dB, of the luma: it is what the eye sees sharpest, and what others publish.
fn peak_signal_to_noise(a: &Picture, b: &Picture) -> f64 {
    let squares: u64 = a.y.iter().zip(&b.y).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
    let error = squares as f64 / a.y.len().max(1) as f64;
    10.0 * (255.0 * 255.0 / error.max(1e-3)).log10()
}

/// Structural similarity of the luma (Wang et al., 2004), over windows of 8x8 pixels, four apart; 1 is the same.
fn similarity(a: &Picture, b: &Picture) -> f64 {
    const WINDOW: usize = 8;
    const APART: usize = 4;
    let (width, height) = (a.width as usize, a.height as usize);
    let (mut sum, mut windows) = (0.0, 0);
    for top in (0..=height - WINDOW).step_by(APART) {
        for left in (0..=width - WINDOW).step_by(APART) {
            let rows = (top..top + WINDOW).map(|row| row * width + left);
            sum += window(rows.flat_map(|at| at..at + WINDOW).map(|at| (a.y[at].into(), b.y[at].into())));
            windows += 1;
        }
    }
    sum / f64::from(windows.max(1))
}

fn window(pixels: impl Iterator<Item = (f64, f64)>) -> f64 {
    const STEADY: f64 = (0.01 * 255.0) * (0.01 * 255.0);
    const STEADY_CONTRAST: f64 = (0.03 * 255.0) * (0.03 * 255.0);
    let (mut count, mut a, mut b, mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, y) in pixels {
        (count, a, b) = (count + 1.0, a + x, b + y);
        (aa, bb, ab) = (aa + x * x, bb + y * y, ab + x * y);
    }
    let (a, b) = (a / count, b / count);
    let (spread_a, spread_b, together) = (aa / count - a * a, bb / count - b * b, ab / count - a * b);
    (2.0 * a * b + STEADY) * (2.0 * together + STEADY_CONTRAST)
        / ((a * a + b * b + STEADY) * (spread_a + spread_b + STEADY_CONTRAST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn textured(change: impl Fn(u8) -> u8) -> Picture {
        let mut picture = Picture::black(64, 48);
        picture.y.iter_mut().enumerate().for_each(|(at, y)| *y = change((at * at / 7 % 200) as u8));
        picture
    }

    #[test]
    fn picture_is_less_like_one_that_lost_its_detail() {
        let whole = textured(|y| y);
        assert!(similarity(&whole, &whole) > 0.9999 && peak_signal_to_noise(&whole, &whole) > 75.0);
        let (coarse, flat) = (textured(|y| y & !15), textured(|_| 100));
        let order = [similarity(&whole, &coarse), similarity(&whole, &flat)];
        assert!(order[0] > 0.9 && order[1] < 0.2, "{order:?}");
    }

    #[test]
    fn one_step_off_everywhere_is_48_decibels() {
        let (one, other) = (textured(|y| y), textured(|y| y + 1));
        assert!((peak_signal_to_noise(&one, &other) - 48.13).abs() < 0.01);
    }
}
