//! Opening the others' frames, of this epoch and of the few before it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sframe::header::SframeHeader;

use super::cipher::{CipherError, OpeningKey};
use super::key_id::EPOCH_BITS;
use crate::redact::redacted_debug;
use crate::{EpochKeys, KeyId, MemberIndex, RunId};

/// How many epochs an [`Opener`] keeps. When one more comes, the oldest is dropped.
pub const RETAINED_EPOCHS: usize = 4;

/// Epochs this far apart share their bits in a key id and can't be kept together.
const DISTINCT_EPOCHS: u64 = 1 << EPOCH_BITS;

/// Opens frames of the members of the retained epochs, each frame once.
#[derive(Default)]
pub struct Opener {
    /// Sorted by number, oldest first, all of them within [`DISTINCT_EPOCHS`].
    epochs: VecDeque<Epoch>,
    /// The run each member is known to be in: one per index, whatever the epoch.
    runs: BTreeMap<MemberIndex, RunId>,
}

redacted_debug!(Opener);

struct Epoch {
    keys: EpochKeys,
    members: BTreeSet<MemberIndex>,
    /// By member and context, of the member's present run. Entered only once a frame was authentic, so forged key ids cost a
    /// derivation and no memory.
    streams: BTreeMap<(MemberIndex, u8), OpeningKey>,
}

/// Of which stream an opened frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    pub context: u8,
    pub member: MemberIndex,
    pub epoch: u64,
}

/// Why a frame stays closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Worth trying again when the epoch is one about to come.
    #[error("no key for the epoch of the frame")]
    UnknownEpoch,
    #[error("the frame's sender is not a member in its epoch")]
    UnknownMember,
    /// Worth trying again once [`Opener::set_run`] was called for the sender.
    #[error("the frame's sender has not said which run it is in")]
    UnknownRun,
    #[error("the frame was opened before, or is too old to tell")]
    Replayed,
    #[error("not a sealed frame")]
    Malformed,
    #[error("the frame is forged or damaged")]
    Rejected,
}

impl Opener {
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets frames of these members be opened in this epoch. An epoch that is known already keeps
    /// the members it has; one too old to be retained is ignored.
    pub fn add_epoch(&mut self, keys: &EpochKeys, members: impl Iterator<Item = MemberIndex>) {
        let number = keys.epoch();
        let newest = self.epochs.back().map_or(number, |epoch| epoch.number());
        if self.epochs.iter().any(|epoch| epoch.number() == number) || number.saturating_add(DISTINCT_EPOCHS) <= newest
        {
            return;
        }
        let epoch = Epoch { keys: keys.clone(), members: members.collect(), streams: BTreeMap::new() };
        let at = self.epochs.partition_point(|other| other.number() < number);
        self.epochs.insert(at, epoch);
        if self.epochs.len() > RETAINED_EPOCHS {
            self.epochs.pop_front();
        }
        self.forget_before(newest.max(number).saturating_sub(DISTINCT_EPOCHS - 1));
    }

    /// Drops the keys of all epochs before this one.
    pub fn forget_before(&mut self, epoch: u64) {
        self.epochs.retain(|known| known.number() >= epoch);
    }

    /// From now on frames of `member` open if they are of this run, in all epochs. Frames of its former run stay
    /// closed; the same run again changes nothing.
    ///
    /// Which frames of a former run were opened is forgotten with it, so the caller must see to it that an
    /// announcement is the member's own and no replay of an old one.
    pub fn set_run(&mut self, member: MemberIndex, run: RunId) {
        if self.runs.insert(member, run) != Some(run) {
            self.drop_streams(member);
        }
    }

    /// Opens nothing more of `member`, until its run is set again. For members who left: whoever gets their index next
    /// has another run.
    pub fn forget_run(&mut self, member: MemberIndex) {
        if self.runs.remove(&member).is_some() {
            self.drop_streams(member);
        }
    }

    fn drop_streams(&mut self, member: MemberIndex) {
        for epoch in &mut self.epochs {
            epoch.streams.retain(|(of, _), _| *of != member);
        }
    }

    /// The epochs that can be opened, oldest first.
    pub fn epochs(&self) -> impl Iterator<Item = u64> + '_ {
        self.epochs.iter().map(Epoch::number)
    }

    /// What the header of a sealed frame claims. Nobody vouches for it.
    pub fn peek(sealed: &[u8]) -> Option<KeyId> {
        KeyId::decode(SframeHeader::deserialize(sealed).ok()?.key_id())
    }

    /// Opens a frame, replacing what is in `out`; empties it where that fails.
    pub fn open(&mut self, sealed: &[u8], out: &mut Vec<u8>) -> Result<Opened, OpenError> {
        out.clear();
        let claimed = Self::peek(sealed).ok_or(OpenError::Malformed)?;
        let epoch = self
            .epochs
            .iter_mut()
            .find(|epoch| KeyId::epoch_bits_of(epoch.number()) == claimed.epoch_bits)
            .ok_or(OpenError::UnknownEpoch)?;
        if !epoch.members.contains(&claimed.member) {
            return Err(OpenError::UnknownMember);
        }
        let run = *self.runs.get(&claimed.member).ok_or(OpenError::UnknownRun)?;
        epoch.open(claimed, run, sealed, out)
    }
}

impl Epoch {
    fn number(&self) -> u64 {
        self.keys.epoch()
    }

    fn open(
        &mut self,
        KeyId { context, member, .. }: KeyId,
        run: RunId,
        sealed: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Opened, OpenError> {
        let refused = |error| match error {
            CipherError::Replayed => OpenError::Replayed,
            CipherError::Exhausted | CipherError::Failed => OpenError::Rejected,
        };
        if let Some(key) = self.streams.get_mut(&(member, context)) {
            key.open(&[], sealed, out).map_err(refused)?;
        } else {
            let key_id = KeyId::encode(context, member, self.number()).ok_or(OpenError::UnknownMember)?;
            let mut key = OpeningKey::derive(self.keys.of_run(run).as_ref(), key_id).map_err(refused)?;
            key.open(&[], sealed, out).map_err(refused)?;
            self.streams.insert((member, context), key);
        }
        Ok(Opened { context, member, epoch: self.number() })
    }
}
