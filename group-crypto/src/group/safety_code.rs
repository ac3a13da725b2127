//! What two members compare to know that nobody stands between them.

use std::fmt;

use aws_lc_rs::digest::{Context, Digest, SHA512};

use super::Group;
use crate::MemberIndex;
use crate::redact::redacted_debug;

const LABEL: &[u8] = b"In Camera 1 safety code";
const GROUPS: usize = 12;
const BYTES_PER_GROUP: usize = 5;
const GROUP_MODULUS: u64 = 100_000;
/// Makes every guess of a forger this much dearer, and costs the two people a few milliseconds.
const ROUNDS: usize = 1 << 12;

/// Sixty decimal digits that stand for a pair of members of a room: shown as twelve groups of five.
///
/// Equal on both sides if, and only if, both see the same two signature keys in the same room; it stays the same for as
/// long as both are members, whatever the epoch. Whoever stands between the two has a pair of keys with either of them,
/// and would have to choose its own so that both codes agree: a collision in 10^60 values, which takes about
/// 2^100 codes of 2^12 hashes each. Of the first `n` groups alone it takes about 2^(8.3 n) codes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SafetyCode([u32; GROUPS]);

// It tells pairs apart, and is no one else's business.
redacted_debug!(SafetyCode);

impl fmt::Display for SafetyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, group) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{group:05}")?;
        }
        Ok(())
    }
}

impl Group {
    /// The code of this member and another. None where there is no such member, or it is this one.
    pub fn safety_code(&self, other: MemberIndex) -> Option<SafetyCode> {
        if other == self.me() {
            return None;
        }
        let mine = self.signature_key(self.me()).ok()?;
        let theirs = self.signature_key(other).ok()?;
        Some(SafetyCode::of(self.mls.group_id(), mine.as_bytes(), theirs.as_bytes()))
    }
}

impl SafetyCode {
    /// SHA-512 over label, both keys (sorted) and room; then, again and again, over its own result and the keys.
    fn of(group_id: &[u8], one: &[u8], other: &[u8]) -> Self {
        let (first, second) = if one <= other { (one, other) } else { (other, one) };
        // Label and keys have a fixed length, so only one thing can be read out of the joined bytes.
        let start = hash(&[LABEL, first, second, group_id]);
        let end = (0..ROUNDS).fold(start, |last, _| hash(&[last.as_ref(), first, second]));
        let mut groups = [0; GROUPS];
        for (group, bytes) in groups.iter_mut().zip(end.as_ref().chunks_exact(BYTES_PER_GROUP)) {
            let number = bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte));
            *group = (number % GROUP_MODULUS) as u32;
        }
        Self(groups)
    }
}

fn hash(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA512);
    parts.iter().for_each(|part| context.update(part));
    context.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_two_does_not_matter_but_the_room_does() {
        let code = SafetyCode::of(b"room", &[1; 32], &[2; 32]);
        assert_eq!(code, SafetyCode::of(b"room", &[2; 32], &[1; 32]));
        assert_ne!(code, SafetyCode::of(b"other", &[1; 32], &[2; 32]));
        assert_ne!(code, SafetyCode::of(b"room", &[1; 32], &[3; 32]));
    }

    #[test]
    fn small_groups_keep_their_leading_zeros() {
        let code = SafetyCode([7; GROUPS]).to_string();
        assert_eq!(code, ["00007"; GROUPS].join(" "));
    }
}
