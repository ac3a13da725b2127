//! The jitter buffer in simulated time, over seeded bad networks.

use std::time::{Duration, Instant};

use media::encode::{VOICE_FRAME, VoiceEncoder};
use media::jitter::{JitterBuffer, JitterSnapshot, Kind, PathSequence, VoicePacket};
use media::microphone::BLOCK;
use media::repair::Came;

struct Random(fastrand::Rng);

impl Random {
    fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    fn below(&mut self, n: u64) -> u64 {
        self.0.u64(..n.max(1))
    }

    fn percent(&mut self, p: u64) -> bool {
        self.below(100) < p
    }
}

/// Something like a voice: harmonics of a wavering pitch in syllables.
fn voice(n: usize) -> f32 {
    let t = n as f32 / 48_000.0;
    let pitch = 140.0 + 15.0 * (t * 3.0).sin();
    let syllable = (0.55 + 0.45 * (std::f32::consts::TAU * 4.0 * t).sin()).powi(2);
    let harmonics: f32 = (1..12).map(|h| (std::f32::consts::TAU * pitch * h as f32 * t).sin() / h as f32).sum();
    0.15 * syllable * harmonics
}

fn voice_packet(sequence: u64, timestamp: u64, captured_us: u32, data: Vec<u8>) -> VoicePacket {
    let sequence = PathSequence::of_first_path(sequence);
    VoicePacket { sequence, timestamp, captured_us, data, came: Came::default() }
}

#[derive(Clone, Copy)]
struct Net {
    seed: u64,
    delay_ms: u64,
    jitter_ms: u64,
    loss_percent: u64,
    expected_loss: u8,
}

const CLEAN: Net = Net { seed: 1, delay_ms: 20, jitter_ms: 0, loss_percent: 0, expected_loss: 0 };

struct Heard {
    kinds: Vec<Kind>,
    samples: Vec<f32>,
    /// Age of the sound at each block, in ms, where it is known.
    ages: Vec<(usize, f64)>,
    snapshot: JitterSnapshot,
}

impl Heard {
    fn count(&self, kind: Kind) -> usize {
        self.kinds.iter().filter(|k| **k == kind).count()
    }
}

/// `seconds` of `sound` through the encoder, the network and the buffer. `silent` microphones send nothing.
fn call(net: Net, seconds: usize, sound: impl Fn(usize) -> f32, muted: impl Fn(usize) -> bool) -> Heard {
    let mut random = Random::new(net.seed);
    let mut encoder = VoiceEncoder::new(32).unwrap();
    encoder.set_expected_loss(net.expected_loss).unwrap();
    let mut wire = Vec::new();
    let mut sequence = 1000;
    for frame in 0..seconds * 50 {
        let at = frame * VOICE_FRAME;
        let samples = std::array::from_fn(|i| sound(at + i));
        if muted(frame) {
            continue;
        }
        let Some(packet) = encoder.encode(&samples).unwrap() else {
            continue;
        };
        let sent_us = (frame as u64 + 1) * 20_000;
        let arrival = sent_us + net.delay_ms * 1000 + random.below(net.jitter_ms * 1000 + 1);
        if !random.percent(net.loss_percent) {
            wire.push((arrival, sequence, at as u64 + 77, sent_us as u32, packet));
        }
        sequence += 1;
    }
    wire.sort_by_key(|packet| packet.0);

    let start = Instant::now();
    let mut buffer = JitterBuffer::new();
    let mut heard = Heard { kinds: vec![], samples: vec![], ages: vec![], snapshot: JitterSnapshot::default() };
    let mut wire = wire.into_iter().peekable();
    for n in 0..seconds * 100 {
        let now_us = n as u64 * 10_000 + 3_000;
        while let Some((at, sequence, timestamp, captured, packet)) = wire.next_if(|p| p.0 <= now_us) {
            buffer.insert(start + Duration::from_micros(at), voice_packet(sequence, timestamp, captured, packet));
        }
        let mut block = [0.0; BLOCK];
        let pulled = buffer.pull(start + Duration::from_micros(now_us), &mut block);
        heard.kinds.push(pulled.kind);
        heard.samples.extend(block);
        if let Some(captured) = pulled.captured_us {
            heard.ages.push((n, (now_us as i64 - i64::from(captured)) as f64 / 1000.0));
        }
    }
    heard.snapshot = buffer.snapshot();
    heard
}

