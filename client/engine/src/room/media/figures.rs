//! How media with one member is and was, for what is shown and for the figures.

use std::time::{Duration, Instant};

use ::media::transport::Route as Transport;
use group_crypto::MemberId;

use super::{KeyFigures, Media, MediaView, Standing, VoiceFigures, path::MediaPath};
use crate::api::Path;

/// Interruptions that are remembered.
const REMEMBERED: usize = 32;

/// How media with a member is, as it is shown.
#[derive(Clone, Copy, Default)]
pub(in crate::room) struct MediaState {
    /// The way of media, if there is one that works now.
    pub path: Option<Path>,
    pub camera_paused: bool,
    pub speaking: bool,
    /// Since when frames of theirs do not open.
    pub unopened_since: Option<Instant>,
    /// Media with them was connected once in this call.
    pub was_connected: bool,
}

/// The figures of media with a member.
#[derive(Clone)]
pub(crate) struct MediaFigures {
    pub path: Path,
    pub connected_after: Option<Duration>,
    pub first_picture_after: Option<Duration>,
    pub reconnected_after: Vec<Duration>,
    pub key_figures: KeyFigures,
    pub voice: VoiceFigures,
    /// Their pictures that came by way of another, and who passes them on now.
    pub carried: u64,
    pub carried_by: Option<MemberId>,
    pub received_bytes: u64,
    pub sent_bytes: u64,
}

/// What is counted of media with a member.
#[derive(Default)]
pub(super) struct Figures {
    /// When we and they were first in the call together.
    pub in_call_since: Option<Instant>,
    /// When media stopped for want of a way, and how long each time took, in order: the last [`REMEMBERED`].
    pub interrupted_at: Option<Instant>,
    reconnected_after: Vec<Duration>,
    pub connected_at: Option<Instant>,
    pub first_picture_at: Option<Instant>,
    former_path: Option<Path>,
    former_received: u64,
    former_sent: u64,
}

impl Figures {
    /// We went into the call: the figures are of this call from here on.
    fn begin(&mut self) {
        (self.in_call_since, self.connected_at, self.first_picture_at) = (None, None, None);
        self.reconnected_after.clear();
    }

    /// Takes in what a path that ends had counted.
    pub fn add(&mut self, path: &MediaPath) {
        let figures = path.peer.figures();
        self.former_path = Some(path.way());
        self.former_received += figures.received_bytes;
        self.former_sent += figures.sent_bytes;
    }

    /// Media with them came to a stop that is not of their making.
    pub fn interrupted(&mut self, now: Instant) {
        if self.connected_at.is_some() {
            self.interrupted_at.get_or_insert(now);
        }
    }

    pub fn resumed(&mut self, now: Instant) {
        if let Some(since) = self.interrupted_at.take()
            && self.reconnected_after.len() < REMEMBERED
        {
            self.reconnected_after.push(now - since);
        }
    }
}

impl MediaPath {
    /// Direct, or over the link.
    pub fn way(&self) -> Path {
        match self.peer.figures().route {
            Some(Transport::Link) => Path::Link,
            _ => Path::Direct,
        }
    }
}

impl Media {
    /// We went into the call.
    pub fn on_entered(&mut self) {
        self.peers.values_mut().for_each(|peer| peer.figures.begin());
    }

    pub fn on_first_picture(&mut self, now: Instant, member: MemberId) {
        if let Some(peer) = self.peers.get_mut(&member) {
            peer.figures.first_picture_at.get_or_insert(now);
        }
    }

    /// Whether media with a member is connected, and was not interrupted.
    pub fn is_connected(&self, member: MemberId) -> bool {
        self.peers.get(&member).is_some_and(|peer| {
            peer.figures.interrupted_at.is_none() && peer.path.as_ref().is_some_and(|path| path.connected)
        })
    }

    /// Measures how long keys are missing.
    pub fn watch_keys(&mut self, now: Instant, member: MemberId, standing: Standing) {
        let Some(peer) = self.peers.get_mut(&member) else {
            return;
        };
        if peer.key_watch.is_without()
            && let Some(heard) = peer.path.as_ref().and_then(|path| path.peer.figures().heard)
        {
            peer.key_watch.heard(heard);
        }
        peer.key_watch.look(now, standing);
    }

    pub fn state(&self, at: MediaView<'_>, member: MemberId) -> MediaState {
        let Some(peer) = self.peers.get(&member) else {
            return MediaState::default();
        };
        let path = self.live(at, member).filter(|_| peer.figures.interrupted_at.is_none());
        MediaState {
            path: path.map(MediaPath::way),
            camera_paused: peer.camera_paused,
            speaking: peer.speaking,
            unopened_since: peer.unopened_since,
            was_connected: peer.figures.connected_at.is_some(),
        }
    }

    pub fn figures(&self, member: MemberId) -> Option<MediaFigures> {
        let peer = self.peers.get(&member)?;
        let figures = &peer.figures;
        let live = peer.path.as_ref().map(|path| path.peer.figures());
        let after =
            |at: Option<Instant>| at.map(|at| at.saturating_duration_since(figures.in_call_since.unwrap_or(at)));
        Some(MediaFigures {
            path: peer.path.as_ref().map(MediaPath::way).or(figures.former_path).unwrap_or(Path::Direct),
            connected_after: after(figures.connected_at),
            first_picture_after: after(figures.first_picture_at),
            reconnected_after: figures.reconnected_after.clone(),
            key_figures: peer.key_watch.figures(),
            voice: peer.path.as_ref().map(MediaPath::voice_figures).unwrap_or_default(),
            carried: peer.coming.carried(),
            carried_by: peer.coming.carried_by(member),
            received_bytes: figures.former_received + live.as_ref().map_or(0, |live| live.received_bytes),
            sent_bytes: figures.former_sent + live.as_ref().map_or(0, |live| live.sent_bytes),
        })
    }
}
