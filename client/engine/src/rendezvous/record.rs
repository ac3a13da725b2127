//! The sealed record: where somebody is, padded to one length, readable by the two who share the secret.
//!
//! Sealed with AES-256-GCM (NIST SP 800-38D) under the day's key: random nonce (12), ciphertext (868), tag (16). All
//! numbers inside are big endian:
//!
//! | bytes | |
//! | --- | --- |
//! | 1 | version: 1 |
//! | 8 | when it was published, Unix time, s |
//! | 32 | endpoint |
//! | | relays, addresses: see [`whereabouts`](super::whereabouts) |
//! | rest | zeros |
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use aws_lc_rs::{
    aead::{Aad, NONCE_LEN, Nonce},
    rand,
};
use zeroize::Zeroizing;

use super::{
    keys::{CLOCK_MARGIN, DAY, DayKeys},
    whereabouts::{Whereabouts, WhereaboutsError, read_addresses, read_relays},
};

/// Length of every sealed record, bytes. BEP 44 allows 1000 with the bencoding around it.
pub const SEALED_LEN: usize = 896;
/// A record older than this, seconds, is not believed: its key is good for a day and the margin of clocks.
pub const MAX_AGE: u64 = DAY + CLOCK_MARGIN;

const VERSION: u8 = 1;
const TAG_LEN: usize = 16;
const PLAIN_LEN: usize = SEALED_LEN - NONCE_LEN - TAG_LEN;

/// Why a record cannot be made or is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error(transparent)]
    Whereabouts(WhereaboutsError),
    #[error("the record has the wrong length")]
    WrongLength,
    #[error("the record was not sealed with this key")]
    NotOurs,
    #[error("the record was made by a newer version")]
    Newer,
    #[error("the record is malformed")]
    Malformed,
    #[error("the record is too old")]
    TooOld,
    #[error("the record comes from the future: one of the clocks is wrong")]
    FromTheFuture,
    #[error("the system's random number generator failed")]
    NoRandomness,
}

impl From<WhereaboutsError> for RecordError {
    fn from(why: WhereaboutsError) -> Self {
        match why {
            WhereaboutsError::CutShort => Self::Malformed,
            why => Self::Whereabouts(why),
        }
    }
}

/// Seals `whereabouts` as published at `now` (Unix time, s). The result is always [`SEALED_LEN`] bytes long.
///
/// # Errors
/// When `whereabouts` holds more than a record can, or a relay or address that [`open`] would refuse.
pub fn seal(keys: &DayKeys, whereabouts: &Whereabouts, now: u64) -> Result<Vec<u8>, RecordError> {
    whereabouts.check()?;
    let mut nonce = [0; NONCE_LEN];
    rand::fill(&mut nonce).map_err(|_| RecordError::NoRandomness)?;
    let mut plain = Zeroizing::new(Vec::with_capacity(PLAIN_LEN));
    plain.push(VERSION);
    plain.extend_from_slice(&now.to_be_bytes());
    plain.extend_from_slice(&whereabouts.endpoint);
    whereabouts.write_relays(&mut plain);
    whereabouts.write_addresses(&mut plain);
    plain.resize(PLAIN_LEN, 0);
    let tag = keys
        .seal
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut plain)
        .map_err(|_| RecordError::Malformed)?;
    Ok([nonce.as_slice(), plain.as_slice(), tag.as_ref()].concat())
}

/// Opens a record at `now` (Unix time, s): what it says, and when it was published (Unix time, s).
///
/// # Errors
/// When it was not sealed with these keys, is malformed in any way, older than [`MAX_AGE`], or more than
/// [`CLOCK_MARGIN`] ahead of `now`.
pub fn open(keys: &DayKeys, sealed: &[u8], now: u64) -> Result<(Whereabouts, u64), RecordError> {
    if sealed.len() != SEALED_LEN {
        return Err(RecordError::WrongLength);
    }
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(RecordError::WrongLength)?;
    let mut plain = Zeroizing::new(ciphertext.to_vec());
    let plain = keys
        .seal
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut plain)
        .map_err(|_| RecordError::NotOurs)?;
    let (&version, rest) = plain.split_first().ok_or(RecordError::Malformed)?;
    match version {
        VERSION => {}
        0 => return Err(RecordError::Malformed),
        _ => return Err(RecordError::Newer),
    }
    let (published, body) = rest.split_first_chunk::<8>().ok_or(RecordError::Malformed)?;
    let published = u64::from_be_bytes(*published);
    if published > now.saturating_add(CLOCK_MARGIN) {
        return Err(RecordError::FromTheFuture);
    }
    if now.saturating_sub(published) > MAX_AGE {
        return Err(RecordError::TooOld);
    }
    Ok((Whereabouts::from_bytes(body)?, published))
}

impl Whereabouts {
    /// Reads what stands in an opened record after version and time: the inner parser, for [`open`] and for fuzzing.
    ///
    /// # Errors
    /// When whereabouts are none, the bytes end early, or the padding is not all zeros.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let (endpoint, rest) = bytes.split_first_chunk::<32>().ok_or(RecordError::Malformed)?;
        let (relays, rest) = read_relays(rest)?;
        let (addresses, padding) = read_addresses(rest)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(RecordError::Malformed);
        }
        Ok(Self { endpoint: *endpoint, relays, addresses })
    }
}

#[cfg(test)]
mod tests;
