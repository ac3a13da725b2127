//! Endurance: two hours of a transport, its gathering and a jitter buffer in simulated time, and a room in real time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use benches::keys::{Keys, LASTS, OPENS};
use media::{
    EncodedFrame, Open, Seal, Stream,
    encode::{VOICE_FRAME, VOICE_KBPS, VoiceEncoder},
    gather::{Gather, Gathered},
    jitter::{JitterBuffer, PathSequence, VoicePacket},
    microphone::BLOCK,
    split::Splitter,
};

use crate::{
    Failed,
    children::{self, Order},
    clips::{FORMAT, KBPS},
    pair::{Datagram, Pair},
    report::{Held, Soak},
};

const HOURS: u32 = 2;
/// What is held flat is compared after this, when every buffer has been full once, and in the end.
const WARM: Duration = Duration::from_secs(600);
/// The speaker's clock is faster than the listener's, by ten times what crystals differ by.
const DRIFT_PPM: u32 = 200;
/// A bad network: a packet in a hundred is lost, and others come up to so much later.
const LOST: u64 = 100;
const DELAY: Duration = Duration::from_millis(20);
const JITTER_US: u64 = 15_000;
/// Bytes of a picture at 500 kbps; a keyframe every ten seconds has eight times as many.
const PICTURE: usize = 2000;
const TICK: Duration = Duration::from_millis(10);
/// A heap breathes; what grows by more than this leaks.
const BREATH_MB: f64 = 4.0;

/// Two hours of one voice and one picture in simulated time.
pub fn simulated(melody: &[[f32; BLOCK]]) -> Result<Soak, Failed> {
    let mut call = Call::new(melody)?;
    let ticks = HOURS * 3600 * 100;
    let mut early = None;
    for tick in 0..ticks {
        call.tick(tick);
        if TICK * tick >= WARM && early.is_none() {
            early = Some(call.standing());
        }
    }
    let (early, late) = (early.unwrap_or_default(), call.standing());
    let held = vec![
        Held { name: "memory, MB", early: early.rss_mb, late: late.rss_mb, most: early.rss_mb + BREATH_MB },
        Held { name: "sound waits, ms", early: early.waits_ms, late: late.waits_ms, most: early.waits_ms + 30.0 },
        Held { name: "concealed, %", early: early.concealed, late: late.concealed, most: early.concealed + 1.0 },
        Held { name: "pictures lost, %", early: early.lost, late: late.lost, most: early.lost + 1.0 },
    ];
    Ok(Soak { what: "simulated: a voice and a picture, 1 % loss, jitter, drift", hours: f64::from(HOURS), held })
}

#[derive(Clone, Copy, Default)]
struct Standing {
    rss_mb: f64,
    waits_ms: f64,
    concealed: f64,
    lost: f64,
}

struct Call {
    began: Instant,
    keys: Keys,
    pair: Pair,
    splitter: Splitter,
    video: Gather,
    audio: Gather,
    jitter: JitterBuffer,
    /// Packets of the melody, played again and again.
    voice: Vec<Vec<u8>>,
    flying: BTreeMap<(Instant, u64), Datagram>,
    sent: u64,
    random: fastrand::Rng,
    pictures: (u64, u64),
}

impl Call {
    fn new(melody: &[[f32; BLOCK]]) -> Result<Self, Failed> {
        let mut encoder = VoiceEncoder::new(VOICE_KBPS).map_err(|why| Failed::Clip(why.to_string()))?;
        let mut voice = Vec::new();
        for blocks in melody.chunks_exact(2) {
            let mut frame = [0.0; VOICE_FRAME];
            frame.iter_mut().zip(blocks.iter().flatten()).for_each(|(to, from)| *to = *from);
            voice.extend(encoder.encode(&frame).map_err(|why| Failed::Clip(why.to_string()))?);
        }
        let pair = Pair::connected();
        Ok(Self {
            began: pair.now,
            keys: Keys::of_two(),
            pair,
            splitter: Splitter::new(),
            video: Gather::new(Stream::Video),
            audio: Gather::new(Stream::Audio),
            jitter: JitterBuffer::new(),
            voice,
            flying: BTreeMap::new(),
            sent: 0,
            random: fastrand::Rng::with_seed(1),
            pictures: (0, 0),
        })
    }

    fn tick(&mut self, tick: u32) {
        self.pair.now = self.began + TICK * tick;
        let out = self.pair.drive();
        self.carry(out);
        // The speaker's frames come a little faster than every second tick.
        let spoken = |tick: u32| u64::from(tick) * u64::from(1_000_000 + DRIFT_PPM) / 2_000_000;
        if spoken(tick + 1) > spoken(tick) {
            let data = self.voice[spoken(tick) as usize % self.voice.len()].clone();
            self.send(Stream::Audio, true, data);
        }
        if matches!(tick % 10, 0 | 3 | 6) {
            let keyframe = tick.is_multiple_of(1000);
            self.pictures.0 += 1;
            self.send(Stream::Video, keyframe, vec![7; if keyframe { 8 * PICTURE } else { PICTURE }]);
        }
        while let Some(entry) = self.flying.first_entry().filter(|entry| entry.key().0 <= self.pair.now) {
            let datagram = entry.remove();
            self.pair.receive(&datagram);
            self.take(datagram.to);
        }
        if let Some(rtt) = self.pair.peers[1].figures().rtt {
            self.video.set_round_trip(rtt);
        }
        self.gathered();
        let mut block = [0.0; BLOCK];
        self.jitter.pull(self.pair.now, &mut block);
    }

