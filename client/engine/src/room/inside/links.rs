//! Links: who dials whom, and who is at the other end.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use group_crypto::MemberId;

use crate::room::{
    LinkId, Output,
    inside::Inside,
    inside::dialing::{FIRST_REDIAL, HIGHER_WAITS, SLOWEST_REDIAL},
    meter::later,
    wire::{Hello, LinkMessage, MAX_MESSAGE, MAX_OF_STRANGER, Purpose},
};
use crate::{api::Route, rendezvous::Whereabouts};

/// Strangers at the door at once; beyond it a new one is turned away.
const MAX_STRANGERS: usize = 64;
/// A stranger who does not become a member by then is closed.
const STRANGER_PATIENCE: Duration = Duration::from_secs(15);
/// After this a new link's other end is told once more how things stand: some of it may have gone down with the link before.
const SETTLED: Duration = Duration::from_secs(2);
/// Two links that came up within this time were dialled by both at once.
pub(in crate::room) const CROSSED: Duration = Duration::from_secs(3);

/// A link whose other end has not said Hello (yet).
pub(in crate::room) struct Stranger {
    pub endpoint: [u8; 32],
    pub since: Instant,
    pub patience: Duration,
    pub dialled: bool,
    /// The member whom we meant by dialling, and said Hello to.
    pub meant: Option<MemberId>,
    route: Option<Route>,
    pub said: Vec<LinkMessage>,
    /// Bytes of all that they said.
    heard: usize,
    /// They have been given an invitation of their own.
    pub is_served: bool,
    /// They have been told that the keys here are classical.
    pub told_suite: bool,
}

impl Stranger {
    fn new(now: Instant, endpoint: [u8; 32], dialled: bool) -> Self {
        Self {
            endpoint,
            since: now,
            patience: STRANGER_PATIENCE,
            dialled,
            meant: None,
            route: None,
            said: Vec::new(),
            heard: 0,
            is_served: false,
            told_suite: false,
        }
    }

    /// Whether they may say so much more. We dial only whom we know, and members have longer things to say.
    pub fn may_say(&mut self, length: usize) -> bool {
        self.heard = self.heard.saturating_add(length);
        let longest = if self.dialled { MAX_MESSAGE } else { MAX_OF_STRANGER };
        length <= longest && self.heard <= MAX_MESSAGE
    }
}

impl Inside {
    pub fn link_opened(
        &mut self,
        now: Instant,
        link: LinkId,
        endpoint: [u8; 32],
        dialled: bool,
        out: &mut VecDeque<Output>,
    ) {
        let index = self.member_behind(link, &endpoint);
        let full = !self.make_room(out);
        if index.is_none() && (full || dialled) {
            return out.push_back(Output::Close { link });
        }
        // A member that dials knows whom, and speaks first; one that anybody may dial does not say who it is.
        let meant = index.filter(|_| dialled);
        self.links.strangers.insert(link, Stranger { meant, ..Stranger::new(now, endpoint, dialled) });
        if meant.is_some() {
            self.say_hello(link, endpoint, meant, out);
        }
    }

    /// Who should be at the other end. Several may claim one endpoint; one who was there goes before one who says so.
    pub fn member_behind(&self, link: LinkId, endpoint: &[u8; 32]) -> Option<MemberId> {
        let present = || self.participants.values().filter(|p| !p.standing.said_goodbye);
        if let Some(way) = self.links.forwarding.way(link) {
            return present().find(|p| p.member.id == way.to).map(|p| p.member.id);
        }
        let was_there = present().find(|p| p.reach.at.endpoint == *endpoint);
        was_there.or_else(|| present().find(|p| p.is_at(endpoint))).map(|p| p.member.id)
    }

    /// Who has stood there longest, and neither knocks nor is asked for, gives way.
    fn make_room(&mut self, out: &mut VecDeque<Output>) -> bool {
        if self.links.strangers.len() < MAX_STRANGERS {
            return true;
        }
        let waits = |link| self.door.has_knocked(link) || self.membership.asked.iter().any(|asked| asked.link == link);
        let idle = self.links.strangers.iter().filter(|(link, s)| !s.dialled && !waits(**link));
        let Some(oldest) = idle.min_by_key(|(_, s)| s.since).map(|(link, _)| *link) else {
            return false;
        };
        self.links.strangers.remove(&oldest);
        out.push_back(Output::Close { link: oldest });
        true
    }

    /// The link by which we were let in: a member is at its other end, and has not said which.
    pub fn came_in_by(
        &mut self,
        now: Instant,
        link: LinkId,
        (inviter, at, first_pair): (MemberId, Whereabouts, [u8; 32]),
        out: &mut VecDeque<Output>,
    ) {
        let endpoint = at.endpoint;
        if let Some(p) = self.participants.get_mut(&inviter) {
            // Two contacts have what the group gives both of them.
            if p.reach.pair.is_none() {
                p.reach.first_pair = Some(first_pair);
            }
            // A card says no relays, and in a contact of many it is older than this.
            p.reach.at = at;
            self.keep_member(inviter);
        }
        self.links.strangers.insert(link, Stranger::new(now, endpoint, true));
        self.say_hello(link, endpoint, None, out);
    }

