//! Where MLS puts one room's state, and from where it is read out to be kept.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mls_rs::GroupStateStorage;
use mls_rs_core::group::{EpochRecord, GroupState};
use zeroize::Zeroizing;

use crate::redact::redacted_debug;

/// For so many past epochs messages that were under way can still be read.
pub(crate) const PAST_EPOCHS: usize = 3;

/// The state of one room in memory; clones share it, as MLS asks of its storages.
#[derive(Clone, Default)]
pub(crate) struct Storage(Arc<Mutex<Stored>>);

/// What a [`Storage`] holds: nothing before MLS first wrote to it.
#[derive(Clone, Default)]
pub(crate) struct Stored {
    pub group_id: Vec<u8>,
    /// MLS's own encoding of the current epoch, secrets and ratchets included.
    pub state: Zeroizing<Vec<u8>>,
    /// Oldest first. When one more than [`PAST_EPOCHS`] comes, the oldest is dropped.
    pub past_epochs: VecDeque<EpochRecord>,
}

redacted_debug!(Storage, Stored);

impl Storage {
    pub fn new(stored: Stored) -> Self {
        Self(Arc::new(Mutex::new(stored)))
    }

    /// What is stored, without a copy of it: it is long and secret.
    pub fn read<T>(&self, read: impl FnOnce(&Stored) -> T) -> T {
        read(&self.lock())
    }

    /// Drops this epoch and all after it from the past ones. Gives back what there was, for [`put_back`](Self::put_back).
    pub fn forget_from(&self, epoch: u64) -> Stored {
        let mut stored = self.lock();
        let was = stored.clone();
        stored.past_epochs.retain(|past| past.id < epoch);
        was
    }

    pub fn put_back(&self, was: Stored) {
        *self.lock() = was;
    }

    fn lock(&self) -> MutexGuard<'_, Stored> {
        // No code panics between two halves of a change, so the content is whole even then.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GroupStateStorage for Storage {
    type Error = Infallible;

    fn state(&self, group_id: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, Infallible> {
        let stored = self.lock();
        let known = stored.group_id == group_id && !stored.state.is_empty();
        Ok(known.then(|| stored.state.clone()))
    }

    fn epoch(&self, group_id: &[u8], epoch: u64) -> Result<Option<Zeroizing<Vec<u8>>>, Infallible> {
        let stored = self.lock();
        let known = stored.past_epochs.iter().find(|past| stored.group_id == group_id && past.id == epoch);
        Ok(known.map(|past| past.data.clone()))
    }

    fn write(
        &mut self,
        GroupState { id, data }: GroupState,
        inserts: Vec<EpochRecord>,
        updates: Vec<EpochRecord>,
    ) -> Result<(), Infallible> {
        let mut stored = self.lock();
        stored.group_id = id;
        stored.state = data;
        stored.past_epochs.extend(inserts);
        for update in updates {
            // One that was dropped already stays dropped.
            if let Some(past) = stored.past_epochs.iter_mut().find(|past| past.id == update.id) {
                *past = update;
            }
        }
        let too_many = stored.past_epochs.len().saturating_sub(PAST_EPOCHS);
        stored.past_epochs.drain(..too_many);
        Ok(())
    }

    fn max_epoch_id(&self, group_id: &[u8]) -> Result<Option<u64>, Infallible> {
        let stored = self.lock();
        Ok(stored.past_epochs.back().filter(|_| stored.group_id == group_id).map(|past| past.id))
    }
}