    fn send(&mut self, stream: Stream, keyframe: bool, data: Vec<u8>) {
        let captured_us = (self.pair.now - self.began).as_micros() as u32;
        let sealed = self.keys.seal(&EncodedFrame { stream, keyframe, captured_us, data }).expect(LASTS);
        let out = self.pair.send(&self.splitter.split(&sealed));
        self.carry(out);
    }

    /// The bad network, the same for every run.
    fn carry(&mut self, out: Vec<Datagram>) {
        for datagram in out {
            self.sent += 1;
            if self.random.u64(..LOST) != 0 {
                let late = Duration::from_micros(self.random.u64(..JITTER_US));
                self.flying.insert((self.pair.now + DELAY + late, self.sent), datagram);
            }
        }
    }

    fn take(&mut self, end: usize) {
        let (out, came) = self.pair.drain(end);
        self.carry(out);
        for packet in came {
            let gather = if packet.lane.is_picture() { &mut self.video } else { &mut self.audio };
            gather.insert(self.pair.now, packet.sequence, packet.timestamp, &packet.payload);
        }
    }

    fn gathered(&mut self) {
        let now = self.pair.now;
        while let Some(Gathered::Frame { frame, sequence, timestamp, came, .. }) = self.audio.poll(now) {
            let EncodedFrame { captured_us, data, .. } = self.keys.open(&frame).expect(OPENS);
            self.jitter.insert(
                now,
                VoicePacket { sequence: PathSequence::of_first_path(sequence), timestamp, captured_us, data, came },
            );
        }
        while let Some(Gathered::Frame { frame, .. }) = self.video.poll(now) {
            self.keys.open(&frame).expect(OPENS);
            self.pictures.1 += 1;
        }
    }

    fn standing(&self) -> Standing {
        let jitter = self.jitter.snapshot();
        let (sent, came) = self.pictures;
        Standing {
            rss_mb: resident_mb(),
            waits_ms: f64::from(jitter.current_delay_ms),
            concealed: 100.0 * jitter.concealed_ms as f64 / jitter.played_ms.max(1) as f64,
            lost: 100.0 * sent.saturating_sub(came) as f64 / sent.max(1) as f64,
        }
    }
}

/// A room of four for so long; what it takes is told as it goes on.
pub fn real(seconds: u64) -> Result<Soak, Failed> {
    const PEOPLE: u32 = 4;
    let every = (seconds / 10).clamp(5, 60);
    let times = (seconds / every).max(4) as u32;
    let mut rooms = Vec::new();
    children::run(Order { people: PEOPLE, format: FORMAT, kbps: KBPS, seconds: every, times }, |room| {
        eprintln!(
            "  {:>5} s: {:.2} cores, {:.0} MB, slowest {:.1} fps, {} freezes, concealed {:.2} %, p95 {:.1} ms",
            (rooms.len() as u64 + 1) * every,
            room.cores,
            room.rss_mb,
            room.quality.slowest_fps,
            room.quality.freezes,
            100.0 * room.quality.concealed,
            room.quality.p95_ms,
        );
        rooms.push(room);
    })?;
    // The first fifth warms up; then the first half is held against the second.
    let settled = &rooms[rooms.len() / 5..];
    let (first, second) = settled.split_at(settled.len() / 2);
    let mean = |rooms: &[crate::report::Room], of: fn(&crate::report::Room) -> f64| {
        rooms.iter().map(of).sum::<f64>() / rooms.len().max(1) as f64
    };
    let held = |name, of: fn(&crate::report::Room) -> f64, most: fn(f64) -> f64| {
        let early = mean(first, of);
        Held { name, early, late: mean(second, of), most: most(early) }
    };
    let held = vec![
        held("memory, MB", |room| room.rss_mb, |early| early * 1.05 + BREATH_MB),
        held("cores", |room| room.cores, |early| early * 1.25),
        held("sound waits, ms", |room| room.quality.jitter_buffer_ms, |early| early + 30.0),
        held("p95 of pictures, ms", |room| room.quality.p95_ms, |early| 2.0 * early + 20.0),
    ];
    Ok(Soak { what: "real time: a room of four", hours: (every * u64::from(times)) as f64 / 3600.0, held })
}

fn resident_mb() -> f64 {
    memory_stats::memory_stats().map_or(0.0, |stats| stats.physical_mem as f64 / 1e6)
}
