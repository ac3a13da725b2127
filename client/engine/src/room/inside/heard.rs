//! What members say: which facet it is for.

use std::{collections::VecDeque, time::Instant};

use group_crypto::{MemberId, PassedOn, RunId};

use super::Inside;
use crate::{
    rendezvous::Whereabouts,
    room::{
        budget::Cost,
        link::LinkId,
        output::Output,
        rows,
        wire::{LinkMessage, RoomMessage, Streams},
    },
    wall::Wall,
};

impl Inside {
    /// Reads what was said, one message after the other, as far as the budget of each member goes.
    pub fn read(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let mut is_more = true;
        while is_more {
            self.in_links(now, out, |links, around| is_more = links.read_next(around));
        }
    }

    /// A media datagram over a link.
    pub(super) fn on_datagram(&mut self, now: Instant, link: LinkId, bytes: &[u8], out: &mut VecDeque<Output>) {
        let mut whose = None;
        self.in_links(now, out, |links, around| whose = links.on_datagram(around, link, bytes));
        if let Some((from, bytes)) = whose {
            self.in_media(now, out, |media, at| media.on_link_datagram(at, from, bytes));
        }
    }

    /// What a member says beside the group.
    pub(super) fn on_link_message(
        &mut self,
        now: Instant,
        by: MemberId,
        message: LinkMessage,
        out: &mut VecDeque<Output>,
    ) {
        match message {
            LinkMessage::Group(bytes) => self.on_group_message(now, by, &bytes, out),
            LinkMessage::Streams(streams) => {
                self.in_call(now, out, |call, view, rows| call.on_streams(view, by, streams, rows));
            }
            LinkMessage::Received { up_to, again } => {
                self.in_chat(now, out, |chat, _, _| chat.on_received(now, by, up_to, again));
            }
            LinkMessage::Goodbye(statement) => {
                let mut is_theirs = true;
                self.in_roster(now, out, |roster, around| is_theirs = roster.on_goodbye(around, by, statement));
                if !is_theirs {
                    self.charge(now, by, Cost::Unreadable, out);
                }
            }
            about_media => self.in_media(now, out, |media, at| media.on_message(at, by, about_media)),
        }
    }

    /// A member's message about keys, or inside the group, over a link of their own.
    fn on_group_message(&mut self, now: Instant, by: MemberId, bytes: &[u8], out: &mut VecDeque<Output>) {
        let (told, mut is_readable) = (self.roster.told(), false);
        self.in_roster(now, out, |roster, _| is_readable = roster.on_message(now, by, bytes));
        if !is_readable {
            self.charge(now, by, Cost::Unreadable, out);
        } else if self.roster.told() == told {
            // What nobody says to anybody is about keys.
            self.charge(now, by, Cost::Proposal, out);
        }
    }

    /// What a member passed on for another. One who passes something on cannot tell what it is: its author pays for it.
    pub(super) fn on_passed_on(
        &mut self,
        now: Instant,
        (by, from): (MemberId, MemberId),
        bytes: &[u8],
        out: &mut VecDeque<Output>,
    ) {
        let (told, mut read) = (self.roster.told(), PassedOn::Unreadable);
        self.in_roster(now, out, |roster, _| read = roster.on_passed_on(now, by, bytes));
        let is_about_keys = self.roster.told() == told;
        self.in_links(now, out, |links, around| links.on_passed_on_read(around, by, from, read, is_about_keys));
    }

    /// What a member says inside the group.
    pub(super) fn on_room_message(
        &mut self,
        now: Instant,
        from: MemberId,
        message: RoomMessage,
        out: &mut VecDeque<Output>,
    ) {
        match message {
            RoomMessage::Line { sequence, at_ms, body } => self.in_chat(now, out, |chat, view, rows| {
                chat.on_line(view, from, sequence, (at_ms, body), rows);
            }),
            RoomMessage::Missing { up_to } => {
                self.in_chat(now, out, |chat, view, rows| chat.on_missing(view, from, up_to, rows));
            }
            RoomMessage::Name(name) => self.on_name(now, from, name.into(), out),
            RoomMessage::Over { to, bytes } => {
                self.in_links(now, out, |links, around| links.on_over(around, from, to, bytes));
            }
            RoomMessage::Ring { video } => {
                let rules = self.about.rules;
                self.in_call(now, out, |call, view, rows| call.on_ring(view, from, video, &rules, rows));
            }
            RoomMessage::Decline => self.in_call(now, out, |call, view, _| call.on_decline(view, from)),
            RoomMessage::Whereabouts(told) => {
                self.in_links(now, out, |links, around| links.on_told(around, from, told));
            }
            RoomMessage::Unknown => {}
        }
    }

    /// A member's new name, if there is room for it in the history.
    fn on_name(&mut self, now: Instant, member: MemberId, name: String, out: &mut VecDeque<Output>) {
        if let Some(bytes) = self.roster.length_of_renaming(member, &name)
            && self.charge(now, member, Cost::Name, out)
            && self.pending.rows.charge(now, member, rows::units(bytes)).is_ok()
        {
            let at_ms = self.about.own.clock.unix_ms(now);
            self.in_roster(now, out, |roster, _| roster.on_name(member, name, at_ms));
        }
    }

    /// A member has said Hello on a link that is now theirs.
    pub(super) fn on_greeted(
        &mut self,
        now: Instant,
        by: MemberId,
        (run, is_new_run): (RunId, bool),
        streams: Streams,
        out: &mut VecDeque<Output>,
    ) {
        self.in_media(now, out, |media, _| media.on_hello(by, run, is_new_run));
        let theirs = self.roster.newer_streams(by, streams, is_new_run);
        self.in_roster(now, out, |roster, _| roster.on_linked(now, by));
        self.in_call(now, out, |call, view, rows| call.on_streams(view, by, theirs, rows));
        self.in_media(now, out, |media, at| {
            media.tell_candidates(at, by);
            media.retry_parked(at);
        });
    }

    /// Our own links are elsewhere now.
    pub(super) fn on_moved(&mut self, now: Instant, at: Whereabouts, wall: Wall, out: &mut VecDeque<Output>) {
        self.about.own.wall = wall;
        if self.about.own.at != at {
            self.about.own.at = at;
            self.roster.set_card(&self.about.own);
            self.in_links(now, out, |links, around| links.on_moved(around));
            self.at_door(now, out, |door, hall| door.show_all(hall));
        }
    }

    /// Charges a member for what is about to be done at their word. False: it is not to be done.
    fn charge(&mut self, now: Instant, member: MemberId, cost: Cost, out: &mut VecDeque<Output>) -> bool {
        let mut is_paid = false;
        self.in_links(now, out, |links, around| is_paid = links.charge(around, member, cost));
        is_paid
    }
}
