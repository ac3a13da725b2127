//! Links: who dials whom, who is at the other end, and what they say.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use group_crypto::{Member, MemberIndex};

use super::{
    LinkId, Output,
    inside::Inside,
    participant::Participant,
    send,
    wire::{self, LinkMessage, MAX_MESSAGE, RoomMessage},
};
use crate::api::{Event, LeftBecause};

/// Strangers at the door at once; beyond it a new one is turned away.
const MAX_STRANGERS: usize = 32;
/// A stranger who does not become a member by then is closed.
const STRANGER_PATIENCE: Duration = Duration::from_secs(15);
/// Messages a stranger may send before their admission is known to us.
const STRANGER_MESSAGES: usize = 16;
const FIRST_REDIAL: Duration = Duration::from_millis(250);

/// A link whose other end is not in the roster (yet).
pub(super) struct Stranger {
    pub endpoint: [u8; 32],
    since: Instant,
    said: Vec<LinkMessage>,
}

impl Inside {
    pub fn add_participant(&mut self, now: Instant, member: Member, out: &mut VecDeque<Output>) {
        if member.index == self.group.me() {
            return;
        }
        out.push_back(Output::Event(Event::Joined { member: member.id, name: member.card.name.clone() }));
        let (index, endpoint) = (member.index, member.card.endpoint);
        let mut participant = Participant::new(now, member);
        if self.own.card.endpoint < endpoint {
            participant.dial_at = Some(now);
        }
        self.participants.insert(index, participant);
        let waiting = self.strangers.iter().find(|(_, s)| s.endpoint == endpoint).map(|(link, _)| *link);
        if let Some(link) = waiting
            && let Some(stranger) = self.strangers.remove(&link)
        {
            self.attach(now, index, link, out);
            for message in stranger.said {
                self.member_said(now, index, message, out);
            }
        }
    }

    pub fn link_opened(
        &mut self,
        now: Instant,
        link: LinkId,
        endpoint: [u8; 32],
        dialled: bool,
        out: &mut VecDeque<Output>,
    ) {
        let member = self.participants.values().find(|p| p.member.card.endpoint == endpoint && !p.said_goodbye);
        if let Some(index) = member.map(|p| p.member.index) {
            self.attach(now, index, link, out);
        } else if dialled || self.strangers.len() >= MAX_STRANGERS {
            out.push_back(Output::Close { link });
        } else {
            self.strangers.insert(link, Stranger { endpoint, since: now, said: Vec::new() });
        }
    }

    /// A link to a member is up: everything that waited for it goes out.
    fn attach(&mut self, now: Instant, index: MemberIndex, link: LinkId, out: &mut VecDeque<Output>) {
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        // A second link from the same endpoint means that the first one is dead and its end not noticed yet.
        if let Some(old) = p.link.replace(link)
            && old != link
        {
            out.push_back(Output::Close { link: old });
        }
        (p.dial_at, p.dial_failures, p.linkless_since) = (None, 0, None);
        send(out, link, &LinkMessage::Epoch(self.group.epoch()));
        send(out, link, &LinkMessage::Streams { camera: self.own.camera_on, microphone: self.own.microphone_on });
        for bytes in std::mem::take(&mut p.outbox) {
            out.push_back(Output::Send { link, bytes });
        }
        if p.media.is_none() && self.own.card.endpoint < p.member.card.endpoint {
            self.offer_media(now, index, out);
        }
    }

    pub fn link_message(&mut self, now: Instant, link: LinkId, bytes: Vec<u8>, out: &mut VecDeque<Output>) {
        let message = if bytes.len() <= MAX_MESSAGE { wire::decode::<LinkMessage>(&bytes) } else { None };
        let index = self.participants.values().find(|p| p.link == Some(link)).map(|p| p.member.index);
        match (message, index) {
            (Some(message), Some(index)) => self.member_said(now, index, message, out),
            (Some(message), None) => self.stranger_said(now, link, message, out),
            (None, _) => {
                tracing::debug!("a link said what cannot be read; it is closed");
                self.link_closed(now, link);
                out.push_back(Output::Close { link });
            }
        }
    }

    fn stranger_said(&mut self, now: Instant, link: LinkId, message: LinkMessage, out: &mut VecDeque<Output>) {
        let Some(stranger) = self.strangers.get_mut(&link) else {
            return;
        };
        match message {
            LinkMessage::Join { invitation, tag, post_quantum, key_package } => {
                self.at_the_door(now, link, invitation, tag, post_quantum, key_package, out);
            }
            // One who was taken out while they were away: the commits that they missed tell them, and nobody else.
            LinkMessage::Epoch(epoch) if self.taken_out.contains(&stranger.endpoint) => {
                self.missed_since(epoch, link, out);
            }
            // They may be a member whose admission has not reached us yet.
            other if stranger.said.len() < STRANGER_MESSAGES => stranger.said.push(other),
            _ => {
                self.strangers.remove(&link);
                out.push_back(Output::Close { link });
            }
        }
    }

