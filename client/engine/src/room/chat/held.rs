//! Own lines that are held in memory for readers who are behind.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::collections::BTreeMap;

use crate::{
    api::RoomKind,
    room::{
        numbers::{Sequence, UnixMs},
        wire::Said,
    },
};

/// Bytes that a line takes beside its text.
const AROUND: usize = 128;

/// Bounded in lines and in bytes. A kept room reads older lines from the disk when somebody needs them; in an ephemeral
/// room there is no disk, so that more is held, and what goes is gone: readers are told so.
pub(super) struct Held {
    lines: BTreeMap<Sequence, (UnixMs, Said)>,
    bytes: usize,
    most_lines: usize,
    most_bytes: usize,
}

impl Held {
    pub fn new(kind: RoomKind) -> Self {
        let (most_lines, most_bytes) = match kind {
            RoomKind::Ephemeral => (16 * 1024, 4 * 1024 * 1024),
            RoomKind::Kept | RoomKind::Contact => (512, 512 * 1024),
        };
        Self { lines: BTreeMap::new(), bytes: 0, most_lines, most_bytes }
    }

    pub fn get(&self, sequence: Sequence) -> Option<&(UnixMs, Said)> {
        self.lines.get(&sequence)
    }

    /// The first line that is held from this one on.
    pub fn first_from(&self, sequence: Sequence) -> Option<Sequence> {
        self.lines.range(sequence..).next().map(|(sequence, _)| *sequence)
    }

    /// A line just said. The oldest goes for it.
    pub fn push(&mut self, sequence: Sequence, at: UnixMs, said: Said) {
        self.insert(sequence, at, said);
        while self.is_over() {
            self.pop_first();
        }
    }

    /// Lines behind `last` are from now on those behind `new_last`, which is after all that are held.
    pub fn move_behind(&mut self, last: Sequence, new_last: Sequence) {
        let Some(first) = last.next() else {
            return;
        };
        let by = new_last.lines_since(last);
        let moved = self.lines.split_off(&first);
        let number = |sequence: Sequence| Sequence::clamped(sequence.get().saturating_add(by));
        self.lines.extend(moved.into_iter().map(|(sequence, line)| (number(sequence), line)));
    }

    /// Lines from the disk, which somebody needs now: all others go before the first of them does.
    pub fn load(&mut self, page: impl IntoIterator<Item = (Sequence, UnixMs, Said)>) {
        let mut first = None;
        for (sequence, at, said) in page {
            first.get_or_insert(sequence);
            self.insert(sequence, at, said);
        }
        while self.is_over() {
            let is_before = self.lines.first_key_value().is_some_and(|(sequence, _)| Some(*sequence) < first);
            if is_before { self.pop_first() } else { self.pop_last() }
        }
    }

    fn insert(&mut self, sequence: Sequence, at: UnixMs, said: Said) {
        self.bytes = self.bytes.saturating_add(size(&said));
        if let Some((_, former)) = self.lines.insert(sequence, (at, said)) {
            self.bytes = self.bytes.saturating_sub(size(&former));
        }
    }

    fn is_over(&self) -> bool {
        self.lines.len() > self.most_lines || self.bytes > self.most_bytes
    }

    fn pop_first(&mut self) {
        if let Some((_, (_, said))) = self.lines.pop_first() {
            self.bytes = self.bytes.saturating_sub(size(&said));
        }
    }

    fn pop_last(&mut self) {
        if let Some((_, (_, said))) = self.lines.pop_last() {
            self.bytes = self.bytes.saturating_sub(size(&said));
        }
    }
}

fn size(said: &Said) -> usize {
    said.len().saturating_add(AROUND)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64, length: usize) -> (Sequence, UnixMs, Said) {
        (Sequence::clamped(number), UnixMs::MIN, Said::Text("x".repeat(length)))
    }

    fn held(held: &Held, numbers: std::ops::RangeInclusive<u64>) -> usize {
        numbers.filter(|number| held.get(Sequence::clamped(*number)).is_some()).count()
    }

    #[test]
    fn held_lines_are_bounded_in_bytes() {
        let mut all = Held::new(RoomKind::Kept);
        for number in 1..=400 {
            let (sequence, at, said) = line(number, 8 * 1024);
            all.push(sequence, at, said);
        }
        assert!(all.bytes <= 512 * 1024 && held(&all, 340..=400) == 61, "the newest are held");
        assert_eq!(held(&all, 1..=300), 0);
    }

    #[test]
    fn lines_from_the_disk_stay_beside_many_others() {
        let mut all = Held::new(RoomKind::Kept);
        all.load((1..=512).map(|number| line(number, 10)));
        // Behind all that is held, and before it.
        for first in [5000, 1, 9000] {
            all.load((first..first + 64).map(|number| line(number, 10)));
            assert_eq!(held(&all, first..=first + 63), 64, "those from {first}");
        }
    }
}
