//! A voice from one end to the other in simulated time: encoder, repair, a seeded bad network, jitter buffer, and the reports
//! of losses on their way back through the same network.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use media::encode::{VOICE_FRAME, VoiceEncoder};
use media::gather::{Gather, Gathered};
use media::jitter::{JitterBuffer, JitterSnapshot, PathSequence, VoicePacket};
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
    let (mut keys, mut speaker, mut listener) = (Keys::of_two(), Speaker::new(), Listener::new(network.delay));
    let frame_us = 20_000.0 * (1.0 - network.drift_ppm as f64 / 1e6);
    let tail = vec![0.0; 48 * TAIL.as_millis() as usize];
    let clip = [clip, &tail].concat();
    let mut frames = clip.chunks_exact(VOICE_FRAME).zip(1..).peekable();
    let from_us = from.as_micros() as u64;
    let mut before = None;
    for tick in 0..((clip.len() / VOICE_FRAME) as f64 * frame_us / 10_000.0) as u64 {
        // The listener's blocks are due in the middle between the speaker's.
        let now_us = tick * 10_000 + 3_000;
        let is_spoken = |(_, nth): &(&[f32], u32)| (f64::from(*nth) * frame_us) as u64 <= now_us;
        while let Some((samples, nth)) = frames.next_if(is_spoken) {
            let spoken_us = (f64::from(nth) * frame_us) as u64;
            speaker.take_reports(spoken_us, &mut back);
            let spoken = Spoken { captured_us: (spoken_us as f64 - frame_us) as u32, spoken_us };
            speaker.speak(samples, spoken, spoken_us >= from_us, &mut keys, &mut there);
        }
        listener.receive(now_us, &mut there, &mut keys);
        if let Some(report) = listener.meter.report(listener.at(now_us)) {
            back.send(now_us, Carried::Report(report.to_bytes()));
        }
        let is_counted = now_us >= from_us;
        if is_counted && before.is_none() {
            let repaired = listener.gather.figures().repaired;
            before = Some((listener.jitter.snapshot(), speaker.protector.figures().blocks, repaired));
        }
        listener.play(now_us, is_counted);
    }
    let (jitter, blocks, repaired) = before.unwrap_or_default();
    let mut heard = Heard { jitter: listener.jitter.snapshot(), ..Heard::default() };
    let sent = speaker.counted.sent.max(1) as f64;
    let played = (heard.jitter.played_ms - jitter.played_ms).max(1) as f64;
    heard.concealed = (heard.jitter.concealed_ms - jitter.concealed_ms) as f64 / played;
    heard.blocks = (speaker.protector.figures().blocks - blocks) as f64 / sent;
    heard.repaired = (listener.gather.figures().repaired - repaired) as f64 / sent;
    heard.kbps = speaker.counted.kbps(heard.blocks, listener.samples.len().max(1) as f64 / 48_000.0);
    let (delays, samples) = (listener.delays, listener.samples);
    heard.delay_ms =
        (delays.iter().sum::<f64>() / delays.len().max(1) as f64, delays.iter().copied().fold(0.0, f64::max));
    heard.plan = Some(speaker.protector.plan());
    Heard { samples, ..heard }
}

/// When a frame's first sample was captured, and when its last one was spoken.
struct Spoken {
    captured_us: u32,
    spoken_us: u64,
}

/// The end that is heard.
struct Speaker {
    encoder: VoiceEncoder,
    splitter: Splitter,
    protector: Protector,
    settings: VoiceSettings,
    sequence: u64,
    counted: Counted,
}

impl Speaker {
    fn new() -> Self {
        Self {
            encoder: VoiceEncoder::new(32).expect("Opus has this format"),
            splitter: Splitter::new(),
            protector: Protector::new(),
            settings: VoiceSettings::of(std::iter::empty()),
            sequence: 0,
            counted: Counted::default(),
        }
    }

    fn take_reports(&mut self, now_us: u64, back: &mut Wire) {
        while let Some((_, Carried::Report(bytes))) = back.next_by(now_us) {
            if let Ok(report) = LossReport::from_bytes(&bytes) {
                self.protector.reported(&report);
                let path = (self.protector.plan(), self.protector.left_percent());
                self.settings = VoiceSettings::of([path].into_iter());
            }
        }
    }

