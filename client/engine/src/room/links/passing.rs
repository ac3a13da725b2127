//! What members say by way of each other, and what we pass on for others.

use std::time::Instant;

use group_crypto::{MemberId, PassedOn};

use super::{
    Around, Everyone, Links, Output,
    forwarding::{Output as Wants, WayBack, datagram::Datagram},
};
use crate::{
    api::Route,
    room::{
        budget::Cost,
        company::Directory,
        link::LinkId,
        view::Members,
        wire::{self, LinkMessage, Purpose},
    },
};

impl Links {
    /// Whether a way through another member is used.
    pub fn are_passed_on(&self) -> bool {
        self.forwarding.is_used()
    }

    /// Looks for ways through others where links are missing.
    pub(super) fn look_for_ways(&mut self, around: Around<'_>) {
        let everyone = Everyone { directory: around.directory, parties: &self.parties };
        self.forwarding.on_timeout(around.view(Members::new(&everyone)), around.streams.in_call);
        self.follow_forwarding(around);
    }

    /// Carries out what forwarding wants.
    pub(super) fn follow_forwarding(&mut self, around: Around<'_>) {
        while let Some(output) = self.forwarding.poll() {
            match output {
                Wants::TellSees(sees) => {
                    // Beside the group: it is said to each at every link that comes or goes, and each message of the group is to
                    // be verified and its keys written down.
                    let bytes = wire::encode(&LinkMessage::Sees(sees.iter().map(|member| member.0).collect()));
                    self.tell(&self.linked_members(around), Purpose::Control, &bytes);
                }
                Wants::Close(link) => {
                    self.close(link);
                    self.on_closed(around, link);
                }
                Wants::Open { link, to } => {
                    if let Some(endpoint) = self.parties.get(&to).map(|party| party.newest_endpoint()) {
                        self.on_opened(around, link, endpoint, true);
                        self.on_route(link, Route::Forwarded);
                    }
                }
            }
        }
    }

    /// The member to whom a way through another leads, and the link with the one in between.
    pub fn way(&self, directory: &dyn Directory, way: LinkId) -> Option<(MemberId, LinkId)> {
        let way = self.forwarding.way(way)?;
        directory.listed(way.by).filter(|listed| !listed.to_be_removed)?;
        Some((way.to, self.parties.get(&way.by)?.own_link()?))
    }

    /// The same for a message of so many bytes; none where the one in between would pass on no more. Whoever makes us say
    /// more than that must not cost us the link with the one in between. Each whom we reach so has a turn of their own there.
    pub fn way_for(
        &mut self,
        directory: &dyn Directory,
        now: Instant,
        way: LinkId,
        bytes: usize,
    ) -> Option<(MemberId, LinkId)> {
        let by = self.forwarding.way(way)?.by;
        let (to, link) = self.way(directory, way)?;
        let is_said = self.forwarding.limits.may_say(now, by, to, bytes);
        if !is_said {
            tracing::debug!(member = ?to, "more is said by way of another than is passed on; a message is dropped");
        }
        is_said.then_some((to, link))
    }

    /// A datagram for a member as the one in between is asked to pass it on.
    pub fn datagram_for(directory: &dyn Directory, to: MemberId, bytes: &[u8]) -> Option<Vec<u8>> {
        let to = u8::try_from(directory.listed(to)?.index).ok()?;
        Some(Datagram::PassOn { to, bytes }.to_bytes())
    }

    /// A way through another member is closed.
    pub fn close_way(&mut self, way: LinkId) {
        self.forwarding.close(way);
    }

    /// A member asks us to pass something on. It is sealed; only the member it is for can tell whether it is worth anything.
    ///
    /// What goes beyond the budget of its sender is dropped: it must not crowd out what we have to say ourselves.
    pub(super) fn pass_on(&mut self, around: Around<'_>, from: MemberId, to: MemberId, sealed: Vec<u8>) {
        if let Some(link) = self.own_link(around, to)
            && self.charge(around, from, Cost::Forward(sealed.len()))
        {
            let bytes = wire::encode(&LinkMessage::Forwarded { from: from.0, sealed });
            self.out.push_back(Output::Forward { link, author: from, bytes });
        }
    }