    fn member_said(&mut self, now: Instant, index: MemberIndex, message: LinkMessage, out: &mut VecDeque<Output>) {
        let ours = self.group.epoch();
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        match message {
            LinkMessage::Group(bytes) => self.group_message(now, index, bytes, out),
            LinkMessage::Epoch(epoch) => {
                p.their_epoch = Some(epoch);
                p.compare_epochs(now, ours);
                let link = p.link;
                // What we sent last may have gone down with a former link.
                if let Some(link) = link.filter(|_| epoch < ours) {
                    self.missed_since(epoch, link, out);
                }
            }
            LinkMessage::Handshake { generation, ufrag, pass, candidates } => {
                self.media_offered(now, index, generation, ufrag, pass, candidates, out);
            }
            LinkMessage::Streams { camera, microphone } => (p.camera_on, p.microphone_on) = (camera, microphone),
            LinkMessage::Goodbye => self.goodbye(now, index, out),
            LinkMessage::Welcome { ticket, welcome } => self.welcome_came(index, ticket, welcome, out),
            // A member has no business at the door.
            LinkMessage::Join { .. } | LinkMessage::Admitted { .. } | LinkMessage::Refused(_) => {}
        }
    }

    fn goodbye(&mut self, now: Instant, index: MemberIndex, out: &mut VecDeque<Output>) {
        if let Some(p) = self.participants.get_mut(&index)
            && !p.said_goodbye
        {
            p.said_goodbye = true;
            p.drop_media();
            if let Some(link) = p.link.take() {
                out.push_back(Output::Close { link });
            }
            out.push_back(Output::Event(Event::Left { member: p.member.id, why: LeftBecause::Goodbye }));
            self.look_after_members(now, out);
        }
    }

    pub fn link_closed(&mut self, now: Instant, link: LinkId) {
        self.strangers.remove(&link);
        self.asked.retain(|asked| asked.link != link);
        if let Some(p) = self.participants.values_mut().find(|p| p.link == Some(link)) {
            p.link = None;
            p.linkless_since = Some(now);
            if self.own.card.endpoint < p.member.card.endpoint {
                p.dial_at = Some(now + FIRST_REDIAL);
            }
        }
    }

    pub fn dial_failed(&mut self, now: Instant, endpoint: [u8; 32]) {
        if let Some(p) = self.participants.values_mut().find(|p| p.member.card.endpoint == endpoint)
            && p.link.is_none()
        {
            p.dial_failures += 1;
            p.dial_at = Some(now + FIRST_REDIAL * p.dial_failures.min(8));
        }
    }

    pub fn look_after_links(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        for p in self.participants.values_mut() {
            if p.dial_at.is_some_and(|at| at <= now) && p.link.is_none() && !p.said_goodbye {
                p.dial_at = None;
                let wall = &self.own.wall;
                let addresses = p.member.card.addresses.iter().copied().filter(|a| wall.permits(*a)).collect();
                out.push_back(Output::Dial { endpoint: p.member.card.endpoint, addresses });
            }
        }
        self.strangers.retain(|link, stranger| {
            let keep = now < stranger.since + STRANGER_PATIENCE;
            if !keep {
                out.push_back(Output::Close { link: *link });
                self.asked.retain(|asked| asked.link != *link);
            }
            keep
        });
    }

    /// Tells every member something inside the group, in the current epoch.
    ///
    /// Returns what was sent, encoded.
    pub fn tell_all(&mut self, message: &RoomMessage, out: &mut VecDeque<Output>) -> Option<Vec<u8>> {
        let bytes = self.protect(message)?;
        for p in self.participants.values_mut().filter(|p| !p.said_goodbye) {
            tell(p, &bytes, out);
        }
        Some(bytes)
    }

    /// Tells one member something inside the group, in the current epoch.
    pub fn tell_one(&mut self, index: MemberIndex, message: &RoomMessage, out: &mut VecDeque<Output>) {
        if let Some(bytes) = self.protect(message)
            && let Some(p) = self.participants.get_mut(&index)
        {
            tell(p, &bytes, out);
        }
    }

    fn protect(&mut self, message: &RoomMessage) -> Option<Vec<u8>> {
        match self.group.protect(&wire::encode(message)) {
            Ok(bytes) => Some(wire::encode(&LinkMessage::Group(bytes))),
            Err(why) => {
                tracing::error!(%why, "a message could not be encrypted");
                None
            }
        }
    }
}

/// Sends an encoded link message, or keeps it for when the link is up.
pub(super) fn tell(p: &mut Participant, bytes: &[u8], out: &mut VecDeque<Output>) {
    match p.link {
        Some(link) => out.push_back(Output::Send { link, bytes: bytes.to_vec() }),
        None => p.keep(bytes.to_vec()),
    }
}