fn never(_: usize) -> bool {
    false
}

#[test]
fn voice_waits_for_its_late_picture_unheard() {
    let start = Instant::now();
    let (mut buffer, mut encoder) = (JitterBuffer::new(), VoiceEncoder::new(32).unwrap());
    let mut waits = Vec::new();
    for n in 0..3000u64 {
        let now = start + Duration::from_millis(10 * n);
        if n % 2 == 0 {
            let samples = std::array::from_fn(|i| voice(n as usize / 2 * VOICE_FRAME + i));
            if let Some(data) = encoder.encode(&samples).unwrap() {
                buffer.insert(now, voice_packet(n / 2, n / 2 * VOICE_FRAME as u64, n as u32 * 10_000, data));
            }
        }
        match n {
            1000 => buffer.hold(Duration::from_millis(100)),
            2000 => buffer.hold(Duration::ZERO),
            _ => {}
        }
        buffer.pull(now, &mut [0.0; BLOCK]);
        if n % 1000 == 999 {
            waits.push((buffer.snapshot().current_delay_ms, buffer.held().as_millis()));
        }
    }
    assert!(waits[0].0 < 30 && waits[2].0 < 40, "{waits:?}");
    assert!((100..140).contains(&waits[1].0) && (80..120).contains(&waits[1].1), "{waits:?}");
    assert_eq!((waits[0].1, waits[2].1, buffer.snapshot().concealed_ms), (0, 0, 0));
}

#[test]
fn a_clean_network_conceals_nothing_and_waits_20_ms() {
    let heard = call(CLEAN, 20, voice, never);
    assert_eq!(heard.snapshot.concealed_ms, 0);
    assert_eq!(heard.count(Kind::Accelerated) + heard.count(Kind::Stretched), 0);
    assert_eq!(heard.snapshot.target_delay_ms, 20);
    let oldest = heard.ages.iter().map(|(_, age)| *age).fold(0.0, f64::max);
    assert!(oldest <= 20.0 + 35.0, "{oldest}");
}

#[test]
fn five_milliseconds_of_jitter_are_not_heard() {
    for seed in 0..10 {
        let heard = call(Net { seed, jitter_ms: 5, ..CLEAN }, 20, voice, never);
        assert_eq!(heard.snapshot.concealed_ms, 0, "seed {seed}");
        assert_eq!(heard.count(Kind::Accelerated) + heard.count(Kind::Stretched), 0, "seed {seed}");
    }
}

#[test]
fn delay_stays_bounded_under_strong_jitter() {
    for seed in 0..5 {
        let heard = call(Net { seed, jitter_ms: 120, ..CLEAN }, 40, voice, never);
        let late_half: Vec<_> = heard.kinds[2000..].iter().filter(|k| **k == Kind::Concealed).collect();
        assert!(late_half.len() < 40, "seed {seed}: {}", late_half.len());
        let oldest = heard.ages.iter().map(|(_, age)| *age).fold(0.0, f64::max);
        assert!(oldest < 20.0 + 120.0 + 120.0, "seed {seed}: {oldest}");
    }
}

