//! Takes new pictures, and only new ones, to the GPU.

use bevy::prelude::*;
use engine::{Tile, api::Picture};

use super::{Planes, Video, plane};
use crate::{
    engine::{
        door::{Door, EventsIn},
        mirror::{Known, Me, OnStage, Own, Person},
    },
    stage::scan::Scanner,
};

pub fn plugin(app: &mut App) {
    app.add_systems(PreUpdate, upload.after(EventsIn)).add_systems(Update, show);
}

/// What goes with the planes.
pub struct VideoRenderPlugin;

impl Plugin for VideoRenderPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins(UiMaterialPlugin::<Planes>::default());
    }
}

fn upload(
    mut commands: Commands,
    mut door: ResMut<Door>,
    mut videos: Query<(Entity, &mut Video, Option<&MaterialNode<Planes>>)>,
    mut images: ResMut<Assets<Image>>,
    mut materials: ResMut<Assets<Planes>>,
    mut scanner: ResMut<Scanner>,
    time: Res<Time<Real>>,
) {
    for (entity, mut video, material) in &mut videos {
        let Some(picture) = door.bypass_change_detection().take(video.whose) else {
            continue;
        };
        let size = UVec2::new(picture.width, picture.height);
        if !whole(&picture) {
            continue;
        }
        if video.whose == Tile::Me {
            scanner.bypass_change_detection().offer(&picture, time.elapsed_secs_f64());
        }
        let known = material.and_then(|material| materials.get(&material.0));
        match known {
            Some(planes) if video.size == Some(size) => {
                let [y, u, v] = [&planes.y, &planes.u, &planes.v].map(Handle::id);
                for (plane, samples) in [(y, picture.y), (u, picture.u), (v, picture.v)] {
                    if let Some(mut image) = images.get_mut(plane) {
                        image.data = Some(samples);
                    }
                }
            }
            // Another size means other textures, and a material holds on to the ones it was made with: so a new one.
            _ => {
                let half = size / 2;
                let is = |so: bool| if so { 1.0 } else { 0.0 };
                let look = Vec4::new(is(video.mirrored), is(video.whole), 0.0, 0.0);
                let planes = Planes {
                    y: images.add(plane(size.x, size.y, picture.y)),
                    u: images.add(plane(half.x, half.y, picture.u)),
                    v: images.add(plane(half.x, half.y, picture.v)),
                    look,
                };
                commands.entity(entity).insert(MaterialNode(materials.add(planes)));
                video.size = Some(size);
            }
        }
    }
}

/// Whether the planes are as large as the picture says.
fn whole(picture: &Picture) -> bool {
    let luma = picture.width as usize * picture.height as usize;
    luma > 0 && picture.y.len() == luma && picture.u.len() == luma / 4 && picture.v.len() == luma / 4
}

/// A picture shows while its camera is on and one has come; the last one of a camera that went off does not stay.
fn show(
    own: Res<Own>,
    people: Query<(&Person, &Known), (With<OnStage>, Without<Me>)>,
    mut videos: Query<(&mut Video, &mut Node)>,
) {
    for (video, mut node) in &mut videos {
        let on = match video.whose {
            Tile::Me => own.camera_on && !own.camera_lost,
            Tile::Member(member) => people
                .iter()
                .any(|(person, known)| person.member == member && known.0.camera_on && !known.0.camera_paused),
            Tile::Screen(member) => people.iter().any(|(person, known)| person.member == member && known.0.screen_on),
        };
        let display = if on && video.size.is_some() { Display::Flex } else { Display::None };
        if node.display != display {
            node.display = display;
        }
    }
}
