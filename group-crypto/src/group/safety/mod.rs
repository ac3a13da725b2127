//! What members compare to know that nobody stands between them.

mod code;
mod comparison;
mod lazy;
mod words;

use aws_lc_rs::digest::{Context, SHA512};

use self::{
    code::DIGITS,
    words::{WORDS, word},
};
pub use self::{code::SafetyCode, comparison::Comparison, lazy::LazySafety, words::SpokenWords};
use super::Group;
use crate::{MemberIndex, derive::first_bytes, redact::redacted_debug};

const PAIR_LABEL: &[u8] = b"In Camera 1 safety code";
const WORDS_LABEL: &[u8] = b"In Camera 1 safety words";
const COMPARISON_LABEL: &[u8] = b"In Camera 1 safety comparison";
const ROOM_LABEL: &[u8] = b"In Camera 1 room code";
/// Makes every guess of a forger this much dearer, and costs the two people a few milliseconds.
const ROUNDS: usize = 1 << 12;
/// Bytes of SHA-512.
const HASH: usize = 64;
/// The longest text that [`Safety::compare`] looks at, in bytes.
pub const MAX_SHOWN: usize = 1024;

/// One value that stands for a pair of members of a room, in the three shapes in which two people can compare it.
///
/// Equal on both sides if, and only if, both see the same two signature keys in the same room; it stays the same for as
/// long as both are members, whatever the epoch. Whoever stands between the two has a pair of keys with either of them,
/// and has to choose its own so that both values agree. What that takes depends on what is compared:
///
/// | compared | bits | collision, at 2^12 hashes a value |
/// | --- | --- | --- |
/// | QR picture ([`comparison`](Self::comparison)) | 256 | 2^128 values |
/// | all digits ([`code`](Self::code)) | 199 | 2^100 values |
/// | the words of both sides ([`mine`](Self::mine), [`theirs`](Self::theirs)) | 132 | 2^66 values |
/// | the words of one side only | 66 | 2^33 values: within reach, so both sides read |
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Safety {
    pub code: SafetyCode,
    /// What this member reads aloud, and the other checks on their screen.
    pub mine: SpokenWords,
    /// What the other reads aloud, and this member checks.
    pub theirs: SpokenWords,
    /// What this member shows as a QR picture.
    pub comparison: Comparison,
    /// What the other shows.
    expected: Comparison,
}

redacted_debug!(Safety);

/// What came of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Nobody stands between the two.
    Same,
    /// Somebody may, or it was the code of somebody else.
    Different,
}

/// Why a text cannot be compared. Says nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    #[error("this is no verification code: 60 digits, six words, or what begins with incamera://verify#")]
    NotACode,
    #[error("the verification code is damaged: take all of it again")]
    Damaged,
    #[error("the verification code was made by a newer version")]
    Newer,
    #[error("there are 60 digits or six words: some are missing, or too many")]
    Incomplete,
    #[error("this is the own code: compare the one that the other shows or reads")]
    Own,
}

impl Group {
    /// What this member and another compare, to be computed when it is looked at. None where there is no such member, or
    /// it is this one.
    pub fn safety(&self, other: MemberIndex) -> Option<LazySafety> {
        if other == self.me() {
            return None;
        }
        let mine = self.signature_key(self.me()).ok()?;
        let theirs = self.signature_key(other).ok()?;
        let (mine, theirs) = (mine.as_bytes().try_into().ok()?, theirs.as_bytes().try_into().ok()?);
        Some(LazySafety::of(self.mls.group_id(), mine, theirs))
    }

    /// Six words that all members of this epoch have, and nobody else: of the epoch authenticator (RFC 9420, section
    /// 8.7). They are others after every change of the room.
    ///
    /// 66 bits. One who is a member of two rooms and plays each half of the people to the other has to make both rooms'
    /// commits until their codes agree: about 2^33 epochs and codes of 2^12 hashes each, within the time of an epoch.
    /// Where that is too little, each two compare their [safety](Self::safety).
    ///
    /// Costs a few milliseconds, on purpose.
    pub fn room_code(&self) -> SpokenWords {
        let authenticator = self.epoch_authenticator();
        SpokenWords::of(&hardened(&[ROOM_LABEL, &authenticator, self.mls.group_id()], &[&authenticator]), false)
    }
}

