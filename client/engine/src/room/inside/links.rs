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
    DialError, LinkId, Output,
    inside::Inside,
    inside::participant::Participant,
    meter::later,
    output::send,
    wire::{Hello, LinkMessage, MAX_MESSAGE, MAX_OF_STRANGER},
};
use crate::{
    api::{RoomKind, Route, Trouble},
    rendezvous::Whereabouts,
};

/// Strangers at the door at once; beyond it a new one is turned away.
const MAX_STRANGERS: usize = 64;
/// A stranger who does not become a member by then is closed.
const STRANGER_PATIENCE: Duration = Duration::from_secs(15);
const FIRST_REDIAL: Duration = Duration::from_millis(250);
/// The lower member of a pair dials first, so that both seldom dial at once.
pub(in crate::room) const HIGHER_WAITS: Duration = Duration::from_millis(1500);
/// Dials that fail come this often as long as the member was here a moment ago, and later ever less often.
const SLOWEST_REDIAL: Duration = Duration::from_secs(2);
const RECENT: Duration = Duration::from_secs(120);
const AWAY_REDIAL: Duration = Duration::from_secs(60);
/// One who comes back dials, and is found by rendezvous. What they said of where they are may be an address of somebody else's.
const SELDOM_REDIAL: Duration = Duration::from_secs(60 * 60);
/// After this a new link's other end is told once more how things stand: some of it may have gone down with the link before.
const SETTLED: Duration = Duration::from_secs(2);
/// Two links that came up within this time were dialled by both at once.
const CROSSED: Duration = Duration::from_secs(3);

