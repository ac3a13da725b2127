//! What playing costs by how many people are there and how many of them talk.

use std::time::{Duration, Instant, UNIX_EPOCH};

use media::FrameClock;
use media::encode::{VOICE_FRAME, VoiceEncoder};
use media::jitter::{PathSequence, VoicePacket};
use media::microphone::BLOCK;
use media::playout::{Playout, VoiceId};
use media::repair::Came;
use media::speaker::Speaker;

use crate::{median, speech::mixture};

/// Processor time for 10 ms of sound.
#[derive(Clone, Copy, Debug)]
pub struct MixerFigures {
    pub people: usize,
    pub talking: usize,
    /// Jitter buffers and decoders: on the playing thread.
    pub decode: Duration,
    /// The mix: in the sound card's callback.
    pub mix: Duration,
}

/// Plays five seconds of `people`, of whom the first `talking` talk and the others have fallen silent (DTX). The middle values.
///
/// # Panics
/// Where the codec or the demo's clips are missing.
pub fn play(people: usize, talking: usize) -> MixerFigures {
    let start = Instant::now();
    let clock = FrameClock::new(start, UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let (speaker, demand) = Speaker::on_demand().expect("a speaker that is no device always opens");
    let mut playout = Playout::new(start, Some(speaker));
    let ids: Vec<_> = (0..people as u64).map(VoiceId).collect();
    for (n, id) in ids.iter().enumerate() {
        playout.add(*id, None);
        playout.place(*id, n as f32 / people.max(2) as f32 * 2.0 - 1.0);
    }
    let speech = packets(&mixture::voice(&[1, 2, 3], 8));
    let silence = packets(&vec![0.0; 8 * mixture::RATE]);
    let (mut decode, mut mix) = (Vec::new(), Vec::new());
    for block in 0..700u64 {
        let now = start + Duration::from_millis(10 * block);
        for (n, id) in ids.iter().enumerate().filter(|_| block.is_multiple_of(2)) {
            let packets = if n < talking { &speech } else { &silence };
            let frame = (block / 2) as usize;
            // Everybody says something else at a time.
            if let Some(Some(packet)) = packets.get(if n < talking { (frame + 17 * n) % 350 } else { frame }) {
                let captured = clock.micros(now);
                let (sequence, timestamp) = (PathSequence::of_first_path(block / 2), block / 2 * VOICE_FRAME as u64);
                let (data, came) = (packet.clone(), Came::default());
                playout.insert(now, *id, VoicePacket { sequence, timestamp, captured_us: captured, data, came });
            }
        }
        let begun = Instant::now();
        playout.tick(now, &clock);
        let ticked = begun.elapsed();
        let mut out = [0.0; 2 * BLOCK];
        let begun = Instant::now();
        demand.render(now, &mut out);
        let rendered = begun.elapsed();
        if block >= 200 {
            decode.push(ticked);
            mix.push(rendered);
        }
    }
    // A packet is decoded in every other block, and the mean of both kinds is the middle of neither.
    let mean = |times: Vec<Duration>| {
        let pairs = times.chunks_exact(2).map(|pair| (pair[0] + pair[1]) / 2).collect();
        median(pairs)
    };
    MixerFigures { people, talking, decode: mean(decode), mix: mean(mix) }
}

fn packets(samples: &[f32]) -> Vec<Option<Vec<u8>>> {
    let mut encoder = VoiceEncoder::new(32).expect("a rate that Opus has");
    let frames = samples.as_chunks::<VOICE_FRAME>().0.iter();
    frames.map(|frame| encoder.encode(frame).expect("a frame as Opus wants it")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    #[ignore = "prints timings"]
    fn figures() {
        for (people, talking) in [(1, 1), (2, 2), (4, 4), (8, 8), (16, 16), (16, 1), (16, 0)] {
            println!("{:?}", super::play(people, talking));
        }
    }
}
