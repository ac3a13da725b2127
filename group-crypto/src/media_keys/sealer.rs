//! Sealing this member's frames for everyone in the epoch.

use std::collections::BTreeMap;

use super::cipher::{CipherError, SealingKey};
use super::history::History;
use crate::redact::redacted_debug;
use crate::{EpochId, EpochKeys, KeyId, MemberIndex, RunId};

/// Seals this member's frames. One counter per context, epoch and run, never reused.
///
/// There must be one `Sealer` per run id: two of them would use the same counters with the same
/// keys, which gives the content of the frames away. The others need the run id to open anything.
pub struct Sealer {
    keys: EpochKeys,
    me: MemberIndex,
    run: RunId,
    contexts: BTreeMap<u8, SealingKey>,
    sealed_for: History,
}

redacted_debug!(Sealer);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this run has sealed for that epoch already")]
pub struct RotateError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// A new epoch helps.
    #[error("all counters of this key are used up")]
    Exhausted,
    #[error("the member index is beyond what a room can have")]
    MemberIndex,
    #[error("the cryptographic library failed")]
    Crypto,
}

impl Sealer {
    /// `run` is a fresh one, just made by [`RunId::generate`].
    pub fn new(keys: &EpochKeys, me: MemberIndex, run: RunId) -> Self {
        let mut sealed_for = History::default();
        sealed_for.enter(keys);
        Self { keys: keys.clone(), me, run, contexts: BTreeMap::new(), sealed_for }
    }

    /// Goes on to another epoch, and forgets the keys of this one. In another branch of the room its number may be
    /// lower, or the same.
    ///
    /// Going back to an epoch that this run has been in is refused: it would start counters again that were used
    /// before. So is, to be safe, a number that lies below those of more than a thousand epochs since.
    pub fn rotate(&mut self, keys: &EpochKeys, me: MemberIndex) -> Result<(), RotateError> {
        if !self.sealed_for.enter(keys) {
            return Err(RotateError);
        }
        self.keys = keys.clone();
        self.me = me;
        self.contexts.clear();
        Ok(())
    }

    pub fn epoch(&self) -> u64 {
        self.keys.epoch()
    }

    pub fn epoch_id(&self) -> EpochId {
        self.keys.id()
    }

    /// What the others must be told, as this member's, before they can open.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// Seals one frame of the stream `context`, replacing what is in `out`. Contexts below 16 have
    /// the shorter headers.
    pub fn seal(&mut self, context: u8, plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        use std::collections::btree_map::Entry;
        let key = match self.contexts.entry(context) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let key_id = KeyId::encode(context, self.me, self.keys.epoch()).ok_or(SealError::MemberIndex)?;
                let key = SealingKey::derive(self.keys.of_run(self.run).as_ref(), key_id);
                entry.insert(key.map_err(|_| SealError::Crypto)?)
            }
        };
        key.seal(&[], plaintext, out).map_err(|error| match error {
            CipherError::Exhausted => SealError::Exhausted,
            CipherError::Replayed | CipherError::Failed => SealError::Crypto,
        })
    }
}
