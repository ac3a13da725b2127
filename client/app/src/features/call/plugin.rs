//! Passes on what is wished of calls.

use bevy::prelude::*;
use engine::api::{Body, CallOutcome, CallState, CameraChoice, Event, RoomEvent, RoomId, RoomKind, RoomWish, Wish};

use super::{knock, ring};
use crate::{
    engine::{
        choices::Choices,
        door::{Happened, Wished},
        mirror::{Person, Room, Rooms},
        parting::Parting,
    },
    features::call::CallAction,
    ui::{
        action::Actions,
        kit::Question,
        notice::Notice,
        words::{Words, shortened},
    },
};

pub fn plugin(app: &mut App) {
    app.add_action::<CallAction>()
        .add_plugins((ring::plugin, knock::plugin))
        .add_systems(Update, (call, answer, tell_why_not));
}

fn in_room(room: RoomId, wish: RoomWish) -> Wished {
    Wished(Wish::InRoom { room, wish })
}

fn call(
    mut acts: MessageReader<CallAction>,
    rooms: Rooms,
    choices: Res<Choices>,
    words: Res<Words>,
    mut notices: MessageWriter<Notice>,
    mut wishes: MessageWriter<Wished>,
) {
    for act in acts.read() {
        let video = match *act {
            CallAction::Call => false,
            CallAction::CallWithVideo => true,
            _ => continue,
        };
        if let Some((_, room)) = rooms.shown()
            && room.call == CallState::None
        {
            if video && choices.media.camera == CameraChoice::None {
                notices.write(Notice::trouble(words.say("notice-no-camera")));
            }
            wishes.write(in_room(room.id, RoomWish::Call { video }));
        }
    }
}

/// The call that rings first is answered first. Taking it up ends the one that we are in; an ephemeral room would be left for
/// good, so the person is asked.
fn answer(mut acts: MessageReader<CallAction>, mut parting: Parting, mut wishes: MessageWriter<Wished>) {
    for act in acts.read() {
        let video = match *act {
            CallAction::Answer | CallAction::Decline => false,
            CallAction::AnswerWithVideo => true,
            _ => continue,
        };
        let Some(ringing) = parting.rooms.ringing().map(|(_, room)| room.id) else {
            continue;
        };
        if *act == CallAction::Decline {
            wishes.write(in_room(ringing, RoomWish::Decline));
            continue;
        }
        let Some((_, former)) = parting.rooms.in_call() else {
            wishes.write(in_room(ringing, RoomWish::Call { video }));
            continue;
        };
        let question = Question {
            title: "confirm-leave",
            why: "confirm-leave-to-answer-why",
            label: "ring-leave-and-answer",
            name: former.title.clone(),
        };
        if former.kind != Some(RoomKind::Ephemeral) || parting.is_confirmed(*act, question) {
            wishes.write(in_room(ringing, RoomWish::Switch { video }));
        }
    }
}

/// Why there is no call: we missed it, or they did not take it.
fn tell_why_not(
    mut happened: MessageReader<Happened>,
    rooms: Query<(Entity, &Room)>,
    people: Query<&Person>,
    words: Res<Words>,
    mut notices: MessageWriter<Notice>,
) {
    for event in happened.read() {
        let Event::Room { room: id, what } = &event.0 else {
            continue;
        };
        let Some((entity, room)) = rooms.iter().find(|(_, room)| room.id == *id) else {
            continue;
        };
        let (key, name) = match what {
            RoomEvent::Missed { by, .. } => {
                let person = people.iter().find(|person| person.room == entity && person.member == *by);
                ("call-missed", person.map_or(&room.title, |person| &person.name))
            }
            RoomEvent::Said(line) if line.mine && room.kind == Some(RoomKind::Contact) => match line.body {
                Body::Call { outcome: CallOutcome::Declined, .. } => ("call-declined", &room.title),
                Body::Call { outcome: CallOutcome::Missed, .. } => ("call-unanswered", &room.title),
                _ => continue,
            },
            _ => continue,
        };
        notices.write(Notice::news(words.say_with(key, "name", shortened(name, 32))));
    }
}
