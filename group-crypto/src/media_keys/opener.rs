//! Opening the others' frames, of this epoch and of the few before it.

use std::collections::{BTreeMap, VecDeque};

use sframe::header::SframeHeader;

use super::cipher::{CipherError, OpeningKey};
use super::history::History;
use crate::redact::redacted_debug;
use crate::{EpochId, EpochKeys, KeyId, Member, MemberId, MemberIndex, RunId};

/// How many epochs an [`Opener`] keeps, of all branches together. When one more comes, the one that was added first is
/// dropped.
pub const RETAINED_EPOCHS: usize = 4;

/// Opens frames of the members of the retained epochs, each frame once.
///
/// Members are told apart by id: in another branch of the room, one may have another index.
#[derive(Default)]
pub struct Opener {
    /// In the order in which they were added. Several may have the same number.
    epochs: VecDeque<Epoch>,
    added: History,
    /// The run each member is known to be in, whatever the epoch.
    runs: BTreeMap<MemberId, RunId>,
}

redacted_debug!(Opener);

struct Epoch {
    keys: EpochKeys,
    members: BTreeMap<MemberIndex, MemberId>,
    /// By member and context, of the member's present run. Entered only once a frame was authentic, so forged key ids cost a
    /// derivation and no memory.
    streams: BTreeMap<(MemberId, u8), OpeningKey>,
}

/// Of which stream an opened frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    pub context: u8,
    /// The sender's index in the frame's epoch.
    pub member: MemberIndex,
    pub epoch: u64,
}

/// Why a frame stays closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Worth trying again when the epoch is one about to come.
    #[error("no key for the epoch of the frame")]
    UnknownEpoch,
    #[error("the frame names another member than the one it came from, or one who is not in its epoch")]
    WrongMember,
    /// Worth trying again once [`Opener::set_run`] was called for the sender.
    #[error("the frame's sender has not said which run it is in")]
    UnknownRun,
    #[error("the frame was opened before, or is too old to tell")]
    Replayed,
    #[error("not a sealed frame")]
    Malformed,
    /// Worth trying again when the epoch is one about to come in another branch of the room, where its bits are those of
    /// an epoch known here.
    #[error("the frame is forged or damaged, or of an epoch that is not known")]
    Rejected,
}

impl Opener {
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets frames of these members be opened in this epoch. An epoch that was added before is left as it is, also where
    /// it was dropped since: adding it again would let its frames be opened twice.
    pub fn add_epoch(&mut self, keys: &EpochKeys, members: &[Member]) {
        if !self.added.enter(keys) {
            return;
        }
        let members = members.iter().map(|member| (member.index, member.id)).collect();
        if self.epochs.len() == RETAINED_EPOCHS {
            self.epochs.pop_front();
        }
        self.epochs.push_back(Epoch { keys: keys.clone(), members, streams: BTreeMap::new() });
    }

    /// Drops the keys of an epoch.
    pub fn forget(&mut self, epoch: EpochId) {
        self.epochs.retain(|known| known.keys.id() != epoch);
    }

    /// From now on frames of `member` open if they are of this run, in all epochs. Frames of its former run stay
    /// closed; the same run again changes nothing.
    ///
    /// Which frames of a former run were opened is forgotten with it, so the caller must see to it that an
    /// announcement is the member's own and no replay of an old one.
    pub fn set_run(&mut self, member: MemberId, run: RunId) {
        if self.runs.insert(member, run) != Some(run) {
            self.drop_streams(member);
        }
    }

    /// Opens nothing more of `member`, until its run is set again. For members who left.
    pub fn forget_run(&mut self, member: MemberId) {
        if self.runs.remove(&member).is_some() {
            self.drop_streams(member);
        }
    }

    fn drop_streams(&mut self, member: MemberId) {
        for epoch in &mut self.epochs {
            epoch.streams.retain(|(of, _), _| *of != member);
        }
    }

    /// The epochs that can be opened, in the order in which they were added.
    pub fn epochs(&self) -> impl Iterator<Item = EpochId> + '_ {
        self.epochs.iter().map(|epoch| epoch.keys.id())
    }

    /// What the header of a sealed frame claims. Nobody vouches for it.
    pub fn peek(sealed: &[u8]) -> Option<KeyId> {
        KeyId::decode(SframeHeader::deserialize(sealed).ok()?.key_id())
    }

    /// Opens a frame that came from this member, replacing what is in `out`; empties it where that fails.
    ///
    /// All members have all keys, so `from` is what the caller knows by other means: by the connection of the two. A
    /// frame that names anybody else is refused before a key is used, and does not count against that one's counter.
    pub fn open(&mut self, from: MemberId, sealed: &[u8], out: &mut Vec<u8>) -> Result<Opened, OpenError> {
        out.clear();
        let claimed = Self::peek(sealed).ok_or(OpenError::Malformed)?;
        let run = self.runs.get(&from).copied();
        let mut refused = OpenError::UnknownEpoch;
        let claims = |epoch: &&mut Epoch| KeyId::epoch_bits_of(epoch.keys.epoch()) == claimed.epoch_bits;
        // A wrong epoch's key fails and leaves no trace, so all may be tried. The newest is the likeliest.
        for epoch in self.epochs.iter_mut().rev().filter(claims) {
            match epoch.open(claimed, from, run, sealed, out) {
                Ok(opened) => return Ok(opened),
                Err(OpenError::Replayed) => return Err(OpenError::Replayed),
                // The least that can be said: another of the epochs may have more to say.
                Err(OpenError::WrongMember) if refused != OpenError::UnknownEpoch => {}
                Err(why) => refused = why,
            }
        }
        Err(refused)
    }
}

impl Epoch {
    fn open(
        &mut self,
        KeyId { context, member, .. }: KeyId,
        from: MemberId,
        run: Option<RunId>,
        sealed: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Opened, OpenError> {
        if self.members.get(&member) != Some(&from) {
            return Err(OpenError::WrongMember);
        }
        let refused = |error| match error {
            CipherError::Replayed => OpenError::Replayed,
            CipherError::Exhausted | CipherError::Failed => OpenError::Rejected,
        };
        if let Some(key) = self.streams.get_mut(&(from, context)) {
            key.open(&[], sealed, out).map_err(refused)?;
        } else {
            let run = run.ok_or(OpenError::UnknownRun)?;
            let key_id = KeyId::encode(context, member, self.keys.epoch()).ok_or(OpenError::WrongMember)?;
            let mut key = OpeningKey::derive(self.keys.of_run(run).as_ref(), key_id).map_err(refused)?;
            key.open(&[], sealed, out).map_err(refused)?;
            self.streams.insert((from, context), key);
        }
        Ok(Opened { context, member, epoch: self.keys.epoch() })
    }
}
