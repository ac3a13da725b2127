//! Which sequence parameter sets are read, and which are refused.

use super::*;

const LARGEST: PictureLimit = PictureLimit::FILE;

/// Bits as they are written down.
#[derive(Default)]
struct Written(Vec<bool>);

impl Written {
    fn bits(&mut self, count: u32, value: u64) -> &mut Self {
        self.0.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
        self
    }

    fn golomb(&mut self, value: u64) -> &mut Self {
        let length = (value + 1).ilog2();
        self.bits(length, 0).bits(length + 1, value + 1)
    }

    /// A unit with its stop bit and its escapes.
    fn unit(&self) -> Vec<u8> {
        let mut bits = self.0.clone();
        bits.push(true);
        let byte = |bits: &[bool]| (0..8).fold(0, |byte, at| byte << 1 | u8::from(*bits.get(at).unwrap_or(&false)));
        let (mut unit, mut zeros) = (vec![0x67], 0);
        for byte in bits.chunks(8).map(byte) {
            if zeros >= 2 && byte <= 3 {
                unit.push(3);
                zeros = 0;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            unit.push(byte);
        }
        unit
    }
}

/// A Baseline parameter set up to its cropping.
fn begun(blocks_wide: u64, blocks_high: u64, references: u64) -> Written {
    let mut bits = Written::default();
    bits.bits(8, 66).bits(8, 0xc0).bits(8, 30);
    bits.golomb(0).golomb(0).golomb(2).golomb(references).bits(1, 0);
    bits.golomb(blocks_wide - 1).golomb(blocks_high - 1).bits(2, 0b11);
    bits
}

fn baseline(blocks_wide: u64, blocks_high: u64, references: u64) -> Vec<u8> {
    begun(blocks_wide, blocks_high, references).bits(2, 0).unit()
}

fn cropping(crop: [u64; 4]) -> Vec<u8> {
    let mut bits = begun(40, 23, 1);
    bits.bits(1, 1);
    for side in crop {
        bits.golomb(side);
    }
    bits.bits(1, 0).unit()
}

#[test]
fn size_of_ordinary_stream_is_read() {
    let whole = Sequence { width: 640, height: 368, coded_width: 640, coded_height: 368 };
    assert_eq!(parse(&baseline(40, 23, 1), &LARGEST), Ok(whole));
    assert_eq!(parse(&cropping([0, 0, 0, 4]), &LARGEST), Ok(Sequence { height: 360, ..whole }));
    assert_eq!(parse(&cropping([1, 2, 3, 4]), &LARGEST).map(|s| (s.width, s.height)), Ok((634, 354)));
}

#[test]
fn set_that_asks_for_gigabytes_is_refused() {
    assert_eq!(parse(&baseline(257, 23, 1), &LARGEST), Err(DecodeError::TooLarge));
    assert_eq!(parse(&baseline(256, 256, 16), &LARGEST), Err(DecodeError::TooLarge));
    assert_eq!(parse(&baseline(1 << 16, 1 << 16, 1), &LARGEST), Err(DecodeError::TooLarge));
    assert_eq!(parse(&baseline(1 << 20, 1 << 20, 1), &LARGEST), Err(DecodeError::Malformed));
    assert_eq!(parse(&baseline(1, 1, 17), &LARGEST), Err(DecodeError::Malformed));
}

#[test]
fn picture_larger_than_its_stream_is_refused() {
    assert!(parse(&baseline(120, 68, 2), &PictureLimit::CAMERA).is_ok());
    assert!(parse(&baseline(68, 120, 2), &PictureLimit::CAMERA).is_ok());
    assert_eq!(parse(&baseline(121, 68, 1), &PictureLimit::CAMERA), Err(DecodeError::TooLarge));
    assert_eq!(parse(&baseline(120, 69, 1), &PictureLimit::CAMERA), Err(DecodeError::TooLarge));
    assert_eq!(parse(&baseline(120, 68, 3), &PictureLimit::CAMERA), Err(DecodeError::TooLarge));
    assert!(parse(&baseline(240, 135, 2), &PictureLimit::SCREEN).is_ok());
    assert_eq!(parse(&baseline(240, 135, 3), &PictureLimit::SCREEN), Err(DecodeError::TooLarge));
}

#[test]
fn cropping_that_leaves_nothing_is_refused() {
    let wraps = (1 << 31) - 16385;
    let most = u64::from(u32::MAX) - 1;
    for crop in [
        [0, 0, 16385, wraps],
        [16385, wraps, 0, 0],
        [160, 160, 0, 0],
        [0, 0, 0, 184],
        [0, 321, 0, 0],
        [most, most, most, most],
        [1, most, 1, most],
    ] {
        assert_eq!(parse(&cropping(crop), &LARGEST), Err(DecodeError::Malformed), "{crop:?}");
    }
    assert!(parse(&cropping([160, 159, 92, 91]), &LARGEST).is_ok());
}

#[test]
fn set_is_read_to_its_last_bit() {
    let mut whole = begun(40, 23, 1);
    // Usability information: extended aspect, video format and colours, timing, one reference decoder, restrictions.
    whole.bits(2, 0b01).bits(1, 1).bits(8, 255).bits(32, 7).bits(1, 0).bits(5, 0b11011).bits(1, 1).bits(24, 0x010101);
    whole.bits(1, 0).bits(1, 1).bits(32, 1000).bits(32, 60000).bits(1, 1);
    whole.bits(1, 1).golomb(0).bits(8, 0).golomb(9).golomb(9).bits(1, 0).bits(20, 0).bits(1, 0).bits(2, 0);
    whole.bits(1, 1).bits(1, 1);
    for value in [0, 0, 16, 16, 0, 1] {
        whole.golomb(value);
    }
    let unit = whole.unit();
    assert!(parse(&unit, &LARGEST).is_ok());
    for length in 0..unit.len() {
        assert_eq!(parse(&unit[..length], &LARGEST), Err(DecodeError::Malformed), "{length}");
    }
    assert_eq!(parse(&[&unit[..], &[0x80]].concat(), &LARGEST), Err(DecodeError::Malformed));
}

#[test]
fn escapes_that_parsers_read_differently_are_refused() {
    assert_eq!(without_emulation_prevention(&[1, 0, 0, 3, 1, 2]), Some(vec![1, 0, 0, 1, 2]));
    assert_eq!(without_emulation_prevention(&[1, 0, 0, 3]), Some(vec![1, 0, 0]));
    assert_eq!(without_emulation_prevention(&[1, 0, 0, 3, 4]), None);
    assert_eq!(without_emulation_prevention(&[1, 0, 0, 0, 4]), None);
    assert_eq!(without_emulation_prevention(&[1, 0, 0, 2, 4]), None);
}
