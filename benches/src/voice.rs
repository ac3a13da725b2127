//! A voice from one end to the other in simulated time: encoder, repair, a seeded bad network, jitter buffer, and the reports
//! of losses on their way back through the same network.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use media::encode::{VOICE_FRAME, VoiceEncoder};
use media::gather::{Gather, Gathered};
use media::jitter::{JitterBuffer, JitterSnapshot, VoicePacket};
use media::microphone::BLOCK;
use media::repair::{LossMeter, LossReport, Plan, Protector, VoiceSettings};
use media::split::Splitter;
use media::{EncodedFrame, Open, Seal, Stream};

use crate::keys::{Keys, LASTS, OPENS};

/// What the network does to each packet, in both directions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Network {
    /// Share of packets that are lost at random, 0 to 1.
    pub loss: f64,
    /// Everything is lost for so long ...
    pub burst: Duration,
    /// ... once in so long; never if it is zero.
    pub every: Duration,
    pub delay: Duration,
    /// Each packet takes up to so much more, evenly spread.
    pub jitter: Duration,
    /// How much faster the sender's sound card is than the listener's, in parts per million.
    pub drift_ppm: i64,
    pub seed: u64,
}

impl Network {
    /// 20 ms, nothing lost.
    pub fn clean(seed: u64) -> Self {
        Self { delay: Duration::from_millis(20), seed, ..Self::default() }
    }

    pub fn losing(percent: u32, seed: u64) -> Self {
        Self { loss: f64::from(percent) / 100.0, ..Self::clean(seed) }
    }

    /// Bursts of so long every two seconds.
    pub fn bursts(burst: Duration, seed: u64) -> Self {
        Self { burst, every: Duration::from_secs(2), ..Self::clean(seed) }
    }
}

/// What the listener heard, and what it took.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// 48 kHz mono, from when the first sample was spoken.
    pub samples: Vec<f32>,
    /// Opus and its repair before sealing, in kbit/s.
    pub kbps: f64,
    /// Share of what was played that stood in for lost or late packets.
    pub concealed: f64,
    /// Mouth to ear, without the network's least delay, in ms: mean and largest.
    pub delay_ms: (f64, f64),
    pub jitter: JitterSnapshot,
    /// The plan in the end, and how many blocks packets carried on average.
    pub plan: Option<Plan>,
    pub blocks: f64,
    /// Frames found by repair, of all.
    pub repaired: f64,
}

enum Carried {
    Voice { sequence: u64, timestamp: u64, payload: Vec<u8> },
    Report([u8; 24]),
}

struct Wire {
    network: Network,
    random: fastrand::Rng,
    order: u64,
    flying: BTreeMap<(u64, u64), Carried>,
}

impl Wire {
    fn new(network: Network, number: u64) -> Self {
        let random = fastrand::Rng::with_seed(network.seed * 2 + number);
        Self { network, random, order: 0, flying: BTreeMap::new() }
    }

    fn send(&mut self, now_us: u64, what: Carried) {
        let Network { loss, burst, every, delay, jitter, .. } = self.network;
        let in_burst = !every.is_zero() && u128::from(now_us) % every.as_micros() < burst.as_micros();
        let (lost, late) = (self.random.f64() < loss, self.random.f64());
        if !lost && !in_burst {
            self.order += 1;
            let at = now_us + delay.as_micros() as u64 + (late * jitter.as_micros() as f64) as u64;
            self.flying.insert((at, self.order), what);
        }
    }

    fn next_by(&mut self, now_us: u64) -> Option<(u64, Carried)> {
        let entry = self.flying.first_entry().filter(|entry| entry.key().0 <= now_us)?;
        let at = entry.key().0;
        Some((at, entry.remove()))
    }
}

/// Whoever listens to a clip hears its end a little later than it was said.
pub const TAIL: Duration = Duration::from_millis(500);

