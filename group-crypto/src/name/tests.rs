//! Which names and texts are allowed, and which names look alike.

use super::*;

fn looks_like(one: &str, other: &str) -> bool {
    Look::of(one).is_like(&Look::of(other))
}

#[test]
fn name_is_refused_when_part_of_it_cannot_be_seen() {
    // Of the kinds that were tried, and of each other kind one.
    let unseen = [
        0x3164, 0x2800, 0x115f, 0x1160, 0xffa0, 0x180b, 0x180e, 0x180f, 0x34f, 0x17b4, 0x17b5, 0x200b, 0x200c, 0x200d,
        0xfe00, 0xfe0f, 0xe0001, 0xe0061, 0xe0100, 0x206a, 0x206f, 0xfff9, 0x2065, 0x1d173, 0x1d159, 0xad, 0x61c,
        0x200e, 0x200f, 0x2060, 0x2064, 0xfeff, 0x202e, 0x2067, 0x2069, 0x2028, 0x2029, 0x7, 0x85, 0x9b, 0xe000,
        0xfffe, 0x378,
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
