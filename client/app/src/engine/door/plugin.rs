//! One system lets what happened in, one lets wishes out.

use bevy::prelude::*;
use engine::api::Event;

use super::{Door, Happened, Wished};
use crate::ui::power::{Settles, Stirred, Waker};

/// Lets events in, before anything of the frame looks at them.
#[derive(SystemSet, Clone, PartialEq, Eq, Hash, Debug)]
pub struct EventsIn;

/// Lets wishes out, after everything of the frame has made them.
#[derive(SystemSet, Clone, PartialEq, Eq, Hash, Debug)]
pub struct WishesOut;

pub fn plugin(app: &mut App) {
    app.add_message::<Happened>()
        .add_message::<Wished>()
        .add_systems(PreUpdate, let_in.in_set(EventsIn))
        .add_systems(PostUpdate, let_out.in_set(WishesOut))
        .add_systems(Last, stir.before(Settles));
}

/// The largest number of events in one frame; the rest wait for the next one.
const MOST: usize = 256;

fn let_in(mut door: ResMut<Door>, waker: Res<Waker>, mut happened: MessageWriter<Happened>) {
    waker.awake();
    let Some(session) = door.bypass_change_detection().session.get() else {
        return;
    };
    for _ in 0..MOST {
        match session.next_event() {
            Some(event) => happened.write(Happened(event)),
            None => return,
        };
    }
    waker.wake();
}

fn let_out(mut door: ResMut<Door>, mut wished: MessageReader<Wished>) {
    let Some(session) = door.bypass_change_detection().session.get() else {
        wished.clear();
        return;
    };
    for wish in wished.read() {
        session.wish(wish.0.clone());
    }
}

/// An event may need more than one frame to come to rest, except the events that come many times a second.
fn stir(mut happened: MessageReader<Happened>, mut stirred: MessageWriter<Stirred>) {
    if happened.read().any(|event| !matches!(event.0, Event::MicrophoneLevel { .. } | Event::Figures(_))) {
        stirred.write(Stirred);
    }
}
