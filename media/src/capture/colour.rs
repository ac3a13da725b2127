//! From what cameras give to pictures: YUYV and NV12 by planes, MJPEG by way of RGB.

use nokhwa::utils::FrameFormat;
use yuv::{
    BufferStoreMut, YuvConversionMode, YuvPackedImage, YuvPlanarImageMut, YuvRange, YuvStandardMatrix, rgb_to_yuv420,
    yuyv422_to_yuv420,
};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::picture::Picture;

/// The formats that are read, the cheapest first.
pub(super) const READABLE: [FrameFormat; 3] = [FrameFormat::NV12, FrameFormat::YUYV, FrameFormat::MJPEG];

/// The widest and highest picture a camera may send, in pixels.
const MAX_SIDE: u32 = 4096;

/// After this many JPEGs, none of them whole and by the book, a camera counts as one that has a book of its own.
const STRANGE: u32 = 10;

/// Turns the buffers of one camera into pictures.
#[derive(Default)]
pub(super) struct Converter {
    /// JPEGs that were not by the book, before the first that was.
    strange: u32,
    by_the_book: bool,
}

impl Converter {
    /// Turns a buffer into `picture`, its odd last column and row left out. `None`: the buffer is broken, as the first of a
    /// camera often are, and the picture is of no use.
    pub(super) fn convert(
        &mut self,
        format: FrameFormat,
        data: &[u8],
        size: (u32, u32),
        picture: &mut Picture,
    ) -> Option<()> {
        match format {
            FrameFormat::YUYV => yuyv(data, size, picture),
            FrameFormat::NV12 => nv12(data, size, picture),
            FrameFormat::MJPEG => self.jpeg(data, picture),
            _ => None,
        }
    }

    /// A buffer that was cut short still decodes, to a picture that is grey from there on: so only a whole one counts. Some
    /// cameras never send one by the book; theirs are shown as they are.
    fn jpeg(&mut self, data: &[u8], picture: &mut Picture) -> Option<()> {
        if is_whole(data) && jpeg(data, true, picture).is_some() {
            self.by_the_book = true;
            return Some(());
        }
        if self.by_the_book || self.strange < STRANGE {
            self.strange = self.strange.saturating_add(1);
            return None;
        }
        jpeg(data, false, picture)
    }
}

/// Makes `picture` as large as a buffer of `size`; `None` if that is no size of a picture.
fn resize(picture: &mut Picture, size: (u32, u32)) -> Option<()> {
    if !(2..=MAX_SIDE).contains(&size.0) || !(2..=MAX_SIDE).contains(&size.1) {
        return None;
    }
    let (width, height) = (size.0 & !1, size.1 & !1);
    if (picture.width, picture.height) != (width, height) {
        *picture = Picture::black(width, height);
    }
    Some(())
}

pub(super) fn planes(picture: &mut Picture) -> YuvPlanarImageMut<'_, u8> {
    let (width, height) = (picture.width, picture.height);
    YuvPlanarImageMut {
        y_plane: BufferStoreMut::Borrowed(&mut picture.y),
        y_stride: width,
        u_plane: BufferStoreMut::Borrowed(&mut picture.u),
        u_stride: width / 2,
        v_plane: BufferStoreMut::Borrowed(&mut picture.v),
        v_stride: width / 2,
        width,
        height,
    }
}

fn yuyv(data: &[u8], size: (u32, u32), picture: &mut Picture) -> Option<()> {
    resize(picture, size)?;
    // Two pixels share their colours, so an odd line has half of a pair too many.
    let yuy_stride = size.0.div_ceil(2) * 4;
    let (width, height) = (picture.width, picture.height);
    let yuy = data.get(..(yuy_stride * height) as usize)?;
    let packed = YuvPackedImage { yuy, yuy_stride, width, height };
    yuyv422_to_yuv420(&mut planes(picture), &packed).ok()?;
    bt601_to_bt709(picture);
    Some(())
}

fn nv12(data: &[u8], size: (u32, u32), picture: &mut Picture) -> Option<()> {
    resize(picture, size)?;
    let (stride, rows) = (size.0 as usize, size.1 as usize);
    let (luma, chroma) = data.split_at_checked(stride * rows)?;
    let width = picture.width as usize;
    for (to, from) in picture.y.chunks_exact_mut(width).zip(luma.chunks_exact(stride)) {
        to.copy_from_slice(&from[..width]);
    }
    let chroma_stride = stride.next_multiple_of(2);
    let needed = chroma_stride * (picture.height as usize / 2);
    let lines = picture.u.chunks_exact_mut(width / 2).zip(picture.v.chunks_exact_mut(width / 2));
    for ((u, v), pairs) in lines.zip(chroma.get(..needed)?.chunks_exact(chroma_stride)) {
        for ((u, v), pair) in u.iter_mut().zip(v).zip(pairs.chunks_exact(2)) {
            (*u, *v) = (pair[0], pair[1]);
        }
    }
    bt601_to_bt709(picture);
    Some(())
}

/// Whether a JPEG has its end. Cameras fill up their buffers with zeros.
fn is_whole(data: &[u8]) -> bool {
    let end = data.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    data[..end].ends_with(&[0xff, 0xd9])
}

fn jpeg(data: &[u8], strict: bool, picture: &mut Picture) -> Option<()> {
    let options = DecoderOptions::default()
        .set_strict_mode(strict)
        .jpeg_set_out_colorspace(ColorSpace::RGB)
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(data), options);
    let rgb = decoder.decode().ok()?;
    let info = decoder.info()?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    resize(picture, (width, height))?;
    // JPEG is full-range BT.601; RGB in between makes it what pictures are.
    let rgb = rgb.get(..(width * height * 3) as usize)?;
    let (range, matrix) = (YuvRange::Limited, YuvStandardMatrix::Bt709);
    rgb_to_yuv420(&mut planes(picture), rgb, width * 3, range, matrix, YuvConversionMode::Balanced).ok()
}

/// Cameras speak BT.601, whatever their size; pictures are BT.709, both of limited range.
fn bt601_to_bt709(picture: &mut Picture) {
    let width = picture.width as usize;
    let chroma = picture.u.chunks_exact_mut(width / 2).zip(picture.v.chunks_exact_mut(width / 2));
    for (lines, (u, v)) in picture.y.chunks_exact_mut(width * 2).zip(chroma) {
        let (upper, lower) = lines.split_at_mut(width);
        let luma = upper.chunks_exact_mut(2).zip(lower.chunks_exact_mut(2));
        for ((u, v), (upper, lower)) in u.iter_mut().zip(v).zip(luma) {
            let (blue, red) = (i32::from(*u) - 128, i32::from(*v) - 128);
            // The product of BT.709's matrix and the inverse of BT.601's, in 1/4096.
            let brighter = (-484 * blue - 871 * red + 2048) >> 12;
            for sample in upper.iter_mut().chain(lower) {
                *sample = (i32::from(*sample) + brighter).clamp(0, 255) as u8;
            }
            *u = (128 + ((4172 * blue + 469 * red + 2048) >> 12)).clamp(0, 255) as u8;
            *v = (128 + ((307 * blue + 4200 * red + 2048) >> 12)).clamp(0, 255) as u8;
        }
    }
}

#[cfg(test)]
mod tests;
