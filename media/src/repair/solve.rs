//! Which missing frames follow from the repair blocks that came: linear equations over the field of 256 elements.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::collections::BTreeMap;

use super::field;

/// How far behind the newest frame a missing one may be. Less than the 64 columns that the code tells apart.
pub(super) const HORIZON: u64 = 48;
/// Blocks that wait for others, at most; the oldest are dropped. Any more say nothing about `HORIZON` frames.
const MAX_ROWS: usize = 48;
const _: () = assert!(MAX_ROWS as u64 == HORIZON);

/// `sum of factor * symbol of frame = symbol`
struct Row {
    terms: BTreeMap<u64, u8>,
    symbol: Vec<u8>,
}

impl Row {
    fn subtract(&mut self, factor: u8, other: &BTreeMap<u64, u8>, symbol: &[u8]) {
        for (&frame, &term) in other {
            let sum = self.terms.get(&frame).copied().unwrap_or(0) ^ field::multiply(factor, term);
            if sum == 0 {
                self.terms.remove(&frame);
            } else {
                self.terms.insert(frame, sum);
            }
        }
        field::add(&mut self.symbol, factor, symbol);
    }

    /// False if the row is a lie: no sum is shorter than what it is the sum of.
    fn substitute(&mut self, frame: u64, symbol: &[u8]) -> bool {
        let Some(factor) = self.terms.remove(&frame) else {
            return true;
        };
        let long_enough = symbol.len() <= self.symbol.len();
        field::add(&mut self.symbol, factor, symbol);
        long_enough
    }
}

/// Frames that are known and equations about those that aren't, of the latest [`HORIZON`] frames.
#[derive(Default)]
pub(super) struct Solver {
    known: BTreeMap<u64, Vec<u8>>,
    rows: Vec<Row>,
    newest: u64,
}

impl Solver {
    /// Takes in a frame that came.
    pub fn learn(&mut self, frame: u64, symbol: Vec<u8>) {
        self.newest = self.newest.max(frame);
        let oldest = self.newest.saturating_sub(HORIZON);
        while self.known.first_key_value().is_some_and(|(frame, _)| *frame < oldest) {
            self.known.pop_first();
        }
        self.rows.retain(|row| row.terms.first_key_value().is_some_and(|(frame, _)| *frame >= oldest));
        if frame < oldest {
            return;
        }
        self.rows.retain_mut(|row| row.substitute(frame, &symbol));
        self.known.insert(frame, symbol);
    }

    /// Takes in a repair block that covers frames with these coefficients.
    pub fn equation(&mut self, terms: impl Iterator<Item = (u64, u8)>, symbol: Vec<u8>) {
        let mut row = Row { terms: terms.collect(), symbol };
        for frame in row.terms.keys().copied().collect::<Vec<_>>() {
            if let Some(known) = self.known.get(&frame)
                && !row.substitute(frame, known)
            {
                return;
            }
        }
        let oldest = self.newest.saturating_sub(HORIZON);
        if row.terms.first_key_value().is_none_or(|(frame, _)| *frame < oldest) {
            return;
        }
        if self.rows.len() == MAX_ROWS {
            self.rows.remove(0);
        }
        self.rows.push(row);
    }

    /// The frames that follow, oldest first; they are known from now on.
    pub fn solved(&mut self) -> Vec<(u64, Vec<u8>)> {
        self.eliminate();
        let mut solved = Vec::new();
        self.rows.retain_mut(|row| {
            let (1, Some((&frame, &factor))) = (row.terms.len(), row.terms.first_key_value()) else {
                return true;
            };
            field::scale(&mut row.symbol, field::inverse(factor));
            solved.push((frame, std::mem::take(&mut row.symbol)));
            false
        });
        solved.sort_unstable_by_key(|(frame, _)| *frame);
        for (frame, symbol) in &solved {
            self.known.insert(*frame, symbol.clone());
        }
        solved
    }

    /// Gauss and Jordan: afterwards each row has a frame that no other one has. What a row says that others say already is
    /// dropped.
    fn eliminate(&mut self) {
        let mut done = 0;
        while done < self.rows.len() {
            // Taken out while it is subtracted from the others, and put back at its place.
            let row = self.rows.remove(done);
            let Some((&pivot, &factor)) = row.terms.first_key_value() else {
                continue;
            };
            for other in &mut self.rows {
                if let Some(theirs) = other.terms.get(&pivot).copied() {
                    other.subtract(field::multiply(theirs, field::inverse(factor)), &row.terms, &row.symbol);
                }
            }
            self.rows.insert(done, row);
            done = done.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(frame: u64) -> Vec<u8> {
        (0..20 + frame % 7).map(|i| (frame * 31 + i * 7) as u8).collect()
    }

    fn block(row: u8, frames: std::ops::Range<u64>) -> (Vec<(u64, u8)>, Vec<u8>) {
        let terms: Vec<_> = frames.map(|frame| (frame, field::coefficient(row, frame as u8))).collect();
        let mut sum = Vec::new();
        terms.iter().for_each(|(frame, factor)| field::add(&mut sum, *factor, &symbol(*frame)));
        (terms, sum)
    }

    #[test]
    fn as_many_blocks_as_frames_are_missing_bring_them_back() {
        let mut solver = Solver::default();
        solver.learn(9, symbol(9));
        for row in 0..3 {
            assert_eq!(solver.solved(), []);
            let (terms, sum) = block(row, 6..10);
            solver.equation(terms.into_iter(), sum);
        }
        let solved = solver.solved();
        assert_eq!(solved.iter().map(|(frame, _)| *frame).collect::<Vec<_>>(), [6, 7, 8]);
        for (frame, found) in solved {
            assert_eq!(found[..symbol(frame).len()], symbol(frame));
        }
    }

    #[test]
    fn a_frame_that_comes_late_helps_to_find_others() {
        let mut solver = Solver::default();
        let (terms, sum) = block(4, 1..3);
        solver.equation(terms.into_iter(), sum);
        assert_eq!(solver.solved(), []);
        solver.learn(2, symbol(2));
        assert_eq!(solver.solved().len(), 1);
    }

    #[test]
    fn a_sum_shorter_than_its_parts_is_not_believed() {
        let mut solver = Solver::default();
        solver.learn(1, symbol(1));
        solver.equation([(1, 5), (2, 7)].into_iter(), vec![1, 2, 3]);
        solver.equation([(2, 5), (3, 7)].into_iter(), vec![1, 2, 3]);
        solver.learn(3, symbol(3));
        assert_eq!(solver.solved(), []);
    }

    #[test]
    fn what_is_long_past_is_given_up() {
        let mut solver = Solver::default();
        let (terms, sum) = block(1, 1..3);
        solver.equation(terms.into_iter(), sum);
        for frame in 3..200 {
            solver.learn(frame, symbol(frame));
        }
        assert!(solver.rows.is_empty() && solver.known.len() <= HORIZON as usize + 1);
    }
}
