//! The other end of links: where a member is, the link with them, and what they may still cost us.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use group_crypto::{Card, MemberId};

use super::{Output, opening::CROSSED, whereabouts::Stated};
use crate::{
    api::{Presence, Route},
    rendezvous::Whereabouts,
    room::{
        budget::Inbox,
        company::{Directory, Linked},
        keep::MemberDetails,
        link::LinkId,
        meter::later,
        view::{MemberView, Source},
        wire::{Abilities, Purpose},
    },
};

/// A link that broke is being made anew for this long before its member counts as away.
const RECONNECTING: Duration = Duration::from_secs(45);
/// Group messages that wait for a link to come up; beyond it the oldest goes.
const OUTBOX: usize = 256;

/// Where a member is, and how they are found and dialled.
pub(in crate::room) struct Reach {
    /// Where they are, or were last.
    pub at: Whereabouts,
    /// Where they say they are, in words that others can check.
    pub stated: Stated,
    /// What only we two know, and find each other by.
    pub pair: Option<[u8; 32]>,
    /// By which one who was let in and the maker of the invitation find each other until both are known to have `pair`:
    /// either may be gone before it was made, or before it arrived.
    pub first_pair: Option<[u8; 32]>,
    /// When to dial next.
    pub dial_at: Option<Instant>,
    pub dial_failures: u32,
    /// They were here in this run.
    pub is_seen: bool,
}

impl Reach {
    /// Their endpoint is this one, and nothing has shown where it is: the addresses are those of another.
    pub fn move_to(&mut self, endpoint: [u8; 32]) {
        if self.at.endpoint != endpoint {
            self.at = Whereabouts { endpoint, relays: Vec::new(), addresses: Vec::new() };
        }
    }
}

/// What was said when the link with a member came up.
#[derive(Default)]
pub(in crate::room) struct Greeting {
    pub since: Option<Instant>,
    pub is_dialled: bool,
    /// Their Hello was meant for another member, whose endpoint they took ours for. Nothing of what it says of the chat counts.
    pub is_misdialled: bool,
    /// When to tell them once more how things stand.
    pub tell_again_at: Option<Instant>,
}

pub(in crate::room) struct Party {
    pub id: MemberId,
    pub reach: Reach,
    pub greeting: Greeting,
    /// Their DTLS certificate's, of this run.
    pub fingerprint: [u8; 32],
    /// What their program can do, as their Hello said.
    abilities: Abilities,
    /// Up, and they have said Hello on it.
    pub link: Option<LinkId>,
    /// The link before, and until when what comes on it still counts.
    pub former_link: Option<(LinkId, Instant)>,
    pub route: Option<Route>,
    pub former_route: Option<Route>,
    /// What they may still cost us, and what they have said beyond it.
    pub inbox: Inbox,
    /// Since when there is no link, for one who had one or should have had one.
    pub linkless_since: Option<Instant>,
    pub outbox: VecDeque<Vec<u8>>,
}

impl Party {
    /// A member whom this run has not met: where their card says they were when they joined.
    pub fn new(now: Instant, id: MemberId, card: &Card) -> Self {
        let at = Whereabouts { endpoint: card.endpoint, relays: Vec::new(), addresses: card.addresses.clone() };
        Self { fingerprint: card.fingerprint, ..Self::lost(now, id, at) }
    }

    /// One who is not in the group any more, and was here last as far as we know.
    pub fn lost(now: Instant, id: MemberId, at: Whereabouts) -> Self {
        Self {
            id,
            reach: Reach {
                at,
                stated: Stated::default(),
                pair: None,
                first_pair: None,
                dial_at: None,
                dial_failures: 0,
                is_seen: false,
            },
            greeting: Greeting::default(),
            fingerprint: [0; 32],
            abilities: Abilities::default(),
            link: None,
            former_link: None,
            route: None,
            former_route: None,
            inbox: Inbox::default(),
            linkless_since: Some(now),
            outbox: VecDeque::new(),
        }
    }

    /// Takes in what their program of this run is known by, and can do.
    pub fn on_hello(&mut self, fingerprint: [u8; 32], abilities: Abilities) {
        (self.fingerprint, self.abilities) = (fingerprint, abilities);
    }

