//! The value of a pair as digits, to be read aloud or typed.

use std::fmt;

use crate::redact::redacted_debug;

const GROUPS: usize = 12;
const BYTES_PER_GROUP: usize = 5;
const GROUP_MODULUS: u64 = 100_000;
/// How many digits there are.
pub(super) const DIGITS: usize = GROUPS * 5;

/// Sixty decimal digits that stand for a pair of members of a room: shown as twelve groups of five.
///
/// The same on both sides. For both codes to agree although somebody stands between, that one needs a collision in 10^60
/// values, which takes about 2^100 codes of 2^12 hashes each. Of the first `n` groups alone it takes about 2^(8.3 n)
/// codes.
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

impl SafetyCode {
    pub(super) fn of(hardened: &[u8]) -> Self {
        let mut groups = [0; GROUPS];
        for (group, bytes) in groups.iter_mut().zip(hardened.chunks_exact(BYTES_PER_GROUP)) {
            let number = bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte));
            *group = (number % GROUP_MODULUS) as u32;
        }
        Self(groups)
    }

    pub(super) fn digits(&self) -> String {
        self.0.iter().map(|group| format!("{group:05}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_groups_keep_their_leading_zeros() {
        let code = SafetyCode([7; GROUPS]);
        assert_eq!(code.to_string(), ["00007"; GROUPS].join(" "));
        assert_eq!(code.digits(), "00007".repeat(GROUPS));
        assert_eq!(code.digits().len(), DIGITS);
    }
}
