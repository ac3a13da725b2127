//! Links that come up and go down, and which member is at the other end.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::time::Duration;

use group_crypto::MemberId;

use super::{
    Around, Links, Output,
    dialing::{FIRST_REDIAL, HIGHER_WAITS, SLOWEST_REDIAL},
    strangers::Stranger,
};
use crate::{
    api::Route,
    rendezvous::Whereabouts,
    room::{
        budget::Cost,
        link::LinkId,
        meter::later,
        wire::{Hello, LinkMessage, Purpose},
    },
};

/// After this a new link's other end is told once more how things stand: some of it may have gone down with the link before.
const SETTLED: Duration = Duration::from_secs(2);
/// Two links that came up within this time were dialled by both at once.
pub(super) const CROSSED: Duration = Duration::from_secs(3);

impl Links {
    pub fn on_opened(&mut self, around: Around<'_>, link: LinkId, endpoint: [u8; 32], is_dialled: bool) {
        let member = self.member_behind(around, link, &endpoint);
        let is_full = !self.make_room(around);
        if member.is_none() && (is_full || is_dialled) {
            return self.close(link);
        }
        // A member that dials knows whom, and speaks first; one that anybody may dial does not say who it is.
        let meant = member.filter(|_| is_dialled);
        self.strangers.insert(link, Stranger::new(around.now, endpoint, is_dialled, meant));
        if meant.is_some() {
            self.say_hello(around, link, endpoint, meant);
        }
    }

    /// The member who should be at the other end. Several may claim one endpoint; one who was there goes before one who says so.
    pub(super) fn member_behind(&self, around: Around<'_>, link: LinkId, endpoint: &[u8; 32]) -> Option<MemberId> {
        let present = || self.parties.values().filter(|party| !around.said_goodbye(party.id));
        if let Some(way) = self.forwarding.way(link) {
            return present().find(|party| party.id == way.to).map(|party| party.id);
        }
        let was_there = present().find(|party| party.reach.at.endpoint == *endpoint);
        was_there.or_else(|| present().find(|party| party.is_at(endpoint))).map(|party| party.id)
    }

    /// The link by which we were let in: a member is at its other end, and has not said which.
    pub fn came_in_by(&mut self, around: Around<'_>, link: LinkId, inviter: MemberId, at: Whereabouts, pair: [u8; 32]) {
        let endpoint = at.endpoint;
        if let Some(party) = self.parties.get_mut(&inviter) {
            // Two contacts have what the group gives both of them.
            if party.reach.pair.is_none() {
                party.reach.first_pair = Some(pair);
            }
            // A card says no relays, and in a contact of many it is older than this.
            party.reach.at = at;
            self.out.push_back(Output::Changed(inviter));
        }
        self.strangers.insert(link, Stranger::new(around.now, endpoint, true, None));
        self.say_hello(around, link, endpoint, None);
    }

    /// A newcomer may have come ahead of the commit that adds them: their Hello counts now.
    pub fn meet_waiting(&mut self, member: MemberId) {
        let waiting = self.strangers.iter_mut().find_map(|(link, stranger)| {
            let (_, hello) = stranger.hello.take_if(|(by, _)| *by == member)?;
            Some((*link, hello))
        });
        if let Some((link, hello)) = waiting {
            self.heard_before(link, hello);
        }
    }

    /// A member has proven to be at the other end: everything that waited for them goes out.
    pub(super) fn attach(&mut self, around: Around<'_>, member: MemberId, link: LinkId, hello: Hello) {
        let Some(stranger) = self.strangers.remove(&link) else {
            return;
        };
        // Whatever is answered, they pay for: the link is theirs to begin, and what follows from it is long.
        if around.is_leaving(member) || !self.affords(around, member, Cost::Greeting) {
            self.close(link);
            if stranger.is_dialled {
                self.dial_failed(around, stranger.endpoint);
            }
            return;
        }
        // Before they hear of it: what they say then may be long.
        self.out.push_back(Output::Vouch(link));
        match self.replace_link(around, member, link, &stranger) {
            Place::Refused => return self.close(link),
            Place::Former => return,
            Place::Taken => {}
        }
        if !stranger.is_dialled {
            if let Some(party) = self.parties.get_mut(&member).filter(|_| !link.is_through()) {
                party.reach.at.endpoint = stranger.endpoint;
            }
            self.say_hello(around, link, stranger.endpoint, Some(member));
        }
        self.take_place(around, member, link, &stranger);
        if stranger.meant.is_some_and(|meant| meant != member) {
            // One member gave another's endpoint for its own. Our Hello told this one nothing of the two of us.
            tracing::debug!(?member, "another member than was dialled is at the other end of a link");
            self.say_hello(around, link, stranger.endpoint, Some(member));
            self.dial_failed(around, stranger.endpoint);
        }
        let waiting = self.parties.get_mut(&member).map(|party| std::mem::take(&mut party.outbox)).unwrap_or_default();
        self.out.extend(waiting.into_iter().map(|bytes| Output::Send { link, purpose: Purpose::Control, bytes }));
        self.greeted(around, member, stranger.endpoint, hello);
    }

