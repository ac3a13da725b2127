//! How large the pictures of a stream may be. A decoder reserves memory for what a stream says, so a limit comes first.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

/// The largest pictures that a stream may have, either way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureLimit {
    /// In pixels, rounded up to whole macroblocks of 16.
    pub long_side: u32,
    pub short_side: u32,
    /// Pictures that others may refer to; each is memory.
    pub references: u8,
}

impl PictureLimit {
    /// A participant's camera: the highest layer that [`crate::Ladder`] ever has.
    pub const CAMERA: Self = Self { long_side: 1920, short_side: 1080, references: 2 };
    /// A participant's screen.
    pub const SCREEN: Self = Self { long_side: 3840, short_side: 2160, references: 2 };
    /// A file that the person chose.
    pub const FILE: Self = Self { long_side: MAX_SIDE, short_side: MAX_SIDE, references: 16 };
}

/// The widest and the highest picture that is decoded, in pixels.
pub const MAX_SIDE: u32 = 4096;
