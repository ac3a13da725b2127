//! One who was left alone in a call: nobody comes back to see and hear a person who went away and forgot it.

use std::time::{Duration, Instant};

use super::{Call, Output, State, Switches};
use crate::{
    api::{RoomKind, Trouble},
    room::view::{MemberView, SOUGHT, View},
};

/// After so long alone in a call, camera, microphone and screen are turned off.
pub(in crate::room) const TURN_OFF: Duration = Duration::from_mins(2);
/// After so long we hang up.
pub(in crate::room) const HANG_UP: Duration = Duration::from_mins(10);

/// Since when nobody else is in the call with us, who once were in it.
#[derive(Default)]
pub(super) struct LeftAlone {
    since: Option<Instant>,
    is_turned_off: bool,
}

impl Call {
    pub(super) fn end_if_left_alone(&mut self, view: View<'_>) {
        let is_answered = matches!(self.state, State::In { answered: Some(_), .. });
        if !is_answered || view.members.iter().any(MemberView::is_in_call) {
            self.left_alone = LeftAlone::default();
            return;
        }
        let since = *self.left_alone.since.get_or_insert(view.now);
        if view.now >= since + most_alone(view) {
            self.left_alone = LeftAlone::default();
            self.out.push_back(Output::Trouble(Trouble::CallLeftAlone));
            match view.kind {
                RoomKind::Ephemeral => self.out.push_back(Output::Leave),
                RoomKind::Kept | RoomKind::Contact => self.hang_up(view),
            }
        } else if view.now >= since + TURN_OFF
            && !std::mem::replace(&mut self.left_alone.is_turned_off, true)
            && self.switches.any()
        {
            self.switch(Switches::default());
            self.out.push_back(Output::TurnOff);
            self.out.push_back(Output::Trouble(Trouble::LeftAlone));
        }
    }
}

/// An ephemeral room cannot be entered again: one who lost the others waits in it for as long as they may come back.
fn most_alone(view: View<'_>) -> Duration {
    let may_come_back = view.members.iter().any(|member| !member.said_goodbye);
    if view.kind == RoomKind::Ephemeral && may_come_back { SOUGHT } else { HANG_UP }
}
