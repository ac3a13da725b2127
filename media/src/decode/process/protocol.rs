//! What the program and its decoder say to each other: headers of fixed size, each number checked where it is read.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use crate::decode::{DecodeError, MAX_ACCESS_UNIT, PictureLimit};

use super::Sandboxed;

/// The hidden argument, and the name under which the process is seen.
pub(super) const MODE: &str = "incamera-decoder";

/// Whose limits hold for a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Camera,
    Screen,
}

impl Limit {
    pub(super) fn of(limit: &PictureLimit) -> Self {
        if *limit == PictureLimit::SCREEN { Self::Screen } else { Self::Camera }
    }

    pub(super) fn pictures(self) -> PictureLimit {
        match self {
            Self::Camera => PictureLimit::CAMERA,
            Self::Screen => PictureLimit::SCREEN,
        }
    }
}

/// To the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// An access unit of so many bytes follows.
    Decode(Unit),
    Forget {
        stream: u32,
    },
}

/// What is said in front of an access unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) stream: u32,
    pub(super) limit: Limit,
    /// Whether somebody looks at the picture. One that nobody looks at is decoded, for what follows, and not written.
    pub(super) wanted: bool,
    pub(super) sequence: u32,
    pub(super) length: u32,
}

impl Request {
    pub(super) const BYTES: usize = 16;

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        words(match self {
            Self::Decode(Unit { stream, limit, wanted, sequence, length }) => {
                let kind = match (limit, wanted) {
                    (Limit::Camera, true) => 1,
                    (Limit::Screen, true) => 2,
                    (Limit::Camera, false) => 4,
                    (Limit::Screen, false) => 5,
                };
                [kind, stream, sequence, length]
            }
            Self::Forget { stream } => [3, stream, 0, 0],
        })
    }

    pub(super) fn from_bytes(bytes: [u8; Self::BYTES]) -> Option<Self> {
        let [kind, stream, sequence, length] = numbers(bytes);
        let (limit, wanted) = match kind {
            1 => (Limit::Camera, true),
            2 => (Limit::Screen, true),
            3 => return Some(Self::Forget { stream }),
            4 => (Limit::Camera, false),
            5 => (Limit::Screen, false),
            _ => return None,
        };
        let unit = Unit { stream, limit, wanted, sequence, length };
        (length as usize <= MAX_ACCESS_UNIT).then_some(Self::Decode(unit))
    }
}

/// From the decoder. The program believes none of it further than it can check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Sent once, before everything else.
    Ready(Sandboxed),
    /// To the request with this number, after so many microseconds of processor time.
    Decoded { sequence: u32, micros: u32, outcome: Outcome },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The picture lies in the shared memory, its planes one after another, unless nobody wanted to see it.
    Picture {
        width: u16,
        height: u16,
    },
    Nothing,
    Failed(DecodeError),
}

impl Answer {
    pub(super) const BYTES: usize = 16;

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        words(match self {
            Self::Ready(sandboxed) => [1, sandboxed as u32, 0, 0],
            Self::Decoded { sequence, micros, outcome } => {
                let (kind, size) = match outcome {
                    Outcome::Picture { width, height } => (2, u32::from(width) << 16 | u32::from(height)),
                    Outcome::Nothing => (3, 0),
                    Outcome::Failed(DecodeError::NeedsKeyframe) => (4, 0),
                    Outcome::Failed(DecodeError::Malformed) => (5, 0),
                    Outcome::Failed(DecodeError::TooLarge) => (6, 0),
                    Outcome::Failed(DecodeError::Codec | DecodeError::Unavailable | DecodeError::NotStarted) => (7, 0),
                };
                [kind, sequence, micros, size]
            }
        })
    }

    pub(super) fn from_bytes(bytes: [u8; Self::BYTES]) -> Option<Self> {
        let [kind, sequence, micros, size] = numbers(bytes);
        let outcome = match kind {
            1 => {
                let sandboxed = [Sandboxed::No, Sandboxed::Partly, Sandboxed::Yes];
                return sandboxed.get(sequence as usize).copied().map(Self::Ready);
            }
            2 => {
                let [low, high, wide_low, wide_high] = size.to_le_bytes();
                let (width, height) = (u16::from_le_bytes([wide_low, wide_high]), u16::from_le_bytes([low, high]));
                Outcome::Picture { width, height }
            }
            3 => Outcome::Nothing,
            4 => Outcome::Failed(DecodeError::NeedsKeyframe),
            5 => Outcome::Failed(DecodeError::Malformed),
            6 => Outcome::Failed(DecodeError::TooLarge),
            7 => Outcome::Failed(DecodeError::Codec),
            _ => return None,
        };
        Some(Self::Decoded { sequence, micros, outcome })
    }
}

fn words(numbers: [u32; 4]) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (bytes, number) in bytes.chunks_exact_mut(4).zip(numbers) {
        bytes.copy_from_slice(&number.to_le_bytes());
    }
    bytes
}

fn numbers(bytes: [u8; 16]) -> [u32; 4] {
    let mut numbers = [0; 4];
    for (number, bytes) in numbers.iter_mut().zip(bytes.chunks_exact(4)) {
        *number = bytes.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte));
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_they_were_written() {
        for (limit, wanted) in [Limit::Camera, Limit::Screen].into_iter().flat_map(|l| [(l, false), (l, true)]) {
            let unit = Unit { stream: 7, limit, wanted, sequence: u32::MAX, length: MAX_ACCESS_UNIT as u32 };
            let request = Request::Decode(unit);
            assert_eq!(Request::from_bytes(request.to_bytes()), Some(request));
        }
        let forget = Request::Forget { stream: 9 };
        assert_eq!(Request::from_bytes(forget.to_bytes()), Some(forget));
        for outcome in [
            Outcome::Picture { width: 3840, height: 2160 },
            Outcome::Nothing,
            Outcome::Failed(DecodeError::NeedsKeyframe),
            Outcome::Failed(DecodeError::Malformed),
            Outcome::Failed(DecodeError::TooLarge),
            Outcome::Failed(DecodeError::Codec),
        ] {
            let answer = Answer::Decoded { sequence: 5, micros: 900, outcome };
            assert_eq!(Answer::from_bytes(answer.to_bytes()), Some(answer));
        }
        for sandboxed in [Sandboxed::No, Sandboxed::Partly, Sandboxed::Yes] {
            assert_eq!(Answer::from_bytes(Answer::Ready(sandboxed).to_bytes()), Some(Answer::Ready(sandboxed)));
        }
    }

    #[test]
    fn words_that_mean_nothing_are_refused() {
        assert_eq!(Request::from_bytes(words([0, 0, 0, 0])), None);
        assert_eq!(Request::from_bytes(words([6, 0, 0, 0])), None);
        assert_eq!(Request::from_bytes(words([1, 0, 0, MAX_ACCESS_UNIT as u32 + 1])), None);
        assert_eq!(Answer::from_bytes(words([1, 3, 0, 0])), None);
        assert_eq!(Answer::from_bytes(words([8, 0, 0, 0])), None);
        assert_eq!(Answer::from_bytes([0xff; 16]), None);
    }
}
