//! The call of a room: who is in it, what rings, what was missed. Media flows only between those who are in.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use group_crypto::MemberId;

use super::{
    MAX_IN_CALL, Output,
    inside::Inside,
    keep::Keep,
    media::REBUILD,
    meter::Limit,
    participant::Participant,
    rows, send,
    wire::{LinkMessage, RoomMessage, Streams},
};
use crate::api::{Body, CallOutcome, CallState, Line, RoomEvent, RoomKind, Trouble};

/// It rings for so long, at both ends.
const RINGING: Duration = Duration::from_secs(60);
/// A caller whose link is gone for this long has given up.
const CALLER_GONE: Duration = Duration::from_secs(10);

/// One missed call of each member is noted in this time: one who calls again and again fills no history.
const MISSED_AGAIN: Duration = Duration::from_secs(60);
/// How often each member can make it ring.
const RINGS: Limit = Limit::per_minute(6, 6);

/// Without a link and without media for this long, one is out of the call.
const GONE: Duration = Duration::from_secs(45);

/// Our part in the call.
#[derive(Default)]
pub(super) struct Call {
    state: State,
    shown: CallState,
    /// How often our part in it was told to all.
    told: u32,
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Out,
    /// It rings here.
    Ringing { by: MemberId, video: bool, since: Instant },
    /// We are in. `answered` once somebody else was in with us; `rang`: it was ours to ring, and whether for video.
    In { since: Instant, answered: Option<Instant>, rang: Option<bool>, by: Option<MemberId> },
}

impl Call {
    pub fn is_in(&self) -> bool {
        matches!(self.state, State::In { .. })
    }

    /// Whether we are in, and somebody else was in with us.
    pub fn is_answered(&self) -> bool {
        matches!(self.state, State::In { answered: Some(_), .. })
    }

    /// Whether this member and we are in it together: media is offered, accepted, sent and shown where that is so, and
    /// nowhere else.
    pub fn has(&self, p: &Participant) -> bool {
        self.is_in() && p.is_in_call()
    }
}

impl Inside {
    pub fn streams_now(&self) -> Streams {
        let in_call = self.call.is_in();
        Streams {
            number: self.call.told,
            in_call,
            camera: in_call && self.own.camera_on,
            microphone: in_call && self.own.microphone_on,
            screen: in_call && self.own.screen_on,
        }
    }

    /// Begins a call, answers the one that rings, or goes into the one that goes on.
    pub fn enter_call(&mut self, now: Instant, video: bool, out: &mut VecDeque<Output>) {
        if self.call.is_in() || self.is_read_only(out) {
            return;
        }
        if self.call_is_full() {
            return self.trouble(Trouble::CallFull, out);
        }
        let answers = match self.call.state {
            State::Ringing { by, .. } => Some(by),
            _ => None,
        };
        let here = |p: &&Participant| p.is_in_call() && p.link.is_some();
        let goes_on = self.participants.values().any(|p| here(&p));
        let rings = self.kind != RoomKind::Ephemeral && answers.is_none() && !goes_on;
        self.call.state = State::In { since: now, answered: None, rang: rings.then_some(video), by: answers };
        for p in self.participants.values_mut() {
            // The figures are of this call from here on.
            (p.in_call_since, p.connected_at, p.first_picture_at) = (None, None, None);
            p.reconnected_after.clear();
        }
        if rings {
            self.tell_linked(&RoomMessage::Ring { video }, out);
        }
        self.tell_streams(out);
        let there: Vec<_> = self.participants.values().filter(here).map(|p| p.member.id).collect();
        for index in there {
            self.together(now, index, out);
        }
        self.show_call(out);
    }

    pub fn call_is_full(&self) -> bool {
        let there = self.participants.values().filter(|p| p.is_in_call() && p.link.is_some()).count();
        !self.call.is_in() && there >= MAX_IN_CALL
    }

    /// Two who went in at once may be one too many: nobody sends to more than a call has.
    pub fn may_send_to(&self, index: MemberId) -> bool {
        let others = self.participants.values().filter(|p| p.member.id != index && p.media.is_some()).count();
        others < MAX_IN_CALL - 1
    }

