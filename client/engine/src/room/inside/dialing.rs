//! Whom we dial, and when again.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{Inside, links::CROSSED, participant::Participant};
use crate::{
    api::{RoomKind, Trouble},
    rendezvous::Whereabouts,
    room::{
        input::DialError,
        link::LinkId,
        meter::later,
        output::{Output, send},
        wire::LinkMessage,
    },
};

pub(in crate::room) const FIRST_REDIAL: Duration = Duration::from_millis(250);
/// The lower member of a pair dials first, so that both seldom dial at once.
pub(in crate::room) const HIGHER_WAITS: Duration = Duration::from_millis(1500);
/// Dials that fail come this often as long as the member was here a moment ago, and later ever less often.
pub(in crate::room) const SLOWEST_REDIAL: Duration = Duration::from_secs(2);
const RECENT: Duration = Duration::from_secs(120);
const AWAY_REDIAL: Duration = Duration::from_secs(60);
/// One who comes back dials, and is found by rendezvous. What they said of where they are may be an address of somebody else's.
const SELDOM_REDIAL: Duration = Duration::from_secs(60 * 60);

/// The pause between two dials of one who has been away for so long.
fn seldom(away: Duration) -> Duration {
    away.checked_div(8).unwrap_or(SELDOM_REDIAL).clamp(AWAY_REDIAL, SELDOM_REDIAL)
}

impl Inside {
    /// Another link is dialled beside one that hears nothing, and takes its place as soon as it is up.
    pub fn link_doubtful(&self, link: LinkId, out: &mut VecDeque<Output>) {
        let doubtful = self.participants.values().find(|p| p.link == Some(link) && !p.standing.said_goodbye);
        if let Some(p) = doubtful.filter(|p| !p.standing.to_be_removed) {
            out.push_back(Output::Dial { to: p.reach.at.clone(), is_hearsay: false });
        }
    }

    pub fn on_dial_failed(&mut self, now: Instant, endpoint: [u8; 32], why: DialError, out: &mut VecDeque<Output>) {
        if why == DialError::OtherVersion {
            self.met_other_version(&endpoint, out);
        }
        self.dial_failed(now, endpoint);
    }

    /// A member may have another program than we do. They are dialled on: it may be updated, and they may be elsewhere.
    pub fn met_other_version(&mut self, endpoint: &[u8; 32], out: &mut VecDeque<Output>) {
        let is_member = self.participants.values().any(|p| p.is_at(endpoint) && p.lacks_link());
        if is_member && !std::mem::replace(&mut self.links.told_version, true) {
            self.trouble(Trouble::OtherVersion, out);
        }
    }

    pub fn dial_failed(&mut self, now: Instant, endpoint: [u8; 32]) {
        let kept = self.about.kind != RoomKind::Ephemeral;
        let lower = |p: &Participant| self.membership.agreement.group().my_id() < p.member.id;
        let dials = self.participants.values().find(|p| p.reach.at.endpoint == endpoint && p.lacks_link());
        // In a room that is not kept, the lower of each pair dials and nobody is found in another way.
        let Some(index) = dials.filter(|p| kept || p.reach.seen || lower(p)).map(|p| p.member.id) else {
            return;
        };
        if let Some(p) = self.participants.get_mut(&index) {
            p.reach.dial_failures = p.reach.dial_failures.saturating_add(1);
            let recent = p.reach.seen && p.linkless_since.is_some_and(|since| now < later(since, RECENT));
            let away = p.linkless_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
            let slowest = if recent || !kept { SLOWEST_REDIAL } else { seldom(away) };
            let pause = FIRST_REDIAL.saturating_mul(2u32.saturating_pow(p.reach.dial_failures.min(14)));
            p.reach.dial_at = Some(later(now, pause.min(slowest)));
        }
    }

    /// Another network, or one at all: everyone who is not here is worth a dial at once.
    pub fn network_changed(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        for p in self.participants.values_mut().filter(|p| p.lacks_link()) {
            (p.reach.dial_failures, p.reach.dial_at) = (0, Some(now));
        }
        self.look_after_links(now, out);
    }

    pub fn look_after_links(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let linked = self.participants.values().filter(|p| !p.lacks_link());
        let proven: Vec<_> = linked.map(|p| (p.member.id, p.reach.at.endpoint)).collect();
        for p in self.participants.values_mut() {
            // A link on which they are about to say Hello is as good as one of our own.
            let under_way = self
                .links
                .strangers
                .iter()
                .any(|(link, s)| !link.is_through() && p.is_at(&s.endpoint) && now < later(s.since, CROSSED));
            if !p.lacks_link() || p.standing.said_goodbye || under_way {
                continue;
            }
            // A link has shown that another member is there, so it would lead to that one again.
            let member = p.member.id;
            let is_of_another = |to: &Whereabouts| proven.iter().any(|(of, at)| *of != member && *at == to.endpoint);
            if let Some(to) = p.reach.stated.dial(now, &self.about.own.wall).filter(|to| !is_of_another(to)) {
                out.push_back(Output::Dial { to, is_hearsay: true });
            }
            if p.reach.dial_at.is_some_and(|at| at <= now) {
                // A dial that set out while the network was gone takes its time; somebody who was here a moment ago is worth
                // another one beside it.
                let recent = p.reach.seen && p.linkless_since.is_some_and(|since| now < later(since, RECENT));
                p.reach.dial_at = recent.then_some(later(now, SLOWEST_REDIAL));
                if is_of_another(&p.reach.at) {
                    p.reach.dial_at = Some(later(now, AWAY_REDIAL));
                    continue;
                }
                out.push_back(Output::Dial { to: p.reach.at.clone(), is_hearsay: false });
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

    pub fn tell_again(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let streams = self.call.streams();
        let mut settled = Vec::new();
        for p in self.participants.values_mut() {
            if let Some(link) = p.link
                && p.greeting.tell_again_at.is_some_and(|at| at <= now)
            {
                p.greeting.tell_again_at = None;
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
