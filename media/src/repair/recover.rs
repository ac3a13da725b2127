//! The receiver's side: takes blocks out of packets, and lost frames out of blocks.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use super::block::{self, Block};
use super::plan::Plan;
use super::solve::Solver;
use crate::split::AUDIO_FRAME_TICKS;

/// A frame that came in no packet of its own.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Recovered {
    pub sequence: u64,
    pub timestamp: u64,
    pub bytes: Vec<u8>,
}

/// See the module. Works on whole frames of one packet each; packets may come in any order.
#[derive(Default)]
pub(crate) struct Recover {
    solver: Solver,
}

impl Recover {
    /// A frame came, with the blocks that its packet carried: gives what follows from them, oldest first.
    ///
    /// Sequence numbers and timestamps must be far from wrapping. What is given can be anything, if the blocks are forged.
    pub fn packet(&mut self, sequence: u64, timestamp: u64, frame: &[u8], blocks: &[Block<'_>]) -> Vec<Recovered> {
        self.solver.learn(sequence, block::symbol(timestamp, frame));
        for block in blocks {
            let terms = Plan::terms(block.lag, block.span, block.row, sequence);
            self.solver.equation(terms, block.symbol.to_vec());
        }
        let solved = self.solver.solved();
        let frame_of = |(frame, symbol): (u64, Vec<u8>)| {
            let steps = (frame as i64).saturating_sub(sequence as i64).saturating_mul(i64::from(AUDIO_FRAME_TICKS));
            let (timestamp, bytes) = block::frame_of(&symbol, timestamp.checked_add_signed(steps)?)?;
            Some(Recovered { sequence: frame, timestamp, bytes })
        };
        solved.into_iter().filter_map(frame_of).collect()
    }
}
