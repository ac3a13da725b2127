//! What is written and not sent stays with its conversation: while another is looked at, and where it was refused.

use std::collections::VecDeque;

use bevy::{
    input_focus::{FocusCause, InputFocus},
    prelude::*,
    text::{EditableText, TextEdit},
};
use engine::api::{Body, Event, RoomEvent, RoomWish, Trouble, Wish};

use super::{Draft, choosing::Chosen};
use crate::{
    engine::{
        door::{Happened, Wished},
        mirror::{Rooms, Shown, Written},
    },
    features::chat::ChatAction,
    ui::kit::value,
};

/// Texts that are sent and not answered yet, oldest first, with their rooms. The engine answers in their order.
#[derive(Resource, Default)]
pub(super) struct Unanswered(VecDeque<(Entity, String)>);

/// The field and the room whose text is in it.
type Place = (Entity, Entity);

/// A field that is new, or that another room is shown in, begins with what was written in the room; what is written there then
/// stays with the room.
pub(super) fn keep(
    shown: Res<Shown>,
    field: Option<Single<(Entity, Mut<EditableText>), With<Draft>>>,
    mut rooms: Query<Mut<Written>>,
    mut last: Local<Option<Place>>,
) {
    let (Some(field), Some(room)) = (field, shown.0) else {
        *last = None;
        return;
    };
    let (entity, mut field) = field.into_inner();
    let Ok(mut written) = rooms.get_mut(room) else { return };
    if last.replace((entity, room)) != Some((entity, room)) || written.is_refused {
        written.bypass_change_detection().is_refused = false;
        if value(&field) != written.text {
            field.clear();
            field.editor.set_text(&written.text);
            field.queue_edit(TextEdit::TextEnd(false));
        }
    } else if field.is_changed() {
        let text = value(&field);
        if written.text != text {
            written.text = text;
        }
    }
}

/// Sends what is written. The field is free for the next text, and has the focus for it.
pub(super) fn say(
    mut acts: MessageReader<ChatAction>,
    rooms: Rooms,
    field: Option<Single<(Entity, &mut EditableText), With<Draft>>>,
    mut unanswered: ResMut<Unanswered>,
    mut chosen: ResMut<Chosen>,
    mut focus: ResMut<InputFocus>,
    mut wishes: MessageWriter<Wished>,
) {
    let Some(field) = field else {
        return;
    };
    let (entity, mut field) = field.into_inner();
    for act in acts.read() {
        let Some((shown, room)) = rooms.shown().filter(|_| *act == ChatAction::Send) else {
            continue;
        };
        let written = value(&field);
        let said = written.trim();
        if !said.is_empty() {
            let wish = chosen.said(shown, said.to_owned());
            if matches!(wish, RoomWish::Say(_) | RoomWish::Reply { .. }) {
                unanswered.0.push_back((shown, said.to_owned()));
            }
            wishes.write(Wished(Wish::InRoom { room: room.id, wish }));
        }
        field.clear();
        if focus.get() != Some(entity) {
            focus.set(entity, FocusCause::Navigated);
        }
    }
}

/// A text that was refused is in its field again, before what was written since.
pub(super) fn take_back(
    mut happened: MessageReader<Happened>,
    mut rooms: Query<&mut Written>,
    mut unanswered: ResMut<Unanswered>,
) {
    for event in happened.read() {
        let is_refused = match &event.0 {
            Event::Room { what: RoomEvent::Said(line), .. } if line.mine && matches!(line.body, Body::Text(_)) => false,
            Event::Trouble(Trouble::Busy | Trouble::MessageTooLong | Trouble::MessageBlank | Trouble::ReadOnly) => true,
            _ => continue,
        };
        // Those of rooms that are gone are answered by nothing.
        unanswered.0.retain(|(room, _)| rooms.contains(*room));
        let Some((room, text)) = unanswered.0.pop_front().filter(|_| is_refused) else { continue };
        if let Ok(mut written) = rooms.get_mut(room) {
            let since = std::mem::take(&mut written.text);
            written.text = if since.is_empty() { text } else { format!("{text}\n{since}") };
            written.is_refused = true;
        }
    }
}
