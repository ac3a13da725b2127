//! An agreement over a restart.
//!
//! ```text
//! version 3 | `Saved` and `Goodbyes`, each in the encoding of RFC 9420, section 2.1
//! version 2 | `Saved` and a list of the ids of those who said goodbye
//! version 1 | `Saved` alone
//! ```
//!
//! The group's own part carries a hash; both are as secret as the room.

use std::collections::VecDeque;

use mls_rs::mls_rs_codec::{self, MlsDecode, MlsEncode, MlsSize};
use zeroize::Zeroizing;

use super::message::{Epoch, Goodbye, Ids, decode};
use super::{Agreement, HISTORY, MAX_KNOWN, MAX_REMOVED, MAX_WISHES};
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
    /// The signature keys of those who are no members and may come back.
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
            lost: self.known.iter().filter(|(id, _)| !self.is_member(**id)).map(|(_, key)| Key(key.clone())).collect(),
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
            || awaited.len() > MAX_WISHES
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::{Action, SAVE_HISTORY_WITHIN, SAVE_WITHIN};
    use super::*;
    use crate::{Change, InvitationSecret, Joiner, Suite};

    fn card() -> Card {
        Card::new("member", [0; 32], [0; 32], Vec::new()).unwrap()
    }

    /// One of three, of whom one has said goodbye and one was removed. Neither is taken out by a commit yet.
    fn with_two_out() -> (Agreement, MemberId, MemberId) {
        let secret = InvitationSecret::generate();
        let mut group = Group::create(card(), Suite::Classical).unwrap();
        let joiners: Vec<_> = (0..2).map(|_| Joiner::new(card(), Suite::Classical).unwrap()).collect();
        let admit = |joiner| Change::Admit { key_package: Joiner::key_package(joiner), secret: &secret };
        let welcome = group.commit(&joiners.iter().map(admit).collect::<Vec<_>>()).unwrap().welcome.unwrap();
        let others: Vec<_> = joiners.into_iter().map(|joiner| joiner.join(&welcome, &secret).unwrap()).collect();
        let (parted, removed) = (others[0].my_id(), others[1].my_id());
        let mut agreement = Agreement::new(group, card(), 8);
        agreement.mark_out(parted, Some(others[0].sign_goodbye().unwrap()));
        agreement.mark_out(removed, None);
        (agreement, parted, removed)
    }

    fn restored(saved: &[u8]) -> Result<Agreement, RestoreError> {
        Agreement::restore(saved, Vec::new(), card(), 8)
    }

    #[test]
    fn goodbye_is_no_removal_after_a_restart() {
        let (agreement, parted, removed) = with_two_out();
        let mut restored = restored(&agreement.save().unwrap()).unwrap();
        assert!(restored.parted.keys().eq([&parted]));
        restored.insist_on_removals(Instant::now());
        restored.handle_timeout(Instant::now());
        let change = std::iter::from_fn(|| restored.poll()).find_map(|action| match action {
            Action::Epoch(next) => Some(next.change),
            _ => None,
        });
        let change = change.expect("both are taken out");
        assert_eq!(change.removed.len(), 2);
        assert!(change.parted.keys().eq([&parted]));
        assert!(restored.is_out(removed));
    }

    #[test]
    fn removal_of_one_who_said_goodbye_is_kept() {
        let (mut agreement, parted, _) = with_two_out();
        agreement.take_save().unwrap().unwrap();
        agreement.mark_out(parted, None);
        let saved = agreement.take_save().expect("it is to be written down").unwrap();
        assert!(restored(&saved).unwrap().parted.is_empty());
    }

    #[test]
    fn save_without_goodbyes_stays_readable() {
        let (agreement, parted, _) = with_two_out();
        let mut saved = agreement.save().unwrap().to_vec();
        // Two lengths of two bytes, one id and one signature.
        saved.truncate(saved.len() - 84);
        saved[0] = WITHOUT_PARTED;
        let old = restored(&saved).unwrap();
        assert!(old.is_out(parted) && old.parted.is_empty());
        saved.push(0);
        assert_eq!(restored(&saved).err(), Some(RestoreError::Damaged));
        saved.pop();
        saved[0] = UNSIGNED;
        assert_eq!(restored(&saved).err(), Some(RestoreError::Damaged));
        saved.extend([16].into_iter().chain(parted.0));
        let old = restored(&saved).unwrap();
        assert!(old.is_out(parted) && old.parted.is_empty());
        saved[0] = VERSION + 1;
        assert_eq!(restored(&saved).err(), Some(RestoreError::Newer(VERSION + 1)));
    }

    /// Two who have links, and have said all that they have to say.
    fn two(now: Instant) -> [Agreement; 2] {
        let secret = InvitationSecret::generate();
        let mut first = Group::create(card(), Suite::Classical).unwrap();
        let joiner = Joiner::new(card(), Suite::Classical).unwrap();
        let admit = Change::Admit { key_package: joiner.key_package(), secret: &secret };
        let welcome = first.commit(&[admit]).unwrap().welcome.unwrap();
        let second = joiner.join(&welcome, &secret).unwrap();
        let mut two = [first, second].map(|group| Agreement::new(group, card(), 8));
        for at in 0..2 {
            let (me, other) = (two[at].group().my_id(), two[1 - at].group().my_id());
            two[at].linked(now, other);
            two[1 - at].linked(now, me);
        }
        deliver(now, &mut two);
        two.iter_mut().for_each(|one| {
            one.take_save().unwrap().unwrap();
            one.take_history();
        });
        two
    }

    fn deliver(now: Instant, two: &mut [Agreement; 2]) {
        for at in [0, 1, 0, 1] {
            let from = two[at].group().my_id();
            while let Some(action) = two[at].poll() {
                if let Action::Send { bytes, .. } = action {
                    two[1 - at].handle(now, from, &bytes);
                }
            }
        }
    }

    #[test]
    fn message_that_was_read_is_saved_soon_and_once() {
        let now = Instant::now();
        let mut two = two(now);
        let from = two[0].group().my_id();
        for _ in 0..5 {
            let bytes = two[0].protect(b"text").unwrap();
            assert!(two[0].take_save().is_some(), "what was sealed goes out before it is kept");
            two[1].handle(now, from, &bytes);
            assert!(two[1].take_save().is_none());
        }
        let due = two[1].deadline().unwrap();
        assert!(due <= now + SAVE_WITHIN);
        two[1].handle_timeout(now + SAVE_WITHIN);
        assert!(two[1].take_save().is_some() && two[1].take_save().is_none());
        two[1].handle_timeout(now + 2 * SAVE_WITHIN);
        assert!(two[1].take_save().is_none());
    }

    #[test]
    fn message_read_before_a_crash_is_read_once_more() {
        let now = Instant::now();
        let mut two = two(now);
        let (from, bytes) = (two[0].group().my_id(), two[0].protect(b"text").unwrap());
        let before = two[1].save().unwrap();
        two[1].handle(now, from, &bytes);
        let mut again = restored(&before).unwrap();
        again.linked(now, from);
        assert!(again.handle(now, from, &bytes));
        assert!(std::iter::from_fn(|| again.poll()).any(|action| matches!(action, Action::Message { .. })));
    }

    #[test]
    fn epoch_is_saved_before_anything_else() {
        let now = Instant::now();
        let mut two = two(now);
        two[0].renew(now + SAVE_WITHIN);
        let later = now + SAVE_WITHIN + Duration::from_secs(2);
        two[0].handle_timeout(later);
        assert!(two[0].take_save().is_some());
        deliver(later, &mut two);
        assert_eq!(two[1].group().epoch(), 2);
        assert!(two[1].take_save().is_some());
    }

    #[test]
    fn commits_are_saved_later_and_kept_only_if_they_lead_here() {
        let now = Instant::now();
        let [mut first, _] = two(now);
        first.renew(now);
        first.handle_timeout(now + Duration::from_secs(2));
        let old = first.save().unwrap();
        assert!(first.take_history().is_none());
        first.handle_timeout(now + Duration::from_secs(2) + SAVE_HISTORY_WITHIN);
        let history = first.take_history().unwrap();
        let restored = |saved: &[u8]| Agreement::restore(saved, history.clone(), card(), 8).unwrap();
        assert_eq!(restored(&old).history.len(), history.len());
        let change = first.group.commit(&[]).unwrap().change;
        first.enter_epoch(now + Duration::from_secs(60), change, false);
        assert!(restored(&first.save().unwrap()).history.is_empty());
    }

    #[test]
    fn commit_that_removes_somebody_is_saved_at_once() {
        let now = Instant::now();
        let [mut first, second] = two(now);
        first.remove(now, second.group().my_id());
        assert!(first.take_history().is_some());
    }

    #[test]
    fn saved_goodbye_of_one_who_is_not_out_is_ignored() {
        let (mut agreement, parted, _) = with_two_out();
        agreement.parted.insert(MemberId([7; 16]), vec![7; 64]);
        assert!(restored(&agreement.save().unwrap()).unwrap().parted.keys().eq([&parted]));
    }
}
