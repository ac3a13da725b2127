//! What is shown of the room: how members stand, and the figures.

use std::{collections::VecDeque, time::Instant};

use group_crypto::MemberId;

use super::{Inside, acting::view};
use crate::{
    api::{InvitationId, RoomEvent},
    rendezvous::{Secret, Side},
    room::{
        figures::{RoomFigures, Summary},
        output::Output,
        pairs::{Pair, Whom},
        status,
        view::{Members, Source},
    },
};

impl Inside {
    /// Shows what the inputs since the last call have changed. It looks at every member, and in a large room many messages
    /// come at once, so it is called at the end of a burst.
    pub fn show_what_changed(&mut self, out: &mut VecDeque<Output>) {
        if let Some(now) = self.pending.unshown.take() {
            self.show_changes(now, out);
        }
    }

    pub fn show_changes(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let everyone = self.links.everyone(&self.roster);
        let view = view(now, &self.about, &everyone);
        let verifications = self.trust.verifications(view);
        for member in view.members.iter() {
            let (keys, is_met) = (self.roster.key_state(member.id), self.links.is_met(member.id));
            let standing = self.status.note_keys(now, member, keys, is_met);
            self.media.watch_keys(now, member.id, standing);
        }
        let mut media = Vec::new();
        self.in_media(now, out, |all, at| {
            media.extend(at.view.members.iter().map(|member| all.state(at, member.id)));
        });
        let everyone = self.links.everyone(&self.roster);
        let members = Members::new(&everyone);
        for ((member, media), trust) in members.iter().zip(media).zip(verifications) {
            let stands = status::Now { presence: self.links.presence(now, member.id), media, trust };
            if let Some(state) = self.status.change(now, member, stands) {
                out.push_back(Output::Event(RoomEvent::Changed { member: member.id, state }));
            }
        }
    }

    /// What the room is called here: a contact by our label, or by their own name.
    pub fn shown_title(&self) -> String {
        self.about.shown_title(self.roster.first_name())
    }

    pub fn relabel(&mut self, label: &str, out: &mut VecDeque<Output>) {
        self.about.relabel(label);
        self.keep_details();
        out.push_back(Output::Event(RoomEvent::Titled { title: self.shown_title() }));
    }

    /// A member's name, ours included.
    pub fn name_of(&self, member: MemberId) -> Option<String> {
        if member == self.roster.me() {
            return Some(self.about.own.name.clone());
        }
        self.roster.name_of(member).map(str::to_owned)
    }

    /// Nobody else is a member, is about to be one, or can become one.
    pub fn is_alone(&self) -> bool {
        self.roster.is_alone() && !self.door.may_let_in()
    }

    pub fn pairs(&self) -> Vec<Pair> {
        if self.roster.is_closed() {
            return Vec::new();
        }
        let us = self.roster.me();
        let everyone = self.links.everyone(&self.roster);
        let members = everyone.members().filter(|member| !member.said_goodbye).flat_map(|member| {
            let side = if us < member.id { Side::Lower } else { Side::Higher };
            let present = member.has_link;
            let whose = [Whom::Member(member.id), Whom::FirstPair(member.id)];
            whose.into_iter().zip(self.links.secrets(member.id)).filter_map(move |(whom, secret)| {
                let secret = Secret::from_bytes(secret?);
                Some(Pair { whom, secret, side, present, wanted: !present })
            })
        });
        let bearers = self.door.secrets().map(|secret| {
            let whom = Whom::Bearer(InvitationId(secret.id().0));
            let secret = Secret::from_bytes(*secret.as_bytes());
            Pair { whom, secret, side: Side::Lower, present: false, wanted: false }
        });
        members.chain(bearers).collect()
    }

    /// There are others in the call, and no place for us.
    pub fn call_is_full(&self) -> bool {
        self.call.is_full(Members::new(&self.links.everyone(&self.roster)))
    }

    pub fn others_in_call(&self) -> Vec<(MemberId, String)> {
        let everyone = self.links.everyone(&self.roster);
        let there = everyone.members().filter(|member| member.is_in_call());
        there.map(|member| (member.id, member.name.to_owned())).collect()
    }

    pub fn summary(&self) -> Summary {
        let group = self.roster.group();
        Summary {
            title: self.about.title.clone(),
            epoch: group.epoch(),
            suite: group.suite(),
            roster: group.members().iter().map(|m| m.id).collect(),
            authenticator: group.epoch_authenticator(),
            names: group.members().iter().map(|m| m.card.name.clone()).collect(),
        }
    }

    pub fn figures(&self) -> Vec<RoomFigures> {
        let everyone = self.links.everyone(&self.roster);
        let members = everyone.members().filter_map(|member| self.figures_of(member.id, member.name.to_owned()));
        self.status.departed().chain(members).collect()
    }

    fn figures_of(&self, member: MemberId, name: String) -> Option<RoomFigures> {
        let media = self.media.figures(member)?;
        let carried_by = media.carried_by.and_then(|by| self.name_of(by));
        Some(self.status.figures((member, name), self.links.route(member), media, carried_by))
    }

    /// Keeps the figures of one who is not here any more.
    pub(super) fn depart(&mut self, member: MemberId, name: String) {
        self.media.depart(member);
        let figures = self.figures_of(member, name);
        self.status.depart(figures);
    }
}