    pub fn hang_up(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let State::In { answered, rang, by, .. } = self.call.state else {
            return;
        };
        self.call.state = State::Out;
        match (answered, rang, by) {
            (Some(since), rang, by) => {
                let held = CallOutcome::Held((now - since).as_secs().try_into().unwrap_or(u32::MAX));
                self.note_call(now, by, rang.unwrap_or_default(), held, out);
            }
            (None, Some(video), _) => self.note_call(now, None, video, CallOutcome::Missed, out),
            _ => {}
        }
        for p in self.participants.values_mut() {
            p.drop_media();
            p.interrupted_at = None;
        }
        self.tell_streams(out);
        self.show_call(out);
    }

    pub fn decline(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let State::Ringing { by, video, .. } = self.call.state else {
            return;
        };
        self.call.state = State::Out;
        self.note_call(now, Some(by), video, CallOutcome::Declined, out);
        let index = self.by_id(by).map(|p| p.member.id);
        if let Some(index) = index {
            self.tell_one(index, &RoomMessage::Decline, out);
        }
        self.show_call(out);
    }

    /// Somebody calls.
    pub fn rung(&mut self, now: Instant, by: MemberId, video: bool, out: &mut VecDeque<Output>) {
        let Some(id) = self.participants.get(&by).map(|p| p.member.id) else {
            return;
        };
        if self.kind == RoomKind::Ephemeral || self.call.is_in() {
            // Both called at once: that is a call.
            return;
        }
        let rules = self.rules;
        let minute = self.own.clock.minute_of_day(now);
        let quiet = rules.quiet.is_some_and(|(from, until)| match from <= until {
            true => (from..until).contains(&minute),
            false => minute >= from || minute < until,
        });
        let video = video && rules.video;
        if !rules.ring || quiet {
            return self.missed(now, id, video, out);
        }
        let may_ring = |p: &mut Participant| p.rings.charge(now, 1, &RINGS).is_ok();
        if !matches!(self.call.state, State::Ringing { .. }) {
            if !self.participants.get_mut(&by).is_some_and(may_ring) {
                return self.missed(now, id, video, out);
            }
            self.call.state = State::Ringing { by: id, video, since: now };
            self.show_call(out);
        }
    }

    /// One whom we call does not want to.
    pub fn declined(&mut self, now: Instant, by: MemberId, out: &mut VecDeque<Output>) {
        if let State::In { answered: None, rang: Some(video), .. } = self.call.state
            && self.kind == RoomKind::Contact
            && self.participants.contains_key(&by)
        {
            self.call.state = State::Out;
            self.note_call(now, None, video, CallOutcome::Declined, out);
            self.tell_streams(out);
            self.show_call(out);
        }
    }

    /// A link to a member came up.
    pub fn call_greeted(&mut self, now: Instant, index: MemberId, out: &mut VecDeque<Output>) {
        let streams = self.participants.get(&index).map(|p| p.streams);
        if let Some(streams) = streams {
            self.streams_came(now, index, streams, out);
        }
    }

    /// One who can read us again is to hear that we call.
    pub fn ring_again(&mut self, member: MemberId, out: &mut VecDeque<Output>) {
        if let State::In { answered: None, rang: Some(video), .. } = self.call.state {
            self.tell_one(member, &RoomMessage::Ring { video }, out);
        }
    }

    /// A member's part in the call, as they tell it. What is older than what they told before is dropped.
    pub fn streams_came(&mut self, now: Instant, index: MemberId, streams: Streams, out: &mut VecDeque<Output>) {
        let Some(p) = self.participants.get_mut(&index).filter(|p| p.streams.number <= streams.number) else {
            return;
        };
        p.streams = streams;
        let id = p.member.id;
        if p.is_in_call() {
            return self.together(now, index, out);
        }
        if p.media.is_some() {
            // One who goes out and in again all the time has media made anew no more often than after a break.
            p.rebuild_at = Some(now + REBUILD);
        }
        p.drop_media();
        p.interrupted_at = None;
        match self.call.state {
            State::Ringing { by, video, .. } if by == id => {
                self.call.state = State::Out;
                self.missed(now, id, video, out);
                self.show_call(out);
            }
            // A call of two is over when one of them is out.
            State::In { answered: Some(_), .. } if self.kind == RoomKind::Contact => self.hang_up(now, out),
            _ => {}
        }
    }

