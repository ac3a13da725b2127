//! An agreement over a restart.
//!
//! ```text
//! version 1 | `Saved` in the encoding of RFC 9420, section 2.1
//! ```
//!
//! The group's own part carries a hash; both are as secret as the room.

use std::collections::VecDeque;

use mls_rs::mls_rs_codec::{self, MlsDecode, MlsEncode, MlsSize};
use zeroize::Zeroizing;

use super::message::{Epoch, decode};
use super::{Agreement, HISTORY, MAX_KNOWN, MAX_REMOVED, MAX_WISHES};
use crate::{Card, Group, LoadError, MemberId, SaveError, Standing};

const VERSION: u8 = 1;

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
    /// The signature keys of those who are no members and may come back.
    lost: Vec<Key>,
}

#[derive(MlsSize, MlsEncode, MlsDecode)]
struct Key(#[mls_codec(with = "mls_rs_codec::byte_vec")] Vec<u8>);

impl Agreement {
    /// What has to be on the disk before anything that [`poll`](Self::poll) gives is carried out; none where it is
    /// there already. Restored from it after a crash at any instant, no key is ever used twice for two things.
    pub fn take_save(&mut self) -> Option<Result<Zeroizing<Vec<u8>>, SaveError>> {
        std::mem::take(&mut self.unsaved).then(|| self.save())
    }

    /// The commits kept for others, if they are others than before. They are no secrets to members of the room.
    pub fn take_history(&mut self) -> Option<History> {
        std::mem::take(&mut self.unsaved_history).then(|| self.history.iter().cloned().collect())
    }

    pub fn save(&self) -> Result<Zeroizing<Vec<u8>>, SaveError> {
        let saved = Saved {
            group: self.group.save()?.to_vec(),
            chain: self.chain.iter().copied().map(Epoch::from).collect(),
            out: self.out.iter().map(|id| id.0).collect(),
            awaited: self.awaited.iter().map(|(id, _)| id.0).collect(),
            lost: self.known.iter().filter(|(id, _)| !self.is_member(**id)).map(|(_, key)| Key(key.clone())).collect(),
        };
        let mut bytes = Zeroizing::new(vec![VERSION]);
        let body = Zeroizing::new(saved.mls_encode_to_vec().map_err(|_| SaveError)?);
        let Saved { group, .. } = saved;
        drop(Zeroizing::new(group));
        bytes.extend_from_slice(&body);
        Ok(bytes)
    }

    /// Goes on where [`take_save`](Self::take_save) was called last.
    pub fn restore(saved: &[u8], history: History, card: Card, limit: usize) -> Result<Self, RestoreError> {
        let (&version, body) = saved.split_first().ok_or(RestoreError::Damaged)?;
        match version {
            VERSION => {}
            0 => return Err(RestoreError::Damaged),
            newer => return Err(RestoreError::Newer(newer)),
        }
        let saved: Saved = decode(body).ok_or(RestoreError::Damaged)?;
        let Saved { group, chain, out, awaited, lost } = saved;
        let group = Group::load(&Zeroizing::new(group)).map_err(RestoreError::Group)?;
        let chain: VecDeque<_> = chain.into_iter().map(Standing::from).collect();
        let mut agreement = Self::new(group, card, limit);
        if chain.len() > HISTORY + 1
            || out.len() > MAX_REMOVED
            || awaited.len() > MAX_WISHES
            || lost.len() > MAX_KNOWN
            || chain.back() != agreement.chain.back()
        {
            return Err(RestoreError::Damaged);
        }
        agreement.chain = chain;
        agreement.out = out.into_iter().map(MemberId).collect();
        agreement.awaited = awaited.into_iter().map(|id| (MemberId(id), None)).collect();
        agreement.history = history.into_iter().rev().take(HISTORY).rev().collect();
        agreement.known = lost.into_iter().map(|Key(key)| (MemberId::of_signature_key(&key), key)).collect();
        agreement.know_members();
        agreement.unsaved = false;
        Ok(agreement)
    }
}
