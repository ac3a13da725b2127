//! Which one is meant by a name, or by the id that the lists print.

use std::fmt;

use engine::names::is_same_name;

use crate::error::{Named, PeerError};

/// Hexadecimal digits of an id that a list prints; more only where two ids begin alike.
const SHORT: usize = 8;

/// One of several that a person can name.
pub struct Candidate<'a, T> {
    /// All hexadecimal digits, as [`digits`] writes them.
    pub id: String,
    pub name: &'a str,
    /// What tells it from its namesakes for a person; may be empty.
    pub note: &'static str,
    pub it: T,
}

/// The ids of those that a name could mean, each with its note.
#[derive(Debug, PartialEq, Eq)]
pub struct Choices(Vec<(String, &'static str)>);

impl fmt::Display for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (id, note)) in self.0.iter().enumerate() {
            f.write_str(if n == 0 { "" } else { ", " })?;
            f.write_str(id)?;
            if !note.is_empty() {
                write!(f, " ({note})")?;
            }
        }
        Ok(())
    }
}

/// An id as text.
pub fn digits(id: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(id)
}

/// The shortest beginnings of these ids that tell each from all others.
pub fn short_ids<'a>(ids: impl IntoIterator<Item = &'a str> + Clone) -> Vec<String> {
    let is_shared = |id: &str, length: usize| {
        let beginning = id.get(..length).unwrap_or(id);
        ids.clone().into_iter().filter(|other| other.starts_with(beginning)).count() > 1
    };
    let short = |id: &'a str| {
        let length = (SHORT..id.len()).find(|length| !is_shared(id, *length)).unwrap_or(id.len());
        id.get(..length).unwrap_or(id).to_owned()
    };
    ids.clone().into_iter().map(short).collect()
}

/// The one with that id; else the one of that very name; else the only one whose name differs but in upper and lower
/// case, or in its encoding.
///
/// An id goes before a name, so that nobody is out of reach because another took their id for a name.
///
/// # Errors
///
/// [`PeerError::Unknown`], or [`PeerError::Ambiguous`] with the ids of all that are meant.
pub fn find<'a, T>(wanted: &str, kind: Named, all: impl IntoIterator<Item = Candidate<'a, T>>) -> Result<T, PeerError> {
    let all: Vec<_> = all.into_iter().collect();
    let short = short_ids(all.iter().map(|one| one.id.as_str()));
    let lower = wanted.to_lowercase();
    let is_id = wanted.len() >= SHORT && wanted.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (mut by_id, mut exact, mut near) = (Vec::new(), Vec::new(), Vec::new());
    for (one, short) in all.into_iter().zip(short) {
        if is_id && one.id.starts_with(&lower) {
            by_id.push((one, short));
        } else if one.name == wanted {
            exact.push((one, short));
        } else if is_same_name(one.name, wanted) {
            near.push((one, short));
        }
    }
    let mut found = [by_id, exact, near].into_iter().find(|found| !found.is_empty()).unwrap_or_default();
    match (found.pop(), found.is_empty()) {
        (Some((one, _)), true) => Ok(one.it),
        (Some(last), false) => {
            found.push(last);
            let choices = found.into_iter().map(|(one, short)| (short, one.note)).collect();
            Err(PeerError::Ambiguous(kind, Choices(choices)))
        }
        (None, _) => Err(PeerError::Unknown(kind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(&str, &str, u8); 6] = [
        ("Ann", "11111111aa", 1),
        ("ann", "22222222aa", 2),
        ("Bea", "33333333aa", 3),
        ("Ann Lee", "44444444aa", 4),
        ("ÉVA", "44444444bb", 5),
        ("33333333", "55555555aa", 6),
    ];

    fn all() -> impl Iterator<Item = Candidate<'static, u8>> {
        ALL.into_iter().map(|(name, id, it)| Candidate { id: id.to_owned(), name, note: "", it })
    }

    fn beas() -> impl Iterator<Item = Candidate<'static, u8>> {
        let other = Candidate { id: "66666666aa".to_owned(), name: "Bea", note: "away", it: 7 };
        all().map(|one| Candidate { note: "here", ..one }).chain([other])
    }

    #[test]
    fn name_means_its_owner_or_the_only_near_match() {
        let found = |name| find(name, Named::Contact, all()).ok();
        assert_eq!(found("Ann"), Some(1));
        assert_eq!(found("ann"), Some(2));
        assert_eq!(found("bea"), Some(3));
        assert_eq!(found("éva"), Some(5));
        assert_eq!(found("e\u{301}va"), Some(5));
    }

    #[test]
    fn name_of_nobody_or_of_several_is_refused_with_the_ids() {
        let why = |name| find(name, Named::Contact, beas()).unwrap_err().to_string();
        assert_eq!(why("ANN"), "more than one contact has this name; give the id: 11111111 (here), 22222222 (here)");
        assert_eq!(why("Bea"), "more than one contact has this name; give the id: 33333333 (here), 66666666 (away)");
        assert_eq!(why("An"), "no contact has this name or id");
        assert_eq!(why(""), "no contact has this name or id");
    }

    #[test]
    fn id_means_one_even_where_another_has_it_for_a_name() {
        let found = |id| find(id, Named::Contact, beas());
        assert_eq!(found("66666666").unwrap(), 7);
        assert_eq!(found("66666666AA").unwrap(), 7);
        assert_eq!(found("33333333").unwrap(), 3);
        assert_eq!(found("55555555").unwrap(), 6);
        assert!(found("6666666").is_err(), "too short to be one");
    }

    #[test]
    fn ids_that_begin_alike_are_printed_longer() {
        let short = short_ids(ALL.iter().map(|(_, id, _)| *id));
        assert_eq!(short, ["11111111", "22222222", "33333333", "44444444a", "44444444b", "55555555"]);
        let why = find("44444444", Named::Room, all()).unwrap_err().to_string();
        assert_eq!(why, "more than one room has this name; give the id: 44444444a, 44444444b");
    }
}
