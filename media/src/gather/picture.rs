//! Pictures in order: where a frame begins and ends, and how long a missing packet is waited for.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::time::Instant;

use super::index::{Run, run};
use super::{AUDIO_WINDOW, Gather, MAX_BYTES, MAX_PACKETS, Piece, START_WAIT};
use crate::split::{KEY, START};

impl Gather {
    pub(super) fn insert_picture(&mut self, sequence: u64, piece: Piece) {
        let next = *self.next.get_or_insert(sequence);
        if sequence < next {
            let may_precede = !self.started && !self.lossy && next.saturating_sub(sequence) < AUDIO_WINDOW;
            if !may_precede {
                self.figures.late = self.figures.late.saturating_add(1);
                return;
            }
            self.next = Some(sequence);
            for (&at, piece) in self.pieces.range(sequence..self.scanned.max(sequence)) {
                self.ahead.add(at, piece);
            }
            self.scanned = sequence;
        } else if sequence.saturating_sub(next) >= MAX_PACKETS as u64 {
            // Too far ahead to wait for what is between.
            self.figures.gaps = self.figures.gaps.saturating_add(1);
            self.skip_to(sequence, false);
        }
        if self.pieces.contains_key(&sequence) {
            self.figures.duplicate = self.figures.duplicate.saturating_add(1);
            return;
        }
        self.bytes = self.bytes.saturating_add(piece.slice.len());
        let key = piece.descriptor & KEY != 0;
        self.ahead.add(sequence, &piece);
        self.pieces.insert(sequence, piece);
        self.keys.came(&self.pieces, sequence, key);
        while self.bytes > MAX_BYTES || self.pieces.len() > MAX_PACKETS {
            let Some((&oldest, _)) = self.pieces.first_key_value() else {
                break;
            };
            self.figures.gaps = self.figures.gaps.saturating_add(1);
            self.skip_to(self.start_after(oldest), false);
        }
    }

    /// Why the frame at the head can't come out now, or that it can.
    pub(super) fn head(&mut self, next: u64) -> Run {
        let head = self.head_at(next);
        if let Run::Missing(missing) = head
            && missing > self.scanned
        {
            for (&at, piece) in self.pieces.range(self.scanned..missing) {
                self.ahead.remove(at, piece);
            }
            self.scanned = missing;
        }
        head
    }

    /// Looks on from `scanned`, where an earlier look ended.
    pub(super) fn head_at(&self, next: u64) -> Run {
        let may_be_overtaking = !self.started && !self.lossy;
        if may_be_overtaking && self.pieces.contains_key(&next) && !self.starts(next) {
            return Run::Missing(next.saturating_sub(1));
        }
        run(&self.pieces, next, self.scanned)
    }

    /// `None` while nothing says that the packet is lost, because nothing after it has come.
    pub(super) fn give_up_at(&self, missing: u64) -> Option<Instant> {
        let proof = self.proof(missing)?;
        let asked_for = self.started || self.starts(self.next?);
        Some(proof + if asked_for { self.wait() } else { START_WAIT })
    }

    /// Since when packets are there that came after this one, which did not.
    pub(super) fn proof(&self, missing: u64) -> Option<Instant> {
        if missing <= self.scanned {
            return self.ahead.since();
        }
        // Nobody polled since a packet came.
        self.pieces.range(missing.saturating_add(1)..).map(|(_, piece)| piece.arrived).min()
    }

    pub(super) fn starts(&self, sequence: u64) -> bool {
        self.pieces.get(&sequence).is_some_and(|piece| piece.descriptor & START != 0)
    }

    /// The first start of a frame after `sequence`, or where the next packet is due.
    pub(super) fn start_after(&self, sequence: u64) -> u64 {
        let mut after = sequence.saturating_add(1);
        for (&at, piece) in self.pieces.range(after..) {
            if piece.descriptor & START != 0 {
                return at;
            }
            after = at.saturating_add(1);
        }
        after
    }
}
