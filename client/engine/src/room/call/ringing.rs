//! What rings, here and there; and calls that were missed.

use group_crypto::MemberId;

use super::{Call, Output, State};
use crate::{
    api::{CallOutcome, RoomEvent, RoomKind, Rules},
    room::{
        rows::{self, Rows},
        view::View,
        wire::RoomMessage,
    },
};

impl Call {
    pub fn decline(&mut self, view: View<'_>) {
        let State::Ringing { by, video, .. } = self.state else {
            return;
        };
        self.state = State::Out;
        self.note(view, Some(by), video, CallOutcome::Declined);
        if view.members.get(by).is_some() {
            self.out.push_back(Output::TellOne(by, RoomMessage::Decline));
        }
        self.show();
    }

    /// A member calls.
    pub fn on_ring(&mut self, view: View<'_>, by: MemberId, video: bool, rules: &Rules, rows: &mut Rows) {
        // Both called at once: that is a call.
        if view.members.get(by).is_none() || view.kind == RoomKind::Ephemeral || self.is_in() {
            return;
        }
        let video = video && rules.video;
        if !rules.ring || rules.is_quiet(view.clock.minute_of_day(view.now)) {
            return self.missed(view, by, video, rows);
        }
        if matches!(self.state, State::Ringing { .. }) {
            return;
        }
        if !self.parts.entry(by).or_default().may_ring(view.now) {
            return self.missed(view, by, video, rows);
        }
        self.state = State::Ringing { by, video, since: view.now };
        self.show();
    }

    /// A member whom we call does not want to.
    pub fn on_decline(&mut self, view: View<'_>, by: MemberId) {
        if let State::In { answered: None, rings: true, video, .. } = self.state
            && view.kind == RoomKind::Contact
            && view.members.get(by).is_some()
        {
            self.state = State::Out;
            self.note(view, None, video, CallOutcome::Declined);
            self.tell_streams();
            self.show();
        }
    }

    /// A member who can read us again is to hear that we call.
    pub fn ring_again(&mut self, member: MemberId) {
        if let State::In { answered: None, rings: true, video, .. } = self.state {
            self.out.push_back(Output::TellOne(member, RoomMessage::Ring { video }));
        }
    }

    pub(super) fn missed(&mut self, view: View<'_>, by: MemberId, video: bool, rows: &mut Rows) {
        if let Some(member) = view.members.get(by) {
            let part = self.parts.entry(by).or_default();
            // It rang all the same, where it may; what the room has no room for is not written down.
            if !part.may_note_missed(view.now) || rows.charge(view.now, by, rows::units(member.name.len())).is_err() {
                return;
            }
            part.note_missed(view.now);
        }
        self.note(view, Some(by), video, CallOutcome::Missed);
        self.out.push_back(Output::Event(RoomEvent::Missed { by, video }));
    }
}
