//! Secrets from secrets, and where the first of them come from.

use aws_lc_rs::{hkdf, rand};

/// HKDF-Expand with SHA-256 (RFC 5869, section 2.3), for a secret that is uniformly random already and needs no
/// extraction.
///
/// The parts of `info` are joined without separators: all but one must have a fixed length. `out` is of a constant
/// length, at most 8160 bytes.
pub(crate) fn expand(secret: &[u8], info: &[&[u8]], out: &mut [u8]) {
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, secret)
        .expand(info, Length(out.len()))
        .and_then(|okm| okm.fill(out))
        .expect("the lengths are constants far below the limit of HKDF");
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the system's random number generator works");
    bytes
}
