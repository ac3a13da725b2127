//! Saves the window's picture after a while and exits.

use std::{path::PathBuf, time::Duration};

use bevy::{
    prelude::*,
    render::view::screenshot::{Screenshot, ScreenshotCaptured, save_to_disk},
    window::RequestRedraw,
};

use crate::power::Waker;

/// When to take the picture, and where it goes.
#[derive(Resource, Clone)]
pub struct Photograph {
    pub path: PathBuf,
    pub after: Duration,
}

#[derive(Resource, Default)]
struct Taken(bool);

pub fn plugin(app: &mut App) {
    app.init_resource::<Taken>()
        .add_systems(PostStartup, wake_in_time)
        .add_systems(Update, take);
}

/// Nothing else may wake an idle window.
fn wake_in_time(photograph: Res<Photograph>, waker: Res<Waker>) {
    let (after, waker) = (photograph.after, waker.clone());
    std::thread::spawn(move || {
        std::thread::sleep(after);
        waker.awake();
        waker.wake();
    });
}

fn take(
    mut commands: Commands,
    photograph: Res<Photograph>,
    time: Res<Time<Real>>,
    mut taken: ResMut<Taken>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    // The thread that wakes us may be a little early by this clock.
    if time.elapsed() + Duration::from_millis(50) < photograph.after {
        return;
    }
    redraw.write(RequestRedraw);
    if taken.0 {
        return;
    }
    taken.0 = true;
    let path = photograph.path.clone();
    let mut save = save_to_disk(path);
    commands.spawn(Screenshot::primary_window()).observe(
        move |captured: On<ScreenshotCaptured>, mut exit: MessageWriter<AppExit>| {
            save(captured);
            exit.write(AppExit::Success);
        },
    );
}
