//! Whom we dial, and when again.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::time::{Duration, Instant};

use super::{Around, Links, Output, opening::CROSSED, party::Party};
use crate::{
    api::{RoomKind, Trouble},
    rendezvous::Whereabouts,
    room::{link::LinkId, meter::later, wire::LinkMessage},
};

pub(super) const FIRST_REDIAL: Duration = Duration::from_millis(250);
/// The lower member of a pair dials first, so that both seldom dial at once.
pub(super) const HIGHER_WAITS: Duration = Duration::from_millis(1500);
/// Dials that fail come this often as long as the member was here a moment ago, and later ever less often.
pub(super) const SLOWEST_REDIAL: Duration = Duration::from_secs(2);
const RECENT: Duration = Duration::from_secs(120);
const AWAY_REDIAL: Duration = Duration::from_secs(60);
/// One who comes back dials, and is found by rendezvous. What they said of where they are may be an address of somebody else's.
const SELDOM_REDIAL: Duration = Duration::from_secs(60 * 60);

/// The pause between two dials of one who has been away for so long.
fn seldom(away: Duration) -> Duration {
    away.checked_div(8).unwrap_or(SELDOM_REDIAL).clamp(AWAY_REDIAL, SELDOM_REDIAL)
}

impl Links {
    /// Another link is dialled beside one that hears nothing, and takes its place as soon as it is up.
    pub fn on_doubtful(&mut self, around: Around<'_>, link: LinkId) {
        let doubtful = self.parties.values().find(|party| party.link == Some(link) && !around.is_leaving(party.id));
        let to = doubtful.map(|party| party.reach.at.clone());
        self.out.extend(to.map(|to| Output::Dial { to, is_hearsay: false }));
    }

    /// A dial led to no link. `is_other_version`: what answers there speaks another version.
    pub fn on_dial_failed(&mut self, around: Around<'_>, endpoint: [u8; 32], is_other_version: bool) {
        if is_other_version {
            self.met_other_version(&endpoint);
        }
        self.dial_failed(around, endpoint);
    }

    /// A member may have another program than we do. They are dialled on: it may be updated, and they may be elsewhere.
    fn met_other_version(&mut self, endpoint: &[u8; 32]) {
        let is_member = self.parties.values().any(|party| party.is_at(endpoint) && party.lacks_link());
        if is_member && !std::mem::replace(&mut self.told_version, true) {
            self.out.push_back(Output::Trouble(Trouble::OtherVersion));
        }
    }

    pub(super) fn dial_failed(&mut self, around: Around<'_>, endpoint: [u8; 32]) {
        let (me, is_kept) = (around.directory.me(), around.kind != RoomKind::Ephemeral);
        // In a room that is not kept, the lower of each pair dials and nobody is found in another way.
        let is_dialled = |party: &&mut Party| is_kept || party.reach.is_seen || me < party.id;
        let mut there = self.parties.values_mut();
        let dialled = there.find(|party| party.reach.at.endpoint == endpoint && party.lacks_link());
        if let Some(party) = dialled.filter(is_dialled) {
            party.reach.dial_failures = party.reach.dial_failures.saturating_add(1);
            let is_recent = party.was_here(around.now);
            let away = party.linkless_since.map_or(Duration::ZERO, |since| around.now.saturating_duration_since(since));
            let slowest = if is_recent || !is_kept { SLOWEST_REDIAL } else { seldom(away) };
            let pause = FIRST_REDIAL.saturating_mul(2u32.saturating_pow(party.reach.dial_failures.min(14)));
            party.reach.dial_at = Some(later(around.now, pause.min(slowest)));
        }
    }

    /// Another network, or one at all: everyone who is not here is worth a dial at once.
    pub fn on_network_changed(&mut self, around: Around<'_>) {
        for party in self.parties.values_mut().filter(|party| party.lacks_link()) {
            (party.reach.dial_failures, party.reach.dial_at) = (0, Some(around.now));
        }
        self.look_after_links(around);
    }

    /// Dials those who are due, tells those whose links have settled, and closes links that have outlived their use.
    pub fn on_timeout(&mut self, around: Around<'_>) {
        self.look_after_links(around);
        self.look_for_ways(around);
    }

    pub(super) fn look_after_links(&mut self, around: Around<'_>) {
        self.dial_due(around);
        self.tell_again(around);
        for party in self.parties.values_mut() {
            let over = party.former_link.take_if(|(_, until)| *until <= around.now);
            self.out.extend(over.map(|(former, _)| Output::Close(former)));
        }
        self.close_impatient(around);
    }

    fn dial_due(&mut self, around: Around<'_>) {
        let now = around.now;
        let linked = self.parties.values().filter(|party| !party.lacks_link());
        let proven: Vec<_> = linked.map(|party| (party.id, party.reach.at.endpoint)).collect();
        for party in self.parties.values_mut() {
            // A link on which they are about to say Hello is as good as one of our own.
            let mut new = self.strangers.iter().filter(|(link, s)| !link.is_through() && now < later(s.since, CROSSED));
            if !party.lacks_link() || around.said_goodbye(party.id) || new.any(|(_, s)| party.is_at(&s.endpoint)) {
                continue;
            }
            // A link has shown that another member is there, so it would lead to that one again.
            let id = party.id;
            let is_of_another = |to: &Whereabouts| proven.iter().any(|(of, at)| *of != id && *at == to.endpoint);
            if let Some(to) = party.reach.stated.dial(now, &around.own.wall).filter(|to| !is_of_another(to)) {
                self.out.push_back(Output::Dial { to, is_hearsay: true });
            }
            if party.reach.dial_at.is_some_and(|at| at <= now) {
                // A dial that set out while the network was gone takes its time; somebody who was here a moment ago is
                // worth another one beside it.
                party.reach.dial_at = party.was_here(now).then_some(later(now, SLOWEST_REDIAL));
                if is_of_another(&party.reach.at) {
                    party.reach.dial_at = Some(later(now, AWAY_REDIAL));
                    continue;
                }
                self.out.push_back(Output::Dial { to: party.reach.at.clone(), is_hearsay: false });
            }
        }
    }

    /// Says again what may have gone down with the link before.
    fn tell_again(&mut self, around: Around<'_>) {
        let mut settled = Vec::new();
        for party in self.parties.values_mut() {
            if let Some(link) = party.link
                && party.greeting.tell_again_at.take_if(|at| *at <= around.now).is_some()
            {
                settled.push((party.id, link));
            }
        }
        for (member, link) in settled {
            self.send(link, &LinkMessage::Streams(around.streams));
            self.out.push_back(Output::Settled(member));
            self.tell_what_is_missing(around, member);
        }
    }

    /// Closes the links of strangers who have not become members in time.
    fn close_impatient(&mut self, around: Around<'_>) {
        let is_over = |_: &LinkId, s: &mut super::Stranger| around.now >= later(s.since, s.patience);
        let over: Vec<_> = self.strangers.extract_if(.., is_over).collect();
        for (link, stranger) in over {
            self.close(link);
            self.out.push_back(Output::StrangerGone(link));
            if stranger.is_dialled {
                self.dial_failed(around, stranger.endpoint);
            }
        }
    }
}

impl Party {
    /// Whether they were here a moment ago.
    fn was_here(&self, now: Instant) -> bool {
        self.reach.is_seen && self.linkless_since.is_some_and(|since| now < later(since, RECENT))
    }
}
