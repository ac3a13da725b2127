use std::time::{Duration, Instant};

use arbitrary::Unstructured;
use media::{
    decode::VoiceDecoder,
    jitter::{JitterBuffer, PathSequence, VoicePacket},
    microphone::BLOCK,
    repair::Came,
};

/// Packets and pulls of one input, at most.
const MAX_ACTS: usize = 200;

/// The first byte says what is driven: an Opus decoder as it is, or a jitter buffer with one in it. The properties: what is
/// heard is no louder than full scale, and whatever the times and numbers are, a block comes out of each pull.
pub fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    if input.arbitrary::<u8>().unwrap_or_default().is_multiple_of(2) { decoder(&mut input) } else { jitter(&mut input) }
}

/// A length, then so many bytes of Opus.
fn packet(input: &mut Unstructured<'_>) -> Vec<u8> {
    let length = usize::from(input.arbitrary::<u8>().unwrap_or_default()).min(input.len());
    input.bytes(length).unwrap_or_default().to_vec()
}

fn decoder(input: &mut Unstructured<'_>) {
    let Ok(mut decoder) = VoiceDecoder::new() else { return };
    for _ in 0..MAX_ACTS {
        if input.is_empty() {
            break;
        }
        let act = input.arbitrary::<u8>().unwrap_or_default();
        let samples = usize::from(act) * 40;
        let packet = packet(input);
        let _ = VoiceDecoder::carries_previous(&packet);
        let heard = match act % 4 {
            0 => decoder.conceal(samples),
            1 => decoder.recover(&packet, samples),
            _ => decoder.decode(&packet),
        };
        if let Ok(heard) = heard {
            assert!(heard.len() <= 5760, "a packet has more than 120 ms");
            assert!(heard.iter().all(|sample| (-1.0..=1.0).contains(sample)), "what is heard is too loud");
        }
    }
}

fn jitter(input: &mut Unstructured<'_>) {
    let mut buffer = JitterBuffer::new();
    let (mut now, mut sequence, mut timestamp) = (Instant::now(), 1_000_u64, 48_000_u64);
    let mut block = [0.0; BLOCK];
    for _ in 0..MAX_ACTS {
        if input.is_empty() {
            break;
        }
        let [act, wait, far, near, stamp, wide]: [u8; 6] = input.arbitrary().unwrap_or_default();
        now += Duration::from_millis(u64::from(wait % 64) * 5);
        let steps = i64::from(i16::from_be_bytes([far, near]));
        // Mostly the one that comes next, sometimes one that is anywhere.
        let (strange, next) = (act & 0x80 != 0, steps % 5);
        sequence = sequence.wrapping_add_signed(if strange { steps << (wide % 48) } else { next });
        let ticks =
            if strange { i64::from(stamp as i8) << (wide % 56) } else { 960 * next + i64::from(stamp as i8) / 16 };
        timestamp = timestamp.wrapping_add_signed(ticks);
        if act & 1 == 0 {
            let sequence = PathSequence::of_first_path(sequence);
            let came = Came { repaired: act & 2 != 0, wait: if act & 4 != 0 { stamp } else { 0 } };
            buffer.insert(
                now,
                VoicePacket { sequence, timestamp, captured_us: timestamp as u32, data: packet(input), came },
            );
        }
        for _ in 0..(act >> 3) % 8 {
            buffer.pull(now, &mut block);
            assert!(block.iter().all(|sample| (-1.0..=1.0).contains(sample)), "what is heard is too loud");
            now += Duration::from_millis(10);
        }
        if act & 0x40 != 0 {
            buffer.hold(Duration::from_millis(u64::from(wide) * 20));
        }
        let _ = (buffer.snapshot(), buffer.held());
    }
}
