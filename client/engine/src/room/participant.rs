//! One other person in the room: their link, their media, and what is known of both.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use group_crypto::Member;

use super::{LinkId, RoomFigures, media::MediaPeer};
use crate::api::{KeyState, ParticipantState, Path};

/// Group messages that wait for a link to come up; beyond it the oldest goes.
const OUTBOX: usize = 256;
/// Epochs may differ for as long as a commit is under way before it is worth showing.
const EPOCH_SLACK: Duration = Duration::from_millis(500);

pub(super) struct Participant {
    pub member: Member,
    pub since: Instant,
    pub link: Option<LinkId>,
    /// When to dial next, if it is ours to dial.
    pub dial_at: Option<Instant>,
    pub dial_failures: u32,
    /// Since when there is no link, for one who had one or should have had one.
    pub linkless_since: Option<Instant>,
    pub outbox: VecDeque<Vec<u8>>,
    pub media: Option<MediaPeer>,
    /// Highest handshake generation used with them.
    pub generation: u32,
    /// How many paths there were.
    pub paths: u16,
    pub rebuild_at: Option<Instant>,
    pub their_epoch: Option<u64>,
    pub epochs_differ_since: Option<Instant>,
    pub unopened_since: Option<Instant>,
    pub said_goodbye: bool,
    /// Somebody asked for their removal, and the commit is ours to make.
    pub to_be_removed: bool,
    pub camera_on: bool,
    pub microphone_on: bool,
    pub speaking: bool,
    pub connected_at: Option<Instant>,
    pub first_picture_at: Option<Instant>,
    pub former_received: u64,
    pub former_sent: u64,
    pub shown: ParticipantState,
}

impl Participant {
    pub fn new(now: Instant, member: Member) -> Self {
        Self {
            member,
            since: now,
            link: None,
            dial_at: None,
            dial_failures: 0,
            linkless_since: Some(now),
            outbox: VecDeque::new(),
            media: None,
            generation: 0,
            paths: 0,
            rebuild_at: None,
            their_epoch: None,
            epochs_differ_since: None,
            unopened_since: None,
            said_goodbye: false,
            to_be_removed: false,
            camera_on: false,
            microphone_on: false,
            speaking: false,
            connected_at: None,
            first_picture_at: None,
            former_received: 0,
            former_sent: 0,
            shown: ParticipantState::default(),
        }
    }

    /// Keeps a message for when the link is up. Drops the oldest beyond the bound.
    pub fn keep(&mut self, bytes: Vec<u8>) {
        if self.outbox.len() == OUTBOX {
            self.outbox.pop_front();
            tracing::warn!(member = ?self.member.id, "an outbox is full; its oldest message is dropped");
        }
        self.outbox.push_back(bytes);
    }

    /// Compares their epoch with ours and remembers since when they differ.
    pub fn compare_epochs(&mut self, now: Instant, ours: u64) {
        if self.their_epoch == Some(ours) {
            self.epochs_differ_since = None;
        } else if self.epochs_differ_since.is_none() {
            self.epochs_differ_since = Some(now);
        }
    }

    /// Key state from what both sides really have: the epochs they told each other, and frames that did not open.
    pub fn keys(&self, now: Instant, ours: u64) -> KeyState {
        let lasting = |since: Option<Instant>| since.is_some_and(|s| now >= s + EPOCH_SLACK);
        match self.their_epoch {
            None => KeyState::Missing,
            Some(_) if lasting(self.unopened_since) => KeyState::Missing,
            Some(theirs) if lasting(self.epochs_differ_since) => {
                if theirs > ours {
                    KeyState::Missing
                } else {
                    KeyState::Behind
                }
            }
            Some(_) => KeyState::Current,
        }
    }

    pub fn state(&self, now: Instant, epoch: u64) -> ParticipantState {
        let connected = self.media.as_ref().is_some_and(|m| m.connected);
        ParticipantState {
            connected,
            path: connected.then_some(Path::Direct),
            keys: self.keys(now, epoch),
            camera_on: self.camera_on,
            microphone_on: self.microphone_on,
            speaking: self.speaking && self.microphone_on,
        }
    }

    pub fn figures(&self) -> RoomFigures {
        let live = self.media.as_ref().map(|m| m.peer.figures());
        RoomFigures {
            member: Some(self.member.id),
            name: self.member.card.name.clone(),
            connected_after: self.connected_at.map(|at| at - self.since),
            first_picture_after: self.first_picture_at.map(|at| at - self.since),
            keys: self.shown.keys,
            received_bytes: self.former_received + live.as_ref().map_or(0, |l| l.received_bytes),
            sent_bytes: self.former_sent + live.as_ref().map_or(0, |l| l.sent_bytes),
        }
    }

    /// Stops all media with them at once. What they still send is dropped.
    pub fn drop_media(&mut self) {
        if let Some(media) = self.media.take() {
            let figures = media.peer.figures();
            self.former_received += figures.received_bytes;
            self.former_sent += figures.sent_bytes;
        }
    }
}
