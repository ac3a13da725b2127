//! The seam between media and keys: a frame leaves only as a [`SealedFrame`], and only [`Seal::seal`] makes one.
//!
//! [`Splitter`](crate::split::Splitter) makes the packets that a peer sends, and takes nothing else:
//!
//! ```
//! use media::{EncodedFrame, Seal, SealedFrame, split::{Packet, Splitter}};
//!
//! fn send(keys: &mut impl Seal, frame: &EncodedFrame) -> Option<Vec<Packet>> {
//!     let sealed: SealedFrame = keys.seal(frame).ok()?;
//!     Some(Splitter::new().split(&sealed))
//! }
//! ```
//!
//! An encoded frame is not one, and bytes make neither a frame nor a packet:
//!
//! ```compile_fail,E0308
//! use media::{EncodedFrame, split::{Packet, Splitter}};
//!
//! fn send(frame: &EncodedFrame) -> Vec<Packet> {
//!     Splitter::new().split(frame)
//! }
//! ```
//!
//! ```compile_fail,E0451
//! use media::{SealedFrame, Stream};
//!
//! fn sealed(bytes: Vec<u8>) -> SealedFrame {
//!     SealedFrame { stream: Stream::Audio, captured_us: 0, keyframe: false, bytes }
//! }
//! ```
//!
//! ```compile_fail,E0616
//! use media::split::Packet;
//!
//! fn packet(mut packet: Packet, bytes: Vec<u8>) -> Packet {
//!     packet.payload = bytes.into();
//!     packet
//! }
//! ```

use crate::frame::{EncodedFrame, Stream};

/// A whole frame of ours as it goes on the wire: SFrame header, ciphertext and tag (RFC 9605).
#[derive(Clone, PartialEq, Eq)]
pub struct SealedFrame {
    pub stream: Stream,
    /// Capture time, see [`EncodedFrame::captured_us`]; it sets the RTP timestamp.
    pub captured_us: u32,
    /// Whether it is said in the clear that a decoder can begin with it.
    pub keyframe: bool,
    bytes: Vec<u8>,
}

impl SealedFrame {
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    #[cfg(test)]
    pub(crate) fn danger_unsealed(stream: Stream, captured_us: u32, bytes: Vec<u8>) -> Self {
        Self { stream, captured_us, keyframe: false, bytes }
    }
}

impl std::fmt::Debug for SealedFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedFrame({:?}, {} bytes)", self.stream, self.bytes.len())
    }
}

/// A whole frame that another member sealed. It opens, or is passed on as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceivedFrame {
    pub stream: Stream,
    /// Whether it is said in the clear that a decoder can begin with it, which nobody has proven yet.
    pub keyframe: bool,
    bytes: Vec<u8>,
}

impl ReceivedFrame {
    pub(crate) fn new(stream: Stream, keyframe: bool, bytes: Vec<u8>) -> Self {
        Self { stream, keyframe, bytes }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// As the other end gets it.
impl From<SealedFrame> for ReceivedFrame {
    fn from(sealed: SealedFrame) -> Self {
        Self { stream: sealed.stream, keyframe: sealed.keyframe, bytes: sealed.bytes }
    }
}

impl std::fmt::Debug for ReceivedFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReceivedFrame({:?}, {} bytes)", self.stream, self.bytes.len())
    }
}

/// The sender's current key.
pub trait Seal {
    type Error;

    /// SFrame header, ciphertext and tag of a whole frame.
    ///
    /// # Errors
    /// When the key seals no more.
    fn seal_bytes(&mut self, frame: &EncodedFrame) -> Result<Vec<u8>, Self::Error>;

    /// Seals a frame, so that it can be sent.
    ///
    /// # Errors
    /// As [`Self::seal_bytes`].
    fn seal(&mut self, frame: &EncodedFrame) -> Result<SealedFrame, Self::Error> {
        let bytes = self.seal_bytes(frame)?;
        Ok(SealedFrame { stream: frame.stream, captured_us: frame.captured_us, keyframe: frame.keyframe, bytes })
    }
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
    /// # Errors
    /// When no key opens the frame, or not yet.
    fn open(&mut self, frame: &ReceivedFrame) -> Result<EncodedFrame, OpenError>;
}