impl Safety {
    /// What the holders of two signature keys compare in a room.
    ///
    /// Costs [a few milliseconds](Safety), on purpose. SHA-512 over label, both keys (sorted) and room; then, again and again, over its own result and the keys.
    pub fn of(group_id: &[u8], mine: &[u8; 32], theirs: &[u8; 32]) -> Self {
        let lower = mine <= theirs;
        let (first, second) = if lower { (mine, theirs) } else { (theirs, mine) };
        // Label and keys have a fixed length, so only one thing can be read out of the joined bytes.
        let value = hardened(&[PAIR_LABEL, first, second, group_id], &[first.as_slice(), second]);
        let words = hash(&[WORDS_LABEL, &value]);
        // The first words and the first code are those of the one with the lower key.
        let is_second = |own: bool| own != lower;
        let spoken = |own| SpokenWords::of(&words, is_second(own));
        let shown = |own| Comparison::of(&hash(&[COMPARISON_LABEL, &[u8::from(is_second(own))], &value]));
        Self {
            code: SafetyCode::of(&value),
            mine: spoken(true),
            theirs: spoken(false),
            comparison: shown(true),
            expected: shown(false),
        }
    }

    /// Compares what the other showed or read: the text of their QR picture, the sixty digits, or their six words. Spaces
    /// and case don't matter, and of a word its first four letters will do.
    ///
    /// Six words of one side alone are [few](Self): the other has to compare ours as well.
    ///
    /// # Errors
    ///
    /// What cannot be compared says why, and nothing about who is there.
    pub fn compare(&self, shown: &str) -> Result<Compared, CodeError> {
        let shown = shown.trim();
        if shown.is_empty() || shown.len() > MAX_SHOWN {
            return Err(CodeError::NotACode);
        }
        if Comparison::is_meant(shown) {
            let shown: Comparison = shown.parse()?;
            return told(shown == self.expected, shown == self.comparison);
        }
        let mut bare = shown.chars().filter(|c| !separates(*c));
        if bare.clone().all(|c| c.is_ascii_digit()) && bare.next().is_some() {
            let digits: String = shown.chars().filter(|c| !separates(*c)).collect();
            return match digits.len() {
                DIGITS => told(digits == self.code.digits(), false),
                _ => Err(CodeError::Incomplete),
            };
        }
        let words: Option<Vec<_>> = shown.split(separates).filter(|part| !part.is_empty()).map(word).collect();
        let words = words.ok_or(CodeError::NotACode)?;
        match words.len() {
            0 => Err(CodeError::NotACode),
            WORDS => told(self.theirs.are(&words), self.mine.are(&words)),
            _ => Err(CodeError::Incomplete),
        }
    }
}

fn told(same: bool, own: bool) -> Result<Compared, CodeError> {
    match (same, own) {
        (true, _) => Ok(Compared::Same),
        (false, true) => Err(CodeError::Own),
        (false, false) => Ok(Compared::Different),
    }
}

fn separates(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | '.' | ';' | '-')
}

/// The hash of `start`, and then, again and again, of the last hash and `every`.
fn hardened(start: &[&[u8]], every: &[&[u8]]) -> [u8; HASH] {
    (0..ROUNDS).fold(hash(start), |last, _| {
        let mut context = Context::new(&SHA512);
        context.update(&last);
        every.iter().for_each(|part| context.update(part));
        first_bytes(context.finish().as_ref())
    })
}

fn hash(parts: &[&[u8]]) -> [u8; HASH] {
    let mut context = Context::new(&SHA512);
    parts.iter().for_each(|part| context.update(part));
    first_bytes(context.finish().as_ref())
}

#[cfg(test)]
mod tests;
