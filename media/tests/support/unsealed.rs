//! Frames that nobody sealed: to a splitter all bytes are the same.

use std::convert::Infallible;

use media::{EncodedFrame, Seal, SealedFrame, Stream};

struct Unsealed(Vec<u8>);

impl Seal for Unsealed {
    type Error = Infallible;

    fn seal_bytes(&mut self, _: &EncodedFrame) -> Result<Vec<u8>, Infallible> {
        Ok(std::mem::take(&mut self.0))
    }
}

pub fn danger_unsealed(stream: Stream, captured_us: u32, bytes: Vec<u8>) -> SealedFrame {
    let frame = EncodedFrame { stream, keyframe: false, captured_us, data: Vec::new() };
    let Ok(unsealed) = Unsealed(bytes).seal(&frame);
    unsealed
}
