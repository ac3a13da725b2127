//! One other person in the room: their link, their media, and what is known of both.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use group_crypto::{Member, MemberId};

use crate::room::{
    LinkId, RoomFigures,
    budget::Inbox,
    inside::whereabouts::Stated,
    keep::{Keep, MemberDetails},
    media::{MediaFigures, MediaState, Standing},
    view::{MemberView, Source},
    wire::{Abilities, Streams},
};
use crate::{
    api::{KeyState, ParticipantState, Path, Presence, Route, Verification},
    rendezvous::Whereabouts,
};

/// A link that broke is being made anew for this long before its member counts as away.
pub(in crate::room) const RECONNECTING: Duration = Duration::from_secs(45);
/// Group messages that wait for a link to come up; beyond it the oldest goes.
const OUTBOX: usize = 256;
/// Keys may differ for as long as a commit is under way before it is worth showing.
const EPOCH_SLACK: Duration = Duration::from_millis(500);

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
    pub seen: bool,
}

/// How a member stands in the room.
#[derive(Default)]
pub(in crate::room) struct MemberStanding {
    pub said_goodbye: bool,
    /// Somebody asked for their removal, and the commit is ours to make.
    pub to_be_removed: bool,
    /// Somebody wanted them out, and they may still hold invitations: they did not just say goodbye.
    pub is_unwanted: bool,
    /// They are not in the group any more, and may come back.
    pub is_dropped: bool,
}

/// What was said when the link with a member came up.
#[derive(Default)]
pub(in crate::room) struct Greeting {
    pub since: Option<Instant>,
    pub dialled: bool,
    /// Their Hello was meant for another member, whose endpoint they took ours for. Nothing of what it says of the chat counts.
    pub is_misdialled: bool,
    /// When to tell them once more how things stand.
    pub tell_again_at: Option<Instant>,
}

pub(in crate::room) struct Participant {
    pub reach: Reach,
    pub standing: MemberStanding,
    pub greeting: Greeting,
    pub member: Member,
    /// Their name now; the card has the one they joined with.
    pub name: String,
    /// Their DTLS certificate's, of this run.
    pub fingerprint: [u8; 32],
    /// What their program can do, as their Hello said.
    abilities: Abilities,
    /// Up, and they have said Hello on it.
    pub link: Option<LinkId>,
    /// The link before, and until when what comes on it still counts.
    pub former_link: Option<(LinkId, Instant)>,
    pub route: Option<Route>,
    /// What they may still cost us, and what they have said beyond it.
    pub inbox: Inbox,
    /// Since when there is no link, for one who had one or should have had one.
    pub linkless_since: Option<Instant>,
    pub outbox: VecDeque<Vec<u8>>,
    /// How the two stand, while there is a link; and since when not at one epoch.
    key_state: KeyState,
    keys_differ_since: Option<Instant>,
    pub streams: Streams,
    pub former_route: Option<Route>,
    pub shown: ParticipantState,
}

impl Participant {
    /// A member whom this run has not met: where their card says they were when they joined.
    pub fn new(now: Instant, member: Member) -> Self {
        let card = &member.card;
        Self {
            reach: Reach {
                at: Whereabouts { endpoint: card.endpoint, relays: Vec::new(), addresses: card.addresses.clone() },
                stated: Stated::default(),
                pair: None,
                first_pair: None,
                dial_at: None,
                dial_failures: 0,
                seen: false,
            },
            standing: MemberStanding::default(),
            greeting: Greeting::default(),
            name: card.name.clone(),
            fingerprint: card.fingerprint,
            abilities: Abilities::default(),
            member,
            link: None,
            former_link: None,
            route: None,
            former_route: None,
            inbox: Inbox::default(),
            outbox: VecDeque::new(),
            linkless_since: Some(now),
            key_state: KeyState::Missing,
            keys_differ_since: None,
            streams: Streams::default(),
            shown: ParticipantState::default(),
        }
    }

    /// See [`MemberView::is_in_call`].
    pub fn is_in_call(&self) -> bool {
        MemberView::from(self).is_in_call()
    }

    /// Takes in where they are, and what their program of this run can do.
    pub fn on_hello(&mut self, at: Whereabouts, fingerprint: [u8; 32], abilities: Abilities) {
        (self.reach.at, self.fingerprint, self.abilities) = (at, fingerprint, abilities);
    }

    /// Lets a message wait for the link. Drops the oldest beyond the bound.
    pub fn wait(&mut self, bytes: Vec<u8>) {
        if self.outbox.len() == OUTBOX {
            self.outbox.pop_front();
            tracing::warn!(member = ?self.member.id, "an outbox is full; its oldest message is dropped");
        }
        self.outbox.push_back(bytes);
    }

