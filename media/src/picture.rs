//! Uncompressed pictures: 8-bit I420, planes tightly packed.

use std::time::Instant;

/// One picture in I420 (4:2:0, 8 bit, BT.709 limited range), its planes without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels, even.
    pub width: u32,
    /// Height in pixels, even.
    pub height: u32,
    /// `width * height` luma samples.
    pub y: Vec<u8>,
    /// `width/2 * height/2` blue-difference samples.
    pub u: Vec<u8>,
    /// `width/2 * height/2` red-difference samples.
    pub v: Vec<u8>,
}

impl Picture {
    /// A black picture. Odd sizes are rounded down to even ones, and nothing is smaller than 2x2.
    pub fn black(width: u32, height: u32) -> Self {
        let (width, height) = ((width & !1).max(2), (height & !1).max(2));
        let luma = (width * height) as usize;
        Self { width, height, y: vec![16; luma], u: vec![128; luma / 4], v: vec![128; luma / 4] }
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What a camera saw is nobody's business but the room's.
        write!(f, "Picture({}x{})", self.width, self.height)
    }
}

/// A picture on its way out, with the moment its capture ended.
#[derive(Clone, Debug)]
pub struct RawFrame {
    pub picture: Picture,
    pub captured: Instant,
}
