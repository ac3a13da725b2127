//! Names and titles: what may stand in one, and which two look the same to people.
//!
//! Characters are judged by their Unicode properties, after the profile for nicknames (RFC 8266) and the rules for joiners
//! of RFC 5892, appendix A; what looks alike is found by the skeletons of UTS 39, section 4.

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

#[cfg(test)]
mod tests {
    use super::*;

    fn looks_like(one: &str, other: &str) -> bool {
        Look::of(one).is_like(&Look::of(other))
    }

    #[test]
    fn name_is_refused_when_part_of_it_cannot_be_seen() {
        // Of the kinds that were tried, and of each other kind one.
        let unseen = [
            0x3164, 0x2800, 0x115f, 0x1160, 0xffa0, 0x180b, 0x180e, 0x180f, 0x34f, 0x17b4, 0x17b5, 0x200b, 0x200c,
            0x200d, 0xfe00, 0xfe0f, 0xe0001, 0xe0061, 0xe0100, 0x206a, 0x206f, 0xfff9, 0x2065, 0x1d173, 0x1d159, 0xad,
            0x61c, 0x200e, 0x200f, 0x2060, 0x2064, 0xfeff, 0x202e, 0x2067, 0x2069, 0x2028, 0x2029, 0x7, 0x85, 0x9b,
            0xe000, 0xfffe, 0x378,
        ];
        for code in unseen.map(|code| char::from_u32(code).unwrap()) {
            for name in [format!("{code}"), format!("Ann{code}"), format!("{code}Ann"), format!("A{code}nn")] {
                let refused = check_name(&name);
                assert!(refused.is_err(), "U+{:04X} in {:?}", u32::from(code), name.escape_unicode().to_string());
                assert_eq!(check_name(&plain_name(&name)), Ok(()));
            }
            assert_eq!(plain_name(&format!("Ann{code}")), "Ann");
        }
        for name in ["", " ", "\u{3000}", "\u{301}", "\u{301}a"] {
            assert!(check_name(name).is_err());
        }
    }

    #[test]
    fn name_is_refused_when_it_has_spaces_around_it() {
        for name in [" Ann", "Ann ", "Ann\u{a0}", "\u{3000}Ann"] {
            assert_eq!(check_name(name), Err(CardError::NameSpaced));
            assert_eq!(plain_name(name), "Ann");
        }
        assert_eq!(check_name("Ann Lee"), Ok(()));
        assert_eq!(check_name("Ann\u{a0}Lee"), Err(CardError::NameNotPlain));
        assert_eq!(check_name("山田\u{3000}太郎"), Ok(()));
        assert_eq!(plain_name("山田\u{3000}太郎"), "山田\u{3000}太郎");
    }

    #[test]
    fn names_of_all_scripts_are_taken_with_the_joiners_they_need() {
        let names = [
            "Zoë 👩‍👩‍👧",
            "❤️ Ann",
            "1️⃣",
            "👨🏽‍🚀",
            "🏳️‍🌈",
            "علی‌رضا",
            "می‌خواهم",
            "ක්‍ෂමා",
            "ශ්‍රී",
            "ರ್‍ಕ",
            "ಜಾರ್ಜ್‌ಬುಷ್",
            "क्‍ष",
            "นันทวัฒน์ วงศ์สุวรรณ",
            "Nguyễn Thị Ánh",
            "O'Brien-Łukasz",
            "محمد",
            "דוד",
            "김철수",
            "Ñandú",
        ];
        for name in names {
            assert_eq!(check_name(name), Ok(()), "{name}");
            assert_eq!(plain_name(name), name);
        }
        for name in [
            "A\u{200c}nn",
            "Ann\u{200d}",
            "\u{200c}علی",
            "علی\u{200c}",
            "👩\u{200d}",
            "A\u{fe0f}nn",
            "علی\u{200c}\u{200c}رضا",
        ] {
            assert_eq!(check_name(name), Err(CardError::NameNotPlain), "{}", name.escape_unicode());
        }
    }

    #[test]
    fn length_of_a_name_is_counted_in_letters() {
        assert_eq!(check_name(&"क्ष्म्य".repeat(8)), Ok(()));
        assert_eq!(check_name(&"ที่".repeat(22)), Ok(()));
        assert_eq!(check_name(&"é".repeat(64)), Ok(()));
        assert_eq!(check_name(&"a".repeat(65)), Err(CardError::NameTooLong));
        assert_eq!(check_name(&"\u{1f600}".repeat(61)), Err(CardError::NameTooLong));
        // One letter with marks piled upon it.
        assert_eq!(check_name(&format!("a{}", "\u{301}".repeat(200))), Err(CardError::NameTooLong));
        assert_eq!(plain_name(&"a".repeat(1000)).len(), MAX_NAME_LETTERS);
        assert!(plain_name(&"\u{1f600}".repeat(1000)).len() <= MAX_NAME_BYTES);
    }

    #[test]
    fn same_name_is_found_whatever_its_encoding_and_case() {
        for (one, other) in [
            ("José", "Jose\u{301}"),
            ("JOSÉ", "jose\u{301}"),
            ("Straße", "STRASSE"),
            ("Ann  Lee", " ann lee "),
            ("ﬁne", "FINE"),
            ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
            ("Bea", "Bea\u{3164}"),
        ] {
            assert!(is_same_name(one, other), "{one} {other}");
            assert!(looks_like(one, other), "{one} {other}");
        }
        for (one, other) in [("Ann", "Anna"), ("Jose", "José"), ("علی\u{200c}رضا", "علی")] {
            assert!(!is_same_name(one, other), "{one} {other}");
        }
    }

    #[test]
    fn names_with_confusable_letters_look_alike() {
        for (one, other) in [("Bea", "Веа"), ("Ivan", "lvan"), ("paypal", "раураl"), ("Ann", "Аnn"), ("Bea", "BEA")]
        {
            assert!(looks_like(one, other), "{one} {other}");
        }
        for (one, other) in [("Ann", "Anna"), ("Ann", "Ben"), ("Jose", "José")] {
            assert!(!looks_like(one, other), "{one} {other}");
        }
    }

    #[test]
    fn text_keeps_its_lines_and_loses_what_steers() {
        assert_eq!(plain_text("a\n\tb\u{202e}c\u{2067}d\u{9b}31me\u{7}"), "a\n\tbcd31me");
        assert_eq!(plain_text("علی‌رضا שלום"), "علی‌رضا שלום");
        for blank in ["", " \n", "\u{2800}", "\u{3164}\u{200d}", "\u{200b}"] {
            assert!(is_blank(blank));
        }
        assert!(!is_blank(" a"));
    }
}
