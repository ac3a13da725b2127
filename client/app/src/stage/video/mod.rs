//! Pictures on the screen: three planes that the GPU turns into colours.

mod plugin;

use bevy::{
    asset::RenderAssetUsages,
    prelude::*,
    render::render_resource::{AsBindGroup, Extent3d, TextureDimension, TextureFormat},
    shader::ShaderRef,
};
use engine::Tile;
pub use plugin::{VideoRenderPlugin, plugin};

use crate::ui::{embedded::VIDEO_SHADER, kit::radius};

/// The place where a tile's newest picture is shown; invisible until there is one.
#[derive(Component)]
pub struct Video {
    pub whose: Tile,
    pub mirrored: bool,
    /// All of the picture is shown, and not cut off to fill its place.
    pub whole: bool,
    /// Width and height of the planes that are on the GPU.
    pub size: Option<UVec2>,
}

impl Video {
    /// Fills its parent.
    pub fn of(whose: Tile, mirrored: bool) -> impl Bundle {
        Self { whose, mirrored, whole: false, size: None }.placed()
    }

    /// Fills its parent as far as the picture's shape lets it: of a text nothing may be cut off.
    pub fn whole(whose: Tile) -> impl Bundle {
        Self { whose, mirrored: false, whole: true, size: None }.placed()
    }

    fn placed(self) -> impl Bundle {
        (
            self,
            Node {
                position_type: PositionType::Absolute,
                display: Display::None,
                left: px(0),
                top: px(0),
                width: percent(100),
                height: percent(100),
                border_radius: BorderRadius::all(px(radius::TILE)),
                ..default()
            },
            Pickable::IGNORE,
        )
    }
}

/// The planes of a picture.
#[derive(Asset, AsBindGroup, TypePath, Clone)]
pub struct Planes {
    #[texture(0)]
    #[sampler(1)]
    pub y: Handle<Image>,
    #[texture(2)]
    pub u: Handle<Image>,
    #[texture(3)]
    pub v: Handle<Image>,
    /// `x`: 1.0 where the picture is mirrored. `y`: 1.0 where all of it is shown.
    #[uniform(4)]
    pub look: Vec4,
}

impl UiMaterial for Planes {
    fn fragment_shader() -> ShaderRef {
        VIDEO_SHADER.into()
    }
}

/// A plane of one byte a sample, that goes to the GPU and is not kept.
fn plane(width: u32, height: u32, samples: Vec<u8>) -> Image {
    let size = Extent3d { width, height, depth_or_array_layers: 1 };
    Image::new(size, TextureDimension::D2, samples, TextureFormat::R8Unorm, RenderAssetUsages::RENDER_WORLD)
}
