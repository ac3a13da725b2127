//! Lets each facet act on the room as it sees it, and has what it wants carried out.

use std::{collections::VecDeque, time::Instant};

use super::Inside;
use crate::room::{
    about::About,
    call::Call,
    chat::Chat,
    door::{Door, Hall},
    links::{self, Everyone, Links},
    media::{Media, MediaView},
    output::Output,
    roster::{self, Roster},
    rows::Rows,
    trust::Trust,
    view::{Me, Members, View},
};

/// The room as facets see it.
pub(super) fn view<'a>(now: Instant, about: &'a About, everyone: &'a Everyone<'a>) -> View<'a> {
    let me = Me { id: everyone.directory.me(), name: &about.own.name };
    View { now, clock: &about.own.clock, kind: about.kind, me, members: Members::new(everyone) }
}

impl Inside {
    pub fn in_links(
        &mut self,
        now: Instant,
        out: &mut VecDeque<Output>,
        act: impl FnOnce(&mut Links, links::Around<'_>),
    ) {
        let (chat, door) = (&self.chat, &self.door);
        let around = links::Around {
            now,
            kind: self.about.kind,
            own: &self.about.own,
            directory: &self.roster,
            streams: self.call.streams(),
            progress: &|member| chat.progress(member),
            has_knocked: &|link| door.has_knocked(link),
        };
        act(&mut self.links, around);
        while let Some(output) = self.links.poll() {
            self.carry_out_links(now, output, out);
        }
    }

    /// What one output leads to comes after those that are there already.
    pub fn in_roster(
        &mut self,
        now: Instant,
        out: &mut VecDeque<Output>,
        act: impl FnOnce(&mut Roster, roster::Around<'_>),
    ) {
        self.with_roster(now, act);
        if std::mem::replace(&mut self.pending.is_carrying_out, true) {
            return;
        }
        while let Some(output) = self.with_roster(now, Roster::poll) {
            self.carry_out_roster(now, output, out);
        }
        self.pending.is_carrying_out = false;
    }

    fn with_roster<T>(&mut self, now: Instant, act: impl FnOnce(&mut Roster, roster::Around<'_>) -> T) -> T {
        let chat = &self.chat;
        let around = roster::Around {
            now,
            kind: self.about.kind,
            own: &self.about.own,
            links: &self.links,
            has_met: &|member| chat.progress(member).received.is_some(),
        };
        act(&mut self.roster, around)
    }

    pub fn in_chat(
        &mut self,
        now: Instant,
        out: &mut VecDeque<Output>,
        act: impl FnOnce(&mut Chat, View<'_>, &mut Rows),
    ) {
        let everyone = self.links.everyone(&self.roster);
        act(&mut self.chat, view(now, &self.about, &everyone), &mut self.pending.rows);
        loop {
            let everyone = self.links.everyone(&self.roster);
            let Some(output) = self.chat.poll(view(now, &self.about, &everyone), self.roster.sealed()) else {
                break;
            };
            self.carry_out_chat(now, output, out);
        }
    }

    pub fn in_call(
        &mut self,
        now: Instant,
        out: &mut VecDeque<Output>,
        act: impl FnOnce(&mut Call, View<'_>, &mut Rows),
    ) {
        let everyone = self.links.everyone(&self.roster);
        act(&mut self.call, view(now, &self.about, &everyone), &mut self.pending.rows);
        while let Some(output) = self.call.poll() {
            self.carry_out_call(now, output, out);
        }
    }

    pub fn look_after_call(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let (everyone, media) = (self.links.everyone(&self.roster), &self.media);
        let has_media = |member| media.is_connected(member);
        self.call.on_timeout(view(now, &self.about, &everyone), has_media, &mut self.pending.rows);
        self.in_call(now, out, |_, _, _| {});
    }

    pub fn at_door(&mut self, now: Instant, out: &mut VecDeque<Output>, act: impl FnOnce(&mut Door, Hall<'_>)) {
        let everyone = self.links.everyone(&self.roster);
        let hall = Hall {
            view: view(now, &self.about, &everyone),
            at: &self.about.own.at,
            suite: self.roster.group().suite(),
            members: self.roster.group().members().len(),
            may_begin_anew: self.roster.may_begin_anew(),
        };
        act(&mut self.door, hall);
        while let Some(output) = self.door.poll() {
            self.carry_out_door(now, output, out);
        }
    }

    pub fn in_trust(&mut self, now: Instant, out: &mut VecDeque<Output>, act: impl FnOnce(&mut Trust, View<'_>)) {
        let everyone = self.links.everyone(&self.roster);
        act(&mut self.trust, view(now, &self.about, &everyone));
        while let Some(output) = self.trust.poll() {
            self.carry_out_trust(output, out);
        }
    }

    /// Tells the code that all of the room can compare, once an epoch lasts.
    pub fn tell_room_code(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let (everyone, group) = (self.links.everyone(&self.roster), self.roster.group());
        self.trust.on_timeout(view(now, &self.about, &everyone), group.standing().id, || group.room_code());
        self.in_trust(now, out, |_, _| {});
    }

    pub fn in_media(&mut self, now: Instant, out: &mut VecDeque<Output>, act: impl FnOnce(&mut Media, MediaView<'_>)) {
        let (everyone, own) = (self.links.everyone(&self.roster), &self.about.own);
        let at = MediaView {
            view: view(now, &self.about, &everyone),
            company: &self.roster,
            certificate: &own.certificate,
            sockets: &own.sockets,
            wall: &own.wall,
            endpoint: &own.at.endpoint,
            streams: self.call.streams(),
            screen_kbps: own.screen_kbps,
        };
        act(&mut self.media, at);
        while let Some(output) = self.media.poll() {
            self.carry_out_media(now, output, out);
        }
    }
}
