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
//! | 1 | number of relays, at most 4 |
//! | 1 and n each | length (at most 128) and URL |
//! | 1 | number of addresses, at most 16 |
//! | 7 or 19 each | 4 and IPv4 address, or 6 and IPv6 address; port |
//! | rest | zeros |
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use aws_lc_rs::{
    aead::{Aad, NONCE_LEN, Nonce},
    rand,
};
use zeroize::Zeroizing;

use super::keys::{CLOCK_MARGIN, DAY, DayKeys};

/// Length of every sealed record, bytes. BEP 44 allows 1000 with the bencoding around it.
pub const SEALED_LEN: usize = 896;
/// A record names at most so many relays.
pub const MAX_RELAYS: usize = 4;
/// Length of the longest relay URL, bytes.
pub const MAX_RELAY_URL: usize = 128;
/// A record names at most so many addresses.
pub const MAX_ADDRESSES: usize = 16;
/// A record older than this, seconds, is not believed: its key is good for a day and the margin of clocks.
pub const MAX_AGE: u64 = DAY + CLOCK_MARGIN;

const VERSION: u8 = 1;
const TAG_LEN: usize = 16;
const PLAIN_LEN: usize = SEALED_LEN - NONCE_LEN - TAG_LEN;
const BODY_LEN: usize = PLAIN_LEN - 1 - 8;

/// Where somebody can be reached in this run.
#[derive(Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// The Ed25519 key of the endpoint; random for each run.
    pub endpoint: [u8; 32],
    /// URLs (http or https) of the relays that the endpoint is reachable through.
    pub relays: Vec<String>,
    /// Where the endpoint hears datagrams, in its own opinion.
    pub addresses: Vec<SocketAddr>,
}

impl fmt::Debug for Whereabouts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Whereabouts(..)")
    }
}

/// Why a record cannot be made or is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("a record names at most {MAX_RELAYS} relays")]
    TooManyRelays,
    #[error("a record names at most {MAX_ADDRESSES} addresses")]
    TooManyAddresses,
    #[error("a relay is an http or https URL of at most {MAX_RELAY_URL} printable ASCII characters")]
    BadRelay,
    #[error("a record holds an address at which nobody can be reached")]
    BadAddress,
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

/// Seals `whereabouts` as published at `now` (Unix time, s). The result is always [`SEALED_LEN`] bytes long.
///
/// # Errors
/// When `whereabouts` holds more than a record can, or a relay or address that [`open`] would refuse.
pub fn seal(keys: &DayKeys, whereabouts: &Whereabouts, now: u64) -> Result<Vec<u8>, RecordError> {
    let mut nonce = [0; NONCE_LEN];
    rand::fill(&mut nonce).map_err(|_| RecordError::NoRandomness)?;
    let mut plain = Zeroizing::new(Vec::with_capacity(PLAIN_LEN));
    plain.push(VERSION);
    plain.extend_from_slice(&now.to_be_bytes());
    plain.extend_from_slice(&whereabouts.to_bytes()?);
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
    fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, RecordError> {
        if self.relays.len() > MAX_RELAYS {
            return Err(RecordError::TooManyRelays);
        }
        if self.addresses.len() > MAX_ADDRESSES {
            return Err(RecordError::TooManyAddresses);
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(BODY_LEN));
        bytes.extend_from_slice(&self.endpoint);
        bytes.push(u8::try_from(self.relays.len()).map_err(|_| RecordError::TooManyRelays)?);
        for relay in &self.relays {
            check_relay(relay.as_bytes())?;
            bytes.push(u8::try_from(relay.len()).map_err(|_| RecordError::BadRelay)?);
            bytes.extend_from_slice(relay.as_bytes());
        }
        bytes.push(u8::try_from(self.addresses.len()).map_err(|_| RecordError::TooManyAddresses)?);
        for address in &self.addresses {
            check_address(*address)?;
            match address.ip() {
                IpAddr::V4(ip) => {
                    bytes.push(4);
                    bytes.extend_from_slice(&ip.octets());
                }
                IpAddr::V6(ip) => {
                    bytes.push(6);
                    bytes.extend_from_slice(&ip.octets());
                }
            }
            bytes.extend_from_slice(&address.port().to_be_bytes());
        }
        Ok(bytes)
    }

    /// Reads what stands in an opened record after version and time: the inner parser, for [`open`] and for fuzzing.
    ///
    /// # Errors
    /// When a count is too high, a relay or an address is none, the bytes end early, or the padding is not all zeros.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        use RecordError::Malformed;
        let (endpoint, rest) = bytes.split_first_chunk::<32>().ok_or(Malformed)?;
        let (&count, mut rest) = rest.split_first().ok_or(Malformed)?;
        if usize::from(count) > MAX_RELAYS {
            return Err(RecordError::TooManyRelays);
        }
        let mut relays = Vec::with_capacity(count.into());
        for _ in 0..count {
            let (&length, after) = rest.split_first().ok_or(Malformed)?;
            let (url, after) = after.split_at_checked(length.into()).ok_or(Malformed)?;
            relays.push(check_relay(url)?.to_owned());
            rest = after;
        }
        let (&count, mut rest) = rest.split_first().ok_or(Malformed)?;
        if usize::from(count) > MAX_ADDRESSES {
            return Err(RecordError::TooManyAddresses);
        }
        let mut addresses = Vec::with_capacity(count.into());
        for _ in 0..count {
            let (address, after) = read_address(rest).ok_or(Malformed)?;
            addresses.push(check_address(address)?);
            rest = after;
        }
        if rest.iter().any(|byte| *byte != 0) {
            return Err(Malformed);
        }
        Ok(Self { endpoint: *endpoint, relays, addresses })
    }
}

pub(crate) fn check_relay(url: &[u8]) -> Result<&str, RecordError> {
    let url = std::str::from_utf8(url).map_err(|_| RecordError::BadRelay)?;
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).ok_or(RecordError::BadRelay)?;
    let good = !host.is_empty() && url.len() <= MAX_RELAY_URL && url.bytes().all(|byte| byte.is_ascii_graphic());
    good.then_some(url).ok_or(RecordError::BadRelay)
}

pub(crate) fn check_address(address: SocketAddr) -> Result<SocketAddr, RecordError> {
    let ip = address.ip().to_canonical();
    let nobody = ip.is_unspecified() || ip.is_multicast() || matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    if nobody || address.port() == 0 { Err(RecordError::BadAddress) } else { Ok(address) }
}

pub(crate) fn read_address(bytes: &[u8]) -> Option<(SocketAddr, &[u8])> {
    let (&family, rest) = bytes.split_first()?;
    let (ip, rest): (IpAddr, _) = match family {
        4 => rest.split_first_chunk::<4>().map(|(ip, rest)| ((*ip).into(), rest))?,
        6 => rest.split_first_chunk::<16>().map(|(ip, rest)| ((*ip).into(), rest))?,
        _ => return None,
    };
    let (port, rest) = rest.split_first_chunk::<2>()?;
    Some((SocketAddr::new(ip, u16::from_be_bytes(*port)), rest))
}

#[cfg(test)]
mod tests;
