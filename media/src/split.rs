//! Cuts a sealed frame into RTP payloads, once for all peers.
//!
//! A payload is one descriptor byte and a slice of the sealed frame, as in draft-ietf-avtcore-rtp-sframe: the frame is
//! sealed whole and then cut (the draft's T bit is 0).

use std::sync::Arc;

use crate::carried::Carried;
use crate::frame::{Lane, Stream};
use crate::seal::SealedFrame;

/// Largest RTP payload in bytes, descriptor included.
///
/// SRTP adds up to 46 bytes: header, extensions, tag, and the two bytes of RTX (RFC 4588, section 4). The sum, and a prefix of
/// the caller's, stay under the 1162 bytes that a QUIC datagram carries at the smallest path MTU.
pub const MAX_PAYLOAD: usize = 1100;

/// RTP clock of video in Hz.
pub const VIDEO_CLOCK: u32 = 90_000;
/// RTP clock of audio in Hz (RFC 7587, section 4.1).
pub const AUDIO_CLOCK: u32 = 48_000;
/// Ticks of the audio clock in one 20 ms frame.
pub const AUDIO_FRAME_TICKS: u32 = 960;

/// The byte in front of each slice: S (start of frame), E (end of frame), then T and reserved bits, all 0 here but for two of
/// ours.
pub(crate) const START: u8 = 0x80;
pub(crate) const END: u8 = 0x40;
/// Video, with the start of a frame: a keyframe. Who lacks what was before it need not wait for that.
pub(crate) const KEY: u8 = 0x02;
/// Audio: repair blocks stand before the frame, which is whole. See [`crate::repair`].
pub(crate) const REPAIR: u8 = 0x01;

/// Both clocks start one second in, so that a frame captured a little before the first one still has a timestamp.
const FIRST_US: u64 = 1_000_000;

const AUDIO_FRAME_US: i64 = 20_000;
/// Audio that comes this much later than its grid says is behind a pause, not behind a busy scheduler.
const PAUSE_US: i64 = 3 * AUDIO_FRAME_US;
/// The grid follows the capture clock by this fraction of each deviation: enough for crystals that disagree by 100 ppm.
const FOLLOW: i64 = 64;

/// One RTP payload and what its header says, but for the sequence number, which each peer counts itself. Only
/// [`Splitter`] makes them, of what is sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Packet {
    pub(crate) lane: Lane,
    /// RTP units, 90 kHz for video and 48 kHz for audio, modulo 2^32. Starts one second in, whatever the time of day. What is
    /// carried is only counted: its times are sealed with it.
    pub(crate) timestamp: u32,
    /// Pictures: the last packet of its frame. Audio: the first packet after a pause (RFC 3551, section 4.1).
    pub(crate) marker: bool,
    /// Descriptor and slice. Shared, never copied, by all peers it is sent to.
    pub(crate) payload: Arc<[u8]>,
}

impl Packet {
    /// RTP units, 90 kHz for video and 48 kHz for audio, modulo 2^32.
    pub fn timestamp(&self) -> u32 {
        self.timestamp
    }

    /// Descriptor and slice.
    pub fn payload(&self) -> &Arc<[u8]> {
        &self.payload
    }

    pub(crate) fn starts_frame(&self) -> bool {
        self.payload.first().is_some_and(|descriptor| descriptor & START != 0)
    }
}

impl std::fmt::Debug for Packet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Packet({:?}, {} bytes)", self.lane, self.payload.len())
    }
}

/// Splits the frames of one participant. Its state is only what turns capture times into RTP timestamps:
///
/// - video: capture times unwrapped, because they wrap every 71 minutes and RTP timestamps every 13 hours;
/// - audio: a counter of 20 ms frames. Capture times jitter, but the jitter buffer wants steps of exactly 960 ticks, so
///   a frame advances the counter by one, and by more only when it comes after a pause (discontinuous transmission, or a
///   muted microphone): then by whole frames. Pauses too short to tell from scheduling, under 60 ms, are closed up.
///
/// All layers of a video, and the screen, go through the same splitter, so that their timestamps agree.
#[derive(Default)]
pub struct Splitter {
    video: Option<Unwrapped>,
    audio: Option<AudioGrid>,
    carried: u32,
}

