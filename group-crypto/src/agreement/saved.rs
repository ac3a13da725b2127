//! An agreement over a restart.
//!
//! ```text
//! version 3 | `Saved` and `Goodbyes`, each in the encoding of RFC 9420, section 2.1
//! version 2 | `Saved` and a list of the ids of those who said goodbye
//! version 1 | `Saved` alone
//! ```
//!
//! The group's own part carries a hash; both are as secret as the room.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use mls_rs::mls_rs_codec::{self, MlsDecode, MlsEncode, MlsSize};
use zeroize::Zeroizing;

use super::message::{Epoch, Goodbye, Ids, decode};
use super::{Agreement, HISTORY, MAX_KNOWN, MAX_PROPOSALS, MAX_REMOVED};
use crate::{Card, Group, LoadError, MemberId, SaveError, Standing};

/// Before it, nobody wrote down which of the removed said goodbye.
const WITHOUT_PARTED: u8 = 1;
/// Before it, goodbyes were not signed, and so prove nothing now.
const UNSIGNED: u8 = 2;
const VERSION: u8 = 3;

/// The commits that are kept for others, by the epoch they end, as [`Agreement::take_history`] gives them.
pub type History = Vec<(u64, Vec<u8>)>;

/// Why bytes are not an agreement that can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    #[error("not saved keys of a room, or damaged ones")]
    Damaged,
    #[error("the keys of the room were saved by a newer version of this program (format {0})")]
    Newer(u8),
    #[error(transparent)]
    Group(LoadError),
}

#[derive(MlsSize, MlsEncode, MlsDecode)]
struct Saved {
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    group: Vec<u8>,
    chain: Vec<Epoch>,
    out: Vec<[u8; 16]>,
    awaited: Vec<[u8; 16]>,
    /// The signature keys of those who are no members and may come back; then those of the removed, as far as there is room.
    lost: Vec<Key>,
}

/// Of those of `Saved::out` who said goodbye.
#[derive(Default, MlsSize, MlsEncode, MlsDecode)]
struct Goodbyes(Vec<Goodbye>);

#[derive(MlsSize, MlsEncode, MlsDecode)]
struct Key(#[mls_codec(with = "mls_rs_codec::byte_vec")] Vec<u8>);

impl Agreement {
    /// What has to be on the disk before anything that [`poll`](Self::poll) gives is carried out; none where it is
    /// there already, or may wait. Restored from it after a crash at any instant, no key is ever used twice for two things.
    pub fn take_save(&mut self) -> Option<Result<Zeroizing<Vec<u8>>, SaveError>> {
        std::mem::take(&mut self.unsaved).then(|| {
            self.save_at = None;
            self.save()
        })
    }

    /// Nothing waits any longer to be written down: the program is about to end.
    pub fn save_all(&mut self) {
        self.unsaved |= self.save_at.take().is_some();
        self.unsaved_history |= self.save_history_at.take().is_some();
    }

    /// The commits kept for others, if they are others than before and have waited long enough. They are no secrets to
    /// members of the room, and are to be written down together with what [`take_save`](Self::take_save) gives.
    pub fn take_history(&mut self) -> Option<History> {
        std::mem::take(&mut self.unsaved_history).then(|| {
            self.save_history_at = None;
            self.history.iter().cloned().collect()
        })
    }

    pub fn save(&self) -> Result<Zeroizing<Vec<u8>>, SaveError> {
        let saved = Saved {
            group: self.group.save()?.to_vec(),
            chain: self.chain.iter().copied().map(Epoch::from).collect(),
            out: self.out.iter().map(|id| id.0).collect(),
            awaited: self.awaited.iter().map(|(id, _)| id.0).collect(),
            lost: self.lost_and_removed().take(MAX_KNOWN).map(|key| Key(key.clone())).collect(),
        };
        let goodbye = |(id, signature): (&MemberId, &Vec<u8>)| Goodbye { member: id.0, signature: signature.clone() };
        let parted = Goodbyes(self.parted.iter().map(goodbye).collect());
        let length = saved.mls_encoded_len().saturating_add(parted.mls_encoded_len());
        // Large enough from the beginning: what is moved elsewhere would leave secrets behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(length.saturating_add(1)));
        bytes.push(VERSION);
        let written = saved.mls_encode(&mut bytes).and_then(|()| parted.mls_encode(&mut bytes));
        let Saved { group, .. } = saved;
        drop(Zeroizing::new(group));
        written.map(|()| bytes).map_err(|_| SaveError)
    }

    fn lost_and_removed(&self) -> impl Iterator<Item = &Vec<u8>> {
        let lost = self.known.iter().filter(|(id, _)| !self.is_member(**id));
        lost.chain(&self.removed_keys).map(|(_, key)| key)
    }

    /// Goes on where [`take_save`](Self::take_save) was called last.
    pub fn restore(saved: &[u8], history: History, card: Card, limit: usize) -> Result<Self, RestoreError> {
        let (&version, mut body) = saved.split_first().ok_or(RestoreError::Damaged)?;
        if version > VERSION {
            return Err(RestoreError::Newer(version));
        }
        let saved = Saved::mls_decode(&mut body).map_err(|_| RestoreError::Damaged)?;
        let parted = match version {
            VERSION => decode(body).ok_or(RestoreError::Damaged)?,
            UNSIGNED if decode::<Ids>(body).is_some() => Goodbyes::default(),
            WITHOUT_PARTED if body.is_empty() => Goodbyes::default(),
            _ => return Err(RestoreError::Damaged),
        };
        let Saved { group, chain, out, awaited, lost } = saved;
        let group = Group::load(&Zeroizing::new(group)).map_err(RestoreError::Group)?;
        let chain: VecDeque<_> = chain.into_iter().map(Standing::from).collect();
        let mut agreement = Self::new(group, card, limit);
        if chain.len() > HISTORY + 1
            || out.len() > MAX_REMOVED
            || parted.0.len() > MAX_REMOVED
            || awaited.len() > MAX_PROPOSALS
            || lost.len() > MAX_KNOWN
            || chain.back() != agreement.chain.back()
        {
            return Err(RestoreError::Damaged);
        }
        agreement.chain = chain;
        agreement.out = out.into_iter().map(MemberId).collect();
        let goodbyes = parted.0.into_iter().map(|goodbye| (MemberId(goodbye.member), goodbye.signature));
        agreement.parted = goodbyes.filter(|(id, _)| agreement.out.contains(id)).collect();
        agreement.awaited = awaited.into_iter().map(|id| (MemberId(id), None)).collect();
        agreement.history = history.into_iter().rev().take(HISTORY).rev().collect();
        // They were written down some epochs ago: what does not lead here leads nobody on.
        if agreement.history.back().is_some_and(|(epoch, _)| epoch.checked_add(1) != Some(agreement.group.epoch())) {
            agreement.history.clear();
        }
        agreement.known = lost.into_iter().map(|Key(key)| (MemberId::of_signature_key(&key), key)).collect();
        agreement.know_members();
        agreement.unsaved = false;
        Ok(agreement)
    }
}