    /// Takes in how the two stand now, and remembers since when not at one epoch.
    pub fn note_keys(&mut self, now: Instant, state: KeyState) {
        if self.link.is_none() {
            return;
        }
        self.key_state = state;
        if state == KeyState::Current {
            self.keys_differ_since = None;
        } else {
            self.keys_differ_since.get_or_insert(now);
        }
    }

    /// Key state as it is shown: from where both stand, and from frames that did not open. A commit under way is not worth
    /// showing.
    fn keys(&self, now: Instant, media: &MediaState) -> KeyState {
        let lasting = |since: Option<Instant>| since.is_some_and(|s| now >= s + EPOCH_SLACK);
        match self.key_state {
            KeyState::Current if lasting(media.unopened_since) => KeyState::Missing,
            // They have been current before, or it would be lasting.
            KeyState::Behind | KeyState::Forked if !lasting(self.keys_differ_since) => KeyState::Current,
            KeyState::Missing if media.was_connected && !lasting(self.keys_differ_since) => KeyState::Current,
            state => state,
        }
    }

    /// How they stand for the measurement of keys. `met`: a link to them is up on which they have not said Hello.
    pub fn key_standing(&self, met: bool) -> Standing {
        match self.link {
            _ if self.standing.said_goodbye || self.standing.to_be_removed => Standing::Away,
            Some(_) => Standing::Here { run: self.reach.at.endpoint, current: self.key_state == KeyState::Current },
            None if met => Standing::Met { run: self.reach.at.endpoint },
            None => Standing::Away,
        }
    }

    /// There is no link of our own; a way through another member is worth to be replaced by one.
    pub fn lacks_link(&self) -> bool {
        self.link.is_none_or(LinkId::is_through)
    }

    fn presence(&self, now: Instant) -> Presence {
        match (self.link, self.linkless_since) {
            (Some(_), _) => Presence::Here(self.route.unwrap_or(Route::Direct)),
            (None, Some(since)) if self.reach.seen && now < since + RECONNECTING => Presence::Reconnecting,
            _ => Presence::Away,
        }
    }

    pub fn state(&self, now: Instant, media: &MediaState) -> ParticipantState {
        let (is_in_call, on) = (self.is_in_call(), self.streams);
        ParticipantState {
            presence: self.presence(now),
            in_call: is_in_call,
            connected: media.path.is_some(),
            path: media.path.map(|path| through(path, self.route)),
            keys: self.keys(now, media),
            camera_on: is_in_call && on.camera,
            camera_paused: media.camera_paused && is_in_call && on.camera,
            microphone_on: is_in_call && on.microphone,
            screen_on: is_in_call && on.screen,
            speaking: media.speaking && on.microphone,
            verification: Verification::Not,
            verified_as: None,
        }
    }

    /// `carried_by`: the name of the member who passes their pictures on.
    pub fn figures(&self, media: MediaFigures, carried_by: Option<String>) -> RoomFigures {
        let route = self.route.or(self.former_route);
        RoomFigures {
            member: Some(self.member.id),
            name: self.name.clone(),
            route,
            keys: self.shown.keys,
            carried_by,
            media: MediaFigures { path: through(media.path, route), ..media },
        }
    }

    /// What is kept of them. `met`: they said Hello to us once.
    pub fn keep(&self, met: bool) -> Keep {
        let details = MemberDetails {
            name: self.name.clone(),
            at: Some((&self.reach.at).into()),
            pair: self.reach.pair,
            met,
            first_pair: self.reach.first_pair,
        };
        Keep::Member { member: self.member.id, details }
    }
}

/// The way of media, over a link with this route.
fn through(path: Path, route: Option<Route>) -> Path {
    match (path, route) {
        (Path::Link, Some(Route::Forwarded)) => Path::Forwarded,
        (path, _) => path,
    }
}

impl<'a> From<&'a Participant> for MemberView<'a> {
    fn from(p: &'a Participant) -> Self {
        Self {
            id: p.member.id,
            name: &p.name,
            has_link: p.link.is_some(),
            said_goodbye: p.standing.said_goodbye,
            to_be_removed: p.standing.to_be_removed,
            linkless_since: p.linkless_since,
            streams: p.streams,
            has_own_link: !p.lacks_link(),
            index: p.member.index.0,
            endpoint: &p.reach.at.endpoint,
            fingerprint: p.fingerprint,
            abilities: &p.abilities,
        }
    }
}

impl Source for BTreeMap<MemberId, Participant> {
    fn member(&self, id: MemberId) -> Option<MemberView<'_>> {
        self.get(&id).map(MemberView::from)
    }

    fn members(&self) -> Box<dyn Iterator<Item = MemberView<'_>> + '_> {
        Box::new(self.values().map(MemberView::from))
    }
}
