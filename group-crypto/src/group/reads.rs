//! How many messages of each sender were read in an epoch, and so how many are missing.

use std::collections::BTreeMap;

use mls_rs::mls_rs_codec::{self, MlsDecode, MlsEncode, MlsSize};

use super::MAX_SKIPPED_GENERATIONS;
use crate::MemberIndex;
use crate::storage::PAST_EPOCHS;

/// Messages read, by their epoch and sender.
#[derive(Clone, Default)]
pub(super) struct Reads(BTreeMap<(u64, MemberIndex), u32>);

/// One count, as it is written down.
#[derive(MlsSize, MlsEncode, MlsDecode)]
pub(super) struct Read {
    epoch: u64,
    sender: u32,
    count: u32,
}

impl Reads {
    /// Counts a message that was opened with the key of this generation. False where too many before it are missing: then
    /// it is to count as not opened.
    #[must_use]
    pub fn count(&mut self, epoch: u64, sender: MemberIndex, generation: u32) -> bool {
        let read = self.0.get(&(epoch, sender)).copied().unwrap_or(0);
        let fits = generation.saturating_sub(read) <= MAX_SKIPPED_GENERATIONS;
        if fits {
            self.0.insert((epoch, sender), read.saturating_add(1));
        }
        fits
    }

    /// Forgets the epochs whose keys are forgotten now that this one is the current one.
    pub fn enter(&mut self, epoch: u64) {
        self.0.retain(|(of, _), _| *of < epoch && of.saturating_add(PAST_EPOCHS as u64) >= epoch);
    }

    pub fn save(&self) -> Vec<Read> {
        self.0.iter().map(|(&(epoch, sender), &count)| Read { epoch, sender: sender.0, count }).collect()
    }

    pub fn restore(saved: Vec<Read>) -> Self {
        Self(saved.into_iter().map(|Read { epoch, sender, count }| ((epoch, MemberIndex(sender)), count)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: MemberIndex = MemberIndex(3);

    #[test]
    fn missing_messages_are_bounded_when_a_sender_skips_again() {
        let mut reads = Reads::default();
        assert!(reads.count(7, SENDER, MAX_SKIPPED_GENERATIONS));
        assert!(!reads.count(7, SENDER, 2 * MAX_SKIPPED_GENERATIONS));
        assert!(reads.count(7, SENDER, MAX_SKIPPED_GENERATIONS + 1), "one was read, one more may be missing");
        assert!(reads.count(7, MemberIndex(4), MAX_SKIPPED_GENERATIONS), "another sender is counted alone");
        assert!(!reads.count(7, SENDER, u32::MAX));
    }

    #[test]
    fn counts_are_forgotten_when_their_epoch_is() {
        let mut reads = Reads::default();
        for epoch in 1..=100 {
            reads.enter(epoch);
            assert!(reads.count(epoch, SENDER, 0));
        }
        assert_eq!(reads.save().len(), PAST_EPOCHS + 1);
    }
}
