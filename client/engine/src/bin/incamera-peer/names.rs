//! Who is meant by a name.

use crate::error::{Named, PeerError};

/// The one of that very name; else the only one whose name differs but in upper and lower case.
pub fn find<'a, T>(wanted: &str, kind: Named, all: impl IntoIterator<Item = (&'a str, T)>) -> Result<T, PeerError> {
    let lower = wanted.to_lowercase();
    let (mut exact, mut near) = (Vec::new(), Vec::new());
    for (name, one) in all {
        if name == wanted {
            exact.push(one);
        } else if name.to_lowercase() == lower {
            near.push(one);
        }
    }
    let mut found = if exact.is_empty() { near } else { exact };
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some(_), false) => Err(PeerError::Ambiguous(kind)),
        (None, _) => Err(PeerError::Unknown(kind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(&str, u8); 5] = [("Ann", 1), ("ann", 2), ("Bea", 3), ("Ann Lee", 4), ("ÉVA", 5)];

    #[test]
    fn a_name_means_the_one_who_has_it_or_the_only_one_who_nearly_has() {
        let found = |name| find(name, Named::Contact, ALL).ok();
        assert_eq!(found("Ann"), Some(1));
        assert_eq!(found("ann"), Some(2));
        assert_eq!(found("bea"), Some(3));
        assert_eq!(found("éva"), Some(5));
    }

    #[test]
    fn a_name_of_nobody_or_of_several_is_told_apart() {
        let why = |name| find(name, Named::Contact, ALL.into_iter().chain([("Bea", 6)])).unwrap_err().to_string();
        assert_eq!(why("ANN"), "more than one contact has that name");
        assert_eq!(why("Bea"), "more than one contact has that name");
        assert_eq!(why("An"), "no contact has that name");
        assert_eq!(why(""), "no contact has that name");
    }
}
