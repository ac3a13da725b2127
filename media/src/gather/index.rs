//! What a [`super::Gather`] of pictures knows of the packets that lie behind a gap, so that none of them is looked at again for
//! each packet that comes: since when they wait, and which keyframes among them are whole.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::Piece;
use crate::split::{END, START};

pub(super) type Pieces = BTreeMap<u64, Piece>;

/// What the packets of a frame come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Run {
    Complete {
        last: u64,
    },
    /// The packet with this number isn't there.
    Missing(u64),
    /// Up to (not including) this number nothing makes a frame.
    Malformed(u64),
}

/// Looks at the frame that begins at `first`, whose packets before `from` were looked at before.
pub(super) fn run(pieces: &Pieces, first: u64, from: u64) -> Run {
    let timestamp = pieces.get(&first).map(|piece| piece.timestamp);
    let mut at = from.max(first);
    loop {
        #[cfg(test)]
        tests::LOOKS.with(|looks| looks.set(looks.get() + 1));
        let Some(piece) = pieces.get(&at) else {
            return Run::Missing(at);
        };
        let starts = piece.descriptor & START != 0;
        if at == first && !starts {
            return Run::Malformed(at.saturating_add(1));
        }
        if at != first && (starts || timestamp != Some(piece.timestamp)) {
            return Run::Malformed(at);
        }
        if piece.descriptor & END != 0 {
            return Run::Complete { last: at };
        }
        at = at.saturating_add(1);
    }
}

/// The packets that came before others which are missing, by when they came.
#[derive(Default)]
pub(super) struct Ahead(BTreeSet<(Instant, u64)>);

impl Ahead {
    pub(super) fn add(&mut self, sequence: u64, piece: &Piece) {
        self.0.insert((piece.arrived, sequence));
    }

    pub(super) fn remove(&mut self, sequence: u64, piece: &Piece) {
        self.0.remove(&(piece.arrived, sequence));
    }

    /// When the first of them came.
    pub(super) fn since(&self) -> Option<Instant> {
        self.0.first().map(|(arrived, _)| *arrived)
    }
}

/// How far a keyframe is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Whole,
    MissesFrom(u64),
    Broken,
}

/// The keyframes among the packets, by their first one. Each packet is looked at once.
#[derive(Default)]
pub(super) struct Keys {
    found: BTreeMap<u64, Look>,
    /// The keyframe that goes on with this packet. No two wait for the same one, as the later one would end the earlier.
    waits: BTreeMap<u64, u64>,
    whole: BTreeSet<u64>,
}

impl Keys {
    /// A packet has come, and is in `pieces`; `key`: it says that a keyframe begins.
    pub(super) fn came(&mut self, pieces: &Pieces, sequence: u64, key: bool) {
        if let Some(first) = self.waits.remove(&sequence) {
            self.look(pieces, first, sequence);
        }
        if key {
            self.look(pieces, sequence, sequence);
        }
    }

    fn look(&mut self, pieces: &Pieces, first: u64, from: u64) {
        let look = match run(pieces, first, from) {
            Run::Complete { .. } => Look::Whole,
            Run::Missing(missing) => Look::MissesFrom(missing),
            Run::Malformed(_) => Look::Broken,
        };
        match look {
            Look::Whole => {
                self.whole.insert(first);
            }
            Look::MissesFrom(missing) => {
                self.waits.insert(missing, first);
            }
            Look::Broken => {}
        }
        self.found.insert(first, look);
    }

    pub(super) fn contains(&self, first: u64) -> bool {
        self.found.contains_key(&first)
    }

    /// The latest whole one behind this number.
    pub(super) fn whole_after(&self, sequence: u64) -> Option<u64> {
        self.whole.range(sequence.saturating_add(1)..).next_back().copied()
    }

    /// Everything before this number is gone.
    pub(super) fn forget_before(&mut self, until: u64) {
        while let Some(entry) = self.found.first_entry().filter(|entry| *entry.key() < until) {
            let (first, look) = entry.remove_entry();
            match look {
                Look::Whole => {
                    self.whole.remove(&first);
                }
                Look::MissesFrom(missing) => {
                    self.waits.remove(&missing);
                }
                Look::Broken => {}
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;
    use crate::frame::Stream;
    use crate::gather::{Gather, MAX_PACKETS};
    use crate::split::KEY;

    thread_local! {
        /// How often a packet was looked at.
        pub(in crate::gather) static LOOKS: Cell<u64> = const { Cell::new(0) };
    }

    /// Packets of one byte descriptor each, one millisecond apart, and what is held in the end; each costs a few looks.
    fn held_after(packets: impl Iterator<Item = (u64, u64, u8)>) -> usize {
        let (mut gather, mut now, mut came) = (Gather::new(Stream::Video), Instant::now(), 0);
        LOOKS.with(|looks| looks.set(0));
        for (sequence, timestamp, descriptor) in packets {
            now += Duration::from_micros(10);
            gather.insert(now, sequence, timestamp, &[descriptor]);
            while gather.poll(now).is_some() {}
            gather.stuck_from();
            gather.next_timeout();
            came += 1;
        }
        let looks = LOOKS.with(Cell::get);
        assert!(looks <= 16 * came, "{looks} looks at {came} packets");
        assert!(gather.ahead.0.len() <= gather.pieces.len() && gather.keys.waits.len() <= gather.keys.found.len());
        gather.pieces.len()
    }

    #[test]
    fn each_packet_is_looked_at_a_few_times_in_any_order() {
        let window = MAX_PACKETS as u64 - 2;
        // Behind a gap: a keyframe that is never whole, many of them, one that comes backwards, frames that end nothing.
        let first = [(1_000, 1, START)];
        let behind = |what: fn(u64) -> (u64, u8)| (2..window).map(move |n| (1_000 + n, what(n).0, what(n).1));
        for packets in [
            behind(|n| (2, if n == 2 { START | KEY } else { 0 })).collect::<Vec<_>>(),
            behind(|n| (n, START | KEY)).collect(),
            behind(|n| (2, if n == 2 { START | KEY } else { 0 })).rev().collect(),
            behind(|n| (n / 2, if n % 2 == 0 { START | KEY } else { 0 })).collect(),
            behind(|n| (n, START)).filter(|(sequence, ..)| sequence % 2 == 0).collect(),
        ] {
            // What comes twice, and fills the gaps in the end, costs no more.
            let fills = (1_001..1_000 + window).map(|sequence| (sequence, 3, 0));
            held_after(first.into_iter().chain(packets.clone()).chain(packets).chain(fills));
        }
    }

    #[test]
    fn descending_numbers_are_held_within_the_bound() {
        for step in [1, 2, 3, 100, 127] {
            for descriptor in [0, START, START | KEY] {
                let packets =
                    (0..20_000).map(|n| (1 << 40) - n * step).map(|sequence| (sequence, sequence, descriptor));
                let held = held_after(packets);
                assert!(held <= MAX_PACKETS, "{held} by steps of {step}");
            }
        }
    }
}
