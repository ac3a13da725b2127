//! What happens when others say, or prove, that we are no longer in the room: it can be read on, and only the person deletes
//! it.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::api::{OverBecause, ReadOnly, RoomEvent, RoomKind, Trouble};
use crate::room::{Input, Output, inside::Inside, keep::Keep, output::send, wire::LinkMessage};

/// A room that is not kept ends when all who are here have said for so long that we were removed.
const CALLED_OUT: Duration = Duration::from_secs(10);

/// Whether anything can still be said in the room.
#[derive(Default)]
pub(in crate::room) struct Closing {
    why: Option<ReadOnly>,
    called_out_since: Option<Instant>,
}

impl Closing {
    pub fn restored(why: Option<ReadOnly>) -> Self {
        Self { why, called_out_since: None }
    }

    /// There is nobody any more to link to, and never will be.
    pub fn is_final(&self) -> bool {
        matches!(self.why, Some(ReadOnly::Removed | ReadOnly::ContactEnded))
    }
}

impl Inside {
    /// All who are here say that we were removed, or somebody has shown that we were not. A link that works may come at any
    /// time, so they are dialled on.
    pub fn called_out(&mut self, now: Instant, called_out: bool, out: &mut VecDeque<Output>) {
        if self.about.closing.is_final() {
            return;
        }
        self.about.closing.called_out_since = called_out.then_some(now);
        self.show_closing(called_out.then_some(ReadOnly::SaidRemoved), out);
    }

    pub fn end_if_called_out(&mut self, now: Instant) {
        let since = self.about.closing.called_out_since;
        if self.about.kind == RoomKind::Ephemeral && since.is_some_and(|since| now >= since + CALLED_OUT) {
            self.pending.over = Some(OverBecause::Removed);
        }
    }

    /// We are out for good. Of a room that is kept nothing is lost but its links.
    pub fn close(&mut self, now: Instant, why: ReadOnly, out: &mut VecDeque<Output>) {
        self.in_call(now, out, |call, view, _| call.hang_up(view));
        self.membership.agreement.retire();
        self.media.drop_all_paths();
        for p in self.participants.values_mut() {
            p.reach.dial_at = None;
            let former = p.former_link.take().map(|(former, _)| former);
            out.extend(p.link.take().into_iter().chain(former).map(|link| Output::Close { link }));
        }
        out.extend(std::mem::take(&mut self.links.strangers).into_keys().map(|link| Output::Close { link }));
        if self.about.kind == RoomKind::Ephemeral {
            self.pending.over = Some(OverBecause::Removed);
            return;
        }
        self.keep(Keep::ReadOnly(why));
        self.show_closing(Some(why), out);
    }

    pub fn show_closing(&mut self, why: Option<ReadOnly>, out: &mut VecDeque<Output>) {
        self.about.closing.why = why;
        out.push_back(Output::Event(RoomEvent::ReadOnly(why)));
    }

    /// Whether the room can only be read; if so, says so.
    pub fn is_read_only(&self, out: &mut VecDeque<Output>) -> bool {
        let is_read_only = self.about.closing.why.is_some();
        if is_read_only {
            self.trouble(Trouble::ReadOnly, out);
        }
        is_read_only
    }

    /// Away for a while.
    pub fn rest(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        self.in_call(now, out, |call, view, _| call.hang_up(view));
        self.membership.agreement.save_all();
        for link in self.participants.values().filter_map(|p| p.link) {
            send(out, link, &LinkMessage::Rest);
            out.push_back(Output::Close { link });
        }
    }

    /// Out of the room for good.
    pub fn leave(&mut self, out: &mut VecDeque<Output>) {
        let goodbye = self.membership.agreement.group().sign_goodbye().unwrap_or_default();
        for link in self.participants.values().filter_map(|p| p.link) {
            send(out, link, &LinkMessage::Goodbye(goodbye.clone()));
            out.push_back(Output::Close { link });
        }
        self.pending.over = Some(OverBecause::Left);
    }

    /// What can still be done in a room that is closed for good.
    pub fn handle_closed(&mut self, input: Input<'_>, out: &mut VecDeque<Output>) {
        match input {
            Input::Leave => self.pending.over = Some(OverBecause::Left),
            Input::LinkOpened { link, .. } | Input::LinkMessage { link, .. } => out.push_back(Output::Close { link }),
            Input::Label(label) => self.relabel(label, out),
            Input::Clock(clock) => self.about.own.clock = clock,
            Input::Say(_) | Input::Call { .. } | Input::Invite(_) | Input::Remove(_) => {
                self.trouble(Trouble::ReadOnly, out);
            }
            _ => {}
        }
    }
}
