//! Puts packets of one lane of one peer together again to sealed frames: pictures in order, audio at once.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::collections::VecDeque;
use std::time::{Duration, Instant};

mod audio;
mod index;
mod picture;

use crate::frame::{Lane, Stream};
use crate::repair::{Came, Recover};
use crate::seal::ReceivedFrame;
use crate::split::{END, KEY, MAX_PAYLOAD, REPAIR, START};
use audio::AudioWindow;
use index::{Ahead, Keys, Pieces, Run};

/// Packets held at most, and how far ahead of the frame that is due a sequence number may be.
const MAX_PACKETS: usize = 2048;
/// Bytes held at most, and so the largest frame.
const MAX_BYTES: usize = 2 << 20;
/// Frames ready but not polled, at most.
const MAX_READY: usize = 64;
/// How long a missing packet is waited for. To give it up earlier would bring nothing: what is behind it is of no use to a decoder,
/// and a whole keyframe ends the wait at once, whichever comes first.
const WAIT: Duration = Duration::from_secs(2);
/// What is carried has no keyframe that could be seen, and others' pictures stand behind: so long where the round trip is short or
/// unknown, which is three tries at 50 ms, because lost packets are asked for every 33 ms at most and again after a round trip. At
/// 10 % loss each way, two tries would lose one frame in 50. And so long at most.
const MIN_CARRIED_WAIT: Duration = Duration::from_millis(300);
const MAX_CARRIED_WAIT: Duration = Duration::from_millis(600);
/// With less, the answer to what is missing can still be on its way.
const MIN_STUCK: Duration = Duration::from_millis(100);
/// At the very start no packet is asked for again, only overtaken packets can still come.
const START_WAIT: Duration = Duration::from_millis(30);
/// Packets this far behind the newest one are too late to tell whether they are repeats.
const AUDIO_WINDOW: u64 = 128;

/// Far beyond what a call can reach, and far from where adding to it would wrap.
const MAX_SEQUENCE: u64 = 1 << 48;

/// What comes out of [`Gather::poll`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gathered {
    Frame {
        /// Its capture time is inside, sealed. Of what is carried: for [`crate::carried::Carried::read`].
        frame: ReceivedFrame,
        /// Extended RTP sequence number of its first packet.
        sequence: u64,
        /// Extended RTP timestamp.
        timestamp: u64,
        /// Frames or packets just before this one are missing for good. Unless this is a keyframe it is of no use to a video
        /// decoder; whether it is one can be seen only when it is open.
        after_loss: bool,
        came: Came,
    },
}

/// What a [`Gather`] did and dropped, in total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GatherFigures {
    pub frames: u64,
    /// Times it gave up waiting for missing packets.
    pub gaps: u64,
    /// Packets that came twice, or whose frame was repaired before they came.
    pub duplicate: u64,
    /// Frames of packets that had not come, found by repair.
    pub repaired: u64,
    /// Packets that came after they were given up.
    pub late: u64,
    /// Packets that make no sense: bad descriptor, bad size, no start before them.
    pub malformed: u64,
    /// Packets dropped with the frames they could not complete.
    pub incomplete: u64,
    /// Frames dropped because nobody polled.
    pub unpolled: u64,
}

struct Piece {
    arrived: Instant,
    timestamp: u64,
    descriptor: u8,
    slice: Box<[u8]>,
}

/// See the module. One per lane and peer; a new transport to the same peer needs a new one.
pub struct Gather {
    lane: Lane,
    pieces: Pieces,
    bytes: usize,
    /// Sequence number that the next frame starts at. `None` before the first packet.
    next: Option<u64>,
    /// Everything in `next..scanned` is there and belongs to the frame at `next`.
    scanned: u64,
    /// Of pictures, the packets from `scanned` on.
    ahead: Ahead,
    /// Where packets begin that say to begin a keyframe.
    keys: Keys,
    round_trip: Duration,
    started: bool,
    lossy: bool,
    heard: AudioWindow,
    recover: Recover,
    ready: VecDeque<Gathered>,
    figures: GatherFigures,
}

impl Gather {
    pub fn new(lane: impl Into<Lane>) -> Self {
        Self {
            lane: lane.into(),
            pieces: Pieces::new(),
            bytes: 0,
            next: None,
            scanned: 0,
            ahead: Ahead::default(),
            keys: Keys::default(),
            round_trip: Duration::ZERO,
            started: false,
            lossy: false,
            heard: AudioWindow::default(),
            recover: Recover::default(),
            ready: VecDeque::new(),
            figures: GatherFigures::default(),
        }
    }

    /// Tells how long the round trip to the sender is, from which follows when missing packets were asked for in vain.
    pub fn set_round_trip(&mut self, rtt: Duration) {
        self.round_trip = rtt;
    }

    fn wait(&self) -> Duration {
        match self.lane {
            Lane::Own(_) => WAIT,
            Lane::Carried => self.round_trip.saturating_mul(4).clamp(MIN_CARRIED_WAIT, MAX_CARRIED_WAIT),
        }
    }

