use arbitrary::Unstructured;
use media::{
    Picture,
    decode::{PictureLimit, VideoDecoder},
};

/// Access units of one input, at most.
const MAX_UNITS: usize = 6;

/// Access units of H.264: as bytes, or written by a grammar of parameter sets and slices with numbers of the input. The
/// properties: nothing breaks, and a picture has the planes and the size that it says to have, within what is decoded.
pub fn run(input: &[u8]) {
    // Which limit it is depends on nothing that the bytes say, so that each is met by whatever is found.
    let limit = [PictureLimit::FILE, PictureLimit::CAMERA, PictureLimit::SCREEN][input.len() % 3];
    let mut input = Unstructured::new(input);
    let mut decoder = VideoDecoder::within(limit);
    let mut picture = Picture::black(2, 2);
    for _ in 0..MAX_UNITS {
        if input.is_empty() {
            break;
        }
        let unit = if input.arbitrary::<u8>().unwrap_or_default().is_multiple_of(4) {
            let length = usize::from(input.arbitrary::<u16>().unwrap_or_default()).min(input.len());
            input.bytes(length).unwrap_or_default().to_vec()
        } else {
            written(&mut input)
        };
        if let Ok(Some(view)) = decoder.decode(&unit) {
            view.copy_to(&mut picture);
            let (width, height) = (picture.width as usize, picture.height as usize);
            assert!(width <= 4096 && height <= 4096, "a picture of {width}x{height}");
            assert_eq!([picture.y.len(), picture.u.len()], [width * height, (width / 2) * (height / 2)]);
            // Every byte of it can be read.
            let sum = [&picture.y, &picture.u, &picture.v]
                .map(|plane| plane.iter().map(|byte| u64::from(*byte)).sum::<u64>());
            std::hint::black_box(sum);
        }
    }
}

