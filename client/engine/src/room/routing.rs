//! Carries what the facets want done to where it is done: links, group, disk, window.

use std::{collections::VecDeque, time::Instant};

use super::{
    Output,
    call::{self, Call},
    chat::{self, Chat},
    door::{self, Door, Hall, KNOCKING},
    inside::Inside,
    participant::Participant,
    rows::Rows,
    send,
    trust::{self, Trust},
    view::View,
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
        let view = View::new(now, self.kind, &self.own, &self.agreement, &self.participants);
        act(&mut self.chat, view, &mut self.rows);
        self.carry_out_chat(now, out);
    }

    fn carry_out_chat(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        loop {
            let view = View::new(now, self.kind, &self.own, &self.agreement, &self.participants);
            let Some(output) = self.chat.poll(view, self.agreement.group().generations_used()) else {
                break;
            };
            match output {
                chat::Output::Tell { to, after, message } => match self.protect(&message) {
                    Some(bytes) => {
                        let links = to.iter().filter_map(|member| self.participants.get(member)?.link);
                        out.extend(links.map(|link| Output::Send { link, bytes: bytes.clone() }));
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
        let view = View::new(now, self.kind, &self.own, &self.agreement, &self.participants);
        act(&mut self.call, view, &mut self.rows);
        while let Some(output) = self.call.poll() {
            self.carry_out_call(now, output, out);
        }
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
            call::Output::Together(member) => self.begin_media(now, member, out),
            call::Output::Apart(member) => self.end_media(now, member),
            call::Output::Entered => self.participants.values_mut().for_each(Participant::begin_figures),
            call::Output::HungUp => {
                for p in self.participants.values_mut() {
                    p.drop_media();
                    p.interrupted_at = None;
                }
            }
            call::Output::Switched => self.share_uplink_anew(now, out),
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
        let view = View::new(now, self.kind, &self.own, &self.agreement, &self.participants);
        let group = self.agreement.group();
        let hall =
            Hall { view, at: &self.own.at, suite: group.suite(), members: group.members().len(), may_begin_anew };
        act(&mut self.door, hall);
        while let Some(output) = self.door.poll() {
            self.carry_out_door(now, output, out);
        }
    }

    fn carry_out_door(&mut self, now: Instant, output: door::Output, out: &mut VecDeque<Output>) {
        match output {
            door::Output::Refuse { link, why } => self.refuse(link, why, out),
            door::Output::AskForClassical { link } => {
                if let Some(stranger) = self.strangers.get_mut(&link) {
                    stranger.told_suite = true;
                }
                send(out, link, &LinkMessage::Classical);
            }
            door::Output::LetWait { link } => {
                if let Some(stranger) = self.strangers.get_mut(&link) {
                    stranger.patience = KNOCKING;
                }
                out.push_back(Output::LetWait { link });
                send(out, link, &LinkMessage::Wait);
            }
            door::Output::Dispense { link } => {
                if let Some(stranger) = self.strangers.get_mut(&link) {
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
        let view = View::new(now, self.kind, &self.own, &self.agreement, &self.participants);
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
        let group = self.agreement.group();
        let view = View::new(now, self.kind, &self.own, &self.agreement, &self.participants);
        self.trust.on_timeout(view, group.standing().id, || group.room_code());
        self.in_trust(now, out, |_, _| {});
    }
}
