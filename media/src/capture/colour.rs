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
const MAX_SIDE: usize = 4096;

/// Turns a camera's buffer into `picture`. `None`: the buffer is broken, as the first of a camera often are.
pub(super) fn convert(format: FrameFormat, data: &[u8], size: (u32, u32), picture: &mut Picture) -> Option<()> {
    let (width, height) = (size.0 & !1, size.1 & !1);
    match format {
        FrameFormat::YUYV => {
            resize(picture, width, height);
            let stride = size.0.div_ceil(2) * 4;
            let packed =
                YuvPackedImage { yuy: data.get(..(stride * height) as usize)?, yuy_stride: stride, width, height };
            yuyv422_to_yuv420(&mut planes(picture), &packed).ok()?;
            bt601_to_bt709(picture);
        }
        FrameFormat::NV12 => {
            resize(picture, width, height);
            nv12(data, size, picture)?;
            bt601_to_bt709(picture);
        }
        FrameFormat::MJPEG => jpeg(data, picture)?,
        _ => return None,
    }
    Some(())
}

fn resize(picture: &mut Picture, width: u32, height: u32) {
    if (picture.width, picture.height) != (width, height) {
        *picture = Picture::black(width, height);
    }
}

fn planes(picture: &mut Picture) -> YuvPlanarImageMut<'_, u8> {
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

fn nv12(data: &[u8], size: (u32, u32), picture: &mut Picture) -> Option<()> {
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
    Some(())
}

fn jpeg(data: &[u8], picture: &mut Picture) -> Option<()> {
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(ColorSpace::RGB)
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(data), options);
    let rgb = decoder.decode().ok()?;
    let info = decoder.info()?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    if width < 2 || height < 2 || rgb.len() < (width * height * 3) as usize {
        return None;
    }
    resize(picture, width & !1, height & !1);
    // JPEG is full-range BT.601; RGB in between makes it what pictures are.
    let (range, matrix) = (YuvRange::Limited, YuvStandardMatrix::Bt709);
    rgb_to_yuv420(&mut planes(picture), &rgb, width * 3, range, matrix, YuvConversionMode::Balanced).ok()
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
mod tests {
    use super::*;

    /// Red in BT.601 of limited range, and in BT.709.
    const RED_601: [u8; 3] = [81, 90, 240];
    const RED_709: [u8; 3] = [63, 102, 240];

    fn assert_red(picture: &Picture) {
        let near = |samples: &[u8], value: u8| samples.iter().all(|sample| sample.abs_diff(value) <= 1);
        let [y, u, v] = RED_709;
        assert!(near(&picture.y, y) && near(&picture.u, u) && near(&picture.v, v));
    }

    #[test]
    fn red_stays_red_from_yuyv_and_nv12() {
        let [y, u, v] = RED_601;
        let mut picture = Picture::black(2, 2);
        let yuyv = [y, u, y, v].repeat(16 * 16 / 2);
        assert!(convert(FrameFormat::YUYV, &yuyv, (16, 16), &mut picture).is_some());
        assert_red(&picture);
        let nv12 = [vec![y; 256], [u, v].repeat(64)].concat();
        assert!(convert(FrameFormat::NV12, &nv12, (16, 16), &mut picture).is_some());
        assert_red(&picture);
    }

    #[test]
    fn short_and_garbled_buffers_are_left_out() {
        let mut picture = Picture::black(2, 2);
        for format in READABLE {
            for data in [&[][..], &[0xff, 0xd8, 0xff, 0xe0], &[7; 100]] {
                assert!(convert(format, data, (640, 480), &mut picture).is_none());
            }
        }
    }
}
