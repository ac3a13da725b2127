//! Where somebody can be reached in a run, and its one encoding, for records and invitations.
//!
//! | bytes | |
//! | --- | --- |
//! | 1 | number of relays, at most 4 |
//! | 1 and n each | length (at most 128) and URL |
//! | 1 | number of addresses, at most 16 |
//! | 7 or 19 each | 4 and IPv4 address, or 6 and IPv6 address; port, big endian |
//!
//! A record has them in this order, an invitation has the addresses first.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use group_crypto::{read_address, write_address};

/// Somebody names at most so many relays.
pub const MAX_RELAYS: usize = 4;
/// Length of the longest relay URL, bytes.
pub const MAX_RELAY_URL: usize = 128;
/// Somebody names at most so many addresses.
pub const MAX_ADDRESSES: usize = 16;

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

/// Why nobody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhereaboutsError {
    #[error("at most {MAX_RELAYS} relays can be named")]
    TooManyRelays,
    #[error("at most {MAX_ADDRESSES} addresses can be named")]
    TooManyAddresses,
    #[error("a relay is an http or https URL of at most {MAX_RELAY_URL} printable ASCII characters")]
    BadRelay,
    #[error("there is an address at which nobody can be reached")]
    BadAddress,
    #[error("relays or addresses are cut short")]
    CutShort,
}

impl Whereabouts {
    /// Whether others will read what is written of it.
    ///
    /// # Errors
    /// When more is named than can be, or a relay or an address that is none.
    pub fn check(&self) -> Result<(), WhereaboutsError> {
        if self.relays.len() > MAX_RELAYS {
            return Err(WhereaboutsError::TooManyRelays);
        }
        if self.addresses.len() > MAX_ADDRESSES {
            return Err(WhereaboutsError::TooManyAddresses);
        }
        self.relays.iter().try_for_each(|relay| check_relay(relay.as_bytes()).map(drop))?;
        self.addresses.iter().try_for_each(|address| check_address(*address).map(drop))
    }

    pub(crate) fn write_relays(&self, out: &mut Vec<u8>) {
        out.push(count(self.relays.len()));
        for relay in &self.relays {
            out.push(count(relay.len()));
            out.extend_from_slice(relay.as_bytes());
        }
    }

    pub(crate) fn write_addresses(&self, out: &mut Vec<u8>) {
        out.push(count(self.addresses.len()));
        self.addresses.iter().for_each(|address| write_address(*address, out));
    }
}

/// Numbers and lengths that are checked are far below.
fn count(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

/// Reads relays, and what follows them.
///
/// # Errors
/// When there are too many, one of them is none, or the bytes end early.
pub(crate) fn read_relays(bytes: &[u8]) -> Result<(Vec<String>, &[u8]), WhereaboutsError> {
    use WhereaboutsError::CutShort;
    let (&count, mut rest) = bytes.split_first().ok_or(CutShort)?;
    if usize::from(count) > MAX_RELAYS {
        return Err(WhereaboutsError::TooManyRelays);
    }
    let mut relays = Vec::with_capacity(count.into());
    for _ in 0..count {
        let (&length, after) = rest.split_first().ok_or(CutShort)?;
        let (url, after) = after.split_at_checked(length.into()).ok_or(CutShort)?;
        relays.push(check_relay(url)?.to_owned());
        rest = after;
    }
    Ok((relays, rest))
}

/// Reads addresses, and what follows them.
///
/// # Errors
/// When there are too many, nobody can be at one of them, or the bytes end early.
pub(crate) fn read_addresses(bytes: &[u8]) -> Result<(Vec<SocketAddr>, &[u8]), WhereaboutsError> {
    let (&count, mut rest) = bytes.split_first().ok_or(WhereaboutsError::CutShort)?;
    if usize::from(count) > MAX_ADDRESSES {
        return Err(WhereaboutsError::TooManyAddresses);
    }
    let mut addresses = Vec::with_capacity(count.into());
    for _ in 0..count {
        let (address, after) = read_address(rest).ok_or(WhereaboutsError::CutShort)?;
        addresses.push(check_address(address)?);
        rest = after;
    }
    Ok((addresses, rest))
}

fn check_relay(url: &[u8]) -> Result<&str, WhereaboutsError> {
    use WhereaboutsError::BadRelay;
    let url = std::str::from_utf8(url).map_err(|_| BadRelay)?;
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).ok_or(BadRelay)?;
    let good = !host.is_empty() && url.len() <= MAX_RELAY_URL && url.bytes().all(|byte| byte.is_ascii_graphic());
    good.then_some(url).ok_or(BadRelay)
}

fn check_address(address: SocketAddr) -> Result<SocketAddr, WhereaboutsError> {
    let ip = address.ip().to_canonical();
    let nobody = ip.is_unspecified() || ip.is_multicast() || matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    if nobody || address.port() == 0 { Err(WhereaboutsError::BadAddress) } else { Ok(address) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relays_and_addresses_are_written_as_they_always_were() {
        let at = Whereabouts {
            endpoint: [9; 32],
            relays: vec!["https://a.example/".into(), "http://[fd00::1]:3340/".into()],
            addresses: vec!["192.0.2.7:4000".parse().unwrap(), "[2001:db8::1]:9".parse().unwrap()],
        };
        let (mut relays, mut addresses) = (Vec::new(), Vec::new());
        at.write_relays(&mut relays);
        at.write_addresses(&mut addresses);
        assert_eq!(relays, b"\x02\x12https://a.example/\x16http://[fd00::1]:3340/");
        assert_eq!(addresses, b"\x02\x04\xc0\0\x02\x07\x0f\xa0\x06\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\0\x09");
        assert_eq!(read_relays(&[&relays[..], b"rest"].concat()), Ok((at.relays, &b"rest"[..])));
        assert_eq!(read_addresses(&[&addresses[..], b"rest"].concat()), Ok((at.addresses, &b"rest"[..])));
    }

    #[test]
    fn debug_shows_nothing_of_where_somebody_is() {
        let at = Whereabouts { endpoint: [9; 32], relays: vec!["https://a".into()], addresses: Vec::new() };
        assert_eq!(format!("{at:?}"), "Whereabouts(..)");
    }
}
