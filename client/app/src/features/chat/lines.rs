//! Mirrors every room's lines, and counts those that nobody has seen.

use bevy::prelude::*;
use engine::api::{Body, CallOutcome, Event, Line, RoomEvent};

use super::{ChatOpen, GOING, Lines, MOST, Moved, Unread};
use crate::{
    engine::{
        door::Happened,
        mirror::{Room, Shown},
    },
    pages::Screen,
};

impl Lines {
    pub fn moved(&self) -> Moved {
        Moved { came: self.came, id: self.all.back().and_then(|line| line.id) }
    }

    /// `came` counts the lines of all rooms.
    fn append(&mut self, line: Line, came: u64) {
        self.all.push_back(line);
        self.came = came;
        self.appended += 1;
        if self.all.len() >= MOST + GOING {
            self.all.drain(..self.all.len() - MOST);
            self.revision += 1;
            self.more = self.all.front().is_some_and(|line| line.id.is_some());
        }
    }

    /// Older lines, oldest first, before those that are here already.
    fn prepend(&mut self, lines: &[Line], more: bool) {
        let first = self.all.front().and_then(|line| line.id);
        let older = lines.iter().filter(|line| match (line.id, first) {
            (Some(id), Some(first)) => id < first,
            _ => self.all.is_empty(),
        });
        let older: Vec<_> = older.cloned().collect();
        for line in older.into_iter().rev() {
            self.all.push_front(line);
        }
        (self.more, self.asked) = (more, false);
        self.revision += 1;
    }

    fn deliver(&mut self, up_to: u64) {
        for line in self.all.iter_mut().filter(|line| line.mine && line.sequence <= up_to) {
            line.delivered = true;
        }
    }
}

pub fn follow(mut happened: MessageReader<Happened>, mut rooms: Query<(&Room, &mut Lines)>, mut came: Local<u64>) {
    for event in happened.read() {
        let Event::Room { room: id, what } = &event.0 else {
            continue;
        };
        let Some((_, mut lines)) = rooms.iter_mut().find(|(room, _)| room.id == *id) else {
            continue;
        };
        match what {
            RoomEvent::Said(line) => {
                *came += 1;
                lines.append(line.clone(), *came);
            }
            RoomEvent::History { lines: older, more } => lines.prepend(older, *more),
            RoomEvent::Delivered { up_to } => lines.deliver(*up_to),
            _ => {}
        }
    }
}

pub fn count(
    mut happened: MessageReader<Happened>,
    shown: Res<Shown>,
    screen: Res<State<Screen>>,
    open: Res<ChatOpen>,
    mut rooms: Query<(Entity, &Room, &mut Unread)>,
) {
    let in_sight = match screen.get() {
        Screen::Home => shown.0,
        Screen::Room if open.0 => shown.0,
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