    /// Something was passed on by a member, who may claim anything; the group's protection says who it is from.
    pub(super) fn on_forwarded(&mut self, around: Around<'_>, by: MemberId, from: MemberId, sealed: &[u8]) {
        if !self.parties.contains_key(&from) || !self.forwarding.limits.may_try(around.now, by, from) {
            return tracing::debug!("too little of what is passed on for a member can be read; it is dropped");
        }
        if let Some(LinkMessage::Group(bytes)) = wire::decode(sealed) {
            self.forwarding.read_by(Some(by));
            self.out.push_back(Output::PassedOn { by, from, bytes });
        }
    }

    /// What a member passed on for another was read: what it was, and whether it was about keys. Its author pays for what is
    /// about keys, whoever brings it. More of it than they can pay for counts as if it could not be read, and so does what
    /// another wrote than the one it was brought for.
    pub fn on_passed_on_read(
        &mut self,
        around: Around<'_>,
        by: MemberId,
        from: MemberId,
        read: PassedOn,
        is_about_keys: bool,
    ) {
        self.forwarding.read_by(None);
        let is_welcome = match read {
            PassedOn::Unreadable => false,
            PassedOn::Unopened => true,
            PassedOn::By(author) => {
                let is_paid = !is_about_keys || self.affords(around, author, Cost::Proposal);
                is_paid && author == from
            }
        };
        if !is_welcome {
            self.forwarding.limits.note_failure(around.now, by, from);
        }
    }

    /// A link message of a member's, out of the group's protection.
    pub fn on_over(&mut self, around: Around<'_>, from: MemberId, to: [u8; 16], bytes: Vec<u8>) {
        if to != around.directory.me().0 {
            return;
        }
        let Some(endpoint) = self.parties.get(&from).map(|party| party.newest_endpoint()) else {
            return;
        };
        let link = match self.forwarding.way_back(from) {
            Some(WayBack::Known(link)) => link,
            Some(WayBack::New(link)) => {
                self.on_opened(around, link, endpoint, false);
                self.on_route(link, Route::Forwarded);
                link
            }
            None => return,
        };
        self.heard_within(around, link, bytes);
    }

    /// A datagram that came over a member's link: their own, one to pass on, or one that was passed on. Gives whose media it
    /// holds, if it is for us.
    pub fn on_datagram<'b>(
        &mut self,
        around: Around<'_>,
        link: LinkId,
        bytes: &'b [u8],
    ) -> Option<(MemberId, &'b [u8])> {
        let member = self.by_link(link)?;
        if !self.charge(around, member, Cost::Datagram(bytes.len())) {
            return None;
        }
        match Datagram::read(bytes) {
            Datagram::Own(bytes) => Some((member, bytes)),
            Datagram::PassOn { to, bytes } => {
                self.pass_datagram_on(around, member, to, bytes);
                None
            }
            Datagram::PassedOn { from, bytes } => {
                let from =
                    by_index(around, from).filter(|from| self.link_with(*from).is_some_and(LinkId::is_through))?;
                Some((from, bytes))
            }
        }
    }

    fn pass_datagram_on(&mut self, around: Around<'_>, sender: MemberId, to: u8, bytes: &[u8]) {
        let link = by_index(around, to).and_then(|to| self.parties.get(&to)?.own_link());
        let from = around.directory.listed(sender).and_then(|listed| u8::try_from(listed.index).ok());
        if let Some((link, from)) = link.zip(from)
            && self.charge(around, sender, Cost::ForwardMedia(bytes.len()))
        {
            let bytes = Datagram::PassedOn { from, bytes }.to_bytes();
            self.out.push_back(Output::SendDatagram { link, bytes });
        }
    }

    fn own_link(&self, around: Around<'_>, member: MemberId) -> Option<LinkId> {
        self.parties.get(&member).filter(|_| !around.is_to_be_removed(member))?.own_link()
    }
}

/// The member with this place in the group.
fn by_index(around: Around<'_>, index: u8) -> Option<MemberId> {
    around.directory.all().find(|listed| listed.index == u32::from(index)).map(|listed| listed.id)
}
