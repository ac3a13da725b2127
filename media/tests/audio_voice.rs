//! What happens to a voice itself: speech processing, level, encoding and decoding.

use std::f32::consts::TAU;

use fastrand::Rng;
use media::decode::VoiceDecoder;
use media::encode::{VOICE_FRAME, VoiceEncoder};
use media::microphone::BLOCK;
use media::process::{Cleaning, LevelMeter, Speech};

fn tones(n: usize) -> f32 {
    let t = n as f32 / 48_000.0;
    0.2 * (TAU * 220.0 * t).sin() + 0.1 * (TAU * 660.0 * t).sin() + 0.05 * (TAU * 1320.0 * t).sin()
}

/// Something like a voice: harmonics of a wavering pitch in syllables.
fn voice(n: usize) -> f32 {
    let t = n as f32 / 48_000.0;
    let pitch = 140.0 + 15.0 * (t * 3.0).sin();
    let syllable = (0.55 + 0.45 * (TAU * 4.0 * t).sin()).powi(2);
    0.15 * syllable * (1..12).map(|h| (TAU * pitch * h as f32 * t).sin() / h as f32).sum::<f32>()
}

fn noise(random: &mut Rng) -> f32 {
    2.0 * random.f32() - 1.0
}

#[test]
fn a_voice_survives_the_codec() {
    let (mut encoder, mut decoder) = (VoiceEncoder::new(32).unwrap(), VoiceDecoder::new().unwrap());
    let mut heard = Vec::new();
    let mut bytes = 0;
    for frame in 0..100 {
        let samples = std::array::from_fn(|i| tones(frame * VOICE_FRAME + i));
        let packet = encoder.encode(&samples).unwrap().unwrap();
        bytes += packet.len();
        heard.extend_from_slice(decoder.decode(&packet).unwrap());
    }
    let snr = (0..1000)
        .map(|lag| {
            let (mut signal, mut error) = (0.0, 0.0);
            for n in 48_000..72_000 {
                let (sent, got) = (tones(n), heard[n + lag]);
                signal += sent * sent;
                error += (sent - got) * (sent - got);
            }
            10.0 * (signal / error).log10()
        })
        .fold(f32::MIN, f32::max);
    assert!(snr > 6.0, "{snr} dB");
    assert!((4000..10_000).contains(&bytes), "{bytes} bytes in 2 s");
}

#[test]
fn a_pause_is_announced_once_and_then_costs_almost_nothing() {
    let mut encoder = VoiceEncoder::new(32).unwrap();
    let mut sizes = Vec::new();
    for frame in 0..250 {
        let spoken = frame < 50;
        let samples = std::array::from_fn(|i| if spoken { tones(frame * VOICE_FRAME + i) } else { 0.0 });
        sizes.push(encoder.encode(&samples).unwrap().map(|packet| packet.len()));
    }
    let first_none = sizes.iter().position(Option::is_none).unwrap();
    assert!(sizes[first_none - 1].unwrap() <= 2);
    let sent = sizes[first_none..].iter().flatten().count();
    assert!(sent <= 20, "{sent}");
}

#[test]
fn a_lost_frame_comes_back_with_the_next_one() {
    let mut encoder = VoiceEncoder::new(32).unwrap();
    encoder.set_expected_loss(20).unwrap();
    let mut packets = Vec::new();
    for frame in 0..100 {
        let samples = std::array::from_fn(|i| voice(frame * VOICE_FRAME + i));
        packets.push(encoder.encode(&samples).unwrap().unwrap());
    }
    let next = (50..100).find(|n| VoiceDecoder::carries_previous(&packets[*n])).unwrap();
    let (mut whole, mut holed) = (VoiceDecoder::new().unwrap(), VoiceDecoder::new().unwrap());
    for packet in &packets[..next - 1] {
        whole.decode(packet).unwrap();
        holed.decode(packet).unwrap();
    }
    let truth = whole.decode(&packets[next - 1]).unwrap().to_vec();
    let recovered = holed.recover(&packets[next], VOICE_FRAME).unwrap().to_vec();
    assert_eq!(recovered.len(), VOICE_FRAME);
    let energy = |s: &[f32]| s.iter().map(|s| s * s).sum::<f32>();
    let product: f32 = truth.iter().zip(&recovered).map(|(a, b)| a * b).sum();
    assert!(product / (energy(&truth) * energy(&recovered)).sqrt() > 0.7);
}

#[test]
fn without_expected_loss_no_copies_are_sent() {
    let mut encoder = VoiceEncoder::new(32).unwrap();
    for frame in 0..50 {
        let samples = std::array::from_fn(|i| tones(frame * VOICE_FRAME + i));
        assert!(!VoiceDecoder::carries_previous(&encoder.encode(&samples).unwrap().unwrap()));
    }
}