impl Splitter {
    pub fn new() -> Self {
        Self::default()
    }

    /// Cuts `frame` into the payloads of packets.
    pub fn split(&mut self, frame: &SealedFrame) -> Vec<Packet> {
        let (timestamp, after_pause) = self.timestamp(frame);
        let key = if frame.keyframe && frame.stream.is_picture() { KEY } else { 0 };
        let mut packets = cut(frame.stream.into(), timestamp, key, frame.bytes());
        if let (Stream::Audio, Some(first)) = (frame.stream, packets.first_mut()) {
            first.marker = after_pause;
        }
        packets
    }

    /// The same for a picture that is carried. Those of several members go one behind the other, and none says in the clear that
    /// it begins anew: that would end the wait for others' pictures, too.
    pub fn split_carried(&mut self, picture: &Carried) -> Vec<Packet> {
        self.carried = self.carried.wrapping_add(1);
        cut(Lane::Carried, self.carried, 0, &picture.to_bytes())
    }

    fn timestamp(&mut self, frame: &SealedFrame) -> (u32, bool) {
        let captured = frame.captured_us;
        match frame.stream {
            Stream::Video | Stream::Screen => {
                let us = self.video.get_or_insert(Unwrapped::new(captured)).next(captured);
                ((us * u64::from(VIDEO_CLOCK / 10_000) / 100) as u32, false)
            }
            Stream::Audio => match &mut self.audio {
                Some(grid) => grid.next(captured),
                none => {
                    *none = Some(AudioGrid::new(captured));
                    (AUDIO_CLOCK, true)
                }
            },
        }
    }
}

/// Pieces whose sizes differ by one byte at most; the last one is marked.
fn cut(lane: Lane, timestamp: u32, key: u8, bytes: &[u8]) -> Vec<Packet> {
    let count = bytes.len().div_ceil(MAX_PAYLOAD - 1).max(1);
    let (size, longer) = (bytes.len() / count, bytes.len() % count);
    let mut rest = bytes;
    (0..count)
        .map(|index| {
            let (slice, tail) = rest.split_at(size + usize::from(index < longer));
            rest = tail;
            let (first, last) = (index == 0, index + 1 == count);
            let descriptor = if first { START | key } else { 0 } | if last { END } else { 0 };
            let payload = std::iter::once(descriptor).chain(slice.iter().copied()).collect();
            Packet { lane, timestamp, marker: last, payload }
        })
        .collect()
}

/// A wrapping microsecond clock made monotonic over wraps. Small steps back stay steps back.
struct Unwrapped {
    last: u32,
    us: u64,
}

impl Unwrapped {
    fn new(captured: u32) -> Self {
        Self { last: captured, us: FIRST_US }
    }

    fn next(&mut self, captured: u32) -> u64 {
        let step = captured.wrapping_sub(self.last) as i32;
        self.us = self.us.saturating_add_signed(i64::from(step));
        self.last = captured;
        self.us
    }
}

struct AudioGrid {
    timestamp: u32,
    /// Where on the capture clock the newest frame should have been.
    expected: u32,
}

impl AudioGrid {
    fn new(captured: u32) -> Self {
        Self { timestamp: AUDIO_CLOCK, expected: captured }
    }

