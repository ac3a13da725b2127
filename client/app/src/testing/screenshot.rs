//! Saves the window's picture after a while and exits.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bevy::{
    prelude::*,
    render::view::screenshot::{Screenshot, ScreenshotCaptured, save_to_disk},
    window::RequestRedraw,
};

use crate::ui::power::{Quit, Waker};

/// When to take the picture, and where it goes.
#[derive(Resource, Clone)]
pub struct Photograph {
    pub path: PathBuf,
    pub after: Duration,
}

/// Set by the clock's thread: the window's own time stands still while nothing is drawn.
#[derive(Resource, Default)]
struct Due(Arc<AtomicBool>);

pub fn plugin(app: &mut App) {
    app.init_resource::<Due>().add_systems(PostStartup, wake_in_time).add_systems(Update, take);
}

/// Nothing else may wake an idle window.
fn wake_in_time(photograph: Res<Photograph>, due: Res<Due>, waker: Res<Waker>) {
    let (after, due, waker) = (photograph.after, Arc::clone(&due.0), waker.clone());
    std::thread::spawn(move || {
        std::thread::sleep(after);
        due.store(true, Ordering::Release);
        waker.wake();
    });
}

fn take(
    mut commands: Commands,
    photograph: Res<Photograph>,
    due: Res<Due>,
    mut taken: Local<bool>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    if !due.0.load(Ordering::Acquire) {
        return;
    }
    // The picture comes back from the GPU some frames later.
    redraw.write(RequestRedraw);
    if std::mem::replace(&mut *taken, true) {
        return;
    }
    let mut save = save_to_disk(photograph.path.clone());
    commands.spawn(Screenshot::primary_window()).observe(
        move |captured: On<ScreenshotCaptured>, mut acts: MessageWriter<Quit>| {
            save(captured);
            acts.write(Quit::Surely);
        },
    );
}
