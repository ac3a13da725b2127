//! What is shown of the room: how members stand, and the figures.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use group_crypto::MemberId;

use super::{Inside, participant::Participant, routing::view};
use crate::{
    api::{InvitationId, ParticipantState, RoomEvent, Trouble},
    rendezvous::{Secret, Side},
    room::{
        figures::{RoomFigures, Summary},
        output::Output,
        pairs::{Pair, Whom},
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
        let view = view(now, self.about.kind, &self.about.own, &self.membership.agreement, &self.participants);
        let verifications = self.trust.verifications(view);
        for p in self.participants.values_mut() {
            let met = self.links.strangers.values().any(|s| s.dialled && p.is_at(&s.endpoint));
            p.note_keys(now, self.membership.agreement.key_state(p.member.id));
            self.media.watch_keys(now, p.member.id, p.key_standing(met));
        }
        let mut media = BTreeMap::new();
        self.in_media(now, out, |all, at| {
            media.extend(at.view.members.iter().map(|member| (member.id, all.state(at, member.id))));
        });
        for (p, (verification, verified_as)) in self.participants.values_mut().zip(verifications) {
            let media = media.remove(&p.member.id).unwrap_or_default();
            let state = ParticipantState { verification, verified_as, ..p.state(now, &media) };
            if state != p.shown && !p.standing.said_goodbye {
                p.shown = state.clone();
                out.push_back(Output::Event(RoomEvent::Changed { member: p.member.id, state }));
            }
        }
    }

    pub fn trouble(&self, trouble: Trouble, out: &mut VecDeque<Output>) {
        out.push_back(Output::Trouble(trouble));
    }

    pub fn name_of(&self, member: MemberId) -> Option<String> {
        if member == self.membership.agreement.group().my_id() {
            return Some(self.about.own.name.clone());
        }
        self.participants.values().find(|p| p.member.id == member).map(|p| p.name.clone())
    }

    pub fn by_id(&mut self, id: MemberId) -> Option<&mut Participant> {
        self.participants.values_mut().find(|p| p.member.id == id)
    }

    pub fn pairs(&self) -> Vec<Pair> {
        if self.about.closing.is_final() {
            return Vec::new();
        }
        let us = self.membership.agreement.group().my_id();
        let members = self.participants.values().filter(|p| !p.standing.said_goodbye).flat_map(|p| {
            let id = p.member.id;
            let side = if us < id { Side::Lower } else { Side::Higher };
            let present = p.link.is_some();
            let secrets = [(Whom::Member(id), p.reach.pair), (Whom::FirstPair(id), p.reach.first_pair)];
            secrets.into_iter().filter_map(move |(whom, secret)| {
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

    pub fn summary(&self) -> Summary {
        Summary {
            title: self.about.title.clone(),
            epoch: self.membership.agreement.group().epoch(),
            suite: self.membership.agreement.group().suite(),
            roster: self.membership.agreement.group().members().iter().map(|m| m.id).collect(),
            authenticator: self.membership.agreement.group().epoch_authenticator(),
            names: self.membership.agreement.group().members().iter().map(|m| m.card.name.clone()).collect(),
        }
    }

    pub fn figures(&self) -> Vec<RoomFigures> {
        let members = self.participants.values().filter_map(|p| self.figures_of(p));
        self.membership.departed.iter().cloned().chain(members).collect()
    }

    pub fn figures_of(&self, p: &Participant) -> Option<RoomFigures> {
        let media = self.media.figures(p.member.id)?;
        let carried_by = media.carried_by.and_then(|by| self.name_of(by));
        Some(p.figures(media, carried_by))
    }
}
