//! The way out to the window.

use std::{
    collections::VecDeque,
    mem::{Discriminant, discriminant},
    sync::Arc,
};

use crate::{
    api::{Event, MemberId, RoomEvent, RoomId},
    events::{EVENTS, Sender},
};

/// With fewer free places than this nothing more is taken from the links of rooms: what a member says has a place or waits with
/// them. One burst of link events fits into it.
const FREE: usize = 256;
/// Kept free for the last word, and for the wishes that are refused.
const RESERVED: usize = 16;
/// Events that found no place, as the window does not take any; beyond it the newest are dropped, and counted.
const HELD: usize = 4096;

pub(super) struct Door {
    events: Sender,
    wake: Arc<dyn Fn() + Send + Sync>,
    /// What found no place, oldest first.
    held: VecDeque<Event>,
}

impl Door {
    pub fn new(events: Sender, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { events, wake, held: VecDeque::new() }
    }

    pub fn tell(&mut self, event: Event) {
        self.flush();
        if self.held.is_empty() && self.has_place() {
            self.events.send(event);
        } else {
            self.hold(event);
        }
        (self.wake)();
    }

    pub fn room(&mut self, room: RoomId, what: RoomEvent) {
        self.tell(Event::Room { room, what });
    }

    /// Hands out what was held, as far as there are places for it.
    pub fn flush(&mut self) {
        while self.has_place()
            && let Some(event) = self.held.pop_front()
        {
            self.events.send(event);
        }
    }

    /// Nothing is told after this but the last word. What is still held is lost, and counted.
    pub fn close(&mut self) {
        self.flush();
        let lost = |event: &Event| if let Event::Lagged { dropped } = event { *dropped } else { 1 };
        let dropped = self.held.drain(..).map(|event| lost(&event)).sum();
        if dropped > 0 {
            self.events.send(Event::Lagged { dropped });
        }
    }

    /// Whether the window is so far behind that members have to wait.
    pub fn is_crowded(&self) -> bool {
        !self.held.is_empty() || self.events.waiting() + FREE > EVENTS
    }

    fn has_place(&self) -> bool {
        self.events.waiting() + RESERVED < EVENTS
    }

    /// Of a state only the newest is held.
    fn hold(&mut self, event: Event) {
        if let Some(state) = state(&event) {
            self.held.retain(|held| self::state(held) != Some(state));
        }
        let is_full = self.held.len() >= HELD;
        match self.held.back_mut() {
            Some(Event::Lagged { dropped }) if is_full => *dropped += 1,
            _ if is_full => {
                tracing::warn!("the window does not take its events; some are dropped");
                self.held.push_back(Event::Lagged { dropped: 1 });
            }
            _ => self.held.push_back(event),
        }
    }
}

/// What an event is the state of: a newer one says all that an older one did.
type State = (Discriminant<Event>, Option<(RoomId, Discriminant<RoomEvent>, Option<MemberId>)>);

fn state(event: &Event) -> Option<State> {
    let of_what = match event {
        Event::Reach(_)
        | Event::MicrophoneLevel { .. }
        | Event::OwnMedia { .. }
        | Event::NoiseSuppressed(_)
        | Event::Figures(_) => None,
        Event::Room { room, what } => {
            let member = match what {
                RoomEvent::Changed { member, .. } => Some(*member),
                RoomEvent::Titled { .. }
                | RoomEvent::Settled { .. }
                | RoomEvent::NewEpoch { .. }
                | RoomEvent::RoomCode(_)
                | RoomEvent::Delivered { .. } => None,
                _ => return None,
            };
            Some((*room, discriminant(what), member))
        }
        Event::Trouble(_) | Event::Lagged { .. } | Event::Ended(_) => return None,
    };
    Some((discriminant(event), of_what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::{Ended, LeftBecause, ParticipantState, Trouble},
        events::{Receiver, queue},
    };

    const ROOM: RoomId = RoomId([1; 16]);
    const BEA: MemberId = MemberId([2; 16]);

    fn door() -> (Door, Receiver) {
        let (sender, events) = queue();
        (Door::new(sender, Arc::new(|| {})), events)
    }

    fn knock(door: &mut Door, times: usize) {
        (0..times).for_each(|_| door.tell(Event::Trouble(Trouble::Busy)));
    }

    fn changed(in_call: bool) -> Event {
        let state = ParticipantState { in_call, ..ParticipantState::default() };
        Event::Room { room: ROOM, what: RoomEvent::Changed { member: BEA, state } }
    }

    /// All that the window reads when it reads again.
    fn read(door: &mut Door, events: &Receiver) -> Vec<Event> {
        let mut all = Vec::new();
        loop {
            let before = all.len();
            all.extend(std::iter::from_fn(|| events.take()));
            door.flush();
            if all.len() == before {
                return all;
            }
        }
    }

    #[test]
    fn members_wait_when_the_window_is_behind_and_go_on_after() {
        let (mut door, events) = door();
        knock(&mut door, EVENTS - FREE);
        assert!(!door.is_crowded());
        knock(&mut door, 1);
        assert!(door.is_crowded());
        assert_eq!(read(&mut door, &events).len(), EVENTS - FREE + 1);
        assert!(!door.is_crowded());
    }

    #[test]
    fn events_without_a_place_come_in_order_and_states_once() {
        let (mut door, events) = door();
        knock(&mut door, EVENTS);
        door.tell(changed(true));
        door.room(ROOM, RoomEvent::Left { member: BEA, why: LeftBecause::Lost });
        door.tell(changed(false));
        let all = read(&mut door, &events);
        assert_eq!(all.len(), EVENTS + 2);
        let [.., Event::Room { what: RoomEvent::Left { .. }, .. }, Event::Room { what, .. }] = &all[..] else {
            panic!("the order is another one");
        };
        assert!(matches!(what, RoomEvent::Changed { state, .. } if !state.in_call));
    }

    #[test]
    fn dropped_events_are_counted_where_they_would_be() {
        let (mut door, events) = door();
        knock(&mut door, EVENTS - RESERVED + HELD + 7);
        let first: Vec<_> = std::iter::from_fn(|| events.take()).take(100).collect();
        door.room(ROOM, RoomEvent::Delivered { up_to: 1 });
        let rest = read(&mut door, &events);
        let lagged = |event: &Event| if let Event::Lagged { dropped } = event { Some(*dropped) } else { None };
        assert_eq!(rest.iter().filter_map(lagged).collect::<Vec<_>>(), [7]);
        assert_eq!(first.len() + rest.len(), EVENTS - RESERVED + HELD + 2);
        assert!(matches!(&rest[rest.len() - 2..], [Event::Lagged { .. }, Event::Room { .. }]));
    }

    #[test]
    fn last_word_has_a_place_when_nothing_else_has() {
        let (mut door, events) = door();
        let last = door.events.clone();
        knock(&mut door, EVENTS + HELD);
        last.send(Event::Ended(Ended::Stopped));
        let all: Vec<_> = std::iter::from_fn(|| events.take()).collect();
        assert!(matches!(all.last(), Some(Event::Ended(Ended::Stopped))));
    }
}
