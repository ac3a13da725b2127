//! The verification of all people of a room together.

use bevy::prelude::*;
use engine::api::{MemberId, RoomId, Verification};

use crate::ui::action::Action;

/// Verified where everybody else is; else what most needs to be looked at of anybody.
pub fn verification(others: impl IntoIterator<Item = Verification>) -> Verification {
    let rank = |one: &Verification| match one {
        Verification::Verified => 0,
        Verification::Not => 1,
        Verification::Ambiguous => 2,
        Verification::Renamed => 3,
        Verification::Broken => 4,
    };
    others.into_iter().max_by_key(rank).unwrap_or_default()
}

/// Opens the sheet of what to compare with a member.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Compare(pub RoomId, pub MemberId);

impl Action for Compare {
    fn sends_more_of_a_person(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_verified_only_when_everybody_is() {
        use Verification::{Ambiguous, Broken, Not, Renamed, Verified};
        assert_eq!(verification([Not, Ambiguous, Verified]), Ambiguous);
        assert_eq!(verification([Renamed, Ambiguous, Verified]), Renamed);
        assert_eq!(verification([]), Not);
        assert_eq!(verification([Verified, Verified]), Verified);
        assert_eq!(verification([Verified, Not]), Not);
        assert_eq!(verification([Not, Verified]), Not);
        assert_eq!(verification([Not, Verified, Broken]), Broken);
        assert_eq!(verification([Broken, Verified]), Broken);
    }
}
