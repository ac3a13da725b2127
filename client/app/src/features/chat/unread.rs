//! Counts the lines that the person has not seen.

use bevy::{prelude::*, window::PrimaryWindow};
use engine::api::{Body, CallOutcome, Event, RoomEvent};

use super::ChatOpen;
use crate::{
    engine::{
        door::Happened,
        mirror::{Room, Shown, Unread},
    },
    ui::page::Page,
};

pub fn count(
    mut happened: MessageReader<Happened>,
    shown: Res<Shown>,
    page: Res<State<Page>>,
    open: Res<ChatOpen>,
    window: Option<Single<&Window, With<PrimaryWindow>>>,
    mut rooms: Query<(Entity, &Room, &mut Unread)>,
) {
    // Another window may cover ours; nobody is said to have seen what they could not.
    let is_looked_at = window.is_none_or(|window| window.focused);
    let in_sight = match page.get() {
        _ if !is_looked_at => None,
        Page::Home => shown.0,
        Page::Room if open.0 => shown.0,
        _ => None,
    };
    for event in happened.read() {
        if let Event::Room { room: id, what: RoomEvent::Said(line) } = &event.0
            && !line.mine
            && !matches!(
                line.body,
                Body::Call { outcome: CallOutcome::Held(_) | CallOutcome::Declined, .. } | Body::Renamed { .. }
            )
            && let Some((entity, _, mut unread)) = rooms.iter_mut().find(|(_, room, _)| room.id == *id)
            && in_sight != Some(entity)
        {
            unread.0 += 1;
        }
    }
    if let Some((.., mut unread)) = in_sight.and_then(|entity| rooms.get_mut(entity).ok()) {
        unread.set_if_neq(Unread(0));
    }
}
