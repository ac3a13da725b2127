//! What the room writes down and says to members, and what it does when that was not written.

use std::{collections::VecDeque, time::Instant};

use group_crypto::MemberId;

use super::Inside;
use crate::{
    api::{OverBecause, RoomEvent, RoomKind, Rules},
    room::{
        keep::Keep,
        links::Links,
        output::Output,
        rows::Rows,
        wire::{self, LinkMessage, RoomMessage},
    },
};

/// What is to be written down, shown and done when an input has been handled.
#[derive(Default)]
pub(in crate::room) struct Pending {
    /// What is to be on the disk before anything more leaves.
    pub kept: Vec<Keep>,
    /// What others may still have written down.
    pub rows: Rows,
    /// When the last input came, where nobody has looked since for changes to be shown.
    pub unshown: Option<Instant>,
    /// What the roster wants is being carried out: a loop further out goes on with it.
    pub is_carrying_out: bool,
    pub over: Option<OverBecause>,
}

impl Inside {
    /// Asks for something to be on the disk before anything more leaves.
    pub fn keep(&mut self, what: Keep) {
        if self.about.kind != RoomKind::Ephemeral {
            self.pending.kept.push(what);
        }
    }

    /// Keeps what is known of a member.
    pub fn keep_member(&mut self, member: MemberId) {
        let met = self.chat.progress(member).received.is_some();
        let name = self.roster.name_of(member).unwrap_or_default().to_owned();
        if let Some(details) = self.links.details(member, name, met) {
            self.keep(Keep::Member { member, details });
        }
    }

    pub fn keep_details(&mut self) {
        self.keep(self.about.details(self.roster.is_to_renew()));
    }

    /// What must be on the disk before anything more leaves; the group goes last, as it is after all of it.
    pub fn take_kept(&mut self) -> Vec<Keep> {
        if self.about.kind == RoomKind::Ephemeral {
            return Vec::new();
        }
        let keys = self.roster.take_kept();
        self.pending.kept.extend(keys);
        std::mem::take(&mut self.pending.kept)
    }

    /// What a member said was not kept. Their link is closed, and the chat with them stands where the disk has it.
    pub fn not_kept(
        &mut self,
        now: Instant,
        member: MemberId,
        progress: Option<(u64, u64)>,
        out: &mut VecDeque<Output>,
    ) {
        out.retain(|output| !self.follows_from(member, output));
        self.chat.on_not_kept(member, progress);
        if progress.is_none() {
            self.keep_member(member);
        }
        self.in_links(now, out, |links, around| links.on_not_kept(around, member));
    }

    /// Whether this output only follows from what the member said: it shows or confirms it.
    pub fn follows_from(&self, member: MemberId, output: &Output) -> bool {
        match output {
            Output::Event(RoomEvent::Said(line)) => line.member == member,
            Output::Changed(changed) => changed.by == member,
            Output::Send { link, .. } => self.links.by_link(*link) == Some(member),
            _ => false,
        }
    }

    /// Tells those who have a link something inside the group, and nobody later.
    pub fn tell_linked(&mut self, now: Instant, message: &RoomMessage, out: &mut VecDeque<Output>) {
        let mut to = Vec::new();
        self.in_links(now, out, |links, around| to = links.linked_members(around));
        self.tell_in_time(now, &to, message, out);
    }

    /// Tells members something inside the group, in the current epoch, now or once they have a link: sealed, and so kept, once
    /// for all of them.
    pub fn tell_in_time(&mut self, now: Instant, to: &[MemberId], message: &RoomMessage, out: &mut VecDeque<Output>) {
        if !to.is_empty()
            && let Some(bytes) = self.roster.seal(message)
        {
            self.in_links(now, out, |links, _| links.tell_in_time(to, message.purpose(), &bytes));
        }
    }

    /// Our own name is another one.
    pub fn rename(&mut self, now: Instant, name: String, out: &mut VecDeque<Output>) {
        if group_crypto::check_name(&name).is_ok() && name != self.about.own.name {
            self.about.own.name.clone_from(&name);
            self.roster.set_card(&self.about.own);
            let everyone = self.roster.audience();
            self.tell_in_time(now, &everyone, &RoomMessage::Name(name.into()), out);
        }
    }

    /// What the room may do to us is another thing from now on.
    pub fn set_rules(&mut self, rules: Rules, out: &mut VecDeque<Output>) {
        self.about.rules = rules;
        self.keep_details();
        out.push_back(Output::Event(RoomEvent::Settled { rules }));
    }

    /// Away for a while.
    pub fn rest(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        self.in_call(now, out, |call, view, _| call.hang_up(view));
        self.roster.save_all();
        self.in_links(now, out, |links, _| links.part(&LinkMessage::Rest));
    }

    /// Out of the room for good.
    pub fn leave(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let goodbye = LinkMessage::Goodbye(self.roster.farewell());
        self.in_links(now, out, |links, _| links.part(&goodbye));
        self.pending.over = Some(OverBecause::Left);
    }

    /// What the room wants done, with what goes over a way through another member turned into what that member is asked.
    pub fn reroute(&mut self, now: Instant, output: Output) -> Option<Output> {
        match output {
            Output::Send { link, bytes, .. } if link.is_through() => {
                let (to, link) = self.links.way_for(&self.roster, now, link, bytes.len())?;
                let sealed = self.roster.seal(&RoomMessage::Over { to: to.0, bytes })?;
                let bytes = wire::encode(&LinkMessage::Forward { to: to.0, sealed });
                Some(Output::Forward { link, author: to, bytes })
            }
            Output::SendDatagram { link, bytes } if link.is_through() => {
                let (to, link) = self.links.way(&self.roster, link)?;
                Some(Output::SendDatagram { link, bytes: Links::datagram_for(&self.roster, to, &bytes)? })
            }
            Output::Close { link } if link.is_through() => {
                self.links.close_way(link);
                None
            }
            Output::Vouch { link } | Output::LetWait { link } if link.is_through() => None,
            other => Some(other),
        }
    }
}
