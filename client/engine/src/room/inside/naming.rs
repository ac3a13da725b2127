//! What the room and its members are called.

use std::{collections::VecDeque, time::Instant};

use group_crypto::MemberId;

use super::Inside;
use crate::{
    api::{Body, Line, RoomEvent, RoomKind, Rules},
    room::{keep::Keep, output::Output, wire::RoomMessage},
};

impl Inside {
    /// Our note of whom a contact is for is nobody else's business.
    pub fn title_for_others(&self) -> String {
        match self.about.kind {
            RoomKind::Contact => self.about.own.name.clone(),
            _ => self.about.title.clone(),
        }
    }

    /// What the room is called here: a contact by our label, or by their own name.
    pub fn shown_title(&self) -> String {
        let them = match self.about.kind {
            RoomKind::Contact => self.participants.values().next().map(|p| p.name.clone()),
            _ => None,
        };
        self.about.label.clone().or(them).unwrap_or_else(|| self.about.title.clone())
    }

    pub fn relabel(&mut self, label: String, out: &mut VecDeque<Output>) {
        self.about.label = Some(label.trim().to_owned()).filter(|label| is_fine_title(label));
        self.keep_details();
        out.push_back(Output::Event(RoomEvent::Titled { title: self.shown_title() }));
    }

    /// What the room may do to us is another thing from now on.
    pub fn set_rules(&mut self, rules: Rules, out: &mut VecDeque<Output>) {
        self.about.rules = rules;
        self.keep_details();
        out.push_back(Output::Event(RoomEvent::Settled { rules: self.about.rules }));
    }

    /// Our own name is another one.
    pub fn rename(&mut self, name: String, out: &mut VecDeque<Output>) {
        if group_crypto::check_name(&name).is_ok() && name != self.about.own.name {
            self.about.own.name.clone_from(&name);
            self.membership.agreement.set_card(self.about.own.card());
            self.tell_all(&RoomMessage::Name(name), out);
        }
    }

    /// A member's new name. It stands in the history, so that nobody becomes another without a word.
    pub fn renamed(&mut self, now: Instant, index: MemberId, name: String, out: &mut VecDeque<Output>) {
        if group_crypto::check_name(&name).is_err() {
            return;
        }
        let Some(p) = self.participants.get_mut(&index).filter(|p| p.name != name) else {
            return;
        };
        let from = std::mem::replace(&mut p.name, name.clone());
        let member = p.member.id;
        self.keep_member(member);
        self.in_trust(now, out, |trust, view| trust.on_name(view, member, &name));
        let at_ms = self.about.own.clock.unix_ms(now);
        self.keep(Keep::Renamed { member, from: from.clone(), to: name.clone(), at_ms });
        out.push_back(Output::Event(RoomEvent::Renamed { member, name: name.clone() }));
        out.push_back(Output::Event(RoomEvent::Said(Line {
            id: None,
            member,
            name: from,
            mine: false,
            sequence: 0,
            at_ms,
            body: Body::Renamed { to: name },
            delivered: true,
        })));
        if self.about.kind == RoomKind::Contact {
            out.push_back(Output::Event(RoomEvent::Titled { title: self.shown_title() }));
        }
    }
}

/// Titles and labels stand beside names, and follow their rules.
pub(in crate::room) fn is_fine_title(title: &str) -> bool {
    group_crypto::check_name(title).is_ok()
}
