//! One side's record as a DNS-SD instance (RFC 6763), and back.
//!
//! TXT strings (RFC 6763, section 6; values are bytes): `n` nonce (16), `t` recognition token (16), `0` to `3` the four
//! quarters of the sealed record (224 each). To all but those who share the secret all of it is random.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use aws_lc_rs::rand;
use mdns_sd::TxtProperty;

use crate::rendezvous::{
    Whereabouts,
    keys::{DayKeys, TOKEN_LEN},
    record::{RecordError, SEALED_LEN, seal},
};

const NONCE_LEN: usize = 16;
const QUARTERS: [&str; 4] = ["0", "1", "2", "3"];
const QUARTER: usize = SEALED_LEN / QUARTERS.len();

/// What an instance says.
#[derive(Clone)]
pub struct Sighting {
    pub nonce: [u8; NONCE_LEN],
    pub token: [u8; TOKEN_LEN],
    pub sealed: Vec<u8>,
}

impl Sighting {
    /// Our own, for the one who shares `keys`.
    pub fn make(keys: &DayKeys, whereabouts: &Whereabouts, now: u64) -> Result<Self, RecordError> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|_| RecordError::NoRandomness)?;
        Ok(Self { nonce, token: keys.token(&nonce), sealed: seal(keys, whereabouts, now)? })
    }

    /// Reads the TXT strings, given as a look-up from key to value. `None` if they are no instance's of ours.
    pub fn read<'a>(value: impl Fn(&str) -> Option<&'a [u8]>) -> Option<Self> {
        let nonce = value("n")?.try_into().ok()?;
        let token = value("t")?.try_into().ok()?;
        let mut sealed = Vec::with_capacity(SEALED_LEN);
        for quarter in QUARTERS {
            sealed.extend_from_slice(value(quarter)?);
        }
        (sealed.len() == SEALED_LEN).then_some(Self { nonce, token, sealed })
    }

    pub fn strings(&self) -> Vec<TxtProperty> {
        let head = [("n", &self.nonce[..]), ("t", &self.token[..])];
        let quarters = QUARTERS.into_iter().zip(self.sealed.chunks(QUARTER));
        head.into_iter().chain(quarters).map(TxtProperty::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rendezvous::keys::{Secret, Side, keys};

    fn sighting() -> Sighting {
        let nobody = Whereabouts { endpoint: [1; 32], relays: Vec::new(), addresses: Vec::new() };
        Sighting::make(&keys(&Secret::from_bytes([1; 32]), Side::Lower, 1), &nobody, 86_400).unwrap()
    }

    fn read(strings: &[TxtProperty]) -> Option<Sighting> {
        Sighting::read(|key| strings.iter().find(|string| string.key() == key)?.val())
    }

    #[test]
    fn an_instance_is_read_as_it_was_written_and_fits_one_packet() {
        let made = sighting();
        let strings = made.strings();
        let total: usize = strings.iter().map(|s| 1 + s.key().len() + 1 + s.val().unwrap().len()).sum();
        assert!(total <= 1300, "RFC 6763, section 6.2: {total}");
        let read = read(&strings).unwrap();
        assert_eq!((read.nonce, read.token, read.sealed), (made.nonce, made.token, made.sealed));
    }

    #[test]
    fn instance_with_wrong_strings_is_ignored() {
        let strings = sighting().strings();
        for missing in 0..strings.len() {
            let mut fewer = strings.clone();
            let gone = fewer.remove(missing);
            assert!(read(&fewer).is_none());
            let value = gone.val().unwrap();
            fewer.push(TxtProperty::from((gone.key(), &value[1..])));
            assert!(read(&fewer).is_none());
        }
    }
}