#[test]
fn after_a_bad_time_the_delay_comes_down_again() {
    let mut buffer = JitterBuffer::new();
    let mut encoder = VoiceEncoder::new(32).unwrap();
    let start = Instant::now();
    let ms = |n: u64| start + Duration::from_millis(n);
    let mut peak = 0;
    let mut random = Random::new(5);
    let mut wire = Vec::new();
    for n in 0..3000u64 {
        let samples = std::array::from_fn(|i| voice(n as usize * VOICE_FRAME + i));
        let jitter = if n < 500 { random.below(150) } else { 0 };
        if let Some(packet) = encoder.encode(&samples).unwrap() {
            wire.push((n * 20 + jitter, n, packet));
        }
    }
    wire.sort_by_key(|p| p.0);
    let mut wire = wire.into_iter().peekable();
    for n in 0..6000u64 {
        while let Some((at, sequence, packet)) = wire.next_if(|p| p.0 <= n * 10) {
            buffer.insert(ms(at), voice_packet(sequence, sequence * 960, 0, packet));
        }
        buffer.pull(ms(n * 10), &mut [0.0; BLOCK]);
        peak = buffer.snapshot().current_delay_ms.max(peak);
    }
    assert!(peak > 80, "{peak}");
    assert!(buffer.snapshot().current_delay_ms <= 45, "{:?}", buffer.snapshot());
}

#[test]
fn lost_packets_are_recovered_from_the_ones_after_them() {
    let net = Net { seed: 3, loss_percent: 10, expected_loss: 20, ..CLEAN };
    let heard = call(net, 30, voice, never);
    let ratio = heard.snapshot.concealed_ms as f64 / heard.snapshot.played_ms as f64;
    assert!(heard.count(Kind::Recovered) > 50, "{}", heard.count(Kind::Recovered));
    assert!(ratio < 0.04, "{ratio}");
    let without = call(Net { expected_loss: 0, ..net }, 30, voice, never);
    let ratio_without = without.snapshot.concealed_ms as f64 / without.snapshot.played_ms as f64;
    assert!((0.05..0.15).contains(&ratio_without), "{ratio_without}");
}

#[test]
fn pauses_of_the_voice_are_not_concealed() {
    let spoken = |n: usize| if n / 48_000 % 6 < 2 { voice(n) } else { 0.0 };
    let heard = call(CLEAN, 24, spoken, never);
    assert_eq!(heard.snapshot.concealed_ms, 0);
    assert!(heard.count(Kind::Silence) > 500, "{}", heard.count(Kind::Silence));
    assert!(heard.ages.iter().all(|(_, age)| *age < 75.0));
}

#[test]
fn a_muted_microphone_is_not_a_loss() {
    let heard = call(CLEAN, 20, voice, |frame| (300..600).contains(&frame));
    assert_eq!(heard.snapshot.concealed_ms, 0);
    let last = heard.ages.last().unwrap();
    assert!(last.0 > 1990 && last.1 < 60.0, "{last:?}");
}

#[test]
fn dead_network_fades_to_silence_and_counts_as_concealed() {
    let net = Net { seed: 1, ..CLEAN };
    let mut sequence_gap = 0;
    let heard = {
        // The packets of two seconds are lost, their sequence numbers are not.
        let mut encoder = VoiceEncoder::new(32).unwrap();
        let start = Instant::now();
        let mut buffer = JitterBuffer::new();
        let mut loudest = 0f32;
        for n in 0..500u64 {
            let samples = std::array::from_fn(|i| voice(n as usize * VOICE_FRAME + i));
            let packet = encoder.encode(&samples).unwrap();
            let now = start + Duration::from_millis(n * 20 + net.delay_ms);
            if (200..300).contains(&n) {
                sequence_gap += 1;
            } else if let Some(packet) = packet {
                buffer.insert(now, voice_packet(n, n * 960, 0, packet));
            }
            for half in 0..2 {
                let mut block = [0.0; BLOCK];
                buffer.pull(now + Duration::from_millis(5 + 10 * half), &mut block);
                if (210..300).contains(&n) {
                    loudest = block.iter().fold(loudest, |l, s| l.max(s.abs()));
                }
            }
        }
        assert!(loudest < 1e-3, "{loudest}");
        buffer.snapshot()
    };
    assert_eq!(sequence_gap, 100);
    assert!(heard.concealed_ms.abs_diff(2000) < 60, "{heard:?}");
}

