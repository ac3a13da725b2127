//! One other person in the room: their link, their media, and what is known of both.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use ::media::Layer;
use group_crypto::Member;

use super::{
    LinkId, RoomFigures,
    budget::Inbox,
    carrying::Coming,
    keep::{Keep, MemberDetails},
    key_watch::{KeyWatch, Standing},
    media::MediaPeer,
    numbers::Generation,
    view::MemberView,
    whereabouts::Stated,
    wire::{Lines, Streams},
};
use crate::{
    api::{KeyState, ParticipantState, Path, Presence, Route, Verification},
    rendezvous::Whereabouts,
};

/// A link that broke is being made anew for this long before its member counts as away.
pub(super) const RECONNECTING: Duration = Duration::from_secs(45);
/// Group messages that wait for a link to come up; beyond it the oldest goes.
const OUTBOX: usize = 256;
/// Keys may differ for as long as a commit is under way before it is worth showing.
const EPOCH_SLACK: Duration = Duration::from_millis(500);

pub(super) struct Participant {
    pub member: Member,
    /// Their name now; the card has the one they joined with.
    pub name: String,
    /// Where they are, or were last.
    pub at: Whereabouts,
    /// Where they say they are, in words that others can check.
    pub stated: Stated,
    /// Their DTLS certificate's, of this run.
    pub fingerprint: [u8; 32],
    /// What only we two know, and find each other by.
    pub pair: Option<[u8; 32]>,
    /// By which one who was let in and the maker of the invitation find each other until both are known to have `pair`:
    /// either may be gone before it was made, or before it arrived.
    pub first_pair: Option<[u8; 32]>,
    /// Up, and they have said Hello on it.
    pub link: Option<LinkId>,
    /// The link before, and until when what comes on it still counts.
    pub former_link: Option<(LinkId, Instant)>,
    pub link_since: Option<Instant>,
    pub link_dialled: bool,
    /// Their Hello was meant for another member, whose endpoint they took ours for. Nothing of what it says of the chat counts.
    pub is_misdialled: bool,
    /// When to tell them once more how things stand.
    pub tell_again_at: Option<Instant>,
    pub route: Option<Route>,
    /// When to dial next.
    pub dial_at: Option<Instant>,
    pub dial_failures: u32,
    /// They were here in this run.
    pub seen: bool,
    /// What they may still cost us, and what they have said beyond it.
    pub inbox: Inbox,
    /// Since when there is no link, for one who had one or should have had one.
    pub linkless_since: Option<Instant>,
    pub outbox: VecDeque<Vec<u8>>,
    pub media: Option<MediaPeer>,
    /// Highest handshake generation used with them.
    pub generation: Generation,
    /// How many paths there were.
    pub paths: u16,
    pub rebuild_at: Option<Instant>,
    /// The next path begins over the link alone, where nobody else can put a word in; the direct way is tried once it is up.
    pub link_first: bool,
    /// How the two stand, while there is a link; and since when not at one epoch.
    key_state: KeyState,
    keys_differ_since: Option<Instant>,
    pub unopened_since: Option<Instant>,
    pub key_watch: KeyWatch,
    pub said_goodbye: bool,
    /// Somebody asked for their removal, and the commit is ours to make.
    pub to_be_removed: bool,
    /// Somebody wanted them out, and they may still hold invitations: they did not just say goodbye.
    pub is_unwanted: bool,
    /// They are not in the group any more, and may come back.
    pub is_dropped: bool,
    pub streams: Streams,
    /// With how many lines we show their pictures, and they ours.
    pub shows: Lines,
    pub wants: Lines,
    /// Their camera is not asked for, as this machine has too much to do.
    pub camera_paused: bool,
    /// No higher layer of their camera is asked for until then, as it takes too much of this machine.
    pub eased: Option<(Layer, Instant)>,
    /// How their pictures come, and kilobits per second of others' that they could pass on to each of the room.
    pub coming: Coming,
    pub spare_kbps: u32,
    pub speaking: bool,
    /// When we and they were first in the call together.
    pub in_call_since: Option<Instant>,
    /// When media stopped for want of a way, and how long each time took, in order: the last 32.
    pub interrupted_at: Option<Instant>,
    pub reconnected_after: Vec<Duration>,
    pub connected_at: Option<Instant>,
    pub first_picture_at: Option<Instant>,
    pub former_path: Path,
    pub former_route: Option<Route>,
    pub former_received: u64,
    pub former_sent: u64,
    pub shown: ParticipantState,
}