    /// Encodes, seals, protects and sends a frame.
    fn speak(&mut self, samples: &[f32], spoken: Spoken, is_counted: bool, keys: &mut Keys, there: &mut Wire) {
        self.encoder.set_bitrate(self.settings.kbps).expect("a rate that Opus has");
        self.encoder.set_expected_loss(self.settings.expected_loss).expect("a share of loss");
        let encoded = self.encoder.encode(samples.try_into().expect("a whole frame")).expect("sound");
        let Some(data) = encoded else {
            return;
        };
        let mut counted = Counted { voice: data.len(), ..Counted::default() };
        let encoded = EncodedFrame { stream: Stream::Audio, keyframe: true, captured_us: spoken.captured_us, data };
        let sealed = keys.seal(&encoded).expect(LASTS);
        counted.sealed = sealed.bytes().len();
        for packet in self.splitter.split(&sealed) {
            let packet = self.protector.packet(&packet);
            self.sequence += 1;
            counted.sent += 1;
            counted.payload += packet.payload().len();
            let (timestamp, payload) = (u64::from(packet.timestamp()), packet.payload().to_vec());
            there.send(spoken.spoken_us, Carried::Voice { sequence: self.sequence, timestamp, payload });
        }
        if is_counted {
            self.counted.add(&counted);
        }
    }
}

/// What was sent, in bytes and packets.
#[derive(Default)]
struct Counted {
    voice: usize,
    sealed: usize,
    payload: usize,
    sent: u64,
}

impl Counted {
    fn add(&mut self, more: &Self) {
        self.voice += more.voice;
        self.sealed += more.sealed;
        self.payload += more.payload;
        self.sent += more.sent;
    }

    /// Opus and its repair before sealing, where packets carried so many blocks on average.
    fn kbps(&self, blocks: f64, seconds: f64) -> f64 {
        // Of all that is not Opus, the headers and what sealing adds are no repair.
        let sealing = (self.sealed - self.voice) as f64 / self.sent.max(1) as f64;
        let headers = (media::repair::BLOCK_HEADER + media::repair::SYMBOL_HEADER) as f64 + sealing;
        let plain = self.sealed as f64 + self.sent as f64;
        let repair = self.payload as f64 - plain - blocks * self.sent as f64 * headers;
        (self.voice as f64 + repair.max(0.0)) * 8.0 / 1000.0 / seconds
    }
}

/// The end that hears.
struct Listener {
    gather: Gather,
    meter: LossMeter,
    jitter: JitterBuffer,
    start: Instant,
    /// The network's least delay.
    least_delay: Duration,
    samples: Vec<f32>,
    /// Mouth to ear, in ms.
    delays: Vec<f64>,
}

impl Listener {
    fn new(least_delay: Duration) -> Self {
        let (gather, meter, jitter) = (Gather::new(Stream::Audio), LossMeter::default(), JitterBuffer::new());
        let (samples, delays) = (Vec::new(), Vec::new());
        Self { gather, meter, jitter, start: Instant::now(), least_delay, samples, delays }
    }

    fn at(&self, us: u64) -> Instant {
        self.start + Duration::from_micros(us)
    }

    fn receive(&mut self, now_us: u64, there: &mut Wire, keys: &mut Keys) {
        while let Some((came_us, Carried::Voice { sequence, timestamp, payload })) = there.next_by(now_us) {
            let now = self.at(came_us);
            self.meter.arrived(sequence);
            self.gather.insert(now, sequence, timestamp, &payload);
            while let Some(Gathered::Frame { frame, sequence, timestamp, came, .. }) = self.gather.poll(now) {
                let EncodedFrame { captured_us, data, .. } = keys.open(&frame).expect(OPENS);
                self.jitter.insert(
                    now,
                    VoicePacket { sequence: PathSequence::of_first_path(sequence), timestamp, captured_us, data, came },
                );
            }
        }
    }

    /// Plays the next 10 ms, and keeps them if they count.
    fn play(&mut self, now_us: u64, is_counted: bool) {
        let mut block = [0.0; BLOCK];
        let pulled = self.jitter.pull(self.at(now_us), &mut block);
        if !is_counted {
            return;
        }
        self.samples.extend(block);
        if let Some(captured) = pulled.captured_us {
            let delay_ms = (now_us as f64 - f64::from(captured)) / 1000.0;
            self.delays.push(delay_ms - self.least_delay.as_secs_f64() * 1000.0);
        }
    }
}
