//! What members say by way of each other, and what we pass on for others.

use std::{collections::VecDeque, time::Instant};

use group_crypto::MemberId;

use super::{Inside, routing::view};
use crate::{
    api::Route,
    room::{
        budget::Cost,
        forwarding::{Forwarding, Output as Wants, WayBack, datagram::Datagram},
        link::LinkId,
        output::{Output, send_on_all},
        wire::{self, LinkMessage, Purpose, RoomMessage},
    },
};

impl Inside {
    /// Lets forwarding do something, and carries out what it wants.
    pub fn in_forwarding(&mut self, now: Instant, out: &mut VecDeque<Output>, act: impl FnOnce(&mut Forwarding)) {
        act(&mut self.links.forwarding);
        while let Some(output) = self.links.forwarding.poll() {
            match output {
                Wants::TellSees(sees) => {
                    // Beside the group: it is said to each at every link that comes or goes, and each message of the group is to
                    // be verified and its keys written down.
                    let bytes = wire::encode(&LinkMessage::Sees(sees.iter().map(|member| member.0).collect()));
                    let links = self.participants.values().filter(|p| !p.standing.to_be_removed).filter_map(|p| p.link);
                    send_on_all(out, links, Purpose::Control, &bytes);
                }
                Wants::Close(link) => {
                    out.push_back(Output::Close { link });
                    self.link_closed(now, link, out);
                }
                Wants::Open { link, to } => {
                    if let Some(endpoint) = self.participants.get(&to).map(|p| p.newest_endpoint()) {
                        self.link_opened(now, link, endpoint, true, out);
                        self.link_route(link, Route::Forwarded);
                    }
                }
            }
        }
    }

    pub fn look_after_forwarding(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let is_in_call = self.call.is_in();
        let view = view(now, self.about.kind, &self.about.own, &self.membership.agreement, &self.participants);
        self.links.forwarding.on_timeout(view, is_in_call);
        self.in_forwarding(now, out, |_| {});
    }

    /// What the room wants done, with what goes over a way through another member turned into what that member is asked.
    pub fn reroute(&mut self, output: Output) -> Option<Output> {
        match output {
            Output::Send { link, purpose, bytes } if link.is_through() => {
                let way = self.links.forwarding.way(link)?;
                let sealed = self.protect(&RoomMessage::Over { to: way.to.0, bytes })?;
                let link = self.own_link(way.by)?;
                let bytes = wire::encode(&LinkMessage::Forward { to: way.to.0, sealed });
                Some(Output::Send { link, purpose, bytes })
            }
            Output::SendDatagram { link, bytes } if link.is_through() => {
                let way = self.links.forwarding.way(link)?;
                let to = u8::try_from(self.participants.get(&way.to)?.member.index.0).ok()?;
                let link = self.own_link(way.by)?;
                Some(Output::SendDatagram { link, bytes: Datagram::PassOn { to, bytes: &bytes }.to_bytes() })
            }
            Output::Close { link } if link.is_through() => {
                self.links.forwarding.close(link);
                None
            }
            Output::Vouch { link } | Output::LetWait { link } if link.is_through() => None,
            other => Some(other),
        }
    }

    /// A member asks us to pass something on. It is sealed; only the member it is for can tell whether it is worth anything.
    ///
    /// What goes beyond the budget of its sender is dropped: it must not crowd out what we have to say ourselves.
    pub fn pass_on(&mut self, now: Instant, from: MemberId, to: [u8; 16], sealed: Vec<u8>, out: &mut VecDeque<Output>) {
        if let Some(link) = self.own_link(MemberId(to))
            && self.charge(now, from, Cost::Forward(sealed.len()), out)
        {
            let bytes = wire::encode(&LinkMessage::Forwarded { from: from.0, sealed });
            out.push_back(Output::Forward { link, bytes });
        }
    }

    /// Something was passed on by a member, who may claim anything; the group's protection says who it is from.
    pub fn on_forwarded(
        &mut self,
        now: Instant,
        by: MemberId,
        from: [u8; 16],
        sealed: Vec<u8>,
        out: &mut VecDeque<Output>,
    ) {
        let from = MemberId(from);
        if !self.participants.contains_key(&from) || !self.links.forwarding.limits.may_try(now, by, from) {
            return tracing::debug!("too little of what is passed on for a member can be read; it is dropped");
        }
        self.links.forwarding.read_by(Some(by));
        if let Some(LinkMessage::Group(bytes)) = wire::decode(&sealed)
            && !self.group_message(now, by, &bytes, out)
        {
            self.links.forwarding.limits.note_failure(now, by, from);
        }
        self.links.forwarding.read_by(None);
    }

    /// A link message of a member's, out of the group's protection.
    pub fn on_over(&mut self, now: Instant, from: MemberId, to: [u8; 16], bytes: Vec<u8>, out: &mut VecDeque<Output>) {
        if to != self.membership.agreement.group().my_id().0 {
            return;
        }
        let Some(endpoint) = self.participants.get(&from).map(|p| p.newest_endpoint()) else {
            return;
        };
        let link = match self.links.forwarding.way_back(from) {
            Some(WayBack::Known(link)) => link,
            Some(WayBack::New(link)) => {
                self.link_opened(now, link, endpoint, false, out);
                self.link_route(link, Route::Forwarded);
                link
            }
            None => return,
        };
        self.heard_within(now, link, &bytes, out);
    }

    /// A datagram that came over a member's link: their own, one to pass on, or one that was passed on.
    pub fn link_datagram(&mut self, now: Instant, link: LinkId, bytes: &[u8], out: &mut VecDeque<Output>) {
        let Some(member) = self.by_link(link) else {
            return;
        };
        if !self.charge(now, member, Cost::Datagram(bytes.len()), out) {
            return;
        }
        match Datagram::read(bytes) {
            Datagram::Own(bytes) => self.in_media(now, out, |media, at| media.on_link_datagram(at, member, bytes)),
            Datagram::PassOn { to, bytes } => self.pass_datagram_on(now, member, to, bytes, out),
            Datagram::PassedOn { from, bytes } => {
                if let Some(from) = self.by_index(from).filter(|from| self.is_through_another(*from)) {
                    self.in_media(now, out, |media, at| media.on_link_datagram(at, from, bytes));
                }
            }
        }
    }

    fn pass_datagram_on(&mut self, now: Instant, sender: MemberId, to: u8, bytes: &[u8], out: &mut VecDeque<Output>) {
        let link = self.by_index(to).and_then(|to| self.participants.get(&to)?.link.filter(|link| !link.is_through()));
        let from = self.participants.get(&sender).and_then(|p| u8::try_from(p.member.index.0).ok());
        if let Some((link, from)) = link.zip(from)
            && self.charge(now, sender, Cost::ForwardMedia(bytes.len()), out)
        {
            out.push_back(Output::SendDatagram { link, bytes: Datagram::PassedOn { from, bytes }.to_bytes() });
        }
    }

    fn by_index(&self, index: u8) -> Option<MemberId> {
        self.participants.values().find(|p| p.member.index.0 == u32::from(index)).map(|p| p.member.id)
    }

    fn is_through_another(&self, member: MemberId) -> bool {
        self.participants.get(&member).and_then(|p| p.link).is_some_and(LinkId::is_through)
    }

    fn own_link(&self, member: MemberId) -> Option<LinkId> {
        let p = self.participants.get(&member).filter(|p| !p.standing.to_be_removed)?;
        p.link.filter(|link| !link.is_through())
    }
}
