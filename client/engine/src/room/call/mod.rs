//! The call of a room: who is in it, what rings, what was missed. Media flows only between those who are in.
//!
//! [`Call`] knows neither links nor media. It is told what members and the person do, and what it wants done comes out of
//! [`Call::poll`].

mod left_alone;
mod output;
mod part;
mod ringing;
mod switches;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use group_crypto::MemberId;

use self::{left_alone::LeftAlone, part::Part};
use super::{
    keep::Keep,
    rows::Rows,
    size::MAX_IN_CALL,
    view::{MemberView, Members, View},
    wire::{RoomMessage, Streams},
};
use crate::api::{Body, CallOutcome, CallState, Line, RoomEvent, RoomKind, Trouble};

pub(super) use self::{output::Output, switches::Switches};

#[cfg(test)]
pub(super) use self::left_alone::{HANG_UP, TURN_OFF};

/// It rings for so long, at both ends.
const RINGING: Duration = Duration::from_secs(60);
/// A caller whose link is gone for this long has given up.
const CALLER_GONE: Duration = Duration::from_secs(10);
/// Without a link and without media for this long, a member is out of the call.
const GONE: Duration = Duration::from_secs(45);

/// Our part in the call.
pub(super) struct Call {
    state: State,
    shown: CallState,
    switches: Switches,
    /// How often our part in it was told to all.
    told: u32,
    left_alone: LeftAlone,
    parts: BTreeMap<MemberId, Part>,
    out: VecDeque<Output>,
}

#[derive(Clone, Copy)]
enum State {
    Out,
    /// It rings here.
    Ringing {
        by: MemberId,
        video: bool,
        since: Instant,
    },
    /// We are in. `answered` once somebody else was in with us; `rings`: it was ours to ring; `video`: as the caller said.
    In {
        since: Instant,
        answered: Option<Instant>,
        rings: bool,
        video: bool,
        by: Option<MemberId>,
    },
}

impl Call {
    pub fn new(switches: Switches) -> Self {
        Self {
            state: State::Out,
            shown: CallState::default(),
            switches,
            told: 0,
            left_alone: LeftAlone::default(),
            parts: BTreeMap::new(),
            out: VecDeque::new(),
        }
    }

    pub fn is_in(&self) -> bool {
        matches!(self.state, State::In { .. })
    }

    /// There are others in the call, and no place for us.
    pub fn is_full(&self, members: Members<'_>) -> bool {
        !self.is_in() && members.iter().filter(is_here).count() >= MAX_IN_CALL
    }

    /// Our part in it, as all are told.
    pub fn streams(&self) -> Streams {
        let (is_in, on) = (self.is_in(), self.switches);
        Streams {
            number: self.told,
            in_call: is_in,
            camera: is_in && on.camera,
            microphone: is_in && on.microphone,
            screen: is_in && on.screen,
        }
    }

    pub fn forget(&mut self, member: MemberId) {
        self.parts.remove(&member);
    }

    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// Begins a call, answers the one that rings, or goes into the one that goes on.
    pub fn enter(&mut self, view: View<'_>, video: bool) {
        if self.is_in() {
            return;
        }
        if self.is_full(view.members) {
            return self.out.push_back(Output::Trouble(Trouble::CallFull));
        }
        let (answers, video) = match self.state {
            State::Ringing { by, video, .. } => (Some(by), video),
            _ => (None, video),
        };
        let there: Vec<_> = view.members.iter().filter(is_here).map(|member| member.id).collect();
        let rings = view.kind != RoomKind::Ephemeral && answers.is_none() && there.is_empty();
        self.state = State::In { since: view.now, answered: None, rings, video, by: answers };
        self.out.push_back(Output::Entered);
        if rings {
            self.out.push_back(Output::TellLinked(RoomMessage::Ring { video }));
        }
        self.tell_streams();
        for member in there {
            self.together(view.now, member);
        }
        self.show();
    }

    pub fn hang_up(&mut self, view: View<'_>) {
        let State::In { answered, rings, video, by, .. } = self.state else {
            return;
        };
        self.state = State::Out;
        if let Some(since) = answered {
            let held = view.now.saturating_duration_since(since).as_secs();
            let held = CallOutcome::Held(held.try_into().unwrap_or(u32::MAX));
            self.note(view, by, video, held);
        } else if rings {
            self.note(view, None, video, CallOutcome::Missed);
        }
        self.out.push_back(Output::HungUp);
        self.tell_streams();
        self.show();
    }

