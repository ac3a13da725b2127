//! How a member comes to be inside: founding a room, being let in, coming back after a restart; and others, who come then.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use group_crypto::{Agreement, Group, Member, MemberId, Suite};

use super::{About, Inside, Links, Membership, Pending, closing::Closing, participant::Participant};
use crate::{
    api::{RoomEvent, RoomKind, Rules},
    room::{
        call::{Call, Switches},
        chat::{Chat, Progress},
        door::Door,
        keep::{Keep, Stored, StoredMember, Verified},
        media::Media,
        numbers::Sequence,
        output::Output,
        own::Own,
        size::most_members,
        trust::Trust,
    },
};

impl Inside {
    fn bare(own: Own, agreement: Agreement, kind: RoomKind, title: String) -> Self {
        let media = Media::new(agreement.group(), own.run, own.ladder.clone());
        let switches = Switches { camera: own.camera_on, microphone: own.microphone_on, screen: own.screen_on };
        let (chat, call) = (Chat::new(kind), Call::new(switches));
        let closing = Closing::default();
        Self {
            about: About { own, kind, title, label: None, rules: Rules::default(), closing },
            membership: Membership {
                agreement,
                asked: Vec::new(),
                told: 0,
                carrying_out: false,
                renew: false,
                departed: Vec::new(),
            },
            participants: BTreeMap::new(),
            links: Links::default(),
            chat,
            call,
            door: Door::default(),
            media,
            trust: Trust::default(),
            pending: Pending::default(),
        }
    }

    /// Of one who founded the room or was just let in.
    pub fn new(
        now: Instant,
        own: Own,
        group: Group,
        kind: RoomKind,
        title: String,
        out: &mut VecDeque<Output>,
    ) -> Self {
        let agreement = Agreement::new(group, own.card(), most_members(kind));
        let mut inside = Self::bare(own, agreement, kind, title);
        inside.keep_details();
        inside.show_entered(out);
        for member in inside.membership.agreement.group().members().to_vec() {
            inside.add_participant(now, member, out);
        }
        if kind == RoomKind::Ephemeral {
            inside.in_call(now, out, |call, view, _| call.enter(view, true));
        }
        inside
    }

    /// Of one who comes back after a restart.
    pub fn restore(now: Instant, own: Own, agreement: Agreement, stored: Stored, out: &mut VecDeque<Output>) -> Self {
        let Stored { details, members, invitations, lines, verified, names, read_only, stated, .. } = stored;
        // An older rule took titles that are none any more, and an import may hold any.
        let mut inside = Self::bare(own, agreement, details.kind, group_crypto::plain_name(&details.title));
        inside.about.label = details.label.map(|label| group_crypto::plain_name(&label));
        inside.about.rules = details.rules;
        let contact = members.iter().filter(|_| details.verified);
        let contact = contact.map(|known| Verified { member: known.id.0, name: known.details.name.clone() });
        inside.trust = Trust::restored(verified, names, contact.collect());
        inside.door = Door::restored(invitations);
        inside.membership.renew = details.renew;
        inside.links.stated = stated;
        inside.keep_details();
        let lines = Sequence::clamped(lines);
        let everybody = members.iter().map(|m| m.acknowledged).min().unwrap_or(0);
        inside.chat = Chat::restored(details.kind, lines, Sequence::clamped(everybody));
        inside.show_entered(out);
        for member in inside.membership.agreement.group().members().to_vec() {
            let known = members.iter().find(|m| m.id == member.id);
            // As they were known last.
            let name = group_crypto::plain_name(known.map_or(&member.card.name, |known| &known.details.name));
            inside.resume_chat(member.id, known);
            inside.admit_participant(now, member, name, out);
        }
        let us = inside.membership.agreement.group().my_id();
        for known in members.iter().filter(|known| known.id != us) {
            if known.details.met
                && !inside.participants.contains_key(&known.id)
                && inside.membership.agreement.knows(known.id)
            {
                let name = group_crypto::plain_name(&known.details.name);
                inside.resume_chat(known.id, Some(known));
                inside.add_lost(now, known.id, name);
            }
            if let Some(p) = inside.participants.get_mut(&known.id) {
                (p.reach.pair, p.reach.first_pair) = (known.details.pair, known.details.first_pair);
                if let Some(at) = known.details.at.clone() {
                    p.reach.at = at.into();
                }
                // Whoever comes back dials; the other may not know that there is anybody to dial.
                p.reach.dial_at = Some(now);
            }
        }
        inside.at_door(now, out, |door, hall| door.show_all(hall));
        if let Some(why) = read_only {
            inside.membership.agreement.retire();
            inside.about.closing = Closing::restored(Some(why));
            inside.show_closing(Some(why), out);
        }
        // Who is verified is known without anybody, and at once.
        inside.show_changes(now, out);
        inside
    }

    fn resume_chat(&mut self, member: MemberId, known: Option<&StoredMember>) {
        if let Some(known) = known.filter(|_| member != self.membership.agreement.group().my_id()) {
            let received = known.details.met.then(|| Sequence::clamped(known.received));
            let acknowledged = Sequence::clamped(known.acknowledged);
            self.chat.resume(member, Progress { received, acknowledged });
        }
    }

    fn show_entered(&self, out: &mut VecDeque<Output>) {
        out.push_back(Output::Event(RoomEvent::Entered {
            title: self.shown_title(),
            kind: self.about.kind,
            me: self.membership.agreement.group().my_id(),
            epoch: self.membership.agreement.group().epoch(),
            post_quantum: self.membership.agreement.group().suite() == Suite::PostQuantum,
        }));
        out.push_back(Output::Event(RoomEvent::Settled { rules: self.about.rules }));
    }

    pub fn add_participant(&mut self, now: Instant, member: Member, out: &mut VecDeque<Output>) {
        let index = member.id;
        let name = member.card.name.clone();
        let first_pair = self.first_pair_with(&member);
        self.admit_participant(now, member, name, out);
        if let Some(p) = self.participants.get_mut(&index) {
            if self.about.kind != RoomKind::Contact {
                // Members of a larger room could all export the same.
                p.reach.first_pair = first_pair;
            } else if let Ok(secret) = self.membership.agreement.group().export("pair", &[]) {
                // There are only two in this epoch, and both export it.
                p.reach.pair = Some(*secret);
            }
        }
        if self.participants.contains_key(&index) {
            self.keep_member(index);
            let acknowledged = self.chat.progress(index).acknowledged.get();
            self.keep(Keep::Begin { member: index, received: 0, acknowledged });
        }
        self.meet_waiting(index);
    }

    fn admit_participant(&mut self, now: Instant, member: Member, name: String, out: &mut VecDeque<Output>) {
        if member.id == self.membership.agreement.group().my_id() {
            return;
        }
        let id = member.id;
        self.in_trust(now, out, |trust, view| trust.on_name(view, id, &name));
        out.push_back(Output::Event(RoomEvent::Joined { member: id, name: name.clone() }));
        let mut participant = Participant::new(now, member);
        participant.name = name;
        if self.membership.agreement.group().my_id() < id {
            participant.reach.dial_at = Some(now);
        }
        self.participants.insert(id, participant);
        self.chat.begin(id);
        self.media.begin(id);
        if self.about.kind == RoomKind::Contact {
            out.push_back(Output::Event(RoomEvent::Titled { title: self.shown_title() }));
        }
        self.show_safety(id, out);
    }
}
