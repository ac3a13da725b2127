use std::time::{Duration, Instant};

use media::{
    Lane, Stream,
    carried::Carried,
    gather::{Gather, Gathered},
};

/// No packet of an input is longer, in bytes: enough of them fill the gatherer.
const LONGEST: usize = 1100;

/// The first byte says which lane, each six after it a packet: milliseconds since the last, how far its sequence number
/// is from the last (2 bytes, signed, big endian), how far its timestamp is (signed), descriptor, and length in steps of
/// 16 bytes (255: none at all). The properties: pictures come out in order, nothing comes out twice, and there is always
/// something to do at the time that the gatherer asks for.
pub fn run(input: &[u8]) {
    let Some((&stream, packets)) = input.split_first() else { return };
    let lane = [Stream::Video.into(), Stream::Audio.into(), Lane::Carried][usize::from(stream % 3)];
    let mut gather = Gather::new(lane);
    let mut outcome = Outcome { lane, given: 0, taken: 0, last: None };
    let (mut now, mut sequence, mut timestamp) = (Instant::now(), 1_000_u64, 90_000_u64);
    for &[wait, far, near, stamp, descriptor, length] in packets.as_chunks().0 {
        now += Duration::from_millis(wait.into());
        sequence = sequence.saturating_add_signed(i16::from_be_bytes([far, near]).into());
        timestamp = timestamp.saturating_add_signed(i64::from(stamp as i8) * 90);
        let length = if length == u8::MAX { 0 } else { (1 + usize::from(length) * 16).min(LONGEST) };
        let payload = vec![descriptor; length];
        gather.insert(now, sequence, timestamp, &payload);
        outcome.given += payload.len();
        outcome.drain(&mut gather, now);
    }
    // Nothing more arrives: each time asked for brings it nearer to the end.
    for _ in 0..=packets.len() {
        let Some(asked) = gather.next_timeout() else { return };
        now = now.max(asked);
        outcome.drain(&mut gather, now);
    }
    panic!("the gatherer asks for times without end");
}

struct Outcome {
    lane: Lane,
    given: usize,
    taken: usize,
    last: Option<u64>,
}

impl Outcome {
    fn drain(&mut self, gather: &mut Gather, now: Instant) {
        while let Some(Gathered::Frame { frame, sequence, .. }) = gather.poll(now) {
            assert!(!self.lane.is_picture() || self.last < Some(sequence), "pictures come out of order");
            let _ = Carried::read(&frame);
            self.last = Some(sequence);
            self.taken += frame.bytes().len();
            assert!(self.taken <= self.given, "more comes out than went in");
        }
        assert!(gather.next_timeout().is_none_or(|asked| asked > now), "nothing to do at the time asked for");
    }
}
