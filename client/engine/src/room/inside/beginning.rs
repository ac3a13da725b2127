//! How a member comes to be inside: founding a room, being let in, coming back after a restart; and others, who come and go then.

use std::{collections::VecDeque, time::Instant};

use group_crypto::{Agreement, Group, Member, MemberId, Suite};

use super::{Inside, Pending};
use crate::{
    api::{RoomEvent, RoomKind},
    room::{
        about::About,
        call::{Call, Switches},
        chat::Chat,
        company::Directory,
        content::RoomUri,
        door::Door,
        keep::{Keep, Stored, StoredMember, Verified},
        links::Links,
        media::Media,
        numbers::{Progress, Sequence},
        output::Output,
        own::Own,
        roster::Roster,
        size::most_members,
        status::Status,
        trust::Trust,
    },
};

impl Inside {
    fn bare(about: About, roster: Roster) -> Self {
        let own = &about.own;
        let switches = Switches { camera: own.camera_on, microphone: own.microphone_on, screen: own.screen_on };
        Self {
            media: Media::new(roster.group(), own.run, own.ladder.clone()),
            links: Links::default(),
            chat: Chat::new(RoomUri::new(roster.group().id()), about.kind),
            call: Call::new(switches),
            door: Door::default(),
            trust: Trust::default(),
            status: Status::default(),
            pending: Pending::default(),
            about,
            roster,
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
        let mut inside = Self::bare(About::new(own, kind, title), Roster::new(agreement, false));
        inside.keep_details();
        inside.show_entered(out);
        for member in inside.roster.group().members().to_vec() {
            inside.in_roster(now, out, |roster, around| roster.add(around, member));
        }
        if kind == RoomKind::Ephemeral {
            inside.in_call(now, out, |call, view, _| call.enter(view, true));
        }
        inside
    }

    /// Of one who comes back after a restart.
    pub fn restore(now: Instant, own: Own, agreement: Agreement, stored: Stored, out: &mut VecDeque<Output>) -> Self {
        let Stored { details, members, invitations, lines, verified, names, read_only, stated, .. } = stored;
        let contact = members.iter().filter(|_| details.verified);
        let contact = contact.map(|known| Verified { member: known.id.0, name: known.details.name.clone() });
        let trust = Trust::restored(verified, names, contact.collect());
        let roster = Roster::new(agreement, details.renew);
        let mut inside = Self::bare(About::restored(own, details), roster);
        (inside.trust, inside.door, inside.links) = (trust, Door::restored(invitations), Links::restored(stated));
        inside.keep_details();
        let everybody = members.iter().map(|m| m.acknowledged).min().unwrap_or(0);
        let (lines, everybody) = (Sequence::clamped(lines), Sequence::clamped(everybody));
        let room = RoomUri::new(inside.roster.group().id());
        inside.chat = Chat::restored(room, inside.about.kind, lines, everybody);
        inside.show_entered(out);
        for member in inside.roster.group().members().to_vec() {
            inside.restore_member(now, member, &members, out);
        }
        let us = inside.roster.me();
        for known in members.iter().filter(|known| known.id != us) {
            inside.restore_lost(now, known);
            inside.links.resume(now, known.id, &known.details);
        }
        inside.at_door(now, out, |door, hall| door.show_all(hall));
        if let Some(why) = read_only {
            inside.in_roster(now, out, |roster, _| roster.restore_closed(why));
        }
        // Who is verified is known without anybody, and at once.
        inside.show_changes(now, out);
        inside
    }

    /// A member of the group, as they were known last.
    fn restore_member(&mut self, now: Instant, member: Member, all: &[StoredMember], out: &mut VecDeque<Output>) {
        if member.id == self.roster.me() {
            return;
        }
        let known = all.iter().find(|known| known.id == member.id);
        let name = group_crypto::plain_name(known.map_or(&member.card.name, |known| &known.details.name));
        if let Some(known) = known {
            self.resume_chat(known);
        }
        self.roster.restore(member.clone(), name.clone());
        self.begin_member(now, &member, &name, out);
    }

    /// One who was dropped from the group while we were here, and may come back.
    fn restore_lost(&mut self, now: Instant, known: &StoredMember) {
        if known.details.met && !self.roster.is_member(known.id) && self.roster.may_return(known.id) {
            self.resume_chat(known);
            self.links.begin_lost(now, known.id);
            self.add_lost(known.id, group_crypto::plain_name(&known.details.name));
        }
    }

    fn resume_chat(&mut self, known: &StoredMember) {
        let received = known.details.met.then(|| Sequence::clamped(known.received));
        let acknowledged = Sequence::clamped(known.acknowledged);
        self.chat.resume(known.id, Progress { received, acknowledged });
    }

    fn show_entered(&self, out: &mut VecDeque<Output>) {
        out.push_back(Output::Event(RoomEvent::Entered {
            title: self.shown_title(),
            kind: self.about.kind,
            me: self.roster.me(),
            epoch: self.roster.group().epoch(),
            post_quantum: self.roster.group().suite() == Suite::PostQuantum,
        }));
        out.push_back(Output::Event(RoomEvent::Settled { rules: self.about.rules }));
    }

    /// One who is not in the group any more, and whose key is known, is heard as before, and may come back.
    pub(super) fn add_lost(&mut self, member: MemberId, name: String) {
        self.roster.add_lost(member, name);
        self.chat.begin(member);
        self.media.begin(member);
    }

    /// There is another member, whom this run has not met.
    pub(super) fn on_joined(
        &mut self,
        now: Instant,
        member: &Member,
        pair: Option<[u8; 32]>,
        first_pair: Option<[u8; 32]>,
        out: &mut VecDeque<Output>,
    ) {
        let id = member.id;
        self.begin_member(now, member, &member.card.name, out);
        self.links.begin_pair(id, pair, first_pair);
        self.keep_member(id);
        let acknowledged = self.chat.progress(id).acknowledged.get();
        self.keep(Keep::Begin { member: id, received: 0, acknowledged });
        self.links.meet_waiting(id);
    }

    fn begin_member(&mut self, now: Instant, member: &Member, name: &str, out: &mut VecDeque<Output>) {
        let id = member.id;
        self.in_trust(now, out, |trust, view| trust.on_name(view, id, name));
        out.push_back(Output::Event(RoomEvent::Joined { member: id, name: name.to_owned() }));
        self.in_links(now, out, |links, around| links.begin(around, id, &member.card));
        self.chat.begin(id);
        self.media.begin(id);
        self.show_title(out);
        // What to compare with them.
        if let Some(safety) = self.roster.safety(id) {
            out.push_back(Output::Event(RoomEvent::Safety { member: id, safety }));
        }
    }

    /// A member is out for good.
    pub(super) fn on_left(&mut self, now: Instant, member: MemberId, name: String, out: &mut VecDeque<Output>) {
        self.depart(member, name);
        self.keep(Keep::ForgetMember(member));
        self.forget(now, member, out);
        if self.about.kind == RoomKind::Ephemeral {
            // A name is free again here: a member that crashed comes back with new keys.
            self.trust.forget_names(member);
        }
    }

    /// A member is no participant any more, and nobody waits for them.
    pub(super) fn forget(&mut self, now: Instant, member: MemberId, out: &mut VecDeque<Output>) {
        self.in_links(now, out, |links, around| links.forget(around, member));
        self.chat.forget(member);
        self.call.forget(member);
        self.media.forget(member);
        self.status.forget(member);
        self.pending.rows.forget(member);
    }
}