/// A link whose other end has not said Hello (yet).
pub(in crate::room) struct Stranger {
    pub endpoint: [u8; 32],
    since: Instant,
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

/// The pause between two dials of one who has been away for so long.
fn seldom(away: Duration) -> Duration {
    away.checked_div(8).unwrap_or(SELDOM_REDIAL).clamp(AWAY_REDIAL, SELDOM_REDIAL)
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
        let present = || self.participants.values().filter(|p| !p.said_goodbye);
        if let Some(way) = self.links.forwarding.way(link) {
            return present().find(|p| p.member.id == way.to).map(|p| p.member.id);
        }
        let was_there = present().find(|p| p.at.endpoint == *endpoint);
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
            if p.pair.is_none() {
                p.first_pair = Some(first_pair);
            }
            // A card says no relays, and in a contact of many it is older than this.
            p.at = at;
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
        let Some(p) = self.participants.get_mut(&index).filter(|p| !p.said_goodbye && !p.to_be_removed) else {
            return out.push_back(Output::Close { link });
        };
        // Before they hear of it: what they say then may be long.
        out.push_back(Output::Vouch { link });
        if let Some(old) = p.link {
            let crossed = link.is_through() == old.is_through()
                && p.at.endpoint == stranger.endpoint
                && p.link_since.is_some_and(|since| now < later(since, CROSSED))
                && stranger.dialled != p.link_dialled;
            // A link of one's own is better than a way through another. Both dialled at once: both keep the one that the
            // lower member dialled. Else the old link is dead, and its end not noticed yet.
            let loses = link.is_through() && !old.is_through() || crossed && (us < p.member.id) == p.link_dialled;
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
            p.at.endpoint = stranger.endpoint;
            self.say_hello(link, stranger.endpoint, Some(index), out);
        }
        let Some(p) = self.participants.get_mut(&index) else {
            return;
        };
        p.former_route = p.route.or(p.former_route);
        (p.link, p.link_since, p.link_dialled, p.route) = (Some(link), Some(now), stranger.dialled, stranger.route);
        // A way through another is to be replaced by a link.
        p.dial_at = link.is_through().then(|| p.dial_at.unwrap_or(later(now, SLOWEST_REDIAL)));
        (p.dial_failures, p.linkless_since, p.seen) = (0, None, true);
        p.tell_again_at = Some(later(now, SETTLED));
        self.media.on_link_replaced(index);
        let outbox = std::mem::take(&mut p.outbox);
        let is_another = stranger.meant.is_some_and(|meant| meant != index);
        if is_another {
            // One member gave another's endpoint for its own. Our Hello told this one nothing of the two of us.
            tracing::debug!(member = ?index, "another member than was dialled is at the other end of a link");
            self.say_hello(link, stranger.endpoint, Some(index), out);
            self.dial_failed(now, stranger.endpoint);
        }
        out.extend(outbox.into_iter().map(|bytes| Output::Send { link, bytes }));
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

    /// Another link is dialled beside one that hears nothing, and takes its place as soon as it is up.
    pub fn link_doubtful(&self, link: LinkId, out: &mut VecDeque<Output>) {
        let doubtful = self.participants.values().find(|p| p.link == Some(link) && !p.said_goodbye);
        if let Some(p) = doubtful.filter(|p| !p.to_be_removed) {
            out.push_back(Output::Dial { to: p.at.clone(), is_hearsay: false });
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
            (p.link, p.link_since, p.route) = (None, None, None);
            p.inbox.clear();
            p.linkless_since = Some(now);
            p.dial_at = Some(later(now, if us < p.member.id { FIRST_REDIAL } else { HIGHER_WAITS }));
            let gone = p.member.id;
            self.membership.agreement.unlinked(now, gone);
            self.carry_out(now, out);
            self.in_forwarding(now, out, |forwarding| forwarding.on_unlinked(gone));
        }
        if let Some(stranger) = unanswered {
            self.dial_failed(now, stranger.endpoint);
        }
    }

    pub fn on_dial_failed(&mut self, now: Instant, endpoint: [u8; 32], why: DialError, out: &mut VecDeque<Output>) {
        if why == DialError::OtherVersion {
            self.met_other_version(&endpoint, out);
        }
        self.dial_failed(now, endpoint);
    }

    /// A member may have another program than we do. They are dialled on: it may be updated, and they may be elsewhere.
    fn met_other_version(&mut self, endpoint: &[u8; 32], out: &mut VecDeque<Output>) {
        let is_member = self.participants.values().any(|p| p.is_at(endpoint) && p.lacks_link());
        if is_member && !std::mem::replace(&mut self.links.told_version, true) {
            self.trouble(Trouble::OtherVersion, out);
        }
    }

    pub fn dial_failed(&mut self, now: Instant, endpoint: [u8; 32]) {
        let kept = self.about.kind != RoomKind::Ephemeral;
        let lower = |p: &Participant| self.membership.agreement.group().my_id() < p.member.id;
        let dials = self.participants.values().find(|p| p.at.endpoint == endpoint && p.lacks_link());
        // In a room that is not kept, the lower of each pair dials and nobody is found in another way.
        let Some(index) = dials.filter(|p| kept || p.seen || lower(p)).map(|p| p.member.id) else {
            return;
        };
        if let Some(p) = self.participants.get_mut(&index) {
            p.dial_failures = p.dial_failures.saturating_add(1);
            let recent = p.seen && p.linkless_since.is_some_and(|since| now < later(since, RECENT));
            let away = p.linkless_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
            let slowest = if recent || !kept { SLOWEST_REDIAL } else { seldom(away) };
            let pause = FIRST_REDIAL.saturating_mul(2u32.saturating_pow(p.dial_failures.min(14)));
            p.dial_at = Some(later(now, pause.min(slowest)));
        }
    }

    /// Another network, or one at all: everyone who is not here is worth a dial at once.
    pub fn network_changed(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        for p in self.participants.values_mut().filter(|p| p.lacks_link()) {
            (p.dial_failures, p.dial_at) = (0, Some(now));
        }
        self.look_after_links(now, out);
    }

    pub fn look_after_links(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let linked = self.participants.values().filter(|p| !p.lacks_link());
        let proven: Vec<_> = linked.map(|p| (p.member.id, p.at.endpoint)).collect();
        for p in self.participants.values_mut() {
            // A link on which they are about to say Hello is as good as one of our own.
            let under_way = self
                .links
                .strangers
                .iter()
                .any(|(link, s)| !link.is_through() && p.is_at(&s.endpoint) && now < later(s.since, CROSSED));
            if !p.lacks_link() || p.said_goodbye || under_way {
                continue;
            }
            // A link has shown that another member is there, so it would lead to that one again.
            let member = p.member.id;
            let is_of_another = |to: &Whereabouts| proven.iter().any(|(of, at)| *of != member && *at == to.endpoint);
            if let Some(to) = p.stated.dial(now, &self.about.own.wall).filter(|to| !is_of_another(to)) {
                out.push_back(Output::Dial { to, is_hearsay: true });
            }
            if p.dial_at.is_some_and(|at| at <= now) {
                // A dial that set out while the network was gone takes its time; somebody who was here a moment ago is worth
                // another one beside it.
                let recent = p.seen && p.linkless_since.is_some_and(|since| now < later(since, RECENT));
                p.dial_at = recent.then_some(later(now, SLOWEST_REDIAL));
                if is_of_another(&p.at) {
                    p.dial_at = Some(later(now, AWAY_REDIAL));
                    continue;
                }
                out.push_back(Output::Dial { to: p.at.clone(), is_hearsay: false });
            }
        }
        self.tell_again(now, out);
        for p in self.participants.values_mut() {
            if let Some((former, _)) = p.former_link.take_if(|(_, until)| *until <= now) {
                out.push_back(Output::Close { link: former });
            }
        }
        let mut gone = Vec::new();
        self.links.strangers.retain(|link, stranger| {
            let keep = now < later(stranger.since, stranger.patience);
            if !keep {
                out.push_back(Output::Close { link: *link });
                gone.push((*link, stranger.dialled.then_some(stranger.endpoint)));
            }
            keep
        });
        for (link, dialled) in gone {
            self.membership.asked.retain(|asked| asked.link != link);
            self.at_door(now, out, |door, _| door.on_link_closed(link));
            if let Some(endpoint) = dialled {
                self.dial_failed(now, endpoint);
            }
        }
    }

    fn tell_again(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let streams = self.call.streams();
        let mut settled = Vec::new();
        for p in self.participants.values_mut() {
            if let Some(link) = p.link
                && p.tell_again_at.is_some_and(|at| at <= now)
            {
                p.tell_again_at = None;
                settled.push(p.member.id);
                send(out, link, &LinkMessage::Streams(streams));
            }
        }
        for member in settled {
            self.in_media(now, out, |media, _| media.ask(member));
            self.in_chat(now, out, |chat, _, _| chat.ask_again(member));
            self.tell_what_is_missing(now, member, out);
        }
    }
}
