//! The window's texts, in the person's language.

use bevy::prelude::*;
use clap::ValueEnum;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

const ENGLISH: &str = include_str!("../../../../assets/languages/en.ftl");
const FRENCH: &str = include_str!("../../../../assets/languages/fr.ftl");

/// Around a text whose direction its first strong letter says (UAX 9, section 2.4.2).
const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

/// The languages that the window speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Tongue {
    En,
    Fr,
}

/// The messages of one language.
#[derive(Resource)]
pub struct Words(FluentBundle<FluentResource>);

impl Words {
    #[expect(clippy::expect_used, reason = "languages are part of the program, and a test parses each")]
    pub fn new(tongue: Tongue) -> Self {
        let (code, text) = match tongue {
            Tongue::En => ("en", ENGLISH),
            Tongue::Fr => ("fr", FRENCH),
        };
        let language: LanguageIdentifier = code.parse().expect("a language's code");
        let resource = FluentResource::try_new(text.to_owned()).expect("a test parses every language");
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Names and texts are isolated below; figures need no marks.
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).expect("a test finds no message twice");
        Self(bundle)
    }

    /// The message of a key; a test proves that every key in use exists in every language.
    pub fn say(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// The message of a key about something. A name or text is isolated from the sentence around it.
    pub fn say_with<'a>(&self, key: &str, what: &'static str, value: impl Into<FluentValue<'a>>) -> String {
        let mut args = FluentArgs::new();
        args.set(what, apart(value.into()));
        self.format(key, Some(&args))
    }

    /// The message of a key about several names or texts, each isolated.
    pub fn say_of<const N: usize>(&self, key: &str, what: [(&'static str, String); N]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in what {
            args.set(name, isolated(&value));
        }
        self.format(key, Some(&args))
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let pattern = self.0.get_message(key).and_then(|message| message.value());
        let Some(pattern) = pattern else {
            return key.to_owned();
        };
        self.0.format_pattern(pattern, args, &mut Vec::new()).into_owned()
    }
}

/// A foreign name or text for use in a sentence: it keeps its own direction and does not change that of the words
/// around it.
pub fn isolated(text: &str) -> String {
    let plain = text.chars().map(|c| if engine::names::is_steering(c) { ' ' } else { c });
    std::iter::once(FIRST_STRONG_ISOLATE).chain(plain).chain(std::iter::once(POP_ISOLATE)).collect()
}

/// Cuts a text to a number of characters; the last one is an ellipsis if some are missing.
pub fn shortened(words: &str, most: usize) -> String {
    let line: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() <= most {
        return line;
    }
    let kept: String = line.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn apart(value: FluentValue<'_>) -> FluentValue<'_> {
    match value {
        FluentValue::String(text) => isolated(&text).into(),
        other => other,
    }
}

/// The language that the environment asks for, English where it asks for none that we have.
pub fn of_environment() -> Tongue {
    let wanted = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    match wanted {
        Some(wanted) if wanted.to_ascii_lowercase().starts_with("fr") => Tongue::Fr,
        _ => Tongue::En,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::Path,
    };

    use super::*;

    fn keys(text: &str) -> BTreeSet<String> {
        text.lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned()))
            .collect()
    }

    fn sources(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).expect("the sources are there") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                sources(&path, all);
            } else {
                all.push_str(&fs::read_to_string(path).expect("a readable source"));
            }
        }
    }

    /// String literals that look like keys: lower case with at least one hyphen.
    fn literals(source: &str) -> BTreeSet<&str> {
        source
            .split('"')
            .filter(|text| {
                text.contains('-')
                    && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                    && text.starts_with(|c: char| c.is_ascii_lowercase())
                    && !text.ends_with('-')
            })
            .collect()
    }

    /// The arguments of each message, without its attributes: the message is what stands behind its key.
    fn arguments(text: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut all = BTreeMap::<_, BTreeSet<_>>::new();
        let mut key = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((named, _)) = line.split_once('=').filter(|_| !line.starts_with([' ', '}'])) {
                named.trim().clone_into(&mut key);
            }
            let named = |rest: &str| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            all.entry(key.clone()).or_default().extend(line.split('$').skip(1).map(named));
        }
        all
    }

    #[test]
    fn every_language_says_the_same_with_the_same_arguments() {
        assert_eq!(keys(ENGLISH), keys(FRENCH));
        assert_eq!(arguments(ENGLISH), arguments(FRENCH));
        assert!(arguments(ENGLISH)["notice-renamed"].iter().eq(["from", "to"]));
    }

    #[test]
    fn every_language_parses_and_says_nothing_twice() {
        for (tongue, text) in [(Tongue::En, ENGLISH), (Tongue::Fr, FRENCH)] {
            let words = Words::new(tongue);
            for key in keys(text) {
                assert!(words.0.get_message(&key).is_some_and(|m| m.value().is_some()), "{key}");
            }
        }
    }

    /// Names of fields in forms, which have the form of a key and are none.
    const FIELDS: [&str; 4] = ["export-to", "quiet-from", "quiet-until", "sealed-with"];

    #[test]
    fn each_key_in_the_code_is_a_text_and_each_text_is_said() {
        let mut all = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        let (used, known) = (literals(&all), keys(ENGLISH));
        let unused: Vec<_> = known.iter().filter(|key| !used.contains(key.as_str())).collect();
        assert!(unused.is_empty(), "never said: {unused:?}");
        let unknown: Vec<_> = used.iter().filter(|key| !known.contains(**key) && !FIELDS.contains(key)).collect();
        assert!(unknown.is_empty(), "not in the languages: {unknown:?}");
    }

    /// Of those that a call names beside its key: most do.
    #[test]
    fn arguments_in_the_code_are_those_of_the_text() {
        let mut all = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        let arguments = arguments(ENGLISH);
        let mut checked = 0;
        for call in all.split(".say_with(").skip(1) {
            let mut parts = call.split('"');
            let (Some(before), Some(key), Some(between), Some(argument)) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            if before.trim().is_empty() && between.trim() == "," {
                assert!(arguments[key].iter().eq([argument]), "{key} is said with {argument}");
                checked += 1;
            }
        }
        assert!(checked > 20, "only {checked} calls were found");
    }

    #[test]
    fn name_in_a_sentence_is_isolated_in_every_language() {
        for tongue in [Tongue::En, Tongue::Fr] {
            let words = Words::new(tongue);
            let said = words.say_with("notice-left", "name", "מרים");
            assert!(said.contains("\u{2068}מרים\u{2069}"), "{said}");
            let said = words.say_of("notice-renamed", [("from", "Ann".into()), ("to", "علی\u{200c}رضا".into())]);
            assert!(said.contains("\u{2068}Ann\u{2069}") && said.contains("\u{2068}علی\u{200c}رضا\u{2069}"), "{said}");
        }
    }

    #[test]
    fn text_that_steers_does_not_leave_its_isolate() {
        assert_eq!(isolated("a\u{2069}\u{202e}b\nc\u{2067}"), "\u{2068}a  b c \u{2069}");
    }

    #[test]
    fn counts_follow_the_language() {
        assert_eq!(Words::new(Tongue::En).say_with("header-people", "count", 1), "1 person");
        assert_eq!(Words::new(Tongue::Fr).say_with("header-people", "count", 2), "2 personnes");
    }

    #[test]
    fn long_names_end_in_an_ellipsis_and_never_break_a_character() {
        assert_eq!(shortened("Ada", 8), "Ada");
        assert_eq!(shortened("Élodie de la Tour", 9), "Élodie d…");
        assert_eq!(shortened("a\nb", 8), "a b");
    }
}