    pub fn figures(&self) -> GatherFigures {
        self.figures
    }

    /// Takes one RTP payload. `sequence` and `timestamp` are extended to 64 bits.
    pub fn insert(&mut self, now: Instant, sequence: u64, timestamp: u64, payload: &[u8]) {
        let Some((&descriptor, slice)) = payload.split_first() else {
            self.figures.malformed = self.figures.malformed.saturating_add(1);
            return;
        };
        if self.is_audio() && descriptor == START | END | REPAIR {
            return self.insert_protected(sequence, timestamp, payload);
        }
        let may_be_key = matches!(self.lane, Lane::Own(Stream::Video | Stream::Screen));
        let key = if may_be_key && descriptor & START != 0 { KEY } else { 0 };
        if descriptor & !(START | END | key) != 0 || payload.len() > MAX_PAYLOAD || sequence > MAX_SEQUENCE {
            self.figures.malformed = self.figures.malformed.saturating_add(1);
            return;
        }
        let piece = Piece { arrived: now, timestamp, descriptor, slice: slice.into() };
        if self.is_audio() {
            self.insert_audio(sequence, piece);
        } else {
            self.insert_picture(sequence, piece);
        }
    }

    fn is_audio(&self) -> bool {
        self.lane == Lane::Own(Stream::Audio)
    }

    /// Frames that are ready, then `None`. Call it after [`Self::insert`] and at [`Self::next_timeout`].
    pub fn poll(&mut self, now: Instant) -> Option<Gathered> {
        if let Some(frame) = self.ready.pop_front() {
            return Some(frame);
        }
        if self.is_audio() {
            return None;
        }
        while let Some(next) = self.next {
            match self.head(next) {
                Run::Complete { last } => {
                    self.started = true;
                    self.next = Some(last.saturating_add(1));
                    return Some(self.take(next, last));
                }
                Run::Malformed(until) => self.skip_to(until, true),
                Run::Missing(missing) => {
                    // The latest keyframe that is whole: nothing before it is needed any more.
                    if let Some(key) = self.keys.whole_after(missing) {
                        self.figures.gaps = self.figures.gaps.saturating_add(1);
                        self.skip_to(key, false);
                        continue;
                    }
                    if now < self.give_up_at(missing)? {
                        return None;
                    }
                    let until = self.start_after(missing);
                    self.figures.gaps = self.figures.gaps.saturating_add(1);
                    self.skip_to(until, false);
                }
            }
        }
        None
    }

    /// From when on a new keyframe may be the quicker way than what is missing, which was asked for in vain by then.
    pub fn stuck_from(&self) -> Option<Instant> {
        let next = self.next.filter(|next| self.started || self.starts(*next))?;
        match self.head_at(next) {
            Run::Missing(missing) => Some(self.proof(missing)? + MIN_STUCK.max(self.round_trip)),
            _ => None,
        }
    }

    /// When [`Self::poll`] has something to give up, if nothing more arrives.
    pub fn next_timeout(&self) -> Option<Instant> {
        if self.is_audio() {
            return None;
        }
        match self.head_at(self.next?) {
            Run::Missing(missing) => self.give_up_at(missing),
            // Something can be polled at once: any time that is past will do.
            _ => self.pieces.first_key_value().map(|(_, piece)| piece.arrived),
        }
    }

    fn skip_to(&mut self, until: u64, malformed: bool) {
        while let Some(entry) = self.pieces.first_entry() {
            if *entry.key() >= until {
                break;
            }
            let (sequence, piece) = entry.remove_entry();
            self.ahead.remove(sequence, &piece);
            self.bytes = self.bytes.saturating_sub(piece.slice.len());
            if malformed {
                self.figures.malformed = self.figures.malformed.saturating_add(1);
            } else {
                self.figures.incomplete = self.figures.incomplete.saturating_add(1);
            }
        }
        self.keys.forget_before(until);
        self.next = Some(until);
        self.scanned = until;
        self.lossy = true;
    }

    /// Takes a complete run of pieces out.
    fn take(&mut self, first: u64, last: u64) -> Gathered {
        let mut bytes = Vec::new();
        let mut timestamp = 0;
        let keyframe = self.keys.contains(first);
        for sequence in first..=last {
            if let Some(piece) = self.pieces.remove(&sequence) {
                self.ahead.remove(sequence, &piece);
                self.bytes = self.bytes.saturating_sub(piece.slice.len());
                bytes.extend_from_slice(&piece.slice);
                timestamp = piece.timestamp;
            }
        }
        self.scanned = last.saturating_add(1);
        self.keys.forget_before(self.scanned);
        self.figures.frames = self.figures.frames.saturating_add(1);
        let stream = match self.lane {
            Lane::Own(stream) => stream,
            Lane::Carried => Stream::Video,
        };
        Gathered::Frame {
            frame: ReceivedFrame::new(stream, keyframe, bytes),
            sequence: first,
            timestamp,
            after_loss: std::mem::take(&mut self.lossy),
            came: Came::default(),
        }
    }
}
