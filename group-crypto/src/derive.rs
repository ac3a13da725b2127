//! Secrets from secrets, and where the first of them come from.

use aws_lc_rs::{hkdf, rand};

/// HKDF-Expand with SHA-256 (RFC 5869, section 2.3), for a secret that is uniformly random already and needs no
/// extraction.
///
/// The parts of `info` are joined without separators: all but one must have a fixed length. `N` is at most 8160, which is
/// checked at compile time.
#[expect(clippy::expect_used, reason = "HKDF refuses nothing but a length that does not compile here")]
pub(crate) fn expand<const N: usize>(secret: &[u8], info: &[&[u8]], out: &mut [u8; N]) {
    const { assert!(N <= 255 * 32, "HKDF-Expand gives 255 hashes at most") };
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, secret)
        .expand(info, Length(N))
        .and_then(|okm| okm.fill(out))
        .expect("the length is within the limit of HKDF");
}

/// The first `N` bytes of a hash, whose length is a constant and no less.
pub(crate) fn first_bytes<const N: usize>(hash: &[u8]) -> [u8; N] {
    debug_assert!(hash.len() >= N);
    let mut bytes = [0; N];
    bytes.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
    bytes
}

/// # Panics
///
/// Where the system gives no random bytes: keys that can be guessed would be worse.
#[expect(clippy::expect_used, reason = "nothing can go on without random bytes")]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the system's random number generator works");
    bytes
}
