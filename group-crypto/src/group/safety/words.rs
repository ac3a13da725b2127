//! Values as words that people read to each other.

use std::fmt;

use bip39::Language;

use crate::redact::redacted_debug;

/// Words of one person, or of a room.
pub(super) const WORDS: usize = 6;
const BITS_PER_WORD: usize = 11;

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
    /// The `number`th six of the words that a hash stands for.
    pub(super) fn of(hash: &[u8], number: usize) -> Self {
        let list = Language::English.word_list();
        Self(std::array::from_fn(|at| list[eleven_bits(hash, number * WORDS + at)]))
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

/// The `at`th eleven bits, counted from the first byte's highest.
fn eleven_bits(bytes: &[u8], at: usize) -> usize {
    let first = at * BITS_PER_WORD;
    let window = bytes[first / 8..].iter().take(3).fold(0, |window, &byte| window << 8 | usize::from(byte));
    window >> (24 - BITS_PER_WORD - first % 8) & ((1 << BITS_PER_WORD) - 1)
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
        assert_eq!((0..12).map(|at| eleven_bits(&bytes, at)).collect::<Vec<_>>(), (0..12).collect::<Vec<_>>());
        assert_eq!(eleven_bits(&[0xff; 3], 0), 2047);
    }

    #[test]
    fn both_halves_are_written_as_words() {
        let hash = [0; 64];
        assert_eq!(SpokenWords::of(&hash, 0).to_string(), "abandon abandon abandon abandon abandon abandon");
        let hash = [0xff; 64];
        assert!(SpokenWords::of(&hash, 1).iter().all(|word| word == "zoo"));
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
