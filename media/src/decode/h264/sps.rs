//! The size a sequence parameter set asks for (ITU-T H.264, section 7.3.2.1), read before the codec reserves memory for it.

use super::DecodeError;

/// The widest and the highest picture that is decoded, in pixels.
pub const MAX_SIDE: u32 = 4096;

/// The decoded picture buffer of level 5.2, in macroblocks (table A-1): about 70 MB.
const MAX_BUFFERED_MACROBLOCKS: u32 = 184_320;

/// Profiles whose parameter sets go on about chroma and bit depth (section 7.3.2.1.1).
const WITH_CHROMA: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/// Checks that pictures of this parameter set (a unit with its header byte) are 8-bit 4:2:0 and of a size we decode.
pub(super) fn check(unit: &[u8]) -> Result<(), DecodeError> {
    let (blocks_wide, blocks_high, references) = size(unit).ok_or(DecodeError::Malformed)?;
    if blocks_wide > MAX_SIDE / 16 || blocks_high > MAX_SIDE / 16 {
        return Err(DecodeError::TooLarge);
    }
    if references > 16 || blocks_wide * blocks_high * references.max(1) > MAX_BUFFERED_MACROBLOCKS {
        return Err(DecodeError::TooLarge);
    }
    Ok(())
}

/// Width and height in macroblocks, and the number of reference pictures.
fn size(unit: &[u8]) -> Option<(u32, u32, u32)> {
    let payload = without_emulation_prevention(unit.get(1..)?);
    let mut bits = Bits { bytes: &payload, at: 0 };
    let profile = bits.read(8)?;
    bits.read(16)?; // Constraint flags and level.
    bits.golomb()?; // Its number.
    if WITH_CHROMA.contains(&profile) {
        // Only 8-bit 4:2:0, without scaling lists: what every encoder sends unless told otherwise.
        let plain = bits.golomb()? == 1 && bits.golomb()? == 0 && bits.golomb()? == 0 && bits.read(2)? == 0;
        plain.then_some(())?;
    }
    bits.golomb()?; // Bits of the frame number.
    match bits.golomb()? {
        0 => drop(bits.golomb()?),
        1 => {
            bits.read(1)?;
            bits.golomb()?;
            bits.golomb()?;
            for _ in 0..bits.golomb().filter(|&cycle| cycle <= 255)? {
                bits.golomb()?;
            }
        }
        2 => {}
        _ => return None,
    }
    let references = bits.golomb()?;
    bits.read(1)?; // Whether frame numbers may have gaps.
    let wide = bits.golomb()?.checked_add(1)?;
    let units_high = bits.golomb()?.checked_add(1)?;
    let frames_only = bits.read(1)?;
    Some((wide, units_high.checked_mul(2 - frames_only)?, references))
}

/// Drops the 3 of every `00 00 03` (section 7.4.1).
fn without_emulation_prevention(payload: &[u8]) -> Vec<u8> {
    let mut zeros = 0;
    let mut plain = Vec::with_capacity(payload.len());
    for &byte in payload {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        plain.push(byte);
    }
    plain
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// `count` bits, at most 32, the highest first.
    fn read(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = *self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    /// An Exp-Golomb code (section 9.1).
    fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.read(1)? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.read(zeros)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Baseline parameter set: each number as an Exp-Golomb code, then `frame_mbs_only_flag`.
    fn baseline(blocks_wide: u32, blocks_high: u32, references: u32) -> Vec<u8> {
        let mut bits = String::new();
        let mut golomb = |value: u32| {
            let code = format!("{:b}", value + 1);
            bits += &"0".repeat(code.len() - 1);
            bits += &code;
        };
        for value in [0, 0, 2, references] {
            golomb(value);
        }
        // The flag for gaps is a single 0, so it shifts the rest by one bit.
        bits += "0";
        let mut golomb = |value: u32| {
            let code = format!("{:b}", value + 1);
            bits += &"0".repeat(code.len() - 1);
            bits += &code;
        };
        golomb(blocks_wide - 1);
        golomb(blocks_high - 1);
        bits += "11";
        while !bits.len().is_multiple_of(8) {
            bits += "0";
        }
        let mut unit = vec![0x67, 66, 0xc0, 30];
        unit.extend(
            bits.as_bytes().chunks(8).map(|byte| byte.iter().fold(0u8, |value, &bit| value << 1 | (bit - b'0'))),
        );
        unit
    }

    #[test]
    fn the_size_of_an_ordinary_stream_is_read() {
        assert_eq!(size(&baseline(40, 23, 1)), Some((40, 23, 1)));
        assert_eq!(check(&baseline(40, 23, 1)), Ok(()));
    }

    #[test]
    fn a_set_that_asks_for_gigabytes_is_refused() {
        assert_eq!(check(&baseline(257, 23, 1)), Err(DecodeError::TooLarge));
        assert_eq!(check(&baseline(256, 256, 16)), Err(DecodeError::TooLarge));
        assert_eq!(check(&baseline(1 << 20, 1 << 20, 1)), Err(DecodeError::TooLarge));
    }

    #[test]
    fn a_set_cut_short_is_malformed() {
        let whole = baseline(40, 23, 1);
        for length in 0..6 {
            assert_eq!(check(&whole[..length]), Err(DecodeError::Malformed));
        }
    }
}