    /// If both are in the call, media may flow.
    fn together(&mut self, now: Instant, index: MemberId, out: &mut VecDeque<Output>) {
        let State::In { answered, .. } = &mut self.call.state else {
            return;
        };
        answered.get_or_insert(now);
        let us = self.agreement.group().my_id();
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        p.in_call_since.get_or_insert(now);
        let is_due = p.rebuild_at.is_none_or(|at| at <= now);
        if p.media.is_none() && p.link.is_some() && us < p.member.id && is_due {
            self.offer_media(now, index, out);
        }
        self.show_call(out);
    }

    pub fn look_after_call(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let gone = |p: &&Participant| {
            p.streams.in_call
                && p.link.is_none()
                && p.linkless_since.is_some_and(|since| now >= since + GONE)
                && (p.interrupted_at.is_some() || p.media.as_ref().is_none_or(|media| !media.connected))
        };
        let none = |p: &Participant| (p.member.id, Streams { number: p.streams.number, ..Streams::default() });
        let gone: Vec<_> = self.participants.values().filter(gone).map(none).collect();
        for (index, none) in gone {
            self.streams_came(now, index, none, out);
        }
        match self.call.state {
            State::Ringing { by, video, since } => {
                let gone = self.by_id(by).is_none_or(|p| {
                    p.link.is_none() && p.linkless_since.is_some_and(|since| now >= since + CALLER_GONE)
                });
                if gone || now >= since + RINGING {
                    self.call.state = State::Out;
                    self.missed(now, by, video, out);
                    self.show_call(out);
                }
            }
            State::In { since, answered: None, rang, by }
                if (rang.is_some() || by.is_some()) && now >= since + RINGING =>
            {
                self.hang_up(now, out);
            }
            _ => {}
        }
    }

    fn missed(&mut self, now: Instant, by: MemberId, video: bool, out: &mut VecDeque<Output>) {
        if let Some(p) = self.participants.get_mut(&by) {
            if p.missed_at.is_some_and(|at| now < at + MISSED_AGAIN) {
                return;
            }
            // It rang all the same, where it may; what the room has no room for is not written down.
            if self.rows.charge(now, &mut p.post.share, rows::units(p.name.len())).is_err() {
                return;
            }
            p.missed_at = Some(now);
        }
        self.note_call(now, Some(by), video, CallOutcome::Missed, out);
        out.push_back(Output::Event(RoomEvent::Missed { by, video }));
    }

    /// A call is a line of the history, and of the chat that is on the screen.
    fn note_call(
        &mut self,
        now: Instant,
        by: Option<MemberId>,
        video: bool,
        outcome: CallOutcome,
        out: &mut VecDeque<Output>,
    ) {
        let at_ms = self.own.clock.unix_ms(now);
        let them = by.and_then(|by| self.by_id(by).map(|p| (by, p.name.clone())));
        let mine = them.is_none();
        let (by, name) = them.unwrap_or_else(|| (self.agreement.group().my_id(), self.own.name.clone()));
        self.keep(Keep::Call { by, name: name.clone(), mine, at_ms, video, outcome });
        // What leaves nothing behind has no history, and its calls no end but its own.
        if self.kind != RoomKind::Ephemeral {
            let body = Body::Call { video, outcome };
            let line = Line { id: None, member: by, name, mine, sequence: 0, at_ms, body, delivered: true };
            out.push_back(Output::Event(RoomEvent::Said(line)));
        }
    }

    pub fn tell_streams(&mut self, out: &mut VecDeque<Output>) {
        self.call.told = self.call.told.saturating_add(1);
        let streams = self.streams_now();
        for link in self.participants.values().filter_map(|p| p.link) {
            send(out, link, &LinkMessage::Streams(streams));
        }
    }

    fn show_call(&mut self, out: &mut VecDeque<Output>) {
        let state = match self.call.state {
            State::Out => CallState::None,
            State::Ringing { by, video, .. } => CallState::Ringing { by, video },
            State::In { answered: None, rang: Some(_), .. } => CallState::Calling,
            State::In { .. } => CallState::In,
        };
        if state != self.call.shown {
            self.call.shown = state;
            out.push_back(Output::Event(RoomEvent::Call(state)));
        }
    }
}
