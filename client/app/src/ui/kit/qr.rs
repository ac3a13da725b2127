//! A text as a QR picture.

use bevy::{
    asset::RenderAssetUsages,
    image::ImageSampler,
    prelude::*,
    render::render_resource::{Extent3d, TextureDimension, TextureFormat},
};

use super::radius;
use crate::ui::theme::{Ground, Token};

/// Modules of white in the picture; with the paper around it there are the four that ISO/IEC 18004 wants.
const QUIET: usize = 3;

/// The picture, one pixel a module, and its side in modules; nothing where the text is longer than a code can hold.
fn picture(text: &str) -> Option<(Image, usize)> {
    let code = engine::qr::draw(text).ok()?;
    let side = code.side + 2 * QUIET;
    let dark = |at: usize| {
        let inside = |pixel: usize| pixel.checked_sub(QUIET);
        inside(at % side).zip(inside(at / side)).is_some_and(|(x, y)| code.is_dark(x, y))
    };
    let pixel = |at| if dark(at) { [0x11, 0x11, 0x11, 0xff] } else { [0xff; 4] };
    let pixels: Vec<u8> = (0..side * side).flat_map(pixel).collect();
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

/// The picture on white paper; `side` is what it may take at most, in logical pixels.
pub fn qr_code(parent: &mut ChildSpawnerCommands<'_>, said: &str, side: usize, images: &mut Assets<Image>) {
    let Some((image, modules)) = picture(said) else {
        return;
    };
    let paper = Node {
        width: px(side as f32 + 8.0),
        height: px(side as f32 + 8.0),
        align_items: AlignItems::Center,
        justify_content: JustifyContent::Center,
        border_radius: BorderRadius::all(px(radius::TILE)),
        flex_shrink: 0.0,
        ..default()
    };
    // Whole pixels for every module.
    let side = (modules * (side / modules).max(1)) as f32;
    parent.spawn((paper, Ground(Token::Paper))).with_child((
        ImageNode::new(images.add(image)).with_mode(NodeImageMode::Stretch),
        Node { width: px(side), height: px(side), ..default() },
        Pickable::IGNORE,
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_stands_in_a_quiet_zone() {
        let (image, side) = picture("incamera://join#abc").expect("short enough");
        let data = image.data.expect("not yet on the GPU");
        let dark = |x: usize, y: usize| data[(y * side + x) * 4] < 128;
        assert!((0..side).all(|i| !dark(i, 2) && !dark(2, i)));
        assert!(dark(QUIET, QUIET));
    }

    #[test]
    fn a_text_that_no_code_can_hold_has_no_picture() {
        assert!(picture(&"x".repeat(4000)).is_none());
    }
}