/// Lets somebody say `clip` (48 kHz mono) and then nothing for [`TAIL`], and gives what was heard from `from` on, with figures
/// of that time.
pub fn call(clip: &[f32], network: Network, from: Duration) -> Heard {
    let (mut there, mut back) = (Wire::new(network, 0), Wire::new(network, 1));
    let mut encoder = VoiceEncoder::new(32).expect("Opus has this format");
    let (mut keys, mut splitter, mut protector) = (Keys::of_two(), Splitter::new(), Protector::new());
    let (mut gather, mut meter, mut jitter) = (Gather::new(Stream::Audio), LossMeter::default(), JitterBuffer::new());
    let mut settings = VoiceSettings::of(std::iter::empty());

    let start = Instant::now();
    let at = |us: u64| start + Duration::from_micros(us);
    let frame_us = 20_000.0 * (1.0 - network.drift_ppm as f64 / 1e6);
    let tail = vec![0.0; 48 * TAIL.as_millis() as usize];
    let clip = [clip, &tail].concat();
    let frames = clip.len() / VOICE_FRAME;
    let from_us = from.as_micros() as u64;
    let mut heard = Heard::default();
    let (mut sequence, mut voice_bytes, mut sealed_bytes, mut payload_bytes, mut sent) = (0, 0, 0, 0, 0u64);
    let mut frame = 0;
    let (mut delays, mut before, mut blocks_before, mut repaired_before) = (Vec::new(), None, 0, 0);
    for tick in 0..(frames as f64 * frame_us / 10_000.0) as u64 {
        // The listener's blocks are due in the middle between the speaker's.
        let now_us = tick * 10_000 + 3_000;
        while frame < frames && ((frame + 1) as f64 * frame_us) as u64 <= now_us {
            let spoken_us = ((frame + 1) as f64 * frame_us) as u64;
            while let Some((_, Carried::Report(bytes))) = back.next_by(spoken_us) {
                if let Ok(report) = LossReport::from_bytes(&bytes) {
                    protector.reported(&report);
                    settings = VoiceSettings::of([(protector.plan(), protector.left_percent())].into_iter());
                }
            }
            encoder.set_bitrate(settings.kbps).expect("a rate that Opus has");
            encoder.set_expected_loss(settings.expected_loss).expect("a share of loss");
            let samples = &clip[frame * VOICE_FRAME..][..VOICE_FRAME];
            frame += 1;
            let encoded = encoder.encode(samples.try_into().expect("a whole frame")).expect("sound");
            let Some(data) = encoded else {
                continue;
            };
            let captured_us = (spoken_us as f64 - frame_us) as u32;
            let counted = spoken_us >= from_us;
            voice_bytes += if counted { data.len() } else { 0 };
            let encoded = EncodedFrame { stream: Stream::Audio, keyframe: true, captured_us, data };
            let sealed = keys.seal(&encoded).expect(LASTS);
            sealed_bytes += if counted { sealed.bytes().len() } else { 0 };
            for packet in splitter.split(&sealed) {
                let packet = protector.packet(&packet);
                sequence += 1;
                sent += u64::from(counted);
                payload_bytes += if counted { packet.payload().len() } else { 0 };
                let (timestamp, payload) = (u64::from(packet.timestamp()), packet.payload().to_vec());
                there.send(spoken_us, Carried::Voice { sequence, timestamp, payload });
            }
        }
        while let Some((came_us, Carried::Voice { sequence, timestamp, payload })) = there.next_by(now_us) {
            meter.arrived(sequence);
            gather.insert(at(came_us), sequence, timestamp, &payload);
            while let Some(Gathered::Frame { frame, sequence, timestamp, came, .. }) = gather.poll(at(came_us)) {
                let EncodedFrame { captured_us, data, .. } = keys.open(&frame).expect(OPENS);
                jitter.insert(at(came_us), VoicePacket { sequence, timestamp, captured_us, data, came });
            }
        }
        if let Some(report) = meter.report(at(now_us)) {
            back.send(now_us, Carried::Report(report.to_bytes()));
        }
        if now_us >= from_us && before.is_none() {
            before = Some(jitter.snapshot());
            (blocks_before, repaired_before) = (protector.figures().blocks, gather.figures().repaired);
        }
        let mut block = [0.0; BLOCK];
        let pulled = jitter.pull(at(now_us), &mut block);
        if now_us >= from_us {
            heard.samples.extend(block);
            if let Some(captured) = pulled.captured_us {
                delays.push((now_us as f64 - f64::from(captured)) / 1000.0 - network.delay.as_secs_f64() * 1000.0);
            }
        }
    }
    let seconds = heard.samples.len().max(1) as f64 / 48_000.0;
    let before = before.unwrap_or_default();
    heard.jitter = jitter.snapshot();
    let played = (heard.jitter.played_ms - before.played_ms).max(1) as f64;
    heard.concealed = (heard.jitter.concealed_ms - before.concealed_ms) as f64 / played;
    heard.blocks = (protector.figures().blocks - blocks_before) as f64 / sent.max(1) as f64;
    heard.repaired = (gather.figures().repaired - repaired_before) as f64 / sent.max(1) as f64;
    let kbps = |bytes: f64| bytes * 8.0 / 1000.0 / seconds;
    // Of all that is not Opus, the headers and what sealing adds are no repair.
    let sealing = (sealed_bytes - voice_bytes) as f64 / sent.max(1) as f64;
    let headers = (media::repair::BLOCK_HEADER + media::repair::SYMBOL_HEADER) as f64 + sealing;
    let plain = sealed_bytes as f64 + sent as f64;
    let repair = payload_bytes as f64 - plain - heard.blocks * sent as f64 * headers;
    heard.kbps = kbps(voice_bytes as f64 + repair.max(0.0));
    heard.delay_ms =
        (delays.iter().sum::<f64>() / delays.len().max(1) as f64, delays.iter().copied().fold(0.0, f64::max));
    heard.plan = Some(protector.plan());
    heard
}
