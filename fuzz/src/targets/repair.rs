use std::{
    convert::Infallible,
    time::{Duration, Instant},
};

use arbitrary::Unstructured;
use media::{
    EncodedFrame, ReceivedFrame, Seal, SealedFrame, Stream,
    carried::Carried,
    gather::{Gather, Gathered},
    repair::{LossReport, Protector},
    split::Splitter,
};

/// Packets of one input, at most.
const MAX_PACKETS: usize = 160;
/// The longest frame of voice that is protected, in bytes.
const LONGEST: usize = 160;
/// Reports that make a sender protect more, before the first packet.
const LEARNING: u32 = 500;

/// A voice whose packets are lost, repeated, late and damaged on their way. The properties: what comes out of genuine packets
/// is what was said, and damaged ones are survived. The first byte says how much of the voice is lost before, so that
/// packets carry repair; then come two bytes for each packet: its length and what becomes of it. Last, what a plaintext and
/// a carried picture may hold.
pub fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let lossy = input.arbitrary::<u8>().unwrap_or_default();
    let (mut splitter, mut protector) = (Splitter::new(), Protector::new());
    let mut gather = Gather::new(Stream::Audio);
    let (mut said, mut now, mut damaged, mut captured_us) = (Vec::new(), Instant::now(), false, 0_u32);
    learn(&mut splitter, &mut protector, lossy, &mut captured_us);
    for sequence in 1..=MAX_PACKETS as u64 {
        let Ok([length, fate]) = input.arbitrary::<[u8; 2]>() else { break };
        if input.is_empty() {
            break;
        }
        captured_us = captured_us.wrapping_add(if fate & 0x80 == 0 { 20_000 } else { 500_000 });
        let frame: Vec<u8> = (0..1 + usize::from(length) % LONGEST).map(|nth| sequence as u8 ^ nth as u8).collect();
        said.push(frame.clone());
        for packet in splitter.split(&danger_unsealed(Stream::Audio, captured_us, frame)) {
            let packet = protector.packet(&packet);
            let mut payload = packet.payload().to_vec();
            match fate % 8 {
                0 | 1 => continue,
                2 if fate & 0x40 != 0 => {
                    damaged = true;
                    let at = usize::from(input.arbitrary::<u8>().unwrap_or_default()) % payload.len();
                    payload[at] ^= 1 << (fate >> 3 & 7);
                }
                3 => gather.insert(now, sequence, packet.timestamp().into(), &payload),
                4 if fate & 0x40 != 0 => now += Duration::from_millis(400),
                _ => {}
            }
            gather.insert(now, sequence, packet.timestamp().into(), &payload);
        }
        now += Duration::from_millis(20);
        while let Some(Gathered::Frame { frame, .. }) = gather.poll(now) {
            assert!(damaged || said.iter().any(|said| said == frame.bytes()), "what comes out was never said");
        }
    }
    rest(input.take_rest());
}

/// Tells the sender of losses until it protects what it says.
fn learn(splitter: &mut Splitter, protector: &mut Protector, lossy: u8, captured_us: &mut u32) {
    let every = u32::from(lossy % 16);
    if every == 0 {
        return;
    }
    for number in 1..=LEARNING {
        *captured_us = captured_us.wrapping_add(20_000);
        for packet in splitter.split(&danger_unsealed(Stream::Audio, *captured_us, vec![1; 60])) {
            protector.packet(&packet);
        }
        if number.is_multiple_of(25) {
            let came = (0..128).filter(|behind| (number + behind) % (every + 1) != 0).map(|behind| 1_u128 << behind);
            protector.reported(&LossReport { newest: number, came: came.sum() });
        }
    }
}

fn rest(bytes: &[u8]) {
    for stream in [Stream::Audio, Stream::Video, Stream::Screen] {
        if let Some(frame) = EncodedFrame::from_plaintext(stream, bytes.to_vec()) {
            assert!(EncodedFrame::from_plaintext(stream, frame.to_plaintext()).is_some_and(|read| read == frame));
        }
    }
    let whole = ReceivedFrame::from(danger_unsealed(Stream::Video, 0, bytes.to_vec()));
    if let Some(carried) = Carried::read(&whole) {
        let _ = carried.claim();
        let _ = Splitter::new().split_carried(&carried);
    }
}

/// Seals nothing: to a splitter all bytes are the same.
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
