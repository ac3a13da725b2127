//! From a picture to a text.

use std::{
    fs::{self, File},
    io::{Cursor, Read},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, ImageReader, Limits, Luma, imageops};
use rqrr::PreparedImage;

use super::{MEGABYTES, MEGAPIXELS, QrError, bitmap::Bitmap, finders};

/// Longest side at which a code is looked for, in pixels. The cost of looking grows with the square of it.
const LONGEST_SIDE: u32 = 1600;
/// A code has 21 modules or more on a side.
const SHORTEST_SIDE: u32 = 21;
/// Each time at half the size: this smooths noise, and narrows a code that is too near.
const SIZES: usize = 3;
/// Per cent of its surroundings below which a pixel is dark: for pale codes, and for noisy pictures.
const CONTRASTS: [u64; 2] = [95, 85];
/// The same for a picture that no camera took.
const SHARP: &[u64] = &[85];
/// From one tile of a large picture to the next, in pixels: a code up to this wide is whole in one of them. A wider one
/// is found when the picture is shrunk.
const STEP: u32 = LONGEST_SIDE / 2;

/// Reads the code in a PNG or JPEG file; of several codes the one that is an invitation.
///
/// It may stand in any direction, be light on dark, and have no background of its own.
pub fn read_file(path: &Path) -> Result<String, QrError> {
    // Neither a device nor a pipe has an end that we should wait for, and opening a pipe waits for its writer.
    if !fs::metadata(path).map_err(QrError::Unreadable)?.is_file() {
        return Err(QrError::NotAPicture);
    }
    let file = File::open(path).map_err(QrError::Unreadable)?;
    let limit = MEGABYTES * 1_000_000;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(QrError::Unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(QrError::TooLarge);
    }
    let picture = guarded(|| decode(&bytes)).ok_or(QrError::NotAPicture)??;
    let is_large = picture.width().max(picture.height()) > LONGEST_SIDE;
    let large = is_large.then(|| picture.clone());
    search(picture).or_else(|| search_tiles(&large?)).ok_or(QrError::NoCode)
}

/// Reads the code in the luma plane of a picture from the camera: `height` rows of `width` bytes, `stride` bytes apart.
///
/// `None` where there is no readable code, or where `luma` is shorter than it should be. A picture without a
/// code takes some tenths of a second: not for the thread that draws.
pub fn read_luma(width: usize, height: usize, stride: usize, luma: &[u8]) -> Option<String> {
    if width == 0 || stride < width || (width as u64).checked_mul(height as u64)? > MEGAPIXELS * 1_000_000 {
        return None;
    }
    let mut pixels = Vec::with_capacity(width * height);
    for row in 0..height {
        let start = row.checked_mul(stride)?;
        pixels.extend_from_slice(luma.get(start..start.checked_add(width)?)?);
    }
    search(GrayImage::from_raw(width.try_into().ok()?, height.try_into().ok()?, pixels)?)
}

fn decode(bytes: &[u8]) -> Result<GrayImage, QrError> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(QrError::Unreadable)?;
    let mut limits = Limits::default();
    // 16 bits of each of red, green, blue and alpha are eight bytes a pixel.
    limits.max_alloc = Some(8 * MEGAPIXELS * 1_000_000);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(refusal)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MEGAPIXELS * 1_000_000 {
        return Err(QrError::TooLarge);
    }
    Ok(grey(DynamicImage::from_decoder(decoder).map_err(refusal)?))
}

fn refusal(why: ImageError) -> QrError {
    match why {
        ImageError::Limits(_) => QrError::TooLarge,
        _ => QrError::NotAPicture,
    }
}

/// As seen on white paper.
fn grey(picture: DynamicImage) -> GrayImage {
    if !picture.has_alpha() {
        return picture.into_luma8();
    }
    let seen = picture.into_luma_alpha8();
    GrayImage::from_fn(seen.width(), seen.height(), |x, y| {
        let [luma, alpha] = seen.get_pixel(x, y).0.map(u16::from);
        Luma([((luma * alpha + 255 * (255 - alpha)) / 255) as u8])
    })
}

/// Looks at several sizes, at each with weak and with strong contrast.
fn search(picture: GrayImage) -> Option<String> {
    let longest = picture.width().max(picture.height());
    let mut picture = if longest > LONGEST_SIDE {
        let side = |length: u32| (u64::from(length) * u64::from(LONGEST_SIDE) / u64::from(longest)).max(1) as u32;
        imageops::thumbnail(&picture, side(picture.width()), side(picture.height()))
    } else {
        picture
    };
    for _ in 0..SIZES {
        if picture.width().min(picture.height()) < SHORTEST_SIDE {
            return None;
        }
        if let Some(text) = in_both_tones(&picture, &CONTRASTS) {
            return Some(text);
        }
        picture = imageops::thumbnail(&picture, picture.width() / 2, picture.height() / 2);
    }
    None
}

/// Looks at a large picture piece by piece in its full size: a code in a screenshot is small and sharp.
fn search_tiles(picture: &GrayImage) -> Option<String> {
    let starts = |side: u32| {
        let last = side.saturating_sub(LONGEST_SIDE);
        (0..side.saturating_sub(STEP).max(1)).step_by(STEP as usize).map(move |start| start.min(last))
    };
    let (width, height) = (picture.width().min(LONGEST_SIDE), picture.height().min(LONGEST_SIDE));
    starts(picture.height()).find_map(|top| {
        starts(picture.width()).find_map(|left| {
            let tile = imageops::crop_imm(picture, left, top, width, height).to_image();
            in_both_tones(&tile, SHARP)
        })
    })
}

/// A dark code on light, or else a light one on dark.
fn in_both_tones(picture: &GrayImage, contrasts: &[u64]) -> Option<String> {
    let in_one_tone = |picture: &GrayImage| contrasts.iter().find_map(|percent| codes(&Bitmap::new(picture, *percent)));
    in_one_tone(picture).or_else(|| {
        let mut negative = picture.clone();
        imageops::invert(&mut negative);
        in_one_tone(&negative)
    })
}

/// The invitation among the codes of a picture, or else the first that can be read.
fn codes(bitmap: &Bitmap) -> Option<String> {
    if finders::are_too_many(bitmap) {
        return None;
    }
    guarded(|| {
        let mut prepared = PreparedImage::prepare_from_bitmap(bitmap.width, bitmap.height, |x, y| bitmap.is_dark(x, y));
        let mut texts = Vec::new();
        for grid in prepared.detect_grids() {
            texts.extend(grid.decode().ok().map(|(_, text)| text));
        }
        let invitation = texts.iter().position(|text| is_invitation(text)).unwrap_or(0);
        (!texts.is_empty()).then(|| texts.swap_remove(invitation))
    })
    .flatten()
}

fn is_invitation(text: &str) -> bool {
    const SCHEME: &str = "incamera:";
    text.to_ascii_lowercase().contains(SCHEME)
}

/// The libraries count on what a picture says of itself in more places than anybody has looked at.
fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).ok()
}
