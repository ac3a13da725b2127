//! What may be said about a room's people together.

use engine::api::Verification;

/// Verified where everybody else is, broken where anybody's mark is.
pub fn verification(others: impl IntoIterator<Item = Verification>) -> Verification {
    let mut all = None;
    for one in others {
        all = match (all, one) {
            (_, Verification::Broken) => return Verification::Broken,
            (None | Some(Verification::Verified), one) => Some(one),
            (Some(before), _) => Some(before),
        };
    }
    all.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_is_not_verified_is_enough_for_none_and_a_broken_mark_is_said_first() {
        use Verification::{Broken, Not, Verified};
        assert_eq!(verification([]), Not);
        assert_eq!(verification([Verified, Verified]), Verified);
        assert_eq!(verification([Verified, Not]), Not);
        assert_eq!(verification([Not, Verified]), Not);
        assert_eq!(verification([Not, Verified, Broken]), Broken);
        assert_eq!(verification([Broken, Verified]), Broken);
    }
}