#[test]
fn garbage_packets_are_refused_or_harmless() {
    let mut decoder = VoiceDecoder::new().unwrap();
    let mut random = Rng::with_seed(1);
    assert!(decoder.decode(&[]).is_err());
    for len in 0..400usize {
        let packet: Vec<u8> = (0..len).map(|_| (noise(&mut random) * 128.0) as i8 as u8).collect();
        VoiceDecoder::carries_previous(&packet);
        if let Ok(samples) = decoder.decode(&packet) {
            assert!(samples.len() <= 5760 && samples.iter().all(|s| s.abs() <= 1.0));
        }
        let _ = decoder.recover(&packet, VOICE_FRAME);
    }
}

#[test]
fn processing_that_is_off_changes_not_a_bit() {
    let mut speech = Speech::new(Cleaning::NONE);
    let mut random = Rng::with_seed(3);
    for _ in 0..50 {
        let block: [f32; BLOCK] = std::array::from_fn(|_| noise(&mut random));
        let mut processed = block;
        speech.render(&block);
        speech.capture(&mut processed);
        assert_eq!(processed.map(f32::to_bits), block.map(f32::to_bits));
    }
}

#[test]
fn the_speakers_echo_is_taken_out_of_the_microphone() {
    const ECHO: usize = 48 * 60;
    let mut speech = Speech::new(Cleaning::ALL);
    let mut random = Rng::with_seed(5);
    let mut envelope = 0.0f32;
    let far: Vec<f32> = (0..48_000 * 8)
        .map(|n| {
            let speaks = n / 9600 % 3 != 2;
            envelope += (if speaks { 0.2 } else { 0.0 } - envelope) / 500.0;
            envelope * noise(&mut random)
        })
        .collect();
    let (mut before, mut after) = (0.0, 0.0);
    for n in 0..far.len() / BLOCK {
        let at = n * BLOCK;
        speech.render(far[at..at + BLOCK].try_into().unwrap());
        let mut near: [f32; BLOCK] =
            std::array::from_fn(|i| if at + i >= ECHO { 0.4 * far[at + i - ECHO] } else { 0.0 });
        let echo: f32 = near.iter().map(|s| s * s).sum();
        speech.capture(&mut near);
        if n > 500 {
            before += echo;
            after += near.iter().map(|s| s * s).sum::<f32>();
        }
    }
    let reduction = 10.0 * (before / after.max(1e-12)).log10();
    assert!(reduction > 35.0, "{reduction} dB");
}

#[test]
fn ring_comes_with_the_voice_and_outlasts_gaps() {
    let mut meter = LevelMeter::new();
    let mut random = Rng::with_seed(7);
    let mut block = |amplitude: f32| std::array::from_fn(|_| amplitude * noise(&mut random));
    for _ in 0..200 {
        assert!(!meter.push(&block(0.002)).speaking);
    }
    // One click is not a voice.
    assert!(!meter.push(&block(0.3)).speaking);
    assert!(!meter.push(&block(0.002)).speaking);
    let mut changes = 0;
    let mut speaking = false;
    for n in 0..300 {
        // Words of 200 ms with gaps of 150 ms.
        let level = meter.push(&block(if n % 35 < 20 { 0.2 } else { 0.002 }));
        changes += u32::from(level.speaking != speaking);
        speaking = level.speaking;
    }
    assert_eq!((changes, speaking), (1, true));
    for _ in 0..50 {
        speaking = meter.push(&block(0.002)).speaking;
    }
    assert!(!speaking);
}

#[test]
fn steady_noise_is_not_taken_for_a_voice() {
    let mut meter = LevelMeter::new();
    let mut random = Rng::with_seed(11);
    let mut block = || std::array::from_fn(|_| 0.02 * noise(&mut random));
    let spoken = (0..1000).filter(|_| meter.push(&block()).speaking).count();
    assert_eq!(spoken, 0);
}

#[test]
fn the_level_is_linear_in_decibels() {
    let square = |a: f32| std::array::from_fn(|i| if i % 2 == 0 { a } else { -a });
    assert_eq!(LevelMeter::new().push(&[0.0; BLOCK]).level, 0.0);
    assert!((LevelMeter::new().push(&square(1.0)).level - 1.0).abs() < 1e-3);
    assert!((LevelMeter::new().push(&square(0.0316)).level - 0.5).abs() < 1e-2);
    assert_eq!(LevelMeter::new().push(&[f32::NAN; BLOCK]).level, 0.0);
}
