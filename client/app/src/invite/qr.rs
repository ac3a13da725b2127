//! An invitation as a QR picture.

use bevy::{
    asset::RenderAssetUsages,
    image::ImageSampler,
    prelude::*,
    render::render_resource::{Extent3d, TextureDimension, TextureFormat},
};
use qrcode::{Color, EcLevel, QrCode};

/// Modules of white in the picture; with the paper around it there are the four that ISO/IEC 18004 wants.
const QUIET: usize = 2;

/// The picture, one pixel a module, and its side in modules; nothing where the text is longer than a code can hold.
pub fn picture(text: &str) -> Option<(Image, usize)> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let (inner, side) = (code.width(), code.width() + 2 * QUIET);
    let mut pixels = vec![255_u8; side * side * 4];
    for (index, module) in code.to_colors().into_iter().enumerate() {
        if module == Color::Dark {
            let (x, y) = (index % inner + QUIET, index / inner + QUIET);
            pixels[(y * side + x) * 4..][..3].fill(0x11);
        }
    }
    let mut image = Image::new(
        Extent3d { width: side as u32, height: side as u32, depth_or_array_layers: 1 },
        TextureDimension::D2,
        pixels,
        TextureFormat::Rgba8UnormSrgb,
        RenderAssetUsages::RENDER_WORLD,
    );
    image.sampler = ImageSampler::nearest();
    Some((image, side))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_stands_in_a_quiet_zone() {
        let (image, side) = picture("incamera://join#abc").expect("short enough");
        let data = image.data.expect("not yet on the GPU");
        let dark = |x: usize, y: usize| data[(y * side + x) * 4] < 128;
        assert!((0..side).all(|i| !dark(i, 1) && !dark(1, i)));
        assert!(dark(QUIET, QUIET));
    }

    #[test]
    fn a_text_that_no_code_can_hold_has_no_picture() {
        assert!(picture(&"x".repeat(4000)).is_none());
    }
}
