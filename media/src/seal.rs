//! The seam between media and keys: a frame leaves only as a [`SealedFrame`], and only [`Seal`] makes one.

use crate::frame::{EncodedFrame, Stream};

/// A whole frame as it goes on the wire: SFrame header, ciphertext and tag (RFC 9605).
#[derive(Clone, PartialEq, Eq)]
pub struct SealedFrame {
    pub stream: Stream,
    /// Capture time, see [`EncodedFrame::captured_us`]; it sets the RTP timestamp.
    pub captured_us: u32,
    /// Whether it is said in the clear that a decoder can begin with it; of a picture that came, nobody has proven it yet.
    pub keyframe: bool,
    bytes: Vec<u8>,
}

impl SealedFrame {
    /// For implementers of [`Seal`], and for what arrived from the network sealed already.
    pub fn from_ciphertext(stream: Stream, captured_us: u32, bytes: Vec<u8>) -> Self {
        Self { stream, captured_us, keyframe: false, bytes }
    }

    /// What `frame` is when it is sealed.
    pub fn of(frame: &EncodedFrame, bytes: Vec<u8>) -> Self {
        Self { stream: frame.stream, captured_us: frame.captured_us, keyframe: frame.keyframe, bytes }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl std::fmt::Debug for SealedFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedFrame({:?}, {} bytes)", self.stream, self.bytes.len())
    }
}

/// Turns an encoded frame into a sealed one with the sender's current key.
pub trait Seal {
    type Error;
    fn seal(&mut self, frame: &EncodedFrame) -> Result<SealedFrame, Self::Error>;
}

/// Why a sealed frame did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Its epoch is not known yet. Keep it and try again after the next epoch change.
    #[error("the frame's epoch is not known yet")]
    UnknownEpoch,
    /// Malformed, replayed, forged or too old. Trying again never helps.
    #[error("the frame does not open")]
    Rejected,
}

/// Opens what came from one participant.
pub trait Open {
    fn open(&mut self, frame: &SealedFrame) -> Result<EncodedFrame, OpenError>;
}
