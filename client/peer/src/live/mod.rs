//! `listen` and `call`: there for all contacts and rooms, until it is time to go.

mod commands;
mod knocks;
mod plain;
mod terms;
#[cfg(test)]
mod tests;
mod told;

use std::time::{Duration, Instant};

use engine::{
    api::{CallState, Ended, Event, MemberId, RoomEvent, RoomId, RoomKind, RoomWish, Wish},
    stats::Stats,
};

use crate::{
    arguments::{Global, Media},
    console,
    desk::Desk,
    error::{Named, PeerError},
    flow::{self, Flow},
    names, output, session,
};
use knocks::Knocks;
use serde::Serialize;
use told::{Told, What, tell, tell_of};

/// Whom to call, and how.
pub struct Calling<'a> {
    pub with: &'a str,
    pub video: bool,
    /// Seconds until nobody answers any more.
    pub patience: u64,
    pub json: bool,
}

pub fn listen(global: &Global, answer: bool, json: bool, media: &Media) -> Result<(), PeerError> {
    let mut live = Live::begin(global, json, media)?;
    live.answers = answer;
    live.leave_after(media.seconds());
    live.run(media)
}

pub fn call(global: &Global, calling: &Calling, media: &Media) -> Result<(), PeerError> {
    let mut live = Live::begin(global, calling.json, media)?;
    let room = live.desk.find(calling.with, Named::ContactOrRoom)?;
    live.own_call = Some(OwnCall { room, is_up: false, seconds: media.seconds() });
    live.leave_after(Some(Duration::from_secs(calling.patience)));
    live.desk.in_room(room, RoomWish::Call { video: calling.video });
    live.run(media)
}

/// Lines of stdin taken at each turn of 20 ms: the engine holds 256 wishes.
const LINES_AT_ONCE: usize = 16;

/// The call that we came for.
struct OwnCall {
    room: RoomId,
    is_up: bool,
    /// How long to stay in it.
    seconds: Option<Duration>,
}

/// What happened, as `--json` writes it.
#[derive(Serialize)]
struct WithIds<'a> {
    #[serde(flatten)]
    told: &'a Told,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member_id: Option<String>,
}

struct Live {
    desk: Desk,
    json: bool,
    answers: bool,
    own_call: Option<OwnCall>,
    deadline: Option<Instant>,
    leaving: bool,
    knocks: Knocks,
    /// Own messages that the engine has not written down yet.
    flow: Flow,
    stats: Stats,
}

impl Live {
    fn begin(global: &Global, json: bool, media: &Media) -> Result<Self, PeerError> {
        session::make_folder(media)?;
        let desk = Desk::open(global, global.network()?, media.settings())?;
        let count = |kind| desk.book.of(kind).count();
        let ready = What::Ready { contacts: count(RoomKind::Contact), rooms: count(RoomKind::Kept) }.into();
        let live = Self {
            desk,
            json,
            answers: false,
            own_call: None,
            deadline: None,
            leaving: false,
            knocks: Knocks::default(),
            flow: Flow::default(),
            stats: Stats::default(),
        };
        live.print(&ready)?;
        // It came before anybody looked.
        let reach = live.desk.book.reach.map(Event::Reach);
        if let Some(told) = reach.as_ref().and_then(tell) {
            live.print(&told)?;
        }
        Ok(live)
    }

    fn leave_after(&mut self, time: Option<Duration>) {
        self.deadline = time.and_then(|time| Instant::now().checked_add(time));
    }

    fn run(mut self, media: &Media) -> Result<(), PeerError> {
        let ended = self.live()?;
        if let Some(path) = &media.stats {
            output::write_figures(path, &self.stats)?;
        }
        match (ended, self.own_call) {
            (Ended::Failed, _) => Err(PeerError::Engine),
            (Ended::Stopped, Some(OwnCall { is_up: false, .. })) => Err(PeerError::NotTakenUp),
            (Ended::Stopped, _) => Ok(()),
        }
    }

    fn live(&mut self) -> Result<Ended, PeerError> {
        let lines = console::lines();
        loop {
            if let Some(event) = self.desk.next(Duration::from_millis(20))
                && let Some(ended) = self.happened(event)?
            {
                return Ok(ended);
            }
            for _ in 0..LINES_AT_ONCE {
                // While the engine is behind with what was said, stdin waits.
                if let Some(line) = self.flow.may_ask().then(|| lines.try_recv().ok()).flatten()
                    && let Err(why) = self.command(line)
                {
                    output::complain(&why);
                }
            }
            if self.desk.quit.asked() || self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                self.leave();
            }
        }
    }

    fn leave(&mut self) {
        if !self.leaving {
            self.leaving = true;
            self.desk.wish(Wish::Stop);
        }
    }

    fn happened(&mut self, event: Event) -> Result<Option<Ended>, PeerError> {
        if let Some(told) = tell(&event) {
            self.print(&told)?;
        }
        if let Event::Room { room, what } = &event {
            let number = self.knocks.number(*room, what);
            for told in tell_of(self.desk.book.rooms.get(room), number, what) {
                self.print_of(Some(*room), told::member_of(what), &told)?;
            }
        }
        if flow::is_answer(&event) {
            self.flow.answered();
        }
        self.desk.book.note(&event);
        match event {
            Event::Room { room, what: RoomEvent::Call(call) } => self.call_changed(room, call),
            Event::Room { room, what: RoomEvent::Over(_) } => self.room_over(room),
            Event::Figures(stats) => self.stats = stats,
            Event::Ended(ended) => return Ok(Some(ended)),
            _ => {}
        }
        Ok(None)
    }

    fn call_changed(&mut self, room: RoomId, call: CallState) {
        match (call, &mut self.own_call) {
            (CallState::In, Some(own)) if own.room == room && !own.is_up => {
                own.is_up = true;
                let seconds = own.seconds;
                self.leave_after(seconds);
            }
            (CallState::None, Some(own)) if own.room == room => self.leave(),
            (CallState::Ringing { video, .. }, _) if self.answers && self.desk.book.in_call().is_none() => {
                self.desk.in_room(room, RoomWish::Call { video });
            }
            _ => {}
        }
    }

    fn room_over(&mut self, room: RoomId) {
        self.knocks.forget(room);
        // What was said there is not answered any more, and nobody counts by room.
        self.flow.forget();
        if self.own_call.as_ref().is_some_and(|own| own.room == room) {
            self.leave();
        }
    }

    fn print(&self, told: &Told) -> Result<(), PeerError> {
        self.print_of(None, None, told)
    }

    /// With the ids of the room and the member that it is about, which names do not always tell apart.
    fn print_of(&self, room: Option<RoomId>, member: Option<MemberId>, told: &Told) -> Result<(), PeerError> {
        let room_id = room.map(|room| names::digits(&room.0));
        let member_id = member.map(|member| names::digits(&member.0));
        match (self.json, &told.what) {
            (true, _) => output::say_json(&WithIds { told, room_id, member_id })?,
            (false, What::Trouble { .. } | What::JoinFailed { .. }) => output::complain(told),
            (false, _) => output::say(told),
        }
        Ok(())
    }
}