    fn next(&mut self, captured: u32) -> (u32, bool) {
        self.expected = self.expected.wrapping_add(AUDIO_FRAME_US as u32);
        let late = i64::from(captured.wrapping_sub(self.expected) as i32);
        let after_pause = late >= PAUSE_US;
        let mut frames = 1;
        if after_pause {
            frames += ((late + AUDIO_FRAME_US / 2) / AUDIO_FRAME_US) as u32;
            self.expected = captured;
        } else if late <= -PAUSE_US {
            // The capture clock went back: time only goes on.
            self.expected = captured;
        } else {
            self.expected = self.expected.wrapping_add((late / FOLLOW) as u32);
        }
        self.timestamp = self.timestamp.wrapping_add(frames * AUDIO_FRAME_TICKS);
        (self.timestamp, after_pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audio(captured_us: u32) -> SealedFrame {
        SealedFrame::danger_unsealed(Stream::Audio, captured_us, vec![7; 80])
    }

    fn video(captured_us: u32, len: usize) -> SealedFrame {
        let bytes = (0..len).map(|i| i as u8).collect();
        SealedFrame::danger_unsealed(Stream::Video, captured_us, bytes)
    }

    #[test]
    fn a_frame_is_cut_into_even_pieces_that_fit() {
        let mut splitter = Splitter::new();
        for len in [1, 2, MAX_PAYLOAD - 1, MAX_PAYLOAD, 5_000, 100_000] {
            let frame = video(0, len);
            let packets = splitter.split(&frame);
            let sizes: Vec<_> = packets.iter().map(|p| p.payload.len()).collect();
            assert!(sizes.iter().all(|&size| size <= MAX_PAYLOAD));
            assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
            let joined: Vec<u8> = packets.iter().flat_map(|p| p.payload[1..].to_vec()).collect();
            assert_eq!(joined, frame.bytes());
        }
    }

    #[test]
    fn first_piece_starts_and_last_piece_ends_and_is_marked() {
        let packets = Splitter::new().split(&video(0, 3 * (MAX_PAYLOAD - 1)));
        let descriptors: Vec<_> = packets.iter().map(|p| p.payload[0]).collect();
        assert_eq!(descriptors, [START, 0, END]);
        assert_eq!(packets.iter().map(|p| p.marker).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(Splitter::new().split(&video(0, 10))[0].payload[0], START | END);
    }

    #[test]
    fn video_timestamps_go_on_over_the_wrap_of_the_capture_clock() {
        let mut splitter = Splitter::new();
        let mut captured = u32::MAX - 50_000;
        let first = splitter.split(&video(captured, 10))[0].timestamp;
        for step in 1..10 {
            captured = captured.wrapping_add(40_000);
            let timestamp = splitter.split(&video(captured, 10))[0].timestamp;
            assert_eq!(timestamp - first, step * 3_600);
        }
    }

    #[test]
    fn layers_of_one_picture_share_their_timestamp() {
        let mut splitter = Splitter::new();
        let large = splitter.split(&video(123, 5_000))[0].timestamp;
        assert_eq!(splitter.split(&video(123, 500))[0].timestamp, large);
    }

    #[test]
    fn audio_advances_by_960_however_its_capture_times_jitter() {
        let mut splitter = Splitter::new();
        let mut last = splitter.split(&audio(1_000))[0].timestamp;
        for i in 1..10_000u32 {
            // A device whose crystal is 100 ppm slow, read by a thread that is up to 45 ms late.
            let captured = 1_000 + i * 20_002 + (i * 7_919) % 45_000;
            let packet = &splitter.split(&audio(captured))[0];
            assert_eq!(packet.timestamp.wrapping_sub(last), AUDIO_FRAME_TICKS);
            assert!(!packet.marker);
            last = packet.timestamp;
        }
    }

    #[test]
    fn audio_after_a_pause_is_marked_and_jumps_by_whole_frames() {
        let mut splitter = Splitter::new();
        splitter.split(&audio(0));
        let before = splitter.split(&audio(20_000))[0].timestamp;
        let after = &splitter.split(&audio(20_000 + 403_000))[0];
        assert!(after.marker);
        assert_eq!(after.timestamp - before, 20 * AUDIO_FRAME_TICKS);
        let next = &splitter.split(&audio(20_000 + 423_000))[0];
        assert_eq!(next.timestamp - after.timestamp, AUDIO_FRAME_TICKS);
    }

    #[test]
    fn audio_goes_forward_when_the_capture_clock_goes_back() {
        let mut splitter = Splitter::new();
        let before = splitter.split(&audio(5_000_000))[0].timestamp;
        let after = splitter.split(&audio(1_000_000))[0].timestamp;
        assert_eq!(after - before, AUDIO_FRAME_TICKS);
    }
}
