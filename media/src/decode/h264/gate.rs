//! What may pass to the codec: units of the kinds we send, in sizes that were agreed on, from a keyframe on.
//!
//! It knows a stream without the codec, so that it can stand on the safe side of a process.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use super::{DecodeError, MAX_ACCESS_UNIT, PictureLimit, nal, sps, sps::Sequence};

/// The way into one stream's decoder.
#[derive(Debug)]
pub(crate) struct Gate {
    limit: PictureLimit,
    /// What the running decoder was told of its pictures.
    sequence: Option<Sequence>,
    /// A decoder that has seen an error is never trusted again: the next keyframe starts a new one.
    trusted: bool,
}

/// A unit that may be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Admitted {
    /// A decoder begins with it: a keyframe, after a loss, an error, or with pictures of another size.
    pub(crate) begins: bool,
    pub(crate) keyframe: bool,
    /// What its pictures will be.
    pub(crate) sequence: Sequence,
}

impl Gate {
    pub(crate) fn new(limit: PictureLimit) -> Self {
        Self { limit, sequence: None, trusted: false }
    }

    /// Looks at one access unit (Annex B).
    pub(crate) fn admit(&mut self, data: &[u8]) -> Result<Admitted, DecodeError> {
        let checked = check(data, &self.limit).inspect_err(|_| self.trusted = false)?;
        if !self.trusted && !checked.keyframe {
            return Err(DecodeError::NeedsKeyframe);
        }
        if checked.sequence.is_some() && checked.sequence != self.sequence {
            // Another size begins with a keyframe and a decoder of its own, so that a decoder has one size in its life.
            self.trusted = false;
            if !checked.keyframe {
                return Err(DecodeError::Malformed);
            }
        }
        let begins = !self.trusted;
        if begins {
            self.sequence = checked.sequence;
        }
        let sequence = self.sequence.ok_or(DecodeError::NeedsKeyframe)?;
        self.trusted = true;
        Ok(Admitted { begins, keyframe: checked.keyframe, sequence })
    }

    /// The decoder failed or is gone: nothing passes until the next keyframe.
    pub(crate) fn distrust(&mut self) {
        self.trusted = false;
    }
}

struct Checked {
    /// Whether the unit can start a stream: an IDR with its parameter sets.
    keyframe: bool,
    /// What its parameter sets say of the pictures.
    sequence: Option<Sequence>,
}

/// Slices of one picture; encoders of conferences make one to eight.
const MAX_SLICES: u32 = 32;

/// Refuses what the codec has no need to see.
fn check(data: &[u8], limit: &PictureLimit) -> Result<Checked, DecodeError> {
    if data.len() > MAX_ACCESS_UNIT {
        return Err(DecodeError::TooLarge);
    }
    let (mut idr, mut sequence, mut pps, mut any) = (false, None, false, false);
    let (mut slices, mut pictures) = (0u32, 0u32);
    for unit in nal::units(data) {
        any = true;
        if unit.is_forbidden() {
            return Err(DecodeError::Malformed);
        }
        if matches!(unit.kind(), nal::SLICE | nal::IDR_SLICE) {
            slices = slices.saturating_add(1);
            pictures = pictures.saturating_add(u32::from(unit.begins_picture()));
            // The codec decodes all that it is given in one go: an access unit is one picture, and costs no more than one.
            if slices > MAX_SLICES || pictures > 1 {
                return Err(DecodeError::Malformed);
            }
        }
        match unit.kind() {
            nal::IDR_SLICE => idr = true,
            nal::SPS => {
                let found = sps::parse(unit.bytes, limit)?;
                if sequence.replace(found).is_some_and(|before| before != found) {
                    return Err(DecodeError::Malformed);
                }
            }
            nal::PPS => pps = true,
            nal::SLICE | nal::SEI | nal::DELIMITER | nal::FILLER => {}
            _ => return Err(DecodeError::Malformed),
        }
    }
    if !any {
        return Err(DecodeError::Malformed);
    }
    Ok(Checked { keyframe: idr && pps && sequence.is_some(), sequence })
}
