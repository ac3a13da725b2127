//! Numbers that members tell. They are bounded where they are decoded, so that nothing behind it meets an absurd one.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use serde::{Deserialize, Serialize};

/// The clock of a sender may be ahead of ours by this much.
const AHEAD_MS: i64 = 5 * 60 * 1000;

/// Which line of a sender: they count from 1. At most 2^48, so that a million lines a second would last nine years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub(crate) struct Sequence(u64);

/// How far the chat with one member is.
#[derive(Clone, Copy, Default)]
pub(super) struct Progress {
    /// The last of their lines that we have; `None`: they have not told where they begin.
    pub received: Option<Sequence>,
    /// The last of our lines that they have.
    pub acknowledged: Sequence,
}

/// Unix time in milliseconds, from 1970 to the end of the year 9999: every calendar and time zone can show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub(crate) struct UnixMs(i64);

/// Which try at a way of media between two it is: they count from 1 in each run, at most to 2^24.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub(crate) struct Generation(u32);

/// A rate in kilobits per second, at most a gigabit: nobody sends pictures faster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub(crate) struct Kbps(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a number is out of its range")]
pub(crate) struct OutOfRange;

impl Sequence {
    /// Before the first line.
    pub const ZERO: Self = Self(0);
    pub const MAX: Self = Self(1 << 48);

    /// The nearest that is in range.
    pub fn clamped(number: u64) -> Self {
        Self(number.min(Self::MAX.0))
    }

    pub fn get(self) -> u64 {
        self.0
    }

    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).and_then(|number| Self::try_from(number).ok())
    }

    pub fn previous(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }

    /// How many lines there are from behind `earlier` up to this one.
    pub fn lines_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl TryFrom<u64> for Sequence {
    type Error = OutOfRange;

    fn try_from(number: u64) -> Result<Self, OutOfRange> {
        if number <= Self::MAX.0 { Ok(Self(number)) } else { Err(OutOfRange) }
    }
}

impl From<Sequence> for u64 {
    fn from(sequence: Sequence) -> Self {
        sequence.0
    }
}

impl Generation {
    /// Before the first.
    pub const ZERO: Self = Self(0);
    pub const MAX: Self = Self(1 << 24);
    /// How many of them datagrams can tell apart.
    const IN_DATAGRAMS: u32 = 250;

    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).and_then(|number| Self::try_from(number).ok())
    }

    /// The byte in front of its datagrams.
    pub fn in_datagrams(self) -> u8 {
        self.0.checked_rem(Self::IN_DATAGRAMS).and_then(|byte| u8::try_from(byte).ok()).unwrap_or_default()
    }
}

impl TryFrom<u32> for Generation {
    type Error = OutOfRange;

    fn try_from(number: u32) -> Result<Self, OutOfRange> {
        if number <= Self::MAX.0 { Ok(Self(number)) } else { Err(OutOfRange) }
    }
}

impl From<Generation> for u32 {
    fn from(generation: Generation) -> Self {
        generation.0
    }
}

impl Kbps {
    pub const MAX: Self = Self(1_000_000);

    /// The nearest that is in range.
    pub fn clamped(kbps: u32) -> Self {
        Self(kbps.min(Self::MAX.0))
    }

    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Kbps {
    type Error = OutOfRange;

    fn try_from(kbps: u32) -> Result<Self, OutOfRange> {
        if kbps <= Self::MAX.0 { Ok(Self(kbps)) } else { Err(OutOfRange) }
    }
}

impl From<Kbps> for u32 {
    fn from(kbps: Kbps) -> Self {
        kbps.0
    }
}

impl UnixMs {
    pub const MIN: Self = Self(0);
    pub const MAX: Self = Self(253_402_300_799_999);

    /// The nearest that is in range.
    pub fn clamped(ms: i64) -> Self {
        Self(ms.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// The latest time that is believed while our own clock says `now_ms`.
    pub fn latest(now_ms: i64) -> Self {
        Self::clamped(now_ms.saturating_add(AHEAD_MS))
    }

    pub fn get(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for UnixMs {
    type Error = OutOfRange;

    fn try_from(ms: i64) -> Result<Self, OutOfRange> {
        if (Self::MIN.0..=Self::MAX.0).contains(&ms) { Ok(Self(ms)) } else { Err(OutOfRange) }
    }
}

impl From<UnixMs> for i64 {
    fn from(ms: UnixMs) -> Self {
        ms.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::wire::{decode, encode};

    #[test]
    fn sequence_beyond_its_range_is_not_decoded() {
        for number in [0u64, 1, (1 << 48) - 1, 1 << 48] {
            assert_eq!(decode::<Sequence>(&encode(&number)).map(Sequence::get), Some(number));
        }
        for number in [(1 << 48) + 1, 1 << 63, u64::MAX] {
            assert_eq!(decode::<Sequence>(&encode(&number)), None, "{number}");
        }
    }

    #[test]
    fn time_beyond_its_range_is_not_decoded() {
        for ms in [0, 1, UnixMs::MAX.0] {
            assert_eq!(decode::<UnixMs>(&encode(&ms)).map(UnixMs::get), Some(ms));
        }
        for ms in [-1, UnixMs::MAX.0 + 1, 8_210_266_876_799_999, i64::MIN, i64::MAX] {
            assert_eq!(decode::<UnixMs>(&encode(&ms)), None, "{ms}");
        }
    }

    #[test]
    fn generation_and_rate_beyond_their_range_are_not_decoded() {
        for number in [0_u32, 1, 1 << 24, (1 << 24) + 1, u32::MAX] {
            let in_range = number <= 1 << 24;
            assert_eq!(decode::<Generation>(&encode(&number)).is_some(), in_range, "{number}");
        }
        for kbps in [0_u32, 1_000_000, 1_000_001, u32::MAX] {
            assert_eq!(decode::<Kbps>(&encode(&kbps)).is_some(), kbps <= 1_000_000, "{kbps}");
        }
        assert_eq!((Generation::MAX.next(), Generation::ZERO.next().map(u32::from)), (None, Some(1)));
        assert_eq!(Generation(251).in_datagrams(), 1);
    }

    #[test]
    fn counting_stops_at_both_ends() {
        assert_eq!((Sequence::ZERO.previous(), Sequence::MAX.next()), (None, None));
        assert_eq!(Sequence::ZERO.next().and_then(Sequence::previous), Some(Sequence::ZERO));
        assert_eq!(
            (Sequence::MAX.lines_since(Sequence::ZERO), Sequence::ZERO.lines_since(Sequence::MAX)),
            (1 << 48, 0)
        );
    }
}
