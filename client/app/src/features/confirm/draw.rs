//! How the question is drawn.

use bevy::prelude::*;

use super::Confirmation;
use crate::{
    engine::mirror::{Person, Rooms},
    ui::{
        action::Action,
        initials::shortened,
        kit::{Foot, foot, hint, question, redraw},
        words::Words,
    },
};

#[derive(Component)]
pub struct QuestionSheet;

#[derive(PartialEq)]
pub struct View {
    title: String,
    why: String,
    label: String,
}

/// Characters of a name that fit.
const NAME: usize = 32;

pub fn draw(
    mut commands: Commands,
    confirmation: Res<Confirmation>,
    rooms: Rooms,
    people: Query<&Person>,
    words: Res<Words>,
    old: Query<Entity, With<QuestionSheet>>,
    mut last: Local<Option<View>>,
) {
    let view = confirmation.asked.map(|action| view(action, &rooms, &people, &words));
    redraw(&mut commands, &mut last, view, &old, |commands, view| {
        question(commands, QuestionSheet, view.title.clone(), 440.0, |inside| {
            inside.spawn(hint(view.why.clone()));
            foot(
                inside,
                [
                    Foot::plain(Action::Close, words.say("sheet-cancel")),
                    Foot::stop(Action::Confirm, view.label.clone()),
                ],
            );
        });
    });
}

fn view(action: Action, rooms: &Rooms<'_, '_>, people: &Query<'_, '_, &Person>, words: &Words) -> View {
    let named = |key: &str, name: &str| words.say_with(key, "name", shortened(name, NAME));
    match action {
        Action::Remove(id, member) => {
            let room = rooms.all.iter().find(|(_, room)| room.id == id);
            let person = people
                .iter()
                .find(|person| person.member == member && room.is_some_and(|(entity, _)| person.room == entity));
            let name = person.map_or("", |person| &person.name);
            View {
                title: named("confirm-remove", name),
                why: words.say("confirm-remove-why"),
                label: named("about-remove", name),
            }
        }
        Action::Forget(id) => {
            let room = rooms.all.iter().map(|(_, room)| room).find(|room| room.id == id);
            let title = room.map_or("", |room| &room.title);
            if room.is_some_and(|room| room.kind == Some(engine::api::RoomKind::Contact)) {
                View {
                    title: named("confirm-forget", title),
                    why: words.say("about-forget-why"),
                    label: words.say("about-forget-surely"),
                }
            } else {
                View {
                    title: named("confirm-leave", title),
                    why: words.say("about-leave-why"),
                    label: words.say("about-leave-surely"),
                }
            }
        }
        Action::DeleteProfile => View {
            title: words.say("confirm-delete-profile"),
            why: words.say("profile-delete-why"),
            label: words.say("profile-delete-surely"),
        },
        Action::Quit => View {
            title: words.say("confirm-quit"),
            why: words.say("confirm-quit-why"),
            label: words.say("confirm-quit-surely"),
        },
        _ => View {
            title: words.say("confirm-ends-call"),
            why: words.say("confirm-ends-call-why"),
            label: words.say("confirm-ends-call-surely"),
        },
    }
}
