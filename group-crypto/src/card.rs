//! What a member shows the others of the room as it joins, and its strict byte encoding.
//!
//! ```text
//! version 1 | name length, name | endpoint 32 | fingerprint 32 | count, count x address
//! address: 4, IPv4 4, port 2  or  6, IPv6 16, port 2          lengths and counts: one byte
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::redact::redacted_debug;

/// The longest name, in bytes of UTF-8.
pub const MAX_NAME_BYTES: usize = 64;
/// The most addresses a card can list.
pub const MAX_ADDRESSES: usize = 16;

const VERSION: u8 = 1;

/// What a member shows the others: lives in the credential of their leaf, so the ratchet tree is the
/// roster, and the group authenticates it.
///
/// It stays as it was when the member joined. Endpoint, fingerprint and addresses are where the
/// member was *then*; where it is now, it says in statements that it signs ([`Group::sign`](crate::Group::sign)).
///
/// A card can only be made valid ([`Card::new`]); one received is checked before it becomes a `Card`.
#[derive(Clone, PartialEq, Eq)]
pub struct Card {
    pub name: String,
    /// Public key of the member's link endpoint when it joined.
    pub endpoint: [u8; 32],
    /// SHA-256 fingerprint of the member's DTLS certificate when it joined.
    pub fingerprint: [u8; 32],
    /// Where the endpoint could be reached directly when the member joined; hints, not promises.
    pub addresses: Vec<SocketAddr>,
}

redacted_debug!(Card);

/// Why something is not a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    #[error("the name is empty")]
    NameEmpty,
    #[error("the name is longer than {MAX_NAME_BYTES} bytes")]
    NameTooLong,
    #[error("the name has control characters")]
    NameNotPlain,
    #[error("more than {MAX_ADDRESSES} addresses")]
    TooManyAddresses,
    #[error("not the encoding of a card")]
    Malformed,
}

impl Card {
    /// Checks the limits. Scope and flow of IPv6 addresses mean nothing to others and are dropped.
    pub fn new(
        name: impl Into<String>,
        endpoint: [u8; 32],
        fingerprint: [u8; 32],
        addresses: Vec<SocketAddr>,
    ) -> Result<Self, CardError> {
        let card = Self {
            name: name.into(),
            endpoint,
            fingerprint,
            addresses: addresses.into_iter().map(|address| SocketAddr::new(address.ip(), address.port())).collect(),
        };
        card.check()?;
        Ok(card)
    }

    fn check(&self) -> Result<(), CardError> {
        check_name(&self.name)?;
        if self.addresses.len() > MAX_ADDRESSES {
            return Err(CardError::TooManyAddresses);
        }
        Ok(())
    }

    /// Checks again, since the fields are public and may have been changed.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, CardError> {
        self.check()?;
        let mut out = Vec::with_capacity(67 + self.name.len() + 19 * self.addresses.len());
        out.push(VERSION);
        out.push(self.name.len() as u8);
        out.extend_from_slice(self.name.as_bytes());
        out.extend_from_slice(&self.endpoint);
        out.extend_from_slice(&self.fingerprint);
        out.push(self.addresses.len() as u8);
        for address in &self.addresses {
            match address.ip() {
                IpAddr::V4(ip) => {
                    out.push(4);
                    out.extend_from_slice(&ip.octets());
                }
                IpAddr::V6(ip) => {
                    out.push(6);
                    out.extend_from_slice(&ip.octets());
                }
            }
            out.extend_from_slice(&address.port().to_be_bytes());
        }
        Ok(out)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, CardError> {
        let mut reader = Reader(bytes);
        if reader.byte()? != VERSION {
            return Err(CardError::Malformed);
        }
        let name_len = usize::from(reader.byte()?);
        if name_len > MAX_NAME_BYTES {
            return Err(CardError::NameTooLong);
        }
        let name = std::str::from_utf8(reader.take(name_len)?).map_err(|_| CardError::Malformed)?.to_owned();
        check_name(&name)?;
        let endpoint = reader.array()?;
        let fingerprint = reader.array()?;
        let count = usize::from(reader.byte()?);
        if count > MAX_ADDRESSES {
            return Err(CardError::TooManyAddresses);
        }
        let addresses = (0..count).map(|_| reader.address()).collect::<Result<_, _>>()?;
        if !reader.0.is_empty() {
            return Err(CardError::Malformed);
        }
        Ok(Self { name, endpoint, fingerprint, addresses })
    }
}

/// Names are shown next to each other: none may hide, reorder or break another's text.
pub fn check_name(name: &str) -> Result<(), CardError> {
    if name.len() > MAX_NAME_BYTES {
        return Err(CardError::NameTooLong);
    }
    if name.trim().is_empty() {
        return Err(CardError::NameEmpty);
    }
    if name.chars().any(disturbs_text) {
        return Err(CardError::NameNotPlain);
    }
    Ok(())
}

fn disturbs_text(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{2028}' | '\u{2029}' // line and paragraph separators
            // Invisible: two names would look the same. U+200D stays, it joins emoji.
            | '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') // bidi embeddings, overrides, isolates
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], CardError> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(CardError::Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CardError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(CardError::Malformed)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8, CardError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn address(&mut self) -> Result<SocketAddr, CardError> {
        let ip = match self.byte()? {
            4 => IpAddr::V4(Ipv4Addr::from(self.array::<4>()?)),
            6 => IpAddr::V6(Ipv6Addr::from(self.array::<16>()?)),
            _ => return Err(CardError::Malformed),
        };
        Ok(SocketAddr::new(ip, u16::from_be_bytes(self.array()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> Card {
        Card::new(
            "Zoë 👩‍👩‍👧",
            [1; 32],
            [2; 32],
            vec!["192.0.2.7:4000".parse().unwrap(), "[2001:db8::1]:9".parse().unwrap()],
        )
        .unwrap()
    }

    #[test]
    fn a_card_survives_its_encoding() {
        assert!(Card::decode(&card().encode().unwrap()).unwrap() == card());
    }

    #[test]
    fn every_cut_and_every_addition_is_refused() {
        let mut bytes = card().encode().unwrap();
        for len in 0..bytes.len() {
            assert!(Card::decode(&bytes[..len]).is_err());
        }
        bytes.push(0);
        assert_eq!(Card::decode(&bytes).err(), Some(CardError::Malformed));
    }

    #[test]
    fn names_that_would_disturb_others_are_refused() {
        let named = |name: &str| Card::new(name, [0; 32], [0; 32], vec![]).err();
        assert_eq!(named(""), Some(CardError::NameEmpty));
        assert_eq!(named("  "), Some(CardError::NameEmpty));
        assert_eq!(named("a\nb"), Some(CardError::NameNotPlain));
        assert_eq!(named("a\u{202e}b"), Some(CardError::NameNotPlain));
        assert_eq!(named("Ann\u{200b}"), Some(CardError::NameNotPlain));
        assert_eq!(named(&"é".repeat(33)), Some(CardError::NameTooLong));
        assert_eq!(named(&"é".repeat(32)), None);
    }

    #[test]
    fn a_card_changed_after_it_was_made_is_checked_again() {
        let mut card = card();
        card.addresses = vec!["192.0.2.7:1".parse().unwrap(); MAX_ADDRESSES + 1];
        assert_eq!(card.encode().err(), Some(CardError::TooManyAddresses));
    }
}
