//! The room's seal as it is shown: computed from the keys that are really in use, never assumed.

use engine::api::KeyState;

/// How sealed the room is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seal {
    /// Nobody else is here, so nothing is sealed for anybody yet.
    Alone,
    /// Everybody's media is opened with the current keys.
    Sealed { post_quantum: bool },
    /// The number of participants whose media is not opened with the current keys, or has not come yet.
    Waiting(usize),
}

/// `others` are the key states of everybody but ourselves.
pub fn seal(post_quantum: bool, others: impl Iterator<Item = KeyState>) -> Seal {
    let (all, waiting) =
        others.fold((0, 0), |(all, waiting), keys| (all + 1, waiting + usize::from(keys != KeyState::Current)));
    match (all, waiting) {
        (0, _) => Seal::Alone,
        (_, 0) => Seal::Sealed { post_quantum },
        (_, waiting) => Seal::Waiting(waiting),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seal_is_post_quantum_only_while_all_have_current_keys() {
        let current = [KeyState::Current, KeyState::Current];
        assert_eq!(seal(true, current.into_iter()), Seal::Sealed { post_quantum: true });
        assert_eq!(seal(false, current.into_iter()), Seal::Sealed { post_quantum: false });
        for other in [KeyState::Behind, KeyState::Missing, KeyState::Forked] {
            assert_eq!(seal(true, [KeyState::Current, other].into_iter()), Seal::Waiting(1));
        }
        assert_eq!(seal(true, std::iter::empty()), Seal::Alone);
    }
}
