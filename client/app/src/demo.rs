//! The demo room: invites simulated guests as soon as we are in.

use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
use engine::api::{Event, Wish};

use crate::{
    door::{Company, Door, Happened, Wished},
    notice::Notice,
    power::Waker,
    screen::{Journey, Screen},
    words::Words,
};

/// The guests, from when they are asked until the room is left.
#[derive(Resource, Default)]
struct Hosting {
    asked: bool,
    /// Filled by a thread of its own: starting three engines takes a moment.
    guests: Arc<Mutex<Option<Result<Box<dyn Company>, engine::StartError>>>>,
}

pub fn plugin(app: &mut App) {
    app.init_resource::<Hosting>()
        .add_systems(Update, (invite, host, excuse).chain())
        .add_systems(OnExit(Screen::Room), part);
}

fn invite(mut happened: MessageReader<Happened>, journey: Res<Journey>, mut wishes: MessageWriter<Wished>) {
    for event in happened.read() {
        if matches!(event.0, Event::Entered { .. }) && journey.is_demo() {
            wishes.write(Wished(Wish::Invite));
        }
    }
}

fn host(
    mut happened: MessageReader<Happened>,
    journey: Res<Journey>,
    mut hosting: ResMut<Hosting>,
    mut door: ResMut<Door>,
    waker: Res<Waker>,
) {
    for event in happened.read() {
        let Event::InvitationReady(invitation) = &event.0 else {
            continue;
        };
        if !journey.is_demo() || hosting.asked {
            continue;
        }
        hosting.asked = true;
        let (join, guests) = (door.machine().guests(), Arc::clone(&hosting.guests));
        let (invitation, waker) = (invitation.clone(), waker.clone());
        let asking = std::thread::Builder::new().name("guests".into()).spawn(move || {
            let joined = join(&invitation);
            *guests.lock().unwrap_or_else(PoisonError::into_inner) = Some(joined);
            waker.wake();
        });
        if asking.is_err() {
            *hosting.guests.lock().unwrap_or_else(PoisonError::into_inner) = Some(Err(engine::StartError::System));
        }
    }
}

fn excuse(hosting: Res<Hosting>, words: Res<Words>, mut notices: MessageWriter<Notice>) {
    let mut guests = hosting.guests.lock().unwrap_or_else(PoisonError::into_inner);
    if matches!(*guests, Some(Err(_))) {
        *guests = None;
        notices.write(Notice::trouble(words.say("notice-no-guests")));
    }
}

/// Dropping the guests says their goodbyes.
fn part(mut hosting: ResMut<Hosting>) {
    *hosting = Hosting::default();
}
