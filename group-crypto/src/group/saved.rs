//! A room over a restart: all that its group needs to go on, as bytes.
//!
//! ```text
//! version 2 | SHA-256 of the body 32 | body: `Saved` and `Counts`, in the encoding of RFC 9420, section 2.1
//! version 1 | SHA-256 of the body 32 | body: `Saved` alone
//! ```
//!
//! The hash finds accidents before MLS sees them. It keeps nobody out: the bytes are as secret as the room, and where
//! they are kept must be sealed.

use aws_lc_rs::digest::{SHA256, digest};
use mls_rs::crypto::SignatureSecretKey;
use mls_rs::mls_rs_codec::{self, MlsDecode, MlsEncode, MlsSize};
use mls_rs_core::group::EpochRecord;
use zeroize::Zeroizing;

use super::reads::{Read, Reads};
use super::{Group, View};
use crate::client::Local;
use crate::invitation::Invitations;
use crate::storage::{Storage, Stored};
use crate::{MemberIndex, Suite};

/// Before it, nobody counted what was read.
const WITHOUT_COUNTS: u8 = 1;
const VERSION: u8 = 2;
const HASH_BYTES: usize = 32;
/// An Ed25519 key as the library keeps it: seed and public key.
const SIGNER_BYTES: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the group could not be written down")]
pub struct SaveError;

/// Why bytes are not a group that can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    #[error("not a saved group, or a damaged one")]
    Damaged,
    #[error("the group was saved by a newer version of this program (format {0})")]
    Newer(u8),
    #[error("the cryptographic library failed")]
    Crypto,
}

#[derive(MlsDecode)]
struct Saved {
    suite: u16,
    present: bool,
    generations_used: u32,
    by: u32,
    signer: SignatureSecretKey,
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    group_id: Vec<u8>,
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    state: Zeroizing<Vec<u8>>,
    past_epochs: Vec<PastEpoch>,
    invitations: Vec<KnownInvitation>,
}

/// How many messages were read.
#[derive(Default, MlsSize, MlsEncode, MlsDecode)]
struct Counts(Vec<Read>);

/// [`Saved`] as it is written: nothing long or secret is copied first.
#[derive(MlsSize, MlsEncode)]
struct Saving<'a> {
    suite: u16,
    present: bool,
    generations_used: u32,
    by: u32,
    signer: &'a SignatureSecretKey,
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    group_id: &'a [u8],
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    state: &'a [u8],
    past_epochs: Vec<SavingPastEpoch<'a>>,
    invitations: Vec<KnownInvitation>,
}

#[derive(MlsSize, MlsEncode)]
struct SavingPastEpoch<'a> {
    epoch: u64,
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    data: &'a [u8],
}

#[derive(MlsDecode)]
struct PastEpoch {
    epoch: u64,
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    data: Zeroizing<Vec<u8>>,
}

#[derive(MlsSize, MlsEncode, MlsDecode)]
struct KnownInvitation {
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    id: Vec<u8>,
    #[mls_codec(with = "mls_rs_codec::byte_vec")]
    psk: Zeroizing<Vec<u8>>,
}

impl Group {
    /// The group as it is now, ratchets included: what [`load`](Self::load) takes. All of it is secret.
    ///
    /// The bytes must be kept *before* a message of [`protect`](Self::protect) or a commit is sent, and before an epoch that
    /// [`process`](Self::process) led into counts as entered. What happens otherwise, after a restart from an older save:
    /// - A message protected since then has used its generation; the next ones protected use the same generations
    ///   again. Members who read the former refuse the latter as replays, until as many were sent as before. What keeps
    ///   two messages under one key apart is then the four random bytes of the reuse guard alone (RFC 9420,
    ///   section 6.3.1).
    /// - A message processed since then is taken in once more if it comes again, so its reader has to count what counts
    ///   once. And its key can still be had from what is kept, so it should be saved soon.
    /// - A commit made since then can't be followed by its own committer, who has lost its secrets: this member has
    ///   to be removed and admitted again. A commit processed since then is simply processed again.
    pub fn save(&self) -> Result<Zeroizing<Vec<u8>>, SaveError> {
        if !self.is_stored {
            // MLS writes only from a group that it may change. The copy tells the storage what this group knows anyway.
            self.mls.clone().write_to_storage().map_err(|_| SaveError)?;
        }
        self.local.storage.read(|stored| self.write_down(stored)).map_err(|_| SaveError)
    }

    fn write_down(&self, stored: &Stored) -> Result<Zeroizing<Vec<u8>>, mls_rs_codec::Error> {
        let past_epochs = stored.past_epochs.iter().map(|past| SavingPastEpoch { epoch: past.id, data: &past.data });
        let invitations = self.local.invitations.keys().into_iter().map(|(id, psk)| KnownInvitation { id, psk });
        let saving = Saving {
            suite: self.local.suite.mls().into(),
            present: self.present,
            generations_used: self.generations_used,
            by: self.view.by.0,
            signer: &self.local.signer,
            group_id: &stored.group_id,
            state: &stored.state,
            past_epochs: past_epochs.collect(),
            invitations: invitations.collect(),
        };
        let counts = Counts(self.reads.save());
        let length = saving.mls_encoded_len().saturating_add(counts.mls_encoded_len());
        let mut body = Zeroizing::new(Vec::with_capacity(length));
        saving.mls_encode(&mut body)?;
        counts.mls_encode(&mut body)?;
        let mut out = Zeroizing::new(Vec::with_capacity(body.len().saturating_add(1 + HASH_BYTES)));
        out.push(VERSION);
        out.extend_from_slice(digest(&SHA256, &body).as_ref());
        out.extend_from_slice(&body);
        Ok(out)
    }

