//! The pictures that a sequence parameter set describes (ITU-T H.264, section 7.3.2.1), read before the codec sees it.
//!
//! The codec's own parser adds hostile 32-bit numbers without looking. So every number it reads is read here first, up to the
//! last bit, and a set that two parsers could read in two ways is refused.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

#[cfg(test)]
mod tests;

use super::{DecodeError, PictureLimit};

/// The decoded picture buffer of level 5.2, in macroblocks (table A-1): about 70 MB.
const MAX_BUFFERED_MACROBLOCKS: u64 = 184_320;

/// Profiles that OpenH264 decodes: Baseline, Main, Extended, High.
const PROFILES: [u64; 4] = [66, 77, 88, 100];

/// The one profile of them whose parameter sets go on about chroma and bit depth (section 7.3.2.1.1).
const HIGH: u64 = 100;

/// Levels (table A-1), in tenths; 9 is level 1b.
const LEVELS: [u64; 18] = [9, 10, 11, 12, 13, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52, 62];

/// What a parameter set says of its pictures, found to make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sequence {
    /// As shown, in pixels: what is left after cropping. Even.
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// As coded, in pixels: whole macroblocks.
    pub(crate) coded_width: u32,
    pub(crate) coded_height: u32,
}

/// Reads a parameter set (a unit with its header byte) whose pictures are 8-bit 4:2:0 and within `limit`.
pub(crate) fn parse(unit: &[u8], limit: &PictureLimit) -> Result<Sequence, DecodeError> {
    let set = Set::read(unit).ok_or(DecodeError::Malformed)?;
    let (long, short) = (set.blocks_wide.max(set.blocks_high), set.blocks_wide.min(set.blocks_high));
    if long > blocks(limit.long_side) || short > blocks(limit.short_side) || set.references > limit.references.into() {
        return Err(DecodeError::TooLarge);
    }
    let blocks = set.blocks_wide.checked_mul(set.blocks_high);
    let buffered = blocks.and_then(|blocks| blocks.checked_mul(set.references.max(1)));
    if buffered.is_none_or(|buffered| buffered > MAX_BUFFERED_MACROBLOCKS) {
        return Err(DecodeError::TooLarge);
    }
    let pixels = |blocks: u64| blocks.checked_mul(16).ok_or(DecodeError::TooLarge);
    let (coded_width, coded_height) = (pixels(set.blocks_wide)?, pixels(set.blocks_high)?);
    let [left, right, top, bottom] = set.crop;
    let width = cropped(coded_width, left, right).ok_or(DecodeError::Malformed)?;
    let height = cropped(coded_height, top, bottom).ok_or(DecodeError::Malformed)?;
    let side = |side: u64| u32::try_from(side).map_err(|_| DecodeError::TooLarge);
    Ok(Sequence {
        width: side(width)?,
        height: side(height)?,
        coded_width: side(coded_width)?,
        coded_height: side(coded_height)?,
    })
}

fn blocks(side: u32) -> u64 {
    u64::from(side.div_ceil(16))
}

/// What is left of a side. Offsets count pairs of pixels (4:2:0, whole frames; section 7.4.2.1.1), and something must be left.
fn cropped(side: u64, before: u64, after: u64) -> Option<u64> {
    let cut = before.checked_add(after)?.checked_mul(2)?;
    side.checked_sub(cut).filter(|&left| left > 0)
}

/// The numbers of a parameter set that matter, each as large as it was written.
#[derive(Debug, PartialEq, Eq)]
struct Set {
    blocks_wide: u64,
    blocks_high: u64,
    references: u64,
    /// Left, right, top, bottom, in pairs of pixels.
    crop: [u64; 4],
}

impl Set {
    fn read(unit: &[u8]) -> Option<Self> {
        let payload = without_emulation_prevention(unit.get(1..)?)?;
        let mut bits = Bits { bytes: &payload, at: 0 };
        let profile = bits.read(8)?;
        PROFILES.contains(&profile).then_some(())?;
        bits.read(8)?; // Constraint flags.
        LEVELS.contains(&bits.read(8)?).then_some(())?;
        bits.golomb_to(31)?; // Its number.
        if profile == HIGH {
            // Only 8-bit 4:2:0, without scaling lists: what every encoder sends unless told otherwise.
            let plain = bits.golomb()? == 1 && bits.golomb()? == 0 && bits.golomb()? == 0 && bits.read(2)? == 0;
            plain.then_some(())?;
        }
        bits.golomb_to(12)?; // Bits of the frame number.
        match bits.golomb()? {
            0 => drop(bits.golomb_to(12)?),
            1 => {
                bits.read(1)?;
                bits.golomb()?;
                bits.golomb()?;
                for _ in 0..bits.golomb_to(255)? {
                    bits.golomb()?;
                }
            }
            2 => {}
            _ => return None,
        }
        let references = bits.golomb_to(16)?;
        bits.read(1)?; // Whether frame numbers may have gaps.
        let blocks_wide = bits.golomb_to(u16::MAX.into())?.checked_add(1)?;
        let blocks_high = bits.golomb_to(u16::MAX.into())?.checked_add(1)?;
        // Whole frames, never fields, which OpenH264 does not decode.
        (bits.read(1)? == 1).then_some(())?;
        bits.read(1)?; // Direct prediction.
        let mut crop = [0; 4];
        if bits.read(1)? == 1 {
            for side in &mut crop {
                *side = bits.golomb()?;
            }
        }
        if bits.read(1)? == 1 {
            usability(&mut bits)?;
        }
        bits.is_at_end().then_some(Self { blocks_wide, blocks_high, references, crop })
    }
}

