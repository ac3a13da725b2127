//! Encoded frames, and the few bytes that travel sealed together with them.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Which of a participant's streams a frame belongs to. The number is the SFrame context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    Audio,
    /// The camera's.
    Video,
    /// What is shared of a screen.
    Screen,
}

impl Stream {
    /// The number that stands for the stream in an SFrame key id.
    pub const fn context(self) -> u8 {
        match self {
            Stream::Audio => 0,
            Stream::Video => 1,
            Stream::Screen => 2,
        }
    }

    /// Whether its frames are pictures, of which one needs those before it.
    pub const fn is_picture(self) -> bool {
        !matches!(self, Stream::Audio)
    }

    pub const fn from_context(context: u8) -> Option<Self> {
        match context {
            0 => Some(Stream::Audio),
            1 => Some(Stream::Video),
            2 => Some(Stream::Screen),
            _ => None,
        }
    }
}

/// One of the RTP streams from one peer to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// A stream of the sender's own.
    Own(Stream),
    /// Pictures of others that the sender passes on, and own ones that the receiver is to pass on. See [`crate::carried`].
    Carried,
}

impl Lane {
    /// Whether what goes there is pictures, of which one needs those before it.
    pub const fn is_picture(self) -> bool {
        !matches!(self, Lane::Own(Stream::Audio))
    }
}

impl From<Stream> for Lane {
    fn from(stream: Stream) -> Self {
        Lane::Own(stream)
    }
}

/// One Opus packet or one H.264 access unit (Annex B).
#[derive(Clone, PartialEq, Eq)]
pub struct EncodedFrame {
    pub stream: Stream,
    /// Pictures: an IDR with its parameter sets. Audio: always true.
    pub keyframe: bool,
    /// Capture time in microseconds of Unix time, modulo 2^32: enough to measure a delay of up to 35 minutes.
    pub captured_us: u32,
    pub data: Vec<u8>,
}

/// Bytes in front of the codec's in what is sealed: one of flags, four of capture time (big endian).
pub const INNER_HEADER: usize = 5;
const KEYFRAME: u8 = 0b0000_0001;

impl EncodedFrame {
    /// The bytes to seal.
    pub fn to_plaintext(&self) -> Vec<u8> {
        let mut plaintext = Vec::with_capacity(INNER_HEADER + self.data.len());
        plaintext.push(if self.keyframe { KEYFRAME } else { 0 });
        plaintext.extend_from_slice(&self.captured_us.to_be_bytes());
        plaintext.extend_from_slice(&self.data);
        plaintext
    }

    /// Reads what [`Self::to_plaintext`] wrote. `None` if the header is cut short or has unknown flags.
    pub fn from_plaintext(stream: Stream, mut plaintext: Vec<u8>) -> Option<Self> {
        let (&[flags, a, b, c, d], _) = plaintext.split_first_chunk::<INNER_HEADER>()?;
        if flags & !KEYFRAME != 0 {
            return None;
        }
        plaintext.drain(..INNER_HEADER);
        Some(Self {
            stream,
            keyframe: flags & KEYFRAME != 0,
            captured_us: u32::from_be_bytes([a, b, c, d]),
            data: plaintext,
        })
    }
}

impl std::fmt::Debug for EncodedFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EncodedFrame({:?}, {} bytes)", self.stream, self.data.len())
    }
}

/// Ties the monotonic clock to Unix time once, so that a clock that jumps later disturbs nothing.
#[derive(Clone, Copy, Debug)]
pub struct FrameClock {
    anchor: Instant,
    anchor_us: u64,
}

impl FrameClock {
    /// `unix` is the Unix time at `now`.
    pub fn new(now: Instant, unix: SystemTime) -> Self {
        let anchor_us = unix.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as u64);
        Self { anchor: now, anchor_us }
    }

    /// Unix time in microseconds at `at`, modulo 2^32.
    pub fn micros(&self, at: Instant) -> u32 {
        let us = match at.checked_duration_since(self.anchor) {
            Some(later) => self.anchor_us.wrapping_add(later.as_micros() as u64),
            None => self.anchor_us.wrapping_sub((self.anchor - at).as_micros() as u64),
        };
        us as u32
    }

    /// Microseconds from a frame's capture to `now`; negative where the clocks disagree.
    pub fn age_us(&self, captured_us: u32, now: Instant) -> i32 {
        self.micros(now).wrapping_sub(captured_us) as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_frame_comes_back_from_its_plaintext() {
        let frame =
            EncodedFrame { stream: Stream::Video, keyframe: true, captured_us: 0xfedc_ba98, data: vec![0, 0, 1, 9] };
        assert_eq!(EncodedFrame::from_plaintext(Stream::Video, frame.to_plaintext()), Some(frame));
    }

    #[test]
    fn a_short_or_strange_header_is_refused() {
        assert_eq!(EncodedFrame::from_plaintext(Stream::Audio, vec![0; 4]), None);
        assert_eq!(EncodedFrame::from_plaintext(Stream::Audio, vec![0x80, 0, 0, 0, 0, 1]), None);
    }

    #[test]
    fn the_age_of_a_frame_survives_the_wrap_of_its_clock() {
        let now = Instant::now();
        let clock = FrameClock::new(now, UNIX_EPOCH + Duration::from_micros(u64::from(u32::MAX) - 10));
        let captured = clock.micros(now);
        assert_eq!(clock.age_us(captured, now + Duration::from_millis(40)), 40_000);
    }
}
