//! Values as words that people read to each other.

use std::fmt;

use bip39::Language;

use super::HASH;
use crate::redact::redacted_debug;

/// Words of one person, or of a room.
pub(super) const WORDS: usize = 6;
const BITS_PER_WORD: usize = 11;
// Three bytes are read for each word.
const _: () = assert!((2 * WORDS - 1) * BITS_PER_WORD / 8 + 3 <= HASH);

/// Six words of 11 bits each, to be read aloud.
///
/// They are of the English list of BIP 39: 2048 common words of three to eight letters, no two of which begin with the
/// same four, chosen to be told apart when they are heard. They are the same in every language of the program, since both
/// sides have to see the same ones. The list comes from the crate `bip39`, which the rust-bitcoin project keeps up; wallets
/// depend on it, so it will never change. Everything else of that crate stays switched off.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SpokenWords([&'static str; WORDS]);

// They tell pairs and rooms apart, and are no one else's business.
redacted_debug!(SpokenWords);

impl SpokenWords {
    /// The first or the second six of the words that a hash stands for.
    pub(super) fn of(hash: &[u8; HASH], second: bool) -> Self {
        let list = Language::English.word_list();
        let first = if second { WORDS } else { 0 };
        let word = |at: usize| list.get(eleven_bits(hash, first.checked_add(at)?)?).copied();
        // The hash is long enough for both, and the list has a word for every eleven bits.
        Self(std::array::from_fn(|at| word(at).unwrap_or_default()))
    }

    pub fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.0.into_iter()
    }

    pub(super) fn are(&self, written: &[&'static str]) -> bool {
        self.0 == *written
    }
}

impl fmt::Display for SpokenWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// The word of the list that somebody wrote, in whatever case. Its first four letters say which it is.
pub(super) fn word(written: &str) -> Option<&'static str> {
    let list = Language::English.word_list();
    let written = written.to_ascii_lowercase();
    if let Some(at) = Language::English.find_word(&written) {
        return list.get(usize::from(at)).copied();
    }
    // Longer beginnings are as clear, longer words with the same beginning are not what was read.
    let begins = |word: &&&'static str| written.len() >= 4 && word.starts_with(&written);
    list.iter().find(begins).copied()
}

/// The `at`th eleven bits, counted from the first byte's highest. None where fewer than three bytes are left for them.
fn eleven_bits(bytes: &[u8], at: usize) -> Option<usize> {
    let first = at.checked_mul(BITS_PER_WORD)?;
    let &[a, b, c] = bytes.get(first / 8..)?.first_chunk()?;
    // What stands before them is shifted out at the top, and then what stands behind them at the bottom.
    let bits = u32::from_be_bytes([a, b, c, 0]) << (first % 8) >> (32 - BITS_PER_WORD);
    usize::try_from(bits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_counts_once_and_in_order() {
        let mut bytes = [0_u8; 17];
        // The number of each word is its place: 0, 1, 2...
        for at in 0..12 {
            for bit in 0..BITS_PER_WORD {
                let to = at * BITS_PER_WORD + bit;
                let value = (at >> (BITS_PER_WORD - 1 - bit)) as u8 & 1;
                bytes[to / 8] |= value << (7 - to % 8);
            }
        }
        // Three bytes are read at once.
        let bytes = [&bytes[..], &[0xff; 2]].concat();
        let numbers = (0..12).map(|at| eleven_bits(&bytes, at)).collect::<Vec<_>>();
        assert_eq!(numbers, (0..12).map(Some).collect::<Vec<_>>());
        assert_eq!(eleven_bits(&[0xff; 3], 0), Some(2047));
    }

    #[test]
    fn word_beyond_the_hash_is_none() {
        for (len, at) in [(0, 0), (2, 0), (3, 1), (64, 46), (64, usize::MAX / BITS_PER_WORD), (64, usize::MAX)] {
            assert_eq!(eleven_bits(&vec![0xff; len], at), None, "{len} {at}");
        }
        assert_eq!(eleven_bits(&[0xff; 64], 44), Some(2047));
    }

    #[test]
    fn both_halves_are_written_as_words() {
        let hash = [0; 64];
        assert_eq!(SpokenWords::of(&hash, false).to_string(), "abandon abandon abandon abandon abandon abandon");
        let hash = [0xff; 64];
        assert!(SpokenWords::of(&hash, true).iter().all(|word| word == "zoo"));
    }

    #[test]
    fn a_word_is_known_by_its_first_four_letters_and_in_any_case() {
        assert_eq!(word("Abandon"), Some("abandon"));
        assert_eq!(word("aban"), Some("abandon"));
        assert_eq!(word("abando"), Some("abandon"));
        assert_eq!(word("aba"), None);
        assert_eq!(word("abandoned"), None);
        assert_eq!(word("zoo"), Some("zoo"));
        assert_eq!(word(""), None);
        assert_eq!(word("été"), None);
    }
}
