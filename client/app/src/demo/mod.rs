//! The demo room: invites simulated guests as soon as we are in.

mod guests;

use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
use engine::api::{Event, RoomEvent, RoomWish, Terms, Wish};

use crate::{
    engine::{
        door::{Company, Door, Happened, Wished},
        journey::Journey,
    },
    ui::{notice::Notice, page::Page, power::Waker, words::Words},
};

pub use guests::join as join_guests;

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
        .add_systems(OnExit(Page::Room), part);
}

fn invite(mut happened: MessageReader<Happened>, journey: Res<Journey>, mut wishes: MessageWriter<Wished>) {
    for event in happened.read() {
        if let Event::Room { room, what: RoomEvent::Entered { .. } } = event.0
            && journey.is_demo()
        {
            let terms = Terms { many: true, valid: None, waiting_room: false };
            wishes.write(Wished(Wish::InRoom { room, wish: RoomWish::Invite(terms) }));
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
        let Event::Room { what: RoomEvent::InvitationReady { invitation, .. }, .. } = &event.0 else {
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

#[cfg(test)]
mod tests {
    use engine::api::{RoomKind, Terms};

    use super::*;
    use crate::{
        engine::journey::Destination,
        testing::bench::{Bench, ROOM},
    };

    #[test]
    fn demo_leads_straight_into_a_room_with_its_guests() {
        let mut bench = Bench::new();
        let mut journey = bench.app.world_mut().resource_mut::<Journey>();
        (journey.destination, journey.at_once) = (Some(Destination::Demo), true);
        bench.go(Page::Lobby);
        assert_eq!(bench.script.wished("Found"), 1);
        bench.enter(ROOM, "Demo", RoomKind::Ephemeral);
        assert_eq!(bench.page(), Page::Room);
        let many = |wish: &Wish| matches!(wish, Wish::InRoom { wish: RoomWish::Invite(terms), .. } if terms.many);
        assert!(bench.script.stage().wishes.iter().any(many));
        assert!(!bench.script.stage().of_profile);
        bench.invitation(ROOM, 1, Terms::default());
        assert!(bench.app.world().resource::<Hosting>().asked);
    }
}
