//! From a shared secret, a side and a day to the keys of one record.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::fmt;

use aws_lc_rs::{aead, hkdf, hmac};
use mainline::SigningKey;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Length of a BEP 44 salt here, bytes (BEP 44 allows 64).
pub const SALT_LEN: usize = 16;
/// Length of a recognition token on the LAN, bytes: a stranger guesses one with probability 2^-128.
pub const TOKEN_LEN: usize = 16;
/// Two clocks may differ by so much, seconds, and their owners still find each other.
pub const CLOCK_MARGIN: u64 = 2 * 60 * 60;
/// Length of a day of Unix time, seconds.
pub const DAY: u64 = 24 * 60 * 60;

// One label per purpose: no key tells anything about another.
const SEED_LABEL: &[u8] = b"In Camera 1 rendezvous seed";
const SALT_LABEL: &[u8] = b"In Camera 1 rendezvous salt";
const SEAL_LABEL: &[u8] = b"In Camera 1 rendezvous seal";
const TOKEN_LABEL: &[u8] = b"In Camera 1 rendezvous token";

/// What two people share and nobody else knows: 32 uniformly random bytes, wiped when dropped.
///
/// The secret of a pair of members, or of an invitation.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; 32]);

impl Secret {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Which of the two publishes a record. Of an invitation, its maker is the lower and its bearer the higher side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    Lower,
    Higher,
}

impl Side {
    pub fn other(self) -> Self {
        match self {
            Self::Lower => Self::Higher,
            Self::Higher => Self::Lower,
        }
    }

    fn label(self) -> &'static [u8] {
        match self {
            Self::Lower => b" lower",
            Self::Higher => b" higher",
        }
    }
}

/// All that publishing, finding and reading one side's record of one day takes. Only who shares the secret has it.
pub struct DayKeys {
    seed: Zeroizing<[u8; 32]>,
    pub(super) salt: [u8; SALT_LEN],
    pub(super) seal: aead::LessSafeKey,
    token: hmac::Key,
}

impl fmt::Debug for DayKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DayKeys(..)")
    }
}

/// Derives the keys of `side`'s record of `day` (days since 1970-01-01 UTC).
#[expect(clippy::expect_used, reason = "AES-256 takes any key of 32 bytes")]
pub fn keys(secret: &Secret, side: Side, day: u64) -> DayKeys {
    let mut seed = Zeroizing::new([0; 32]);
    let mut salt = [0; SALT_LEN];
    let mut seal = Zeroizing::new([0; 32]);
    let mut token = Zeroizing::new([0; 32]);
    expand(secret, SEED_LABEL, side, day, seed.as_mut());
    expand(secret, SALT_LABEL, side, day, &mut salt);
    expand(secret, SEAL_LABEL, side, day, seal.as_mut());
    expand(secret, TOKEN_LABEL, side, day, token.as_mut());
    let seal = aead::UnboundKey::new(&aead::AES_256_GCM, seal.as_ref()).expect("AES-256 takes keys of 32 bytes");
    DayKeys { seed, salt, seal: aead::LessSafeKey::new(seal), token: hmac::Key::new(hmac::HMAC_SHA256, token.as_ref()) }
}

impl DayKeys {
    /// Signs the item in the DHT (BEP 44): who lacks the secret can put nothing in its place.
    pub(super) fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.seed)
    }

    /// What is read on the LAN beside `nonce` as random bytes by all but those who share the secret.
    pub fn token(&self, nonce: &[u8]) -> [u8; TOKEN_LEN] {
        let tag = hmac::sign(&self.token, nonce);
        let mut token = [0; TOKEN_LEN];
        token.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        token
    }

    /// Whether `token` was made of `nonce` with these keys, compared in constant time.
    pub fn recognises(&self, nonce: &[u8], token: &[u8]) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.token(nonce), token).is_ok()
    }
}

