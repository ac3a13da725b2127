//! One who was left alone in a call: nobody comes back to see and hear a person who went away and forgot it.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{Output, inside::Inside, membership::SOUGHT, participant::Participant, send, wire::LinkMessage};
use crate::api::{OverBecause, RoomKind, Trouble};

/// After so long alone in a call, camera, microphone and screen are turned off.
pub(super) const TURN_OFF: Duration = Duration::from_mins(2);
/// After so long we hang up.
pub(super) const HANG_UP: Duration = Duration::from_mins(10);

/// Since when nobody else is in the call with us, who once were in it.
#[derive(Default)]
pub(super) struct LeftAlone {
    since: Option<Instant>,
    is_turned_off: bool,
}

impl Inside {
    pub fn look_after_left_alone(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        if !self.call.is_answered() || self.participants.values().any(Participant::is_in_call) {
            self.left_alone = LeftAlone::default();
            return;
        }
        let since = *self.left_alone.since.get_or_insert(now);
        if now >= since + self.most_alone() {
            self.left_alone = LeftAlone::default();
            self.trouble(Trouble::CallLeftAlone, out);
            match self.kind {
                // Without its call it is nothing.
                RoomKind::Ephemeral => self.leave(out),
                RoomKind::Kept | RoomKind::Contact => self.hang_up(now, out),
            }
        } else if now >= since + TURN_OFF && !std::mem::replace(&mut self.left_alone.is_turned_off, true) {
            let own = &self.own;
            if own.camera_on || own.microphone_on || own.screen_on {
                self.switch_streams(now, [false; 3], out);
                out.push_back(Output::TurnOff);
                self.trouble(Trouble::LeftAlone, out);
            }
        }
    }

    /// An ephemeral room cannot be entered again: one who lost the others waits in it for as long as they may come back.
    fn most_alone(&self) -> Duration {
        let may_come_back = self.participants.values().any(|p| !p.said_goodbye);
        if self.kind == RoomKind::Ephemeral && may_come_back { SOUGHT } else { HANG_UP }
    }

    /// Our camera, microphone and screen, in this order, are turned on or off.
    pub fn switch_streams(&mut self, now: Instant, on: [bool; 3], out: &mut VecDeque<Output>) {
        let before = self.streams_now();
        let own = &mut self.own;
        let was_on = [own.camera_on, own.microphone_on, own.screen_on];
        [own.camera_on, own.microphone_on, own.screen_on] = on;
        if on.iter().zip(was_on).any(|(on, was_on)| *on && !was_on) {
            // The person is there.
            self.left_alone = LeftAlone::default();
        }
        // Outside of the call it is nobody's business when something is switched.
        if self.streams_now() != before {
            self.tell_streams(out);
            self.share_uplink_anew(now, out);
        }
    }

    /// Out of the room for good.
    pub fn leave(&mut self, out: &mut VecDeque<Output>) {
        let goodbye = self.agreement.group().sign_goodbye().unwrap_or_default();
        for link in self.participants.values().filter_map(|p| p.link) {
            send(out, link, &LinkMessage::Goodbye(goodbye.clone()));
            out.push_back(Output::Close { link });
        }
        self.over = Some(OverBecause::Left);
    }
}
