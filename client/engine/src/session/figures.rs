//! Gathers what room, screen and voices know into the figures of a call.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use group_crypto::MemberId;
use media::{Stream, decode::process::Sandboxed};

use crate::{
    room::{Room, RoomFigures},
    stats::{Audio, Decoder, KeyLacks, Latency, Participant, Screen, Stats, Video, process_figures},
    studio::Studio,
};

/// The figures of everyone who was ever in the call, in the order they came.
pub(super) struct Ledger {
    began: Instant,
    stats: Stats,
    order: Vec<MemberId>,
    /// Who is in the call now.
    there: BTreeSet<MemberId>,
    begun: bool,
    participants: BTreeMap<MemberId, Participant>,
}

impl Ledger {
    pub fn new(now: Instant) -> Self {
        Self {
            began: now,
            stats: Stats::default(),
            order: Vec::new(),
            there: BTreeSet::new(),
            begun: false,
            participants: BTreeMap::new(),
        }
    }

    /// A new call; the figures of the one before are gone.
    pub fn begin(&mut self, now: Instant) {
        *self = Self { begun: true, ..Self::new(now) };
    }

    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// Whether the member is in the call now, as far as the devices are concerned.
    pub fn is_there(&self, member: MemberId) -> bool {
        self.there.contains(&member)
    }

    pub fn set_there(&mut self, member: MemberId, there: bool) {
        if there {
            self.there.insert(member);
        } else {
            self.there.remove(&member);
        }
    }

    pub fn there(&self) -> Vec<MemberId> {
        self.there.iter().copied().collect()
    }

    /// Takes in the newest figures; those of people who have left stay as they were.
    pub fn update(&mut self, room: &Room, studio: &Studio, name: &str) {
        self.stats.name = name.to_owned();
        let decoders = studio.screen.decoders();
        self.stats.decoder = match decoders.sandboxed {
            _ if decoders.not_started => Decoder::NotStarted,
            Sandboxed::Yes => Decoder::Sandboxed,
            Sandboxed::Partly => Decoder::Partly,
            Sandboxed::No => Decoder::NotSandboxed,
        };
        (self.stats.decoder_ended, self.stats.decoder_seconds) = (decoders.ended, decoders.used.as_secs_f64());
        if let Some(summary) = room.summary() {
            self.stats.room = summary.title;
            self.stats.epoch = summary.epoch;
            self.stats.cipher_suite = summary.suite.name().to_owned();
            self.stats.members = summary.names;
            (self.stats.roster, self.stats.authenticator) = (summary.roster, summary.authenticator);
        }
        for figures in room.figures() {
            let Some(id) = figures.member else {
                continue;
            };
            if !self.participants.contains_key(&id) {
                self.order.push(id);
            }
            self.participants.insert(id, participant(id, figures, studio));
        }
    }

    pub fn stats(&self, now: Instant) -> Stats {
        let process = process_figures();
        Stats {
            cpu_seconds: process.cpu_seconds + self.stats.decoder_seconds,
            peak_rss_mb: process.peak_rss_mb,
            seconds: (now - self.began).as_secs_f64(),
            participants: self.order.iter().filter_map(|id| self.participants.get(id).cloned()).collect(),
            ..self.stats.clone()
        }
    }
}

fn screen(id: MemberId, studio: &Studio) -> Screen {
    let screen = studio.screen.figures(id, Stream::Screen).map(|s| Screen {
        frames: s.frames,
        width: s.width,
        height: s.height,
        latency_ms: Latency { p50: s.latency_p50_ms, p95: s.latency_p95_ms },
    });
    screen.unwrap_or_default()
}

fn participant(id: MemberId, room: RoomFigures, studio: &Studio) -> Participant {
    let ms = |d: Duration| d.as_millis() as u64;
    let media = room.media;
    let video = studio.screen.figures(id, Stream::Video).map(|v| Video {
        frames: v.frames,
        fps: v.fps,
        width: v.width,
        height: v.height,
        freezes: v.freezes,
        frozen_ms: v.frozen_ms,
        longest_freeze_ms: v.longest_freeze_ms,
        refused: v.refused,
        latency_ms: Latency { p50: v.latency_p50_ms, p95: v.latency_p95_ms },
    });
    let audio = studio.playing.figures(id).map(|a| Audio {
        played_ms: a.played_ms,
        concealed_ratio: a.concealed_ratio,
        late: a.late + media.voice.late,
        duplicate: a.duplicate + media.voice.duplicate,
        repaired: media.voice.repaired,
        repair_blocks: media.voice.blocks,
        jitter_buffer_ms: a.jitter_buffer_ms,
        latency_ms: Latency { p50: a.latency_p50_ms, p95: a.latency_p95_ms },
    });
    Participant {
        name: room.name,
        path: media.path,
        link_route: room.route,
        connected_after_ms: media.connected_after.map(ms),
        first_picture_after_ms: media.first_picture_after.map(ms),
        reconnected_after_ms: media.reconnected_after.into_iter().map(ms).collect(),
        keys: room.keys,
        key_lacks: KeyLacks {
            without_keys_ms: ms(media.key_figures.longest),
            frozen_by_keys: media.key_figures.frozen,
            dropped_for_keys: media.key_figures.dropped,
        },
        video: video.unwrap_or_default(),
        carried: media.carried,
        carried_by: room.carried_by,
        screen: screen(id, studio),
        audio: audio.unwrap_or_default(),
        received_bytes: media.received_bytes,
        sent_bytes: media.sent_bytes,
    }
}