impl Participant {
    /// A member whom this run has not met: where their card says they were when they joined.
    pub fn new(now: Instant, member: Member) -> Self {
        let card = &member.card;
        Self {
            name: card.name.clone(),
            at: Whereabouts { endpoint: card.endpoint, relays: Vec::new(), addresses: card.addresses.clone() },
            stated: Stated::default(),
            fingerprint: card.fingerprint,
            pair: None,
            first_pair: None,
            member,
            link: None,
            former_link: None,
            link_since: None,
            link_dialled: false,
            is_misdialled: false,
            tell_again_at: None,
            route: None,
            seen: false,
            inbox: Inbox::default(),
            dial_at: None,
            dial_failures: 0,
            linkless_since: Some(now),
            outbox: VecDeque::new(),
            media: None,
            generation: Generation::ZERO,
            paths: 0,
            rebuild_at: None,
            link_first: false,
            key_state: KeyState::Missing,
            keys_differ_since: None,
            unopened_since: None,
            key_watch: KeyWatch::default(),
            said_goodbye: false,
            to_be_removed: false,
            is_unwanted: false,
            is_dropped: false,
            streams: Streams::default(),
            shows: Lines::default(),
            wants: Lines::default(),
            camera_paused: false,
            eased: None,
            coming: Coming::default(),
            spare_kbps: 0,
            speaking: false,
            in_call_since: None,
            interrupted_at: None,
            reconnected_after: Vec::new(),
            connected_at: None,
            first_picture_at: None,
            former_path: Path::Direct,
            former_route: None,
            former_received: 0,
            former_sent: 0,
            shown: ParticipantState::default(),
        }
    }

    /// See [`MemberView::is_in_call`].
    pub fn is_in_call(&self) -> bool {
        MemberView::of(self).is_in_call()
    }

    /// The way of media to them, if they are in the call and it is up: the only one that anything of ours is sent on.
    pub fn live_media(&self) -> Option<&MediaPeer> {
        self.media.as_ref().filter(|media| media.connected && self.is_in_call())
    }

