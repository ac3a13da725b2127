//! What a member shows the others of the room as it joins, and its strict byte encoding.
//!
//! ```text
//! version 1 | name length, name | endpoint 32 | fingerprint 32 | count, count x address          lengths and counts: one byte
//! ```

use std::net::SocketAddr;

use crate::address::{read_address, write_address};
use crate::name::{MAX_NAME_BYTES, MAX_NAME_LETTERS, check_name, plain_name};
use crate::redact::redacted_debug;

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
    #[error("the name is longer than {MAX_NAME_LETTERS} letters, or {MAX_NAME_BYTES} bytes")]
    NameTooLong,
    #[error("the name begins or ends with a space")]
    NameSpaced,
    #[error("the name has characters that cannot be seen or that change the text around them")]
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
        let name_len = u8::try_from(self.name.len()).map_err(|_| CardError::NameTooLong)?;
        let count = u8::try_from(self.addresses.len()).map_err(|_| CardError::TooManyAddresses)?;
        let mut out = vec![VERSION, name_len];
        out.extend_from_slice(self.name.as_bytes());
        out.extend_from_slice(&self.endpoint);
        out.extend_from_slice(&self.fingerprint);
        out.push(count);
        for address in &self.addresses {
            write_address(*address, &mut out);
        }
        Ok(out)
    }

    /// Reads the card of one who asks to be let in.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, CardError> {
        let card = Self::read(bytes)?;
        card.check()?;
        Ok(card)
    }

    /// Reads the card of a member. Its name may have been made by an older rule, and rooms have to stay readable, so it is
    /// made plain here.
    pub(crate) fn decode_of_member(bytes: &[u8]) -> Result<Self, CardError> {
        let card = Self::read(bytes)?;
        let name = if check_name(&card.name).is_ok() { card.name } else { plain_name(&card.name) };
        Ok(Self { name, ..card })
    }

    fn read(bytes: &[u8]) -> Result<Self, CardError> {
        let mut reader = Reader(bytes);
        if reader.byte()? != VERSION {
            return Err(CardError::Malformed);
        }
        let name_len = usize::from(reader.byte()?);
        if name_len > MAX_NAME_BYTES {
            return Err(CardError::NameTooLong);
        }
        let name = std::str::from_utf8(reader.take(name_len)?).map_err(|_| CardError::Malformed)?.to_owned();
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
        let (address, rest) = read_address(self.0).ok_or(CardError::Malformed)?;
        self.0 = rest;
        Ok(address)
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
    fn card_is_written_and_read_as_it_always_was() {
        let recorded = [
            &[1, 3][..],
            b"Ann",
            &[1; 32],
            &[2; 32],
            &[2, 4, 192, 0, 2, 7, 15, 160],
            &[6, 32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 9],
        ]
        .concat();
        let card = Card { name: "Ann".to_owned(), ..card() };
        assert_eq!(card.encode(), Ok(recorded.clone()));
        assert!(Card::decode(&recorded) == Ok(card));
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
    fn name_of_an_older_rule_is_read_of_members_only() {
        let mut bytes = card().encode().unwrap();
        // "Ann" and a filler that cannot be seen, as a version before took it.
        let (old, rest) = ("Ann\u{3164}", bytes.split_off(2 + card().name.len()));
        bytes = [&[VERSION, old.len() as u8], old.as_bytes(), &rest].concat();
        assert_eq!(Card::decode(&bytes).err(), Some(CardError::NameNotPlain));
        assert_eq!(Card::decode_of_member(&bytes).unwrap().name, "Ann");
        assert!(Card::decode_of_member(&bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn a_card_changed_after_it_was_made_is_checked_again() {
        let mut card = card();
        card.addresses = vec!["192.0.2.7:1".parse().unwrap(); MAX_ADDRESSES + 1];
        assert_eq!(card.encode().err(), Some(CardError::TooManyAddresses));
    }
}