/// Bits, the highest first, as section 7.2 of ITU-T H.264 writes them.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn put(&mut self, value: u64, count: u32) {
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
        let code = u64::from(value) + 1;
        let length = u64::BITS - code.leading_zeros();
        self.put(0, length - 1);
        self.put(code, length);
    }

    fn signed(&mut self, value: i32) {
        let code = if value > 0 { 2 * i64::from(value) - 1 } else { -2 * i64::from(value) };
        self.golomb(u32::try_from(code).unwrap_or(u32::MAX));
    }

    /// A unit with its start code, its trailing bits and the bytes that prevent emulation (section 7.4.1).
    fn unit(mut self, header: u8) -> Vec<u8> {
        self.put(1, 1);
        let mut unit = vec![0, 0, 0, 1, header];
        let mut zeros = 0;
        for byte in self.bytes {
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

/// A number that is mostly what an encoder would write, sometimes an edge, sometimes anything.
fn number(input: &mut Unstructured<'_>, usual: u32) -> u32 {
    match input.arbitrary::<u8>().unwrap_or_default() {
        0..=199 => usual,
        200..=209 => 0,
        210..=219 => 1,
        220..=224 => u32::MAX - 1,
        225..=229 => i32::MAX as u32,
        230..=234 => (1 << 31) | u32::from(input.arbitrary::<u16>().unwrap_or_default()),
        235..=244 => input.arbitrary::<u8>().unwrap_or_default().into(),
        245..=249 => input.arbitrary::<u16>().unwrap_or_default().into(),
        _ => input.arbitrary::<u32>().unwrap_or_default().min(u32::MAX - 1),
    }
}

fn flag(input: &mut Unstructured<'_>, usual: bool) -> bool {
    if input.arbitrary::<u8>().unwrap_or_default() < 220 { usual } else { !usual }
}

/// A parameter set of each kind and some slices.
fn written(input: &mut Unstructured<'_>) -> Vec<u8> {
    let [wide, high, kind] = input.arbitrary::<[u8; 3]>().unwrap_or_default();
    let mut unit = Vec::new();
    if kind & 1 == 0 {
        if kind & 8 == 0 {
            unit.extend(sequence(input, u32::from(wide % 16), u32::from(high % 16)));
        } else {
            // One that somebody else wrote.
            let length = usize::from(input.arbitrary::<u8>().unwrap_or_default()).min(input.len());
            unit.extend(input.bytes(length).unwrap_or_default());
        }
        unit.extend(pictures(input));
    }
    for _ in 0..=kind >> 1 & 3 {
        unit.extend(slice(input, kind & 1 == 0, if kind & 8 == 0 { 8 } else { 4 }));
    }
    unit
}

/// Section 7.3.2.1.1.
fn sequence(input: &mut Unstructured<'_>, wide: u32, high: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    let high_profile = flag(input, false);
    bits.put(if high_profile { 100 } else { 66 }, 8);
    bits.put(number(input, 0xc0).into(), 8);
    bits.put(number(input, 52).into(), 8);
    bits.golomb(number(input, 0));
    if high_profile {
        for usual in [1, 0, 0] {
            bits.golomb(number(input, usual));
        }
        bits.put(0, 1);
        bits.put(flag(input, false).into(), 1);
    }
    bits.golomb(number(input, 4));
    let order = number(input, 2);
    bits.golomb(order);
    match order {
        0 => bits.golomb(number(input, 4)),
        1 => {
            bits.put(0, 1);
            bits.signed(number(input, 0) as i32);
            bits.signed(number(input, 0) as i32);
            let cycle = number(input, 1);
            bits.golomb(cycle);
            for _ in 0..cycle.min(300) {
                bits.signed(number(input, 0) as i32);
            }
        }
        _ => {}
    }
    bits.golomb(number(input, 1));
    bits.put(flag(input, false).into(), 1);
    bits.golomb(number(input, wide));
    bits.golomb(number(input, high));
    let frames_only = flag(input, true);
    bits.put(frames_only.into(), 1);
    if !frames_only {
        bits.put(flag(input, false).into(), 1);
    }
    bits.put(flag(input, true).into(), 1);
    let crops = flag(input, false);
    bits.put(crops.into(), 1);
    if crops {
        for _ in 0..4 {
            bits.golomb(number(input, 1));
        }
    }
    let describes = flag(input, false);
    bits.put(describes.into(), 1);
    if describes {
        // Usability information (annex E.1.1): whatever the bits of the input say.
        for byte in input.arbitrary::<[u8; 12]>().unwrap_or_default() {
            bits.put(byte.into(), 8);
        }
    }
    bits.unit(0x67)
}

/// Section 7.3.2.2.
fn pictures(input: &mut Unstructured<'_>) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.golomb(number(input, 0));
    bits.golomb(number(input, 0));
    bits.put(flag(input, false).into(), 1);
    bits.put(flag(input, false).into(), 1);
    let groups = number(input, 0);
    bits.golomb(groups);
    if groups > 0 {
        bits.golomb(number(input, 0));
        for _ in 0..=groups.min(8) {
            bits.golomb(number(input, 0));
        }
    }
    bits.golomb(number(input, 0));
    bits.golomb(number(input, 0));
    bits.put(0, 3);
    for _ in 0..3 {
        bits.signed(number(input, 0) as i32);
    }
    bits.put(flag(input, true).into(), 1);
    bits.put(0, 2);
    bits.unit(0x68)
}

/// Section 7.3.3, with so many bits of the frame's number, then macroblocks: as they come, or raw samples (I_PCM), which every decoder takes.
fn slice(input: &mut Unstructured<'_>, begins: bool, number_bits: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.golomb(number(input, 0));
    bits.golomb(number(input, if begins { 7 } else { 5 }));
    bits.golomb(number(input, 0));
    bits.put(number(input, 0).into(), number_bits);
    if begins {
        bits.golomb(number(input, 0));
        bits.put(0, 2);
    } else {
        bits.put(flag(input, false).into(), 1);
        bits.put(flag(input, false).into(), 1);
        bits.put(0, 1);
    }
    bits.signed(number(input, 0) as i32);
    bits.golomb(number(input, 1));
    let raw = usize::from(input.arbitrary::<u8>().unwrap_or_default());
    for _ in 0..raw {
        // I_PCM: 25 in an I slice, 30 in a P slice behind the count of skipped ones.
        if !begins {
            bits.golomb(0);
        }
        bits.golomb(if begins { 25 } else { 30 });
        while !bits.used.is_multiple_of(8) {
            bits.put(0, 1);
        }
        for _ in 0..384 {
            bits.put(0x80, 8);
        }
    }
    let length = usize::from(input.arbitrary::<u8>().unwrap_or_default()).min(input.len());
    for byte in input.bytes(length).unwrap_or_default() {
        bits.put((*byte).into(), 8);
    }
    bits.unit(if begins { 0x65 } else { 0x41 })
}
