//! Carries what the facets want done to where it is done: links, group, disk, window.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use group_crypto::{Agreement, MemberId};

use crate::api::{KeyState, RoomKind};
use crate::room::{
    Output,
    call::{self, Call},
    chat::{self, Chat},
    door::{self, Door, Hall, KNOCKING},
    inside::Inside,
    inside::participant::Participant,
    media::{self, Media, MediaView, Roster},
    output::{send, send_on_all},
    own::Own,
    rows::Rows,
    trust::{self, Trust},
    view::{Me, Members, View},
    wire::{LinkMessage, Refusal},
};

impl Inside {
    /// Lets the chat do something, and carries out what it wants.
    pub fn in_chat(
        &mut self,
        now: Instant,
        out: &mut VecDeque<Output>,
        act: impl FnOnce(&mut Chat, View<'_>, &mut Rows),
    ) {
        let view = view(now, self.about.kind, &self.about.own, &self.membership.agreement, &self.participants);
        act(&mut self.chat, view, &mut self.pending.rows);
        self.carry_out_chat(now, out);
    }

    fn carry_out_chat(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        loop {
            let view = view(now, self.about.kind, &self.about.own, &self.membership.agreement, &self.participants);
            let Some(output) = self.chat.poll(view, self.membership.agreement.group().generations_used()) else {
                break;
            };
            match output {
                chat::Output::Tell { to, after, message } => match self.protect(&message) {
                    Some(bytes) => {
                        let links = to.iter().filter_map(|member| self.participants.get(member)?.link);
                        send_on_all(out, links, message.purpose(), &bytes);
                    }
                    None => self.chat.on_unsealed(&to, after),
                },
                chat::Output::Received { to, up_to, again } => {
                    if let Some(link) = self.participants.get(&to).and_then(|p| p.link) {
                        send(out, link, &LinkMessage::Received { up_to, again });
                    }
                }
                chat::Output::Met(member) => self.keep_member(member),
                chat::Output::Keep(kept) => self.keep(kept),
                chat::Output::Event(event) => out.push_back(Output::Event(event)),
                chat::Output::Trouble(trouble) => self.trouble(trouble, out),
            }
        }
    }

    /// Lets the call do something, and carries out what it wants.
    pub fn in_call(
        &mut self,
        now: Instant,
        out: &mut VecDeque<Output>,
        act: impl FnOnce(&mut Call, View<'_>, &mut Rows),
    ) {
        let view = view(now, self.about.kind, &self.about.own, &self.membership.agreement, &self.participants);
        act(&mut self.call, view, &mut self.pending.rows);
        while let Some(output) = self.call.poll() {
            self.carry_out_call(now, output, out);
        }
    }

    pub fn look_after_call(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let view = view(now, self.about.kind, &self.about.own, &self.membership.agreement, &self.participants);
        let media = &self.media;
        self.call.on_timeout(view, |member| media.is_connected(member), &mut self.pending.rows);
        self.in_call(now, out, |_, _, _| {});
    }

    fn carry_out_call(&mut self, now: Instant, output: call::Output, out: &mut VecDeque<Output>) {
        match output {
            call::Output::TellLinked(message) => self.tell_linked(&message, out),
            call::Output::TellOne(member, message) => self.tell_one(member, &message, out),
            call::Output::SendStreams(streams) => {
                for link in self.participants.values().filter_map(|p| p.link) {
                    send(out, link, &LinkMessage::Streams(streams));
                }
            }
            call::Output::Part(member, streams) => {
                if let Some(p) = self.participants.get_mut(&member) {
                    p.streams = streams;
                }
            }
            call::Output::Together(member) => self.in_media(now, out, |media, at| media.on_together(at, member)),
            call::Output::Apart(member) => self.media.on_apart(now, member),
            call::Output::Entered => self.media.on_entered(),
            call::Output::HungUp => self.media.on_hung_up(),
            call::Output::Switched => self.in_media(now, out, |media, at| media.share_uplink_anew(at)),
            call::Output::TurnOff => out.push_back(Output::TurnOff),
            call::Output::Leave => self.leave(out),
            call::Output::Keep(kept) => self.keep(kept),
            call::Output::Event(event) => out.push_back(Output::Event(event)),
            call::Output::Trouble(trouble) => self.trouble(trouble, out),
        }
    }

    /// Lets the door do something, and carries out what it wants.
    pub fn at_door(&mut self, now: Instant, out: &mut VecDeque<Output>, act: impl FnOnce(&mut Door, Hall<'_>)) {
        let may_begin_anew = self.may_begin_anew();
        let view = view(now, self.about.kind, &self.about.own, &self.membership.agreement, &self.participants);
        let group = self.membership.agreement.group();
        let hall =
            Hall { view, at: &self.about.own.at, suite: group.suite(), members: group.members().len(), may_begin_anew };
        act(&mut self.door, hall);
        while let Some(output) = self.door.poll() {
            self.carry_out_door(now, output, out);
        }
    }

    fn carry_out_door(&mut self, now: Instant, output: door::Output, out: &mut VecDeque<Output>) {
        match output {
            door::Output::Refuse { link, why } => self.refuse(link, why, out),
            door::Output::AskForClassical { link } => {
                if let Some(stranger) = self.links.strangers.get_mut(&link) {
                    stranger.told_suite = true;
                }
                send(out, link, &LinkMessage::Classical);
            }
            door::Output::LetWait { link } => {
                if let Some(stranger) = self.links.strangers.get_mut(&link) {
                    stranger.patience = KNOCKING;
                }
                out.push_back(Output::LetWait { link });
                send(out, link, &LinkMessage::Wait);
            }
            door::Output::Dispense { link } => {
                if let Some(stranger) = self.links.strangers.get_mut(&link) {
                    stranger.is_served = true;
                    out.push_back(Output::Dispense { link });
                }
            }
            door::Output::Admit { link, key_package, open, anew } => {
                if anew && !self.begin_anew(out) {
                    return self.refuse(link, Refusal::Suite, out);
                }
                self.door.use_up(&open);
                self.ask_admission(now, link, key_package, &open.secret(), out);
            }
            door::Output::Keep(kept) => self.keep(kept),
            door::Output::Event(event) => out.push_back(Output::Event(event)),
        }
    }

    /// Lets trust do something, and carries out what it wants.
    pub fn in_trust(&mut self, now: Instant, out: &mut VecDeque<Output>, act: impl FnOnce(&mut Trust, View<'_>)) {
        let view = view(now, self.about.kind, &self.about.own, &self.membership.agreement, &self.participants);
        act(&mut self.trust, view);
        while let Some(output) = self.trust.poll() {
            match output {
                trust::Output::Keep(kept) => self.keep(kept),
                trust::Output::Event(event) => out.push_back(Output::Event(event)),
                trust::Output::Trouble(trouble) => self.trouble(trouble, out),
            }
        }
    }

    /// Tells the code that all of the room can compare, once an epoch lasts.
    pub fn tell_room_code(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let group = self.membership.agreement.group();
        let view = view(now, self.about.kind, &self.about.own, &self.membership.agreement, &self.participants);
        self.trust.on_timeout(view, group.standing().id, || group.room_code());
        self.in_trust(now, out, |_, _| {});
    }

    /// Lets media do something, and carries out what it wants.
    pub fn in_media(&mut self, now: Instant, out: &mut VecDeque<Output>, act: impl FnOnce(&mut Media, MediaView<'_>)) {
        let own = &self.about.own;
        let at = MediaView {
            view: view(now, self.about.kind, own, &self.membership.agreement, &self.participants),
            roster: &self.membership.agreement,
            certificate: &own.certificate,
            sockets: &own.sockets,
            wall: &own.wall,
            endpoint: &own.at.endpoint,
            streams: self.call.streams(),
            screen_kbps: own.screen_kbps,
        };
        act(&mut self.media, at);
        while let Some(output) = self.media.poll() {
            self.carry_out_media(output, out);
        }
    }

    fn carry_out_media(&mut self, output: media::Output, out: &mut VecDeque<Output>) {
        let link_with = |member| self.participants.get(&member).and_then(|p| p.link);
        match output {
            media::Output::Send(member, message) => {
                if let Some(link) = link_with(member) {
                    send(out, link, &message);
                }
            }
            media::Output::SendDatagram(member, bytes) => {
                out.extend(link_with(member).map(|link| Output::SendDatagram { link, bytes }));
            }
            media::Output::Transmit { from, to, bytes } => out.push_back(Output::Transmit { from, to, bytes }),
            media::Output::Frame { member, sequence, timestamp, frame, came } => {
                out.push_back(Output::Frame { member, sequence, timestamp, frame, came });
            }
            media::Output::Layers(rates) => out.push_back(Output::Layers(rates)),
            media::Output::Screen(rate) => out.push_back(Output::Screen(rate)),
            media::Output::Voice(settings) => out.push_back(Output::Voice(settings)),
            media::Output::KeyframeWanted(layer) => out.push_back(Output::KeyframeWanted(layer)),
            media::Output::ScreenKeyframeWanted => out.push_back(Output::ScreenKeyframeWanted),
        }
    }
}

/// The room as facets see it.
pub(in crate::room) fn view<'a>(
    now: Instant,
    kind: RoomKind,
    own: &'a Own,
    agreement: &Agreement,
    participants: &'a BTreeMap<MemberId, Participant>,
) -> View<'a> {
    let me = Me { id: agreement.group().my_id(), name: &own.name };
    View { now, clock: &own.clock, kind, me, members: Members::new(participants) }
}

impl Roster for Agreement {
    fn sign(&self, label: &str, content: &[u8]) -> Option<[u8; 64]> {
        self.group().sign(label, content).ok()?.try_into().ok()
    }

    fn verify(&self, member: MemberId, label: &str, content: &[u8], signature: &[u8]) -> bool {
        Agreement::verify(self, member, label, content, signature)
    }

    fn is_current(&self, member: MemberId) -> bool {
        self.key_state(member) == KeyState::Current
    }

    fn my_index(&self) -> u32 {
        self.group().me().0
    }
}
