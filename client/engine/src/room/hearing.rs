//! What is said on links: by whom, and where it goes.

use std::{collections::VecDeque, time::Instant};

use group_crypto::MemberId;

use super::{
    LinkId, Output,
    inside::Inside,
    participant::Participant,
    send,
    wire::{self, LinkMessage},
};
use crate::api::{LeftBecause, ReadOnly, RoomEvent, RoomKind};

/// Messages a stranger may send before their admission is known to us.
const STRANGER_MESSAGES: usize = 16;

impl Inside {
    pub fn link_message(&mut self, now: Instant, link: LinkId, bytes: Vec<u8>, out: &mut VecDeque<Output>) {
        let allowed = self.strangers.get_mut(&link).is_none_or(|stranger| stranger.may_say(bytes.len()));
        let message = if allowed { wire::decode::<LinkMessage>(&bytes) } else { None };
        match message {
            Some(message) => self.said(now, link, message, out),
            None => {
                tracing::debug!("a link said what cannot be read; it is closed");
                self.link_closed(now, link, out);
                out.push_back(Output::Close { link });
            }
        }
    }

    pub fn said(&mut self, now: Instant, link: LinkId, message: LinkMessage, out: &mut VecDeque<Output>) {
        match self.by_link(link) {
            Some(index) => self.member_said(now, index, message, out),
            None => self.stranger_said(now, link, message, out),
        }
    }

    pub fn by_link(&self, link: LinkId) -> Option<MemberId> {
        let theirs = |p: &&Participant| p.link == Some(link) || p.former_link.is_some_and(|(former, _)| former == link);
        self.participants.values().find(theirs).map(|p| p.member.id)
    }

    fn stranger_said(&mut self, now: Instant, link: LinkId, message: LinkMessage, out: &mut VecDeque<Output>) {
        let Some(stranger) = self.strangers.get_mut(&link) else {
            return;
        };
        let (endpoint, dialled) = (stranger.endpoint, stranger.dialled);
        match message {
            // Only where we dialled it is known who they are.
            LinkMessage::Removed { commits } if dialled => {
                if let Some(member) = self.participants.values().find(|p| p.at.endpoint == endpoint) {
                    self.agreement.refused(now, member.member.id, &commits);
                    self.carry_out(now, out);
                }
            }
            LinkMessage::Join { invitation, tag, post_quantum, key_package } => {
                self.at_the_door(now, link, invitation, tag, post_quantum, key_package, out);
            }
            LinkMessage::Hello(hello) => {
                if let Some(index) = self.check_hello(&endpoint, &hello) {
                    self.attach(now, index, link, hello, out);
                } else if self.agreement.is_out(MemberId(hello.member)) {
                    // They were away when it happened.
                    let commits = self.agreement.removal_proof();
                    send(out, link, &LinkMessage::Removed { commits });
                    self.strangers.remove(&link);
                    out.push_back(Output::Close { link });
                } else {
                    self.wait_for_admission(link, LinkMessage::Hello(hello), out);
                }
            }
            other => self.wait_for_admission(link, other, out),
        }
    }

    /// They may be a member whose admission has not reached us yet.
    fn wait_for_admission(&mut self, link: LinkId, message: LinkMessage, out: &mut VecDeque<Output>) {
        if let Some(stranger) = self.strangers.get_mut(&link) {
            if stranger.said.len() < STRANGER_MESSAGES {
                return stranger.said.push(message);
            }
            self.strangers.remove(&link);
            out.push_back(Output::Close { link });
        }
    }

    pub fn member_said(&mut self, now: Instant, index: MemberId, message: LinkMessage, out: &mut VecDeque<Output>) {
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        p.key_watch.heard(now);
        match message {
            LinkMessage::Group(bytes) => self.group_message(now, index, &bytes, out),
            LinkMessage::Pair(secret) => self.pair_came(index, secret),
            LinkMessage::Handshake { generation, ufrag, pass, candidates } => {
                self.media_offered(now, index, generation, ufrag, pass, candidates, out);
            }
            LinkMessage::Probe { generation, received } => self.probed(now, index, generation, received, out),
            LinkMessage::Verdict { generation, verdict } => self.verdict_came(now, index, generation, verdict, out),
            LinkMessage::Candidates { generation, candidates } => {
                self.candidates_came(now, index, generation, candidates, out);
            }
            LinkMessage::Streams(streams) => self.streams_came(now, index, streams, out),
            LinkMessage::Want(lines) => self.want_came(now, index, lines, out),
            LinkMessage::Spare(kbps) => self.spare_came(index, kbps),
            LinkMessage::Carry(to) => self.carry_asked(now, index, to, out),
            LinkMessage::Carries { to, kbps } => self.carries_came(now, index, to, kbps, out),
            LinkMessage::Through(by) => self.through_came(now, index, by, out),
            LinkMessage::Received { up_to, again } => self.confirmed(now, index, up_to, again, out),
            LinkMessage::Forward { to, sealed } => self.pass_on(index, to, sealed, out),
            LinkMessage::Forwarded { from, sealed } => self.passed_on(now, index, from, sealed, out),
            LinkMessage::Sees(sees) => self.sees(now, index, sees, out),
            LinkMessage::Goodbye => self.goodbye(now, index, out),
            LinkMessage::Rest => {
                // They will dial, or be found; until then nobody need wonder where they are.
                p.seen = false;
                if let Some(link) = p.link {
                    self.link_closed(now, link, out);
                    out.push_back(Output::Close { link });
                }
            }
            // A member has no business at the door, and says Hello once.
            LinkMessage::Hello(_)
            | LinkMessage::Join { .. }
            | LinkMessage::Wait
            | LinkMessage::Instead(_)
            | LinkMessage::Classical
            | LinkMessage::Admitted { .. }
            | LinkMessage::Removed { .. }
            | LinkMessage::Refused(_) => {}
        }
    }

    fn goodbye(&mut self, now: Instant, index: MemberId, out: &mut VecDeque<Output>) {
        if let Some(p) = self.participants.get_mut(&index)
            && !p.said_goodbye
        {
            p.said_goodbye = true;
            p.drop_media();
            if let Some(link) = p.link.take() {
                out.push_back(Output::Close { link });
            }
            out.push_back(Output::Event(RoomEvent::Left { member: p.member.id, why: LeftBecause::Goodbye }));
            if self.kind == RoomKind::Contact {
                // There is nobody left to have a relationship with. What was said stays until we delete it.
                return self.close(now, ReadOnly::ContactEnded, out);
            }
            self.agreement.part(now, index);
            self.carry_out(now, out);
        }
    }
}
