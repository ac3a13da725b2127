//! Audio at once: every frame as soon as its packet comes, or as soon as it follows from others.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use super::{AUDIO_WINDOW, Gather, Gathered, MAX_READY, MAX_SEQUENCE, Piece};
use crate::frame::Stream;
use crate::repair::{self, Came};
use crate::seal::ReceivedFrame;
use crate::split::{END, MAX_PAYLOAD, START};

impl Gather {
    pub(super) fn insert_audio(&mut self, sequence: u64, piece: Piece) {
        if !self.is_news(sequence) {
            return;
        }
        self.bytes = self.bytes.saturating_add(piece.slice.len());
        self.pieces.insert(sequence, piece);
        if let Some((first, last)) = self.frame_around(sequence) {
            let whole = self.take(first, last);
            let Gathered::Frame { frame, timestamp, .. } = &whole;
            if first == last {
                self.repair(sequence, *timestamp, frame.bytes(), &[]);
            }
            self.hand_out(whole);
        }
        // An audio frame is one packet as a rule: anything that waits for long waits in vain.
        while let Some(entry) = self.pieces.first_entry() {
            if entry.key().saturating_add(AUDIO_WINDOW) > self.heard.newest {
                break;
            }
            self.bytes = self.bytes.saturating_sub(entry.remove().slice.len());
            self.figures.incomplete = self.figures.incomplete.saturating_add(1);
        }
    }

    /// A whole frame, and in front of it blocks that may repair others.
    pub(super) fn insert_protected(&mut self, sequence: u64, timestamp: u64, payload: &[u8]) {
        let sane = payload.len() <= MAX_PAYLOAD && sequence <= MAX_SEQUENCE && timestamp <= MAX_SEQUENCE;
        let protected = payload.get(1..).filter(|_| sane);
        let Some((blocks, frame)) = protected.and_then(repair::read_blocks) else {
            self.figures.malformed = self.figures.malformed.saturating_add(1);
            return;
        };
        if !self.is_news(sequence) {
            return;
        }
        self.figures.frames = self.figures.frames.saturating_add(1);
        let after_loss = std::mem::take(&mut self.lossy);
        let whole = ReceivedFrame::new(Stream::Audio, false, frame.to_vec());
        self.repair(sequence, timestamp, frame, &blocks);
        let wait = blocks.iter().map(|block| block.lag.saturating_add(block.span).saturating_sub(1)).max().unwrap_or(0);
        let came = Came { repaired: false, wait };
        self.hand_out(Gathered::Frame { frame: whole, sequence, timestamp, after_loss, came });
    }

    /// Hands out what follows from a frame and its blocks.
    fn repair(&mut self, sequence: u64, timestamp: u64, frame: &[u8], blocks: &[repair::Block<'_>]) {
        for found in self.recover.packet(sequence, timestamp, frame, blocks) {
            if let Heard::New { .. } = self.heard.insert(found.sequence) {
                self.figures.frames = self.figures.frames.saturating_add(1);
                self.figures.repaired = self.figures.repaired.saturating_add(1);
                let frame = ReceivedFrame::new(Stream::Audio, false, found.bytes);
                let (sequence, timestamp) = (found.sequence, found.timestamp);
                let came = Came { repaired: true, wait: 0 };
                self.hand_out(Gathered::Frame { frame, sequence, timestamp, after_loss: false, came });
            }
        }
    }

    fn hand_out(&mut self, frame: Gathered) {
        if self.ready.len() == MAX_READY {
            self.ready.pop_front();
            self.figures.unpolled = self.figures.unpolled.saturating_add(1);
        }
        self.ready.push_back(frame);
    }

    /// Whether this packet is the first one of its number; else it is counted.
    fn is_news(&mut self, sequence: u64) -> bool {
        match self.heard.insert(sequence) {
            Heard::New { gap } => {
                self.lossy |= gap;
                return true;
            }
            Heard::Again => self.figures.duplicate = self.figures.duplicate.saturating_add(1),
            Heard::TooOld => self.figures.late = self.figures.late.saturating_add(1),
        }
        false
    }

    /// The run of audio packets from a start to an end that `sequence` is in.
    fn frame_around(&self, sequence: u64) -> Option<(u64, u64)> {
        let timestamp = self.pieces.get(&sequence)?.timestamp;
        let same = |at: u64| self.pieces.get(&at).filter(|piece| piece.timestamp == timestamp);
        let mut first = sequence;
        while same(first)?.descriptor & START == 0 {
            first = first.checked_sub(1)?;
        }
        let mut last = sequence;
        while same(last)?.descriptor & END == 0 {
            last = last.checked_add(1)?;
        }
        Some((first, last))
    }
}

/// Which of the newest audio packets have come.
#[derive(Default)]
pub(super) struct AudioWindow {
    newest: u64,
    /// Bit n: `newest - n` has come. Zero before the first packet.
    seen: u128,
}

enum Heard {
    New { gap: bool },
    Again,
    TooOld,
}

impl AudioWindow {
    fn insert(&mut self, sequence: u64) -> Heard {
        if self.seen == 0 {
            *self = Self { newest: sequence, seen: 1 };
            return Heard::New { gap: false };
        }
        if let Some(ahead) = sequence.checked_sub(self.newest).filter(|&ahead| ahead > 0) {
            self.seen = if ahead < AUDIO_WINDOW { self.seen << ahead | 1 } else { 1 };
            self.newest = sequence;
            return Heard::New { gap: ahead > 1 };
        }
        let behind = self.newest.saturating_sub(sequence);
        if behind >= AUDIO_WINDOW {
            return Heard::TooOld;
        }
        if self.seen >> behind & 1 == 1 {
            return Heard::Again;
        }
        self.seen |= 1 << behind;
        Heard::New { gap: false }
    }
}