    /// Takes in where they were last, as the disk has it.
    pub fn resume(&mut self, now: Instant, details: &MemberDetails) {
        (self.reach.pair, self.reach.first_pair) = (details.pair, details.first_pair);
        if let Some(at) = details.at.clone() {
            self.reach.at = at.into();
        }
        // A member that comes back dials; the other may not know that there is anybody to dial.
        self.reach.dial_at = Some(now);
    }

    /// Lets a message wait for the link. Drops the oldest beyond the bound.
    pub fn wait(&mut self, bytes: Vec<u8>) {
        if self.outbox.len() == OUTBOX {
            self.outbox.pop_front();
            tracing::warn!(member = ?self.id, "an outbox is full; its oldest message is dropped");
        }
        self.outbox.push_back(bytes);
    }

    /// The same bytes for them now, or once there is a link.
    pub fn tell(&mut self, purpose: Purpose, bytes: &[u8]) -> Option<Output> {
        match self.link {
            Some(link) => Some(Output::Send { link, purpose, bytes: bytes.to_vec() }),
            None => {
                self.wait(bytes.to_vec());
                None
            }
        }
    }

    /// There is no link of our own; a way through another member is worth to be replaced by one.
    pub fn lacks_link(&self) -> bool {
        self.link.is_none_or(LinkId::is_through)
    }

    /// A link of our own.
    pub fn own_link(&self) -> Option<LinkId> {
        self.link.filter(|link| !link.is_through())
    }

    /// Whether others may bring what they say: there is no link of our own, or it is so new that something is still under way.
    pub fn needs_others(&self, now: Instant) -> bool {
        self.lacks_link() || self.greeting.since.is_none_or(|since| now < later(since, CROSSED))
    }

    /// Whether what comes on this link is theirs.
    pub fn is_on(&self, link: LinkId) -> bool {
        self.link == Some(link) || self.former_link.is_some_and(|(former, _)| former == link)
    }

    /// Whether this endpoint is where they are, or are said to be.
    pub fn is_at(&self, endpoint: &[u8; 32]) -> bool {
        self.reach.at.endpoint == *endpoint || self.reach.stated.endpoint().as_ref() == Some(endpoint)
    }

    /// The newest endpoint of theirs that we know of.
    pub fn newest_endpoint(&self) -> [u8; 32] {
        self.reach.stated.endpoint().unwrap_or(self.reach.at.endpoint)
    }

    pub fn presence(&self, now: Instant) -> Presence {
        match self.link {
            Some(_) => Presence::Here(self.route.unwrap_or(Route::Direct)),
            None if self.is_reconnecting(now) => Presence::Reconnecting,
            None => Presence::Away,
        }
    }

    fn is_reconnecting(&self, now: Instant) -> bool {
        let is_recent = |since: Instant| now.saturating_duration_since(since) < RECONNECTING;
        self.link.is_none() && self.reach.is_seen && self.linkless_since.is_some_and(is_recent)
    }

    /// Whether anything here changes by itself until then.
    pub fn is_unsettled(&self, now: Instant, until: Instant) -> bool {
        self.reach.dial_at.is_some_and(|at| at <= until)
            || self.reach.stated.is_due(until)
            || self.greeting.tell_again_at.is_some()
            || self.former_link.is_some()
            || !self.inbox.is_empty()
            || self.is_reconnecting(now)
    }

    pub fn linked(&self) -> Linked<'_> {
        Linked {
            has_link: self.link.is_some(),
            has_own_link: !self.lacks_link(),
            linkless_since: self.linkless_since,
            endpoint: &self.reach.at.endpoint,
            fingerprint: self.fingerprint,
            abilities: &self.abilities,
        }
    }
}

/// All members: what the directory has of each, and what links have.
#[derive(Clone, Copy)]
pub(in crate::room) struct Everyone<'a> {
    pub directory: &'a dyn Directory,
    pub(super) parties: &'a BTreeMap<MemberId, Party>,
}

impl Source for Everyone<'_> {
    fn member(&self, id: MemberId) -> Option<MemberView<'_>> {
        Some(MemberView::new(self.directory.listed(id)?, self.parties.get(&id)?.linked()))
    }

    fn members(&self) -> Box<dyn Iterator<Item = MemberView<'_>> + '_> {
        Box::new(self.directory.all().filter_map(|of| Some(MemberView::new(of, self.parties.get(&of.id)?.linked()))))
    }
}