/// The days under whose keys a record is published and looked for at `unix` (seconds): today's, and within
/// [`CLOCK_MARGIN`] of midnight (UTC) that of the day on its other side, because the other's clock may be there.
pub fn days(unix: u64) -> impl Iterator<Item = u64> {
    let (today, time) = (unix / DAY, unix % DAY);
    let neighbour = if time < CLOCK_MARGIN {
        today.checked_sub(1)
    } else if time >= DAY - CLOCK_MARGIN {
        today.checked_add(1)
    } else {
        None
    };
    std::iter::once(today).chain(neighbour)
}

/// HKDF-Expand (RFC 5869, section 2.3): the secret is uniformly random already and needs no extraction.
#[expect(clippy::expect_used, reason = "all lengths are constants far below the limit of HKDF")]
fn expand(secret: &Secret, label: &[u8], side: Side, day: u64, out: &mut [u8]) {
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, &secret.0)
        .expand(&[label, side.label(), &day.to_be_bytes()], Length(out.len()))
        .and_then(|okm| okm.fill(out))
        .expect("the lengths are constants far below the limit of HKDF");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(byte: u8) -> Secret {
        Secret::from_bytes([byte; 32])
    }

    fn address(keys: &DayKeys) -> ([u8; 32], [u8; SALT_LEN]) {
        (keys.signing_key().verifying_key().to_bytes(), keys.salt)
    }

    #[test]
    fn both_sides_derive_keys_of_a_secret_side_and_day() {
        let one = keys(&secret(1), Side::Lower, 20_000);
        assert_eq!(address(&one), address(&keys(&secret(1), Side::Lower, 20_000)));
        for other in [
            keys(&secret(2), Side::Lower, 20_000),
            keys(&secret(1), Side::Higher, 20_000),
            keys(&secret(1), Side::Lower, 20_001),
        ] {
            assert_ne!(address(&one).0, address(&other).0);
            assert_ne!(address(&one).1, address(&other).1);
            assert!(!other.recognises(b"nonce", &one.token(b"nonce")));
        }
    }

    #[test]
    fn a_token_is_recognised_with_its_nonce_only() {
        let keys = keys(&secret(1), Side::Lower, 20_000);
        let token = keys.token(b"nonce");
        assert!(keys.recognises(b"nonce", &token));
        assert!(!keys.recognises(b"other", &token));
        assert!(!keys.recognises(b"nonce", &token[1..]));
        assert!(!keys.recognises(b"nonce", b""));
    }

    #[test]
    fn the_day_across_midnight_counts_within_two_hours_of_it() {
        let midnight = 20_000 * DAY;
        let at = |unix: u64| days(unix).collect::<Vec<_>>();
        assert_eq!(at(midnight - CLOCK_MARGIN - 1), [19_999]);
        assert_eq!(at(midnight - CLOCK_MARGIN), [19_999, 20_000]);
        assert_eq!(at(midnight - 1), [19_999, 20_000]);
        assert_eq!(at(midnight), [20_000, 19_999]);
        assert_eq!(at(midnight + CLOCK_MARGIN - 1), [20_000, 19_999]);
        assert_eq!(at(midnight + CLOCK_MARGIN), [20_000]);
    }

    #[test]
    fn clocks_that_differ_by_two_hours_share_a_day_at_every_time() {
        for unix in (20_000 * DAY..20_002 * DAY).step_by(60) {
            for other in [unix - CLOCK_MARGIN, unix + CLOCK_MARGIN] {
                assert!(days(unix).any(|day| days(other).any(|also| also == day)), "{unix}");
            }
        }
    }

    #[test]
    fn a_clock_at_its_ends_has_days() {
        assert_eq!(days(0).collect::<Vec<_>>(), [0]);
        assert!(days(u64::MAX).count() >= 1);
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?} {:?}", secret(7), keys(&secret(7), Side::Lower, 1));
        assert_eq!(shown, "Secret(..) DayKeys(..)");
    }
}
