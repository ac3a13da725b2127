//! Names and titles: what may stand in one, and which two look the same to people.
//!
//! Characters are judged by their Unicode properties, after the profile for nicknames (RFC 8266) and the rules for joiners
//! of RFC 5892, appendix A; what looks alike is found by the skeletons of UTS 39, section 4.

#[cfg(test)]
mod tests;

use icu_properties::props::{
    CanonicalCombiningClass, DefaultIgnorableCodePoint, Emoji, ExtendedPictographic, GeneralCategory,
    GeneralCategoryGroup, JoiningType,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::CardError;

/// The longest name or title, in letters as people count them (grapheme clusters of UAX 29).
pub const MAX_NAME_LETTERS: usize = 64;
/// The longest name or title, in bytes of UTF-8: 22 letters of Thai have up to 132.
pub const MAX_NAME_BYTES: usize = 240;

const ZWNJ: char = '\u{200c}';
const ZWJ: char = '\u{200d}';
const TEXT_STYLE: char = '\u{fe0e}';
const EMOJI_STYLE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';

/// Names are shown next to each other: none may hide, reorder or break another's text, or look like nothing.
pub fn check_name(name: &str) -> Result<(), CardError> {
    if name.len() > MAX_NAME_BYTES || name.graphemes(true).count() > MAX_NAME_LETTERS {
        return Err(CardError::NameTooLong);
    }
    if name.trim().is_empty() {
        return Err(CardError::NameEmpty);
    }
    if name.trim() != name {
        return Err(CardError::NameSpaced);
    }
    if !is_plain(name) {
        return Err(CardError::NameNotPlain);
    }
    Ok(())
}

/// The nearest name that [`check_name`] takes, for names that were made by another rule: itself, or without what can't be
/// seen and cut to length. "?" where nothing is left.
pub fn plain_name(name: &str) -> String {
    if check_name(name).is_ok() {
        return name.to_owned();
    }
    let plain = visible(name, |c| c == ' ' || is_visible(c));
    let spaced = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cut = String::new();
    for letter in spaced.trim_start_matches(is_mark).graphemes(true).take(MAX_NAME_LETTERS) {
        if cut.len().saturating_add(letter.len()) > MAX_NAME_BYTES {
            break;
        }
        cut.push_str(letter);
    }
    let cut = cut.trim();
    if check_name(cut).is_ok() { cut.to_owned() } else { "?".to_owned() }
}

/// A longer text without the characters that steer a terminal or turn around what stands beside it: controls but for line
/// ends and tabs, and embeddings, overrides and isolates of direction.
pub fn plain_text(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !is_steering(*c)).collect()
}

/// Whether a text says anything to the eye.
pub fn is_blank(text: &str) -> bool {
    !text.chars().any(|c| is_visible(c) && !is_mark(c))
}

/// Whether it is one letter, sign or emoji that can be seen.
pub fn is_one_letter(text: &str) -> bool {
    !is_blank(text) && text.graphemes(true).nth(1).is_none()
}

/// Controls (C0, C1), separators of lines, and what changes the direction of the text behind it.
pub fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fff9}'..='\u{fffb}')
}

/// What a name is compared by. Making it takes microseconds, comparing nearly nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Look {
    folded: String,
    skeletons: [String; 2],
}

impl Look {
    pub fn of(name: &str) -> Self {
        let shown = bare(name);
        // Capitals have look-alikes of their own: I and l, but not i and l.
        let skeletons = [skeleton(&shown.to_lowercase()), skeleton(&shown).to_lowercase()];
        Self { folded: folded(name), skeletons }
    }

    /// Whether both are written with the same letters, whatever their case and encoding: what finds somebody by name.
    pub fn is_same(&self, other: &Self) -> bool {
        self.folded == other.folded
    }

    /// Whether one could be taken for the other: the same letters, or letters that look like them.
    pub fn is_like(&self, other: &Self) -> bool {
        self.is_same(other) || self.skeletons.iter().zip(&other.skeletons).any(|(one, other)| one == other)
    }
}

/// See [`Look::is_same`].
pub fn is_same_name(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

fn skeleton(name: &str) -> String {
    unicode_security::skeleton(name).collect()
}

/// Compatibility forms made one, without what can't be seen, and with one space between words.
fn bare(name: &str) -> String {
    let seen: String = name.nfkc().filter(|c| c.is_whitespace() || is_visible(*c)).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without case. By way of the capitals, as some small letters share one.
fn folded(name: &str) -> String {
    bare(name).to_uppercase().to_lowercase().nfkc().collect()
}

fn is_plain(name: &str) -> bool {
    visible(name, |c| matches!(c, ' ' | '\u{3000}') || is_visible(c)) == name
        && !name.starts_with(is_mark)
        && !is_blank(name)
}

/// The characters that `keeps` takes, and between them the joiners and emoji styles that change what is seen there.
fn visible(name: &str, keeps: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(name.len());
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let (before, after) = (out.chars().next_back(), chars.peek().copied());
        let takes = match c {
            ZWNJ | ZWJ => before.zip(after).is_some_and(|(before, after)| is_joined(c, before, after)),
            TEXT_STYLE | EMOJI_STYLE => before.is_some_and(|before| {
                is_pictograph(before) || after == Some(KEYCAP) && CodePointSetData::new::<Emoji>().contains(before)
            }),
            c => keeps(c),
        };
        if takes {
            out.push(c);
        }
    }
    out
}

/// Whether a joiner between these shapes them: letters of Arabic and its like, letters joined by a virama, and emoji.
fn is_joined(joiner: char, before: char, after: char) -> bool {
    let joins = |c| CodePointMapData::<JoiningType>::new().get(c) != JoiningType::NonJoining;
    let class = CodePointMapData::<CanonicalCombiningClass>::new().get(before);
    let between_letters = is_letter(before) && is_letter(after);
    let emoji = |c| is_pictograph(c) || c == EMOJI_STYLE || matches!(c, '\u{1f3fb}'..='\u{1f3ff}');
    between_letters && (class == CanonicalCombiningClass::Virama || joins(before) && joins(after))
        || joiner == ZWJ && emoji(before) && is_pictograph(after)
}

fn is_pictograph(c: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

fn is_mark(c: char) -> bool {
    GeneralCategoryGroup::Mark.contains(category(c))
}

fn is_letter(c: char) -> bool {
    GeneralCategoryGroup::Letter.contains(category(c)) || is_mark(c)
}

/// Something that is seen, or changes what is seen before it.
fn is_visible(c: char) -> bool {
    // They have a glyph by their category, and it is empty.
    let is_blank = matches!(c, '\u{2800}' | '\u{1d159}' | '\u{13441}' | '\u{13442}' | '\u{16fe4}');
    let unseen = GeneralCategoryGroup::Other.union(GeneralCategoryGroup::Separator);
    !is_blank && !unseen.contains(category(c)) && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}