#[test]
fn clocks_that_drift_apart_are_followed() {
    for ppm in [-1000i64, 1000] {
        let mut encoder = VoiceEncoder::new(32).unwrap();
        let mut buffer = JitterBuffer::new();
        let start = Instant::now();
        let mut sent = 0u64;
        for n in 0..6000u64 {
            let now_us = n * 10_000;
            while (sent * 20_000) as i64 + (sent as i64 * 20_000 * ppm / 1_000_000) <= now_us as i64 {
                let samples = std::array::from_fn(|i| voice(sent as usize * VOICE_FRAME + i));
                if let Some(packet) = encoder.encode(&samples).unwrap() {
                    buffer.insert(start + Duration::from_micros(now_us), voice_packet(sent, sent * 960, 0, packet));
                }
                sent += 1;
            }
            buffer.pull(start + Duration::from_micros(now_us), &mut [0.0; BLOCK]);
        }
        let snapshot = buffer.snapshot();
        assert!(snapshot.current_delay_ms <= 60, "{ppm}: {snapshot:?}");
        assert!(snapshot.concealed_ms < 200, "{ppm}: {snapshot:?}");
    }
}

#[test]
fn nobody_pulling_for_a_while_costs_the_past_not_the_present() {
    let mut encoder = VoiceEncoder::new(32).unwrap();
    let mut buffer = JitterBuffer::new();
    let start = Instant::now();
    for n in 0..400u64 {
        let samples = std::array::from_fn(|i| voice(n as usize * VOICE_FRAME + i));
        let now = start + Duration::from_millis(n * 20);
        if let Some(packet) = encoder.encode(&samples).unwrap() {
            buffer.insert(now, voice_packet(n, n * 960, 0, packet));
        }
        if !(100..250).contains(&n) {
            buffer.pull(now, &mut [0.0; BLOCK]);
            buffer.pull(now + Duration::from_millis(10), &mut [0.0; BLOCK]);
        }
    }
    assert!(buffer.snapshot().current_delay_ms < 60, "{:?}", buffer.snapshot());
}

#[test]
fn garbage_neither_panics_nor_grows() {
    let mut random = Random::new(9);
    let start = Instant::now();
    let mut buffer = JitterBuffer::new();
    for n in 0..30_000u64 {
        let wild = |random: &mut Random| match random.below(5) {
            0 => u64::MAX - random.below(3),
            1 => random.0.u64(..),
            2 => 0,
            3 => n,
            _ => n * 960,
        };
        let (sequence, timestamp) = (wild(&mut random), wild(&mut random));
        let len = random.below(80);
        let packet = (0..len).map(|_| random.0.u8(..)).collect();
        let now = start + Duration::from_millis(n * 7);
        buffer.insert(now, voice_packet(sequence, timestamp, random.0.u32(..), packet));
        let mut block = [0.0; BLOCK];
        buffer.pull(now, &mut block);
        assert!(block.iter().all(|s| s.abs() <= 1.0));
    }
}

#[test]
fn a_sender_that_starts_anew_is_heard_again() {
    let mut encoder = VoiceEncoder::new(32).unwrap();
    let mut buffer = JitterBuffer::new();
    let start = Instant::now();
    let mut last = Kind::Silence;
    for n in 0..400u64 {
        let samples = std::array::from_fn(|i| voice(n as usize * VOICE_FRAME + i));
        let now = start + Duration::from_millis(n * 20);
        let (sequence, timestamp) = if n < 200 { (n + 70_000, n * 960) } else { (n, n * 960 + (1 << 40)) };
        if let Some(packet) = encoder.encode(&samples).unwrap() {
            buffer.insert(now, voice_packet(sequence, timestamp, 0, packet));
        }
        last = buffer.pull(now, &mut [0.0; BLOCK]).kind;
        buffer.pull(now + Duration::from_millis(10), &mut [0.0; BLOCK]);
    }
    assert_eq!(last, Kind::Normal);
}

#[test]
fn the_same_calls_give_the_same_sound() {
    let net = Net { seed: 4, jitter_ms: 60, loss_percent: 5, expected_loss: 10, ..CLEAN };
    let (one, two) = (call(net, 10, voice, never), call(net, 10, voice, never));
    assert!(one.samples == two.samples && one.kinds == two.kinds);
}