/// Video usability information (section E.1.1): nothing in it is needed, all of it is read.
fn usability(bits: &mut Bits) -> Option<()> {
    const EXTENDED_ASPECT: u64 = 255;
    if bits.read(1)? == 1 && bits.read(8)? == EXTENDED_ASPECT {
        bits.read(32)?;
    }
    if bits.read(1)? == 1 {
        bits.read(1)?; // Overscan.
    }
    if bits.read(1)? == 1 {
        bits.read(4)?; // Format and range.
        if bits.read(1)? == 1 {
            bits.read(24)?; // Colours.
        }
    }
    if bits.read(1)? == 1 {
        bits.golomb_to(5)?; // Where chroma samples lie.
        bits.golomb_to(5)?;
    }
    if bits.read(1)? == 1 {
        bits.read(32)?; // Units in a tick, and ticks a second.
        bits.read(32)?;
        bits.read(1)?;
    }
    let units = reference_decoder(bits)?;
    let stream = reference_decoder(bits)?;
    if units || stream {
        bits.read(1)?; // Low delay.
    }
    bits.read(1)?; // Whether the timing of pictures is told.
    if bits.read(1)? == 1 {
        bits.read(1)?;
        for _ in 0..4 {
            bits.golomb_to(16)?; // Sizes of pictures, blocks and vectors.
        }
        bits.golomb_to(16)?; // Pictures that wait for their turn, and all that are kept.
        bits.golomb_to(16)?;
    }
    Some(())
}

/// Parameters of the hypothetical reference decoder (section E.1.2); whether there are any.
fn reference_decoder(bits: &mut Bits) -> Option<bool> {
    if bits.read(1)? == 0 {
        return Some(false);
    }
    let buffers = bits.golomb_to(31)?.checked_add(1)?;
    bits.read(8)?;
    for _ in 0..buffers {
        bits.golomb()?;
        bits.golomb()?;
        bits.read(1)?;
    }
    bits.read(20)?;
    Some(true)
}

/// Drops the 3 of every `00 00 03` (section 7.4.1). `None`: zeros that an encoder would have had to escape, or an escape
/// without need, which parsers read in different ways.
fn without_emulation_prevention(payload: &[u8]) -> Option<Vec<u8>> {
    let mut zeros = 0u8;
    let mut plain = Vec::with_capacity(payload.len());
    let mut bytes = payload.iter().peekable();
    while let Some(&byte) = bytes.next() {
        if zeros >= 2 {
            if byte != 3 {
                if byte < 3 {
                    return None;
                }
            } else {
                if bytes.peek().is_some_and(|&&next| next > 3) {
                    return None;
                }
                zeros = 0;
                continue;
            }
        }
        zeros = if byte == 0 { zeros.saturating_add(1) } else { 0 };
        plain.push(byte);
    }
    Some(plain)
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// `count` bits, at most 32, the highest first.
    fn read(&mut self, count: u32) -> Option<u64> {
        let mut value = 0;
        for _ in 0..count {
            let byte = *self.bytes.get(self.at / 8)?;
            let shift = 7usize.saturating_sub(self.at % 8);
            value = value << 1 | u64::from(byte >> shift & 1);
            self.at = self.at.saturating_add(1);
        }
        Some(value)
    }

    /// An Exp-Golomb code (section 9.1) of at most 32 bits.
    fn golomb(&mut self) -> Option<u64> {
        let mut zeros = 0u32;
        while self.read(1)? == 0 {
            zeros = zeros.saturating_add(1);
            if zeros > 31 {
                return None;
            }
        }
        (1u64 << zeros).checked_sub(1)?.checked_add(self.read(zeros)?)
    }

    /// An Exp-Golomb code no larger than `most`.
    fn golomb_to(&mut self, most: u64) -> Option<u64> {
        self.golomb().filter(|&value| value <= most)
    }

    /// Whether only the stop bit and the zeros that fill its byte are left (section 7.3.2.11).
    fn is_at_end(&mut self) -> bool {
        let stopped = self.read(1) == Some(1);
        while !self.at.is_multiple_of(8) {
            if self.read(1) != Some(0) {
                return false;
            }
        }
        stopped && self.at / 8 == self.bytes.len()
    }
}