    /// A newcomer may have come ahead of the commit that adds them: what they said counts now.
    pub fn meet_waiting(&mut self, index: MemberId) {
        let Some(id) = self.participants.get(&index).map(|p| p.member.id) else {
            return;
        };
        let theirs = |message: &LinkMessage| matches!(message, LinkMessage::Hello(hello) if hello.member == id.0);
        let waiting = self.links.strangers.iter().find(|(_, s)| s.said.iter().any(theirs)).map(|(link, _)| *link);
        if let Some(link) = waiting
            && let Some(stranger) = self.links.strangers.get_mut(&link)
        {
            let said = std::mem::take(&mut stranger.said);
            self.heard_before(link, said);
        }
    }

    /// A member has proven to be at the other end: everything that waited for them goes out.
    pub fn attach(&mut self, now: Instant, index: MemberId, link: LinkId, hello: Hello, out: &mut VecDeque<Output>) {
        let Some(stranger) = self.links.strangers.remove(&link) else {
            return;
        };
        let us = self.membership.agreement.group().my_id();
        let Some(p) =
            self.participants.get_mut(&index).filter(|p| !p.standing.said_goodbye && !p.standing.to_be_removed)
        else {
            return out.push_back(Output::Close { link });
        };
        // Before they hear of it: what they say then may be long.
        out.push_back(Output::Vouch { link });
        if let Some(old) = p.link {
            let crossed = link.is_through() == old.is_through()
                && p.reach.at.endpoint == stranger.endpoint
                && p.greeting.since.is_some_and(|since| now < later(since, CROSSED))
                && stranger.dialled != p.greeting.dialled;
            // A link of one's own is better than a way through another. Both dialled at once: both keep the one that the
            // lower member dialled. Else the old link is dead, and its end not noticed yet.
            let loses = link.is_through() && !old.is_through() || crossed && (us < p.member.id) == p.greeting.dialled;
            if loses && !stranger.dialled {
                // They have not heard a Hello of ours on it, and so have said nothing more.
                return out.push_back(Output::Close { link });
            }
            // What is under way on it still counts, and its end must not look like one of theirs.
            let former = if loses { link } else { old };
            if let Some((older, _)) = p.former_link.replace((former, later(now, CROSSED))) {
                out.push_back(Output::Close { link: older });
            }
            if loses {
                return self.heard_before(link, stranger.said);
            }
        }
        if !stranger.dialled {
            p.reach.at.endpoint = stranger.endpoint;
            self.say_hello(link, stranger.endpoint, Some(index), out);
        }
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        p.former_route = p.route.or(p.former_route);
        (p.link, p.greeting.since, p.greeting.dialled, p.route) =
            (Some(link), Some(now), stranger.dialled, stranger.route);
        // A way through another is to be replaced by a link.
        p.reach.dial_at = link.is_through().then(|| p.reach.dial_at.unwrap_or(later(now, SLOWEST_REDIAL)));
        (p.reach.dial_failures, p.linkless_since, p.reach.seen) = (0, None, true);
        p.greeting.tell_again_at = Some(later(now, SETTLED));
        self.media.on_link_replaced(index);
        let outbox = std::mem::take(&mut p.outbox);
        let is_another = stranger.meant.is_some_and(|meant| meant != index);
        if is_another {
            // One member gave another's endpoint for its own. Our Hello told this one nothing of the two of us.
            tracing::debug!(member = ?index, "another member than was dialled is at the other end of a link");
            self.say_hello(link, stranger.endpoint, Some(index), out);
            self.dial_failed(now, stranger.endpoint);
        }
        out.extend(outbox.into_iter().map(|bytes| Output::Send { link, purpose: Purpose::Control, bytes }));
        self.greeted(now, index, stranger.endpoint, hello, out);
        self.heard_before(link, stranger.said);
    }

    pub fn link_route(&mut self, link: LinkId, route: Route) {
        if let Some(stranger) = self.links.strangers.get_mut(&link) {
            stranger.route = Some(route);
        }
        if let Some(p) = self.participants.values_mut().find(|p| p.link == Some(link)) {
            p.route = Some(route);
        }
    }

    pub fn link_closed(&mut self, now: Instant, link: LinkId, out: &mut VecDeque<Output>) {
        let us = self.membership.agreement.group().my_id();
        let unanswered = self.links.strangers.remove(&link).filter(|stranger| stranger.dialled);
        self.at_door(now, out, |door, _| door.on_link_closed(link));
        self.membership.asked.retain(|asked| asked.link != link);
        for p in self.participants.values_mut() {
            p.former_link.take_if(|(former, _)| *former == link);
        }
        if let Some(p) = self.participants.values_mut().find(|p| p.link == Some(link)) {
            p.former_route = p.route.or(p.former_route);
            (p.link, p.greeting.since, p.route) = (None, None, None);
            p.inbox.clear();
            p.linkless_since = Some(now);
            p.reach.dial_at = Some(later(now, if us < p.member.id { FIRST_REDIAL } else { HIGHER_WAITS }));
            let gone = p.member.id;
            self.membership.agreement.unlinked(now, gone);
            self.carry_out(now, out);
            self.in_forwarding(now, out, |forwarding| forwarding.on_unlinked(gone));
        }
        if let Some(stranger) = unanswered {
            self.dial_failed(now, stranger.endpoint);
        }
    }
}
