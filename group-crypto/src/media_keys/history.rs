//! Which epochs one run has been in: none of them is entered again.

use std::collections::VecDeque;

use super::{EpochId, EpochKeys};

/// So many epochs are told apart by id, in 24 KiB. What is older is told by its number.
const REMEMBERED: usize = 1024;

/// The epochs entered, each once.
#[derive(Default)]
pub(super) struct History {
    /// Oldest first.
    epochs: VecDeque<(u64, EpochId)>,
    /// The highest number among those that had to go.
    floor: Option<u64>,
}

impl History {
    /// False where the epoch was entered before, or can't be told from one that was.
    pub fn enter(&mut self, keys: &EpochKeys) -> bool {
        let (number, id) = (keys.epoch(), keys.id());
        if self.floor.is_some_and(|floor| number <= floor) || self.epochs.iter().any(|(_, known)| *known == id) {
            return false;
        }
        if self.epochs.len() == REMEMBERED
            && let Some((oldest, _)) = self.epochs.pop_front()
        {
            self.floor = self.floor.max(Some(oldest));
        }
        self.epochs.push_back((number, id));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(number: u64, branch: u8) -> EpochKeys {
        let mut base_key = crate::media_keys::BaseKey::default();
        base_key[..8].copy_from_slice(&number.to_be_bytes());
        base_key[8] = branch;
        EpochKeys::new(number, base_key)
    }

    #[test]
    fn an_epoch_is_entered_once_however_many_come_between() {
        let mut history = History::default();
        for number in 0..3000 {
            assert!(history.enter(&keys(number, 0)));
            // Of the other branch every third one is seen.
            assert_eq!(number % 3 == 0, number % 3 == 0 && history.enter(&keys(number, 1)));
        }
        for number in 0..3000 {
            assert!(!history.enter(&keys(number, 0)));
        }
        assert_eq!(history.epochs.len(), REMEMBERED);
    }

    #[test]
    fn a_branch_with_lower_numbers_can_be_entered() {
        let mut history = History::default();
        for number in 500..1000 {
            assert!(history.enter(&keys(number, 0)));
        }
        assert!(history.enter(&keys(7, 1)));
        assert!(history.enter(&keys(8, 1)));
        assert!(!history.enter(&keys(7, 1)));
    }
}
