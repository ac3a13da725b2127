//! From screen to screen: opens the engine for the lobby, asks to create or join, follows what it answers.

use std::sync::Arc;

use bevy::prelude::*;
use engine::{
    StartError,
    api::{EndedBecause, Event, Settings, Wish},
};

use super::{Destination, Journey, Refusal, Screen};
use crate::{
    action::{Act, Action},
    door::{Door, Happened, Wished},
    power::Waker,
    words::Words,
};

pub fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Lobby), open)
        .add_systems(OnEnter(Screen::Start), close)
        .add_systems(OnEnter(Screen::Ended), close)
        .add_systems(Update, (enter, follow, go_back, leave, quit));
}

fn close(mut door: ResMut<Door>) {
    door.close();
}

pub(super) fn open(
    mut journey: ResMut<Journey>,
    mut door: ResMut<Door>,
    waker: Res<Waker>,
    words: Res<Words>,
    mut acts: MessageWriter<Act>,
    mut next: ResMut<NextState<Screen>>,
) {
    let waker = waker.clone();
    let settings = Settings {
        name: journey.name.clone(),
        network: journey.network,
        media: journey.media.clone(),
        wake: Arc::new(move || waker.wake()),
    };
    journey.entering = false;
    if journey.title.is_empty() {
        journey.title = words.say("room-untitled");
    }
    match door.open(settings) {
        Ok(()) if journey.at_once => {
            acts.write(Act(Action::EnterRoom));
        }
        Ok(()) => {}
        Err(error) => {
            journey.refused = Some(match error {
                StartError::Name(_) => Refusal::Name,
                StartError::System => Refusal::System,
            });
            next.set(Screen::Start);
        }
    }
}

fn enter(
    mut acts: MessageReader<Act>,
    screen: Res<State<Screen>>,
    mut journey: ResMut<Journey>,
    mut wishes: MessageWriter<Wished>,
) {
    for act in acts.read() {
        if act.0 != Action::EnterRoom || *screen.get() != Screen::Lobby || journey.entering {
            continue;
        }
        let wish = match &journey.destination {
            Some(Destination::Invited(invitation)) => Wish::Join { invitation: invitation.clone() },
            Some(Destination::NewRoom | Destination::Demo) => Wish::Create { title: journey.title.clone() },
            None => continue,
        };
        wishes.write(Wished(wish));
        journey.entering = true;
    }
}

fn follow(mut happened: MessageReader<Happened>, mut journey: ResMut<Journey>, mut next: ResMut<NextState<Screen>>) {
    for event in happened.read() {
        match &event.0 {
            Event::Entered { .. } => {
                journey.entering = false;
                next.set(Screen::Room);
            }
            Event::Ended(EndedBecause::JoinFailed(why)) => {
                journey.refused = Some(Refusal::Join(*why));
                next.set(Screen::Start);
            }
            Event::Ended(EndedBecause::Left) => next.set(Screen::Start),
            Event::Ended(why) => {
                journey.ended = Some(*why);
                next.set(Screen::Ended);
            }
            _ => {}
        }
    }
}

fn go_back(mut acts: MessageReader<Act>, screen: Res<State<Screen>>, mut next: ResMut<NextState<Screen>>) {
    for act in acts.read() {
        if act.0 == Action::GoBack && matches!(screen.get(), Screen::Lobby | Screen::Ended) {
            next.set(Screen::Start);
        }
    }
}

fn leave(mut acts: MessageReader<Act>, screen: Res<State<Screen>>, mut wishes: MessageWriter<Wished>) {
    for act in acts.read() {
        if act.0 == Action::Leave && *screen.get() == Screen::Room {
            wishes.write(Wished(Wish::Leave));
        }
    }
}

/// Closing the door says goodbye before the window is gone.
fn quit(mut acts: MessageReader<Act>, mut door: ResMut<Door>, mut exit: MessageWriter<AppExit>) {
    if acts.read().any(|act| act.0 == Action::Quit) {
        door.close();
        exit.write(AppExit::Success);
    }
}
