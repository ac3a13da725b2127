//! The lines that people write in each room, as far as the window has them.

use std::collections::VecDeque;

use bevy::prelude::*;
use engine::api::{Event, Line, RoomEvent};

use super::Room;
use crate::engine::door::Happened;

/// Of a room: lines that came while its chat was not in sight.
#[derive(Component, Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unread(pub u32);

/// Of a room: what the person has written in it and not sent.
#[derive(Component, Default, Clone, PartialEq, Eq)]
pub struct Written {
    pub text: String,
    /// It was sent, was refused, and is to be in the field again.
    pub is_refused: bool,
}

/// Of a room: its lines as far as the window has them, oldest first.
#[derive(Component, Default)]
pub struct Lines {
    pub all: VecDeque<Line>,
    /// There are older ones in the store.
    pub more: bool,
    /// They are asked for.
    pub asked: bool,
    /// Counts lines that were ever appended.
    pub appended: u64,
    /// Which of all lines that came while the window was open was the last here.
    came: u64,
    /// Changes whenever lines came before others or went.
    pub revision: u64,
}

/// When something came to a room last: while the window is open, and otherwise its place in the store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Moved {
    came: u64,
    id: Option<i64>,
}

/// The number of lines of a room in the window. The oldest go first, and are read again from the store when wanted.
pub const MOST: usize = 500;
/// The number of lines that go at once, because the list is drawn again each time.
pub const GOING: usize = 50;
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

    fn change(&mut self, changed: &Line) {
        let is_it = |line: &&mut Line| line.message.is_some() && line.message == changed.message;
        if let Some(line) = self.all.iter_mut().find(is_it) {
            // In a room that is not kept only the window knows whether it was delivered.
            *line = Line { id: line.id, delivered: line.delivered || changed.delivered, ..changed.clone() };
            self.revision += 1;
        }
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
            RoomEvent::LineChanged(line) => lines.change(line),
            RoomEvent::History { lines: older, more } => lines.prepend(older, *more),
            RoomEvent::Delivered { up_to } => lines.deliver(*up_to),
            _ => {}
        }
    }
}