    /// See [`Self::live_media`].
    pub fn live_media_mut(&mut self) -> Option<&mut MediaPeer> {
        let is_in_call = self.is_in_call();
        self.media.as_mut().filter(|media| media.connected && is_in_call)
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
    pub fn keys(&self, now: Instant) -> KeyState {
        let lasting = |since: Option<Instant>| since.is_some_and(|s| now >= s + EPOCH_SLACK);
        match self.key_state {
            KeyState::Current if lasting(self.unopened_since) => KeyState::Missing,
            // They have been current before, or it would be lasting.
            KeyState::Behind | KeyState::Forked if !lasting(self.keys_differ_since) => KeyState::Current,
            KeyState::Missing if self.connected_at.is_some() && !lasting(self.keys_differ_since) => KeyState::Current,
            state => state,
        }
    }

    /// Measures how long keys are missing. `met`: a link to them is up on which they have not said Hello.
    pub fn watch_keys(&mut self, now: Instant, met: bool) {
        let standing = match self.link {
            _ if self.said_goodbye || self.to_be_removed => Standing::Away,
            Some(_) => Standing::Here { run: self.at.endpoint, current: self.key_state == KeyState::Current },
            None if met => Standing::Met { run: self.at.endpoint },
            None => Standing::Away,
        };
        if self.key_watch.is_without()
            && let Some(heard) = self.media.as_ref().and_then(|media| media.peer.figures().heard)
        {
            self.key_watch.heard(heard);
        }
        self.key_watch.look(now, standing);
    }

    fn path_of(&self, media: &MediaPeer) -> Path {
        match (media.path(), self.route) {
            (Path::Link, Some(Route::Forwarded)) => Path::Forwarded,
            (path, _) => path,
        }
    }

    /// There is no link of our own; a way through another member is worth to be replaced by one.
    pub fn lacks_link(&self) -> bool {
        self.link.is_none_or(super::forward::is_forwarded)
    }

    fn presence(&self, now: Instant) -> Presence {
        match (self.link, self.linkless_since) {
            (Some(_), _) => Presence::Here(self.route.unwrap_or(Route::Direct)),
            (None, Some(since)) if self.seen && now < since + RECONNECTING => Presence::Reconnecting,
            _ => Presence::Away,
        }
    }

    pub fn state(&self, now: Instant) -> ParticipantState {
        let media = self.live_media().filter(|_| self.interrupted_at.is_none());
        ParticipantState {
            presence: self.presence(now),
            in_call: self.is_in_call(),
            connected: media.is_some(),
            path: media.map(|m| self.path_of(m)),
            keys: self.keys(now),
            camera_on: self.is_in_call() && self.streams.camera,
            camera_paused: self.camera_paused && self.is_in_call() && self.streams.camera,
            microphone_on: self.is_in_call() && self.streams.microphone,
            screen_on: self.is_in_call() && self.streams.screen,
            speaking: self.speaking && self.streams.microphone,
            verification: Verification::Not,
            verified_as: None,
        }
    }

    /// `carried_by`: the name of who passes their pictures on.
    pub fn figures(&self, carried_by: Option<String>) -> RoomFigures {
        let live = self.media.as_ref().map(|m| m.peer.figures());
        let after = |at: Option<Instant>| at.map(|at| at.saturating_duration_since(self.in_call_since.unwrap_or(at)));
        RoomFigures {
            member: Some(self.member.id),
            name: self.name.clone(),
            path: self.media.as_ref().map_or(self.former_path, |media| self.path_of(media)),
            route: self.route.or(self.former_route),
            connected_after: after(self.connected_at),
            first_picture_after: after(self.first_picture_at),
            reconnected_after: self.reconnected_after.clone(),
            keys: self.shown.keys,
            key_figures: self.key_watch.figures(),
            voice: self.media.as_ref().map(|m| m.voice_figures()).unwrap_or_default(),
            carried: self.coming.carried(),
            carried_by,
            received_bytes: self.former_received + live.as_ref().map_or(0, |l| l.received_bytes),
            sent_bytes: self.former_sent + live.as_ref().map_or(0, |l| l.sent_bytes),
        }
    }

    /// What is kept of them. `met`: they said Hello to us once.
    pub fn keep(&self, met: bool) -> Keep {
        let details = MemberDetails {
            name: self.name.clone(),
            at: Some((&self.at).into()),
            pair: self.pair,
            met,
            first_pair: self.first_pair,
        };
        Keep::Member { member: self.member.id, details }
    }

    /// We went into the call: the figures are of this call from here on.
    pub fn begin_figures(&mut self) {
        (self.in_call_since, self.connected_at, self.first_picture_at) = (None, None, None);
        self.reconnected_after.clear();
    }

    /// Media with them came to a stop that is not of their making.
    pub fn interrupted(&mut self, now: Instant) {
        if self.connected_at.is_some() {
            self.interrupted_at.get_or_insert(now);
        }
    }

    pub fn resumed(&mut self, now: Instant) {
        const REMEMBERED: usize = 32;
        if let Some(since) = self.interrupted_at.take()
            && self.reconnected_after.len() < REMEMBERED
        {
            self.reconnected_after.push(now - since);
        }
    }

    /// Stops all media with them at once. What they still send is dropped.
    pub fn drop_media(&mut self) {
        if let Some(media) = self.media.take() {
            // A handshake that came to nothing may have been ended by anybody who sees its datagrams.
            self.link_first = !media.was_connected && media.is_answered();
            let figures = media.peer.figures();
            self.former_path = self.path_of(&media);
            self.former_route = self.route.or(self.former_route);
            self.former_received += figures.received_bytes;
            self.former_sent += figures.sent_bytes;
        }
    }
}
