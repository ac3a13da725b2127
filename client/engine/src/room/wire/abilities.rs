//! What a member's program can do beyond what every program can that speaks this version of a link.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use serde::{Deserialize, Serialize};

use super::few::Few;

/// Something that may be said to a member only if the member's program has it. The numbers are never used again for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ability {
    /// To pass on the pictures of others, and to see them by way of others: `Spare`, `Carry`, `Carries` and `Through`.
    Carrying = 1,
    /// To read lines that are MIMI content.
    Content = 2,
}

/// Abilities by their numbers, at most [`Abilities::MOST`]. Those that this version does not know mean nothing to it, and stay
/// in the list because the list is signed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Abilities(Few<u32, { Abilities::MOST }>);

impl Abilities {
    pub const MOST: usize = 64;

    /// Those of this program.
    pub fn ours() -> Self {
        Self([Ability::Carrying as u32, Ability::Content as u32].into())
    }

    pub fn has(&self, ability: Ability) -> bool {
        self.0.contains(&(ability as u32))
    }

    /// As a later version would say it.
    #[cfg(test)]
    pub fn with(self, unknown: impl IntoIterator<Item = u32>) -> Self {
        Self(self.0.into_iter().chain(unknown).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::wire::{decode, encode};

    #[test]
    fn unknown_abilities_are_kept_and_mean_nothing() {
        let later = Abilities::default().with([0, 7, u32::MAX]);
        assert_eq!(decode::<Abilities>(&encode(&later)), Some(later.clone()));
        assert!(!later.has(Ability::Carrying) && later.with([1]).has(Ability::Carrying));
    }

    #[test]
    fn more_abilities_than_are_bearable_are_refused() {
        let list = |length: u32| encode(&(0..length).collect::<Vec<_>>());
        assert!(decode::<Abilities>(&list(64)).is_some());
        assert!(decode::<Abilities>(&list(65)).is_none());
    }
}