    /// Goes on where [`save`](Self::save) was called. Of all groups loaded from the same bytes, and the one that was
    /// saved, only one may ever protect or commit.
    pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
        let (saved, Counts(reads)) = open(bytes)?;
        // The library slices a key before it looks at its length.
        if saved.signer.len() != SIGNER_BYTES {
            return Err(LoadError::Damaged);
        }
        let suite = Suite::ALL.into_iter().find(|suite| u16::from(suite.mls()) == saved.suite);
        let stored = Stored {
            group_id: saved.group_id.clone(),
            state: saved.state,
            past_epochs: saved.past_epochs.into_iter().map(|past| EpochRecord::new(past.epoch, past.data)).collect(),
        };
        let local = Local {
            suite: suite.ok_or(LoadError::Damaged)?,
            signer: saved.signer,
            invitations: Invitations::restore(saved.invitations.into_iter().map(|known| (known.id, known.psk))),
            storage: Storage::new(stored),
        };
        let mls = local.load_group(&saved.group_id).map_err(|_| LoadError::Damaged)?;
        let mine = mls.current_member_signing_identity().map_err(|_| LoadError::Damaged)?;
        if mls.cipher_suite() != local.suite.mls() || local.signature_key().as_ref() != Some(&mine.signature_key) {
            return Err(LoadError::Damaged);
        }
        let view = View::of(&mls, MemberIndex(saved.by)).map_err(|_| LoadError::Crypto)?;
        let (present, generations_used) = (saved.present, saved.generations_used);
        Ok(Self {
            mls,
            local,
            view,
            present,
            generations_used,
            reads: Reads::restore(reads),
            former: None,
            is_stored: true,
        })
    }
}

fn open(bytes: &[u8]) -> Result<(Saved, Counts), LoadError> {
    let (&version, rest) = bytes.split_first().ok_or(LoadError::Damaged)?;
    match version {
        WITHOUT_COUNTS | VERSION => {}
        0 => return Err(LoadError::Damaged),
        newer => return Err(LoadError::Newer(newer)),
    }
    let (hash, mut body) = rest.split_at_checked(HASH_BYTES).ok_or(LoadError::Damaged)?;
    if digest(&SHA256, body).as_ref() != hash {
        return Err(LoadError::Damaged);
    }
    let saved = Saved::mls_decode(&mut body).map_err(|_| LoadError::Damaged)?;
    let counts = match version {
        WITHOUT_COUNTS => Counts::default(),
        _ => Counts::mls_decode(&mut body).map_err(|_| LoadError::Damaged)?,
    };
    body.is_empty().then_some((saved, counts)).ok_or(LoadError::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Card;

    fn hashed(body: &[u8]) -> Vec<u8> {
        [&[VERSION], digest(&SHA256, body).as_ref(), body].concat()
    }

    #[test]
    fn a_group_without_a_whole_signature_key_is_refused() {
        let card = Card::new("one", [0; 32], [0; 32], Vec::new()).unwrap();
        let mut group = Group::create(card, Suite::Classical).unwrap();
        group.local.signer = vec![0; 27].into();
        assert_eq!(Group::load(&group.save().unwrap()).err(), Some(LoadError::Damaged));
    }

    #[test]
    fn save_without_counts_stays_readable() {
        let card = Card::new("one", [0; 32], [0; 32], Vec::new()).unwrap();
        let group = Group::create(card, Suite::Classical).unwrap();
        let saved = group.save().unwrap();
        // No counts are a length of one byte.
        let body = &saved[1 + HASH_BYTES..saved.len() - 1];
        let mut old = hashed(body);
        assert_eq!(Group::load(&old).err(), Some(LoadError::Damaged));
        old[0] = WITHOUT_COUNTS;
        assert!(Group::load(&old).is_ok());
    }

    #[test]
    fn tampered_body_with_a_fresh_hash_breaks_nothing() {
        let card = Card::new("member", [0; 32], [0; 32], Vec::new()).unwrap();
        let saved = Group::create(card, Suite::Classical).unwrap().save().unwrap();
        let body = &saved[1 + HASH_BYTES..];
        assert!(Group::load(&hashed(body)).is_ok());
        for at in 0..body.len() {
            for flip in [0x01, 0x40, 0xff] {
                let mut tampered = body.to_vec();
                tampered[at] ^= flip;
                // A changed secret is as good as any other, but whatever loads is a room with its member.
                if let Ok(group) = Group::load(&hashed(&tampered)) {
                    assert!(group.member(group.me()).is_some_and(|member| member.id == group.my_id()));
                }
            }
            assert_eq!(Group::load(&hashed(&body[..at])).err(), Some(LoadError::Damaged));
        }
    }

    #[test]
    fn a_group_under_anothers_signature_key_is_refused() {
        let card = |name| Card::new(name, [0; 32], [0; 32], Vec::new()).unwrap();
        let mut group = Group::create(card("one"), Suite::Classical).unwrap();
        group.local.signer = Group::create(card("other"), Suite::Classical).unwrap().local.signer;
        assert_eq!(Group::load(&group.save().unwrap()).err(), Some(LoadError::Damaged));
    }
}
