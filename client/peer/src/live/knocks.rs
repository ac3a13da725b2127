//! Numbers for those who knock, so that people can write them.

use std::collections::BTreeMap;

use engine::api::{KnockId, RoomEvent, RoomId};

/// Bounded by what waits at the doors: a knock that is over is forgotten with its number.
#[derive(Default)]
pub struct Knocks {
    last: u32,
    waiting: BTreeMap<u32, (RoomId, KnockId)>,
}

impl Knocks {
    /// The number of the knock that an event is about, a fresh one for a new knock.
    pub fn number(&mut self, room: RoomId, what: &RoomEvent) -> Option<u32> {
        match what {
            RoomEvent::Knock { knock, .. } => {
                self.last = self.last.wrapping_add(1);
                self.waiting.insert(self.last, (room, *knock));
                Some(self.last)
            }
            RoomEvent::KnockOver { knock } => {
                let number =
                    self.waiting.iter().find(|(_, waits)| **waits == (room, *knock)).map(|(number, _)| *number)?;
                self.waiting.remove(&number);
                Some(number)
            }
            _ => None,
        }
    }

    pub fn get(&self, number: u32) -> Option<(RoomId, KnockId)> {
        self.waiting.get(&number).copied()
    }

    /// The room is over, and with it all who waited at its door.
    pub fn forget(&mut self, room: RoomId) {
        self.waiting.retain(|_, (of, _)| *of != room);
    }
}
