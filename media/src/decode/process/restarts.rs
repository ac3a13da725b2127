//! How often the decoder is started again, and who pays for its end. Pure: time is an argument.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// It is started again no more often than this many times in [`SPAN`].
const RESTARTS: usize = 3;
const SPAN: Duration = Duration::from_secs(60);
/// The first end of a decoder over a member's pictures is forgiven: it may have been chance. After that their pictures rest
/// for a [`SPAN`], so that one member alone never uses up the restarts of all.
const FORGIVEN: usize = 1;

/// The ends of decoders within the last minute, each with the member whose picture was being decoded.
#[derive(Debug, Default)]
pub(super) struct Restarts<O> {
    ends: VecDeque<Instant>,
    blamed: BTreeMap<O, VecDeque<Instant>>,
}

impl<O: Ord + Copy> Restarts<O> {
    pub(super) fn new() -> Self {
        Self { ends: VecDeque::new(), blamed: BTreeMap::new() }
    }

    /// A decoder has ended over a picture of `owner`.
    pub(super) fn ended(&mut self, now: Instant, owner: O) {
        self.forget_old(now);
        self.ends.push_back(now);
        // No more than the restarts of one span, as no decoder runs after them.
        self.blamed.entry(owner).or_default().push_back(now);
    }

    /// A decoder ended before it saw any picture, or could not be started: nobody is to blame.
    pub(super) fn failed_to_start(&mut self, now: Instant) {
        self.forget_old(now);
        self.ends.push_back(now);
    }

    /// Whether a decoder may be started now.
    pub(super) fn may_start(&mut self, now: Instant) -> bool {
        self.forget_old(now);
        self.ends.len() <= RESTARTS
    }

    /// Whether pictures of `owner` rest, as decoders ended over them.
    pub(super) fn rests(&mut self, now: Instant, owner: O) -> bool {
        self.forget_old(now);
        self.blamed.get(&owner).is_some_and(|ends| ends.len() > FORGIVEN)
    }

    fn forget_old(&mut self, now: Instant) {
        let old = |ends: &mut VecDeque<Instant>| {
            while ends.front().is_some_and(|&end| now.saturating_duration_since(end) >= SPAN) {
                ends.pop_front();
            }
            !ends.is_empty()
        };
        old(&mut self.ends);
        self.blamed.retain(|_, ends| old(ends));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoder_starts_again_at_most_three_times_a_minute() {
        let (mut restarts, start) = (Restarts::new(), Instant::now());
        for member in 0..3 {
            restarts.ended(start + Duration::from_secs(member), member);
            assert!(restarts.may_start(start + Duration::from_secs(member)));
        }
        restarts.ended(start + Duration::from_secs(3), 3);
        assert!(!restarts.may_start(start + Duration::from_secs(59)));
        assert!(restarts.may_start(start + SPAN));
    }

    #[test]
    fn failed_starts_are_bounded_and_blame_nobody() {
        let (mut restarts, start) = (Restarts::<u64>::new(), Instant::now());
        let mut starts = 0;
        while restarts.may_start(start) {
            restarts.failed_to_start(start);
            starts += 1;
        }
        assert_eq!(starts, RESTARTS + 1);
        assert!(!restarts.rests(start, 1));
        assert!(restarts.may_start(start + SPAN));
    }

    #[test]
    fn member_that_ends_decoders_rests_before_others_pay() {
        let (mut restarts, start) = (Restarts::new(), Instant::now());
        restarts.ended(start, 1);
        assert!(!restarts.rests(start, 1));
        restarts.ended(start + Duration::from_secs(1), 1);
        let later = start + Duration::from_secs(2);
        assert!(restarts.rests(later, 1) && !restarts.rests(later, 2) && restarts.may_start(later));
        assert!(!restarts.rests(start + SPAN, 1));
    }
}