    /// A member's part in the call, as they tell it. What is older than what they told before is dropped.
    pub fn on_streams(&mut self, view: View<'_>, by: MemberId, streams: Streams, rows: &mut Rows) {
        let Some(member) = view.members.get(by).filter(|member| member.streams.number <= streams.number) else {
            return;
        };
        self.out.push_back(Output::Part(by, streams));
        if (MemberView { streams, ..member }).is_in_call() {
            return self.together(view.now, by);
        }
        self.out.push_back(Output::Apart(by));
        match self.state {
            State::Ringing { by: caller, video, .. } if caller == by => {
                self.state = State::Out;
                self.missed(view, by, video, rows);
                self.show();
            }
            // A call of two is over when one of them is out.
            State::In { answered: Some(_), .. } if view.kind == RoomKind::Contact => self.hang_up(view),
            _ => {}
        }
    }

    /// Our camera, microphone or screen is turned on or off.
    pub fn switch(&mut self, to: Switches) {
        let before = self.streams();
        if to.turns_on(std::mem::replace(&mut self.switches, to)) {
            // The person is there.
            self.left_alone = LeftAlone::default();
        }
        // Outside of the call it is nobody's business when something is switched.
        if self.streams() != before {
            self.tell_streams();
            self.out.push_back(Output::Switched);
        }
    }

    /// Ends what rang for too long, and the part of members who are gone.
    ///
    /// `has_media`: whether media with a member is connected, and was not interrupted.
    pub fn on_timeout(&mut self, view: View<'_>, has_media: impl Fn(MemberId) -> bool, rows: &mut Rows) {
        let is_gone = |member: &MemberView<'_>| {
            member.streams.in_call && member.has_been_linkless(view.now, GONE) && !has_media(member.id)
        };
        for member in view.members.iter().filter(is_gone) {
            let out = Streams { number: member.streams.number, ..Streams::default() };
            self.on_streams(view, member.id, out, rows);
        }
        match self.state {
            State::Ringing { by, video, since } => {
                let caller = view.members.get(by);
                let is_gone = caller.is_none_or(|caller| caller.has_been_linkless(view.now, CALLER_GONE));
                if is_gone || view.now >= since + RINGING {
                    self.state = State::Out;
                    self.missed(view, by, video, rows);
                    self.show();
                }
            }
            State::In { since, answered: None, rings, by, .. }
                if (rings || by.is_some()) && view.now >= since + RINGING =>
            {
                self.hang_up(view);
            }
            _ => {}
        }
        self.end_if_left_alone(view);
    }

    /// If both are in the call, media may flow.
    fn together(&mut self, now: Instant, member: MemberId) {
        if let State::In { answered, .. } = &mut self.state {
            answered.get_or_insert(now);
            self.out.push_back(Output::Together(member));
            self.show();
        }
    }

    /// A call is a line of the history, and of the chat that is on the screen.
    fn note(&mut self, view: View<'_>, by: Option<MemberId>, video: bool, outcome: CallOutcome) {
        let at_ms = view.unix_ms();
        let them = by.and_then(|by| view.members.get(by));
        let (mine, by, name) = match them {
            Some(member) => (false, member.id, member.name.to_owned()),
            None => (true, view.me.id, view.me.name.to_owned()),
        };
        self.out.push_back(Output::Keep(Keep::Call { by, name: name.clone(), mine, at_ms, video, outcome }));
        // What leaves nothing behind has no history, and its calls no end but its own.
        if view.kind != RoomKind::Ephemeral {
            let body = Body::Call { video, outcome };
            let line = Line { mine, ..Line::new(by, name, at_ms, body) };
            self.out.push_back(Output::Event(RoomEvent::Said(line)));
        }
    }

    fn tell_streams(&mut self) {
        self.told = self.told.saturating_add(1);
        self.out.push_back(Output::SendStreams(self.streams()));
    }

    fn show(&mut self) {
        let state = match self.state {
            State::Out => CallState::None,
            State::Ringing { by, video, .. } => CallState::Ringing { by, video },
            State::In { answered: None, rings: true, .. } => CallState::Calling,
            State::In { .. } => CallState::In,
        };
        if state != self.shown {
            self.shown = state;
            self.out.push_back(Output::Event(RoomEvent::Call(state)));
        }
    }
}

/// In the call, and reached.
fn is_here(member: &MemberView<'_>) -> bool {
    member.is_in_call() && member.has_link
}