    /// Decides between a member's link and a new one.
    fn replace_link(&mut self, around: Around<'_>, member: MemberId, link: LinkId, stranger: &Stranger) -> Place {
        let Some(party) = self.parties.get_mut(&member) else {
            return Place::Refused;
        };
        let Some(old) = party.link else {
            return Place::Taken;
        };
        let is_crossed = link.is_through() == old.is_through()
            && party.reach.at.endpoint == stranger.endpoint
            && party.greeting.since.is_some_and(|since| around.now < later(since, CROSSED))
            && stranger.is_dialled != party.greeting.is_dialled;
        // A link of one's own is better than a way through another. Both dialled at once: both keep the one that the
        // lower member dialled. Else the old link is dead, and its end not noticed yet.
        let is_ours_kept = is_crossed && (around.directory.me() < member) == party.greeting.is_dialled;
        let loses = link.is_through() && !old.is_through() || is_ours_kept;
        if loses && !stranger.is_dialled {
            // They have not heard a Hello of ours on it, and so have said nothing more.
            return Place::Refused;
        }
        // What is under way on it still counts, and its end must not look like one of theirs.
        let former = if loses { link } else { old };
        if let Some((older, _)) = party.former_link.replace((former, later(around.now, CROSSED))) {
            self.close(older);
        }
        if loses { Place::Former } else { Place::Taken }
    }

    fn take_place(&mut self, around: Around<'_>, member: MemberId, link: LinkId, stranger: &Stranger) {
        let Some(party) = self.parties.get_mut(&member) else {
            return;
        };
        party.former_route = party.route.or(party.former_route);
        (party.link, party.route) = (Some(link), stranger.route);
        (party.greeting.since, party.greeting.is_dialled) = (Some(around.now), stranger.is_dialled);
        party.greeting.tell_again_at = Some(later(around.now, SETTLED));
        // A way through another is to be replaced by a link.
        let redial = || party.reach.dial_at.unwrap_or(later(around.now, SLOWEST_REDIAL));
        party.reach.dial_at = link.is_through().then(redial);
        (party.reach.dial_failures, party.reach.is_seen, party.linkless_since) = (0, true, None);
        self.out.push_back(Output::Replaced(member));
    }

    pub fn on_route(&mut self, link: LinkId, route: Route) {
        if let Some(stranger) = self.strangers.get_mut(&link) {
            stranger.route = Some(route);
        }
        if let Some(party) = self.parties.values_mut().find(|party| party.link == Some(link)) {
            party.route = Some(route);
        }
    }

    pub fn on_closed(&mut self, around: Around<'_>, link: LinkId) {
        let unanswered = self.strangers.remove(&link).filter(|stranger| stranger.is_dialled);
        self.out.push_back(Output::StrangerGone(link));
        for party in self.parties.values_mut() {
            party.former_link.take_if(|(former, _)| *former == link);
        }
        if let Some(party) = self.parties.values_mut().find(|party| party.link == Some(link)) {
            party.former_route = party.route.or(party.former_route);
            (party.link, party.route, party.greeting.since) = (None, None, None);
            party.inbox.clear();
            party.linkless_since = Some(around.now);
            let wait = if around.directory.me() < party.id { FIRST_REDIAL } else { HIGHER_WAITS };
            party.reach.dial_at = Some(later(around.now, wait));
            let gone = party.id;
            self.out.push_back(Output::Unlinked(gone));
            self.forwarding.on_unlinked(gone);
            self.follow_forwarding(around);
        }
        if let Some(stranger) = unanswered {
            self.dial_failed(around, stranger.endpoint);
        }
    }

    pub(super) fn lose_link(&mut self, around: Around<'_>, link: LinkId) {
        self.on_closed(around, link);
        self.close(link);
    }

    /// A member said goodbye: nothing more is said to them.
    pub fn on_goodbye(&mut self, around: Around<'_>, member: MemberId) {
        if let Some(link) = self.parties.get_mut(&member).and_then(|party| party.link.take()) {
            self.close(link);
        }
        self.forwarding.on_unlinked(member);
        self.follow_forwarding(around);
    }

    /// What a member said could not be kept: their links are closed, and they will say it again on another one.
    pub fn on_not_kept(&mut self, around: Around<'_>, member: MemberId) {
        let Some(party) = self.parties.get(&member) else {
            return;
        };
        let links = [party.link, party.former_link.map(|(former, _)| former)];
        for link in links.into_iter().flatten() {
            self.lose_link(around, link);
        }
    }

    /// There is nobody any more to link to.
    pub fn close_all(&mut self) {
        for party in self.parties.values_mut() {
            party.reach.dial_at = None;
            let former = party.former_link.take().map(|(former, _)| former);
            self.out.extend(party.link.take().into_iter().chain(former).map(Output::Close));
        }
        self.out.extend(std::mem::take(&mut self.strangers).into_keys().map(Output::Close));
    }

    /// Takes leave of those who have a link, with this message.
    pub fn part(&mut self, farewell: &LinkMessage) {
        for link in self.parties.values().filter_map(|party| party.link).collect::<Vec<_>>() {
            self.send(link, farewell);
            self.close(link);
        }
    }
}

/// What becomes of a new link.
enum Place {
    /// It is the member's from now on.
    Taken,
    /// The one they have is kept, and what comes on this one still counts for a moment.
    Former,
    Refused,
}
