//! Passes on what is wished of calls.

use bevy::prelude::*;
use engine::api::{Body, CallOutcome, CallState, CameraChoice, Event, RoomEvent, RoomId, RoomKind, RoomWish, Wish};

use super::{knock, ring};
use crate::{
    engine::{
        choices::Choices,
        door::{Happened, Wished},
        mirror::{Person, Room, Rooms},
    },
    features::call::CallAction,
    ui::{
        action::Actions,
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

/// The call that rings first is answered first. Taking it up ends the one that we are in.
fn answer(mut acts: MessageReader<CallAction>, rooms: Query<&Room>, mut wishes: MessageWriter<Wished>) {
    for act in acts.read() {
        let wish = match *act {
            CallAction::Answer => RoomWish::Call { video: false },
            CallAction::AnswerWithVideo => RoomWish::Call { video: true },
            CallAction::Decline => RoomWish::Decline,
            _ => continue,
        };
        let ringing = rooms.iter().filter(|room| matches!(room.call, CallState::Ringing { .. }));
        let Some(ringing) = ringing.min_by_key(|room| room.rank) else {
            continue;
        };
        if *act != CallAction::Decline {
            let others = rooms.iter().filter(|room| matches!(room.call, CallState::In | CallState::Calling));
            for other in others {
                let ephemeral = other.kind == Some(engine::api::RoomKind::Ephemeral);
                let wish = if ephemeral { RoomWish::Leave } else { RoomWish::HangUp };
                wishes.write(in_room(other.id, wish));
            }
        }
        wishes.write(in_room(ringing.id, wish));
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
