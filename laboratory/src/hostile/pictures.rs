//! Access units that no decoder must be given: cropped into the memory around them, far too large, or no pictures at all.

/// The parameter set of 128x128 whose cropping wraps 32 bits, which OpenH264 takes, and one for the pictures behind it.
const CROPPED: [u8; 36] = [
    0, 0, 0, 1, 0x67, 0x42, 0x00, 0x34, 0xda, 0x08, 0x11, 0xf0, 0x00, 0x20, 0x01, 0x00, 0x00, 0x03, 0x00, 0x01, 0xff,
    0xff, 0xdf, 0xf5, 0xfb, 0x41, 0x11, 0x80, 0, 0, 0, 1, 0x68, 0xce, 0x38, 0x80,
];
/// The head of a keyframe's slice, up to its first macroblock.
const SLICE: [u8; 8] = [0, 0, 0, 1, 0x65, 0x88, 0x84, 0x86];
/// Of 128x128.
const MACROBLOCKS: usize = 64;
/// A macroblock whose samples follow as they are (I_PCM), after the first.
const AS_THEY_ARE: [u8; 2] = [0x0d, 0x00];

/// A keyframe whose planes, by the numbers of its parameter set, lie megabytes away.
pub fn cropped_out_of_memory() -> Vec<u8> {
    with_slice(&CROPPED)
}

/// A keyframe that says to be `blocks` macroblocks of 16 pixels wide and as high.
pub fn oversize(blocks: u32) -> Vec<u8> {
    let mut set = Bits::default();
    // Constrained Baseline of level 5.2, the first set; the fields are those of section 7.3.2.1.1 of ITU-T H.264.
    [0x42, 0x40, 52].iter().for_each(|byte| set.put(*byte, 8));
    // Identifier, frame number's bits, order (as decoded), references.
    [0, 0, 2, 1].iter().for_each(|value| set.golomb(*value));
    set.put(0, 1);
    [blocks - 1; 2].iter().for_each(|value| set.golomb(*value));
    // Frames only, direct inference, no cropping, no more about it; and the bit behind the last.
    [1, 1, 0, 0, 1].iter().for_each(|bit| set.put(*bit, 1));
    let mut unit = vec![0, 0, 0, 1, 0x67];
    // An emulation prevention byte keeps zeros from looking like a start code (section 7.4.1).
    let mut zeros = 0;
    for byte in set.bytes {
        if zeros == 2 && byte <= 3 {
            unit.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        unit.push(byte);
    }
    unit.extend_from_slice(&[0, 0, 0, 1, 0x68, 0xce, 0x38, 0x80]);
    with_slice(&unit)
}

fn with_slice(sets: &[u8]) -> Vec<u8> {
    let grey = [0x80; 384];
    let mut unit = [sets, &SLICE, &[0x80], &grey].concat();
    for _ in 1..MACROBLOCKS {
        unit.extend_from_slice(&AS_THEY_ARE);
        unit.extend_from_slice(&grey);
    }
    unit.push(0x80);
    unit
}

/// Units of every kind with nothing in them that makes sense.
pub fn garbage(seed: u64) -> Vec<u8> {
    let mut numbers = Numbers::new(seed);
    let mut unit = Vec::new();
    for _ in 0..1 + numbers.byte() % 40 {
        unit.extend_from_slice(&[0, 0, 1]);
        unit.extend((0..numbers.byte() % 100).map(|_| numbers.byte()));
    }
    unit
}

/// Bits, the highest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        for bit in (0..count).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> bit & 1) as u8) << (7 - self.used % 8);
            }
            self.used += 1;
        }
    }

    /// An unsigned Exp-Golomb code (section 9.1).
    fn golomb(&mut self, value: u32) {
        let code = value + 1;
        let length = u32::BITS - code.leading_zeros();
        self.put(0, length - 1);
        self.put(code, length);
    }
}

/// Numbers that look random and are the same in each run.
pub struct Numbers(fastrand::Rng);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    pub fn byte(&mut self) -> u8 {
        self.0.u8(..)
    }

    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.byte()).collect()
    }
}

#[cfg(test)]
mod tests {
    use media::decode::{DecodeError, PictureLimit, VideoDecoder};

    use super::*;

    #[test]
    fn no_picture_is_one_that_a_decoder_is_given() {
        let refused = |unit: &[u8]| VideoDecoder::within(PictureLimit::CAMERA).decode(unit).err();
        assert_eq!(cropped_out_of_memory().len(), 24_748);
        assert_eq!(refused(&cropped_out_of_memory()), Some(DecodeError::Malformed));
        // The largest camera is 120 macroblocks wide.
        for blocks in [121, 256, 1024] {
            assert_eq!(refused(&oversize(blocks)), Some(DecodeError::TooLarge), "{blocks}");
        }
        for seed in 0..1000 {
            assert!(refused(&garbage(seed)).is_some(), "{seed}");
        }
    }
}
