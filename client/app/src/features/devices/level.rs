//! The bar that shows how loud the microphone hears.

use bevy::prelude::*;

use super::shown;
use crate::engine::mirror::Own;

#[derive(Component)]
pub struct LevelBar;

pub fn plugin(app: &mut App) {
    app.add_systems(Update, show.run_if(shown));
}

fn show(own: Res<Own>, mut bars: Query<&mut Node, With<LevelBar>>) {
    for mut bar in &mut bars {
        let width = percent((own.level.clamp(0.0, 1.0) * 100.0).round());
        if bar.width != width {
            bar.width = width;
        }
    }
}
