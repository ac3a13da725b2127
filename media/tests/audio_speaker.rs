//! Mixing, panning and playing, without a sound card.

use std::time::{Duration, Instant, UNIX_EPOCH};

use media::FrameClock;
use media::encode::{VOICE_FRAME, VoiceEncoder};
use media::jitter::{PathSequence, VoicePacket};
use media::microphone::BLOCK;
use media::playout::{Playout, VoiceId};
use media::repair::Came;
use media::speaker::{Demand, Speaker, SpeakerSource};

fn tone(n: usize) -> f32 {
    0.2 * (std::f32::consts::TAU * 440.0 * n as f32 / 48_000.0).sin()
}

fn rms(samples: impl Iterator<Item = f32>) -> f32 {
    let (sum, n) = samples.fold((0.0, 0), |(sum, n), s| (sum + s * s, n + 1));
    (sum / n as f32).sqrt()
}

/// Plays a tone for a second; gives the loudness of left and right over its second half.
fn play(speaker: &mut Speaker, demand: &Demand, voice: VoiceId) -> (f32, f32) {
    let mut heard = Vec::new();
    let mut position = 0;
    while heard.len() < 2 * 48_000 {
        for _ in 0..speaker.wanted() {
            speaker.push(voice, &std::array::from_fn(|i| tone(position + i)));
            speaker.pushed();
            position += BLOCK;
        }
        let mut out = vec![0.0; 2 * 441];
        demand.render(Instant::now(), &mut out);
        heard.extend(out);
    }
    let late = &heard[48_000..];
    (rms(late.iter().step_by(2).copied()), rms(late.iter().skip(1).step_by(2).copied()))
}

#[test]
fn a_voice_is_heard_where_it_is_placed() {
    let voice = VoiceId(1);
    let heard = |x: f32| {
        let (mut speaker, demand) = Speaker::on_demand().unwrap();
        speaker.add(voice);
        speaker.place(voice, x);
        play(&mut speaker, &demand, voice)
    };
    let (left, right) = heard(0.0);
    assert!((left - right).abs() < 1e-3 && (left - 0.1414).abs() < 0.015, "{left} {right}");
    let (left, right) = heard(-1.0);
    assert!(left > 1.5 * right && right > 0.02, "{left} {right}");
    let (left, right) = heard(1.0);
    assert!(right > 1.5 * left && left > 0.02, "{left} {right}");
    let (left, right) = heard(f32::NAN);
    assert!((left - right).abs() < 1e-3);
}

#[test]
fn a_removed_voice_is_silent() {
    let (mut speaker, demand) = Speaker::on_demand().unwrap();
    let voice = VoiceId(1);
    speaker.add(voice);
    assert!(play(&mut speaker, &demand, voice).0 > 0.1);
    speaker.remove(voice);
    let (left, right) = play(&mut speaker, &demand, voice);
    assert_eq!((left, right), (0.0, 0.0));
}

#[test]
fn the_far_end_is_what_was_played() {
    let start = Instant::now();
    let (mut speaker, demand) = Speaker::on_demand().unwrap();
    let mut far_end = speaker.far_end().unwrap();
    assert!(speaker.far_end().is_none());
    speaker.add(VoiceId(1));
    speaker.add(VoiceId(2));
    speaker.place(VoiceId(2), 0.8);
    let (mut played, mut given) = (Vec::new(), Vec::new());
    for n in 0..200 {
        for _ in 0..speaker.wanted() {
            speaker.push(VoiceId(1), &std::array::from_fn(|i| tone(n * BLOCK + i)));
            speaker.push(VoiceId(2), &std::array::from_fn(|i| 0.5 * tone(3 * (n * BLOCK + i))));
            speaker.pushed();
        }
        let now = start + Duration::from_millis(10 * n as u64);
        let mut out = [0.0; 2 * BLOCK];
        demand.render(now, &mut out);
        played.extend(out.as_chunks::<2>().0.iter().map(|[left, right]| (left + right) / 2.0));
        let mut far = [0.0; BLOCK];
        assert!(far_end.pull(now + Duration::from_millis(3), &mut far));
        given.extend(far);
    }
    // It is some milliseconds behind, and that is all.
    let (window, energy) = (48_000..52_800, |s: &[f32]| s.iter().map(|s| s * s).sum::<f32>());
    let given = &given[window.clone()];
    let likeness = |behind: usize| {
        let played = &played[window.start - behind..window.end - behind];
        let product: f32 = played.iter().zip(given).map(|(a, b)| a * b).sum();
        product / (energy(played) * energy(given)).sqrt()
    };
    let best = (0..2000).map(likeness).fold(0.0, f32::max);
    assert!(best > 0.999, "{best}");
}

#[test]
fn about_thirty_milliseconds_wait_for_the_sound_card() {
    let (mut speaker, demand) = Speaker::on_demand().unwrap();
    speaker.add(VoiceId(1));
    assert_eq!(speaker.wanted(), 3);
    for _ in 0..3 {
        speaker.push(VoiceId(1), &[0.0; BLOCK]);
        speaker.pushed();
    }
    assert_eq!(speaker.wanted(), 0);
    demand.render(Instant::now(), &mut [0.0; 2 * BLOCK]);
    assert_eq!(speaker.wanted(), 1);
    // A card that swallowed a second is not fed a second.
    demand.render(Instant::now(), &mut vec![0.0; 2 * 48_000]);
    assert!(speaker.wanted() <= 10);
    assert!(!speaker.lost());
}

#[test]
fn a_speaker_that_does_not_exist_is_an_error() {
    assert!(Speaker::open(&SpeakerSource::Device("none:such".into())).is_err());
    assert!(Speaker::open(&SpeakerSource::Device(String::new())).is_err());
}

/// Feeds a tone to a playout and ticks it, in simulated time. `each` runs after every tick.
fn run(playout: &mut Playout, voice: VoiceId, start: Instant, ms: u64, mut each: impl FnMut(u64)) -> FrameClock {
    let clock = FrameClock::new(start, UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let mut encoder = VoiceEncoder::new(32).unwrap();
    for t in 0..ms {
        let now = start + Duration::from_millis(t);
        if t % 20 == 0 {
            let frame = t / 20;
            let samples = std::array::from_fn(|i| tone(frame as usize * VOICE_FRAME + i));
            if let Some(packet) = encoder.encode(&samples).unwrap() {
                let captured = clock.micros(now - Duration::from_millis(15));
                let (sequence, timestamp) = (PathSequence::of_first_path(frame), frame * 960);
                let came = Came::default();
                playout.insert(
                    now,
                    voice,
                    VoicePacket { sequence, timestamp, captured_us: captured, data: packet, came },
                );
            }
        }
        if playout.next_due() <= now {
            playout.tick(now, &clock);
        }
        each(t);
    }
    clock
}

#[test]
fn without_a_speaker_the_clock_plays() {
    let start = Instant::now();
    let mut playout = Playout::new(start, None);
    playout.add(VoiceId(7), None);
    run(&mut playout, VoiceId(7), start, 5000, |_| {});
    let figures = playout.figures(VoiceId(7)).unwrap();
    assert!(figures.played_ms.abs_diff(5000) <= 20, "{figures:?}");
    assert_eq!(figures.concealed_ratio, 0.0);
    assert!((30.0..60.0).contains(&figures.latency_p50_ms), "{figures:?}");
    assert!(figures.level.level > 0.5);
    assert_eq!(playout.figures(VoiceId(8)), None);
}

#[test]
fn with_a_speaker_the_sound_card_sets_the_pace() {
    let start = Instant::now();
    let (speaker, demand) = Speaker::on_demand().unwrap();
    let mut playout = Playout::new(start, Some(speaker));
    playout.add(VoiceId(7), None);
    let mut heard = Vec::new();
    // Its clock is 1 % fast, and it takes 20 ms at once.
    run(&mut playout, VoiceId(7), start, 10_000, |t| {
        if t % 20 == 7 {
            let mut out = [0.0; 2 * 970];
            demand.render(Instant::now(), &mut out);
            heard.extend(out.iter().step_by(2).copied().collect::<Vec<_>>());
        }
    });
    let figures = playout.figures(VoiceId(7)).unwrap();
    assert!(figures.played_ms > 10_050, "{figures:?}");
    assert!(figures.concealed_ratio < 0.01, "{figures:?}");
    assert!(rms(heard[96_000..].iter().copied()) > 0.1);
}

#[test]
fn after_a_long_stall_playing_goes_on_without_a_burst() {
    let start = Instant::now();
    let clock = FrameClock::new(start, UNIX_EPOCH);
    let mut playout = Playout::new(start, None);
    playout.add(VoiceId(1), None);
    assert_eq!(playout.tick(start, &clock).blocks, 1);
    assert_eq!(playout.tick(start + Duration::from_millis(40), &clock).blocks, 4);
    assert_eq!(playout.tick(start + Duration::from_secs(10), &clock).blocks, 1);
}

#[test]
fn a_speaker_that_asks_for_nothing_does_not_stop_the_recording() {
    let start = Instant::now();
    let (speaker, _demand) = Speaker::on_demand().unwrap();
    let mut playout = Playout::new(start, Some(speaker));
    playout.add(VoiceId(7), None);
    run(&mut playout, VoiceId(7), start, 3000, |_| {});
    let figures = playout.figures(VoiceId(7)).unwrap();
    assert!(figures.played_ms > 2500, "{figures:?}");
}

/// What a listener hears of the left ear while a constant is played and `at_half` happens after half a second.
fn steps(at_half: impl FnOnce(&mut Speaker)) -> Vec<f32> {
    let start = Instant::now();
    let (mut speaker, demand) = Speaker::on_demand().unwrap();
    speaker.add(VoiceId(1));
    let mut at_half = Some(at_half);
    let mut heard = Vec::new();
    for n in 0..100 {
        if n == 50
            && let Some(happens) = at_half.take()
        {
            happens(&mut speaker);
        }
        for _ in 0..speaker.wanted() {
            speaker.push(VoiceId(1), &[0.4; BLOCK]);
            speaker.pushed();
        }
        let mut out = [0.0; 2 * BLOCK];
        demand.render(start + Duration::from_millis(10 * n), &mut out);
        heard.extend(out.iter().step_by(2));
    }
    heard
}

fn steepest(heard: &[f32]) -> f32 {
    heard.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max)
}

#[test]
fn neither_a_beginning_nor_a_move_nor_an_end_clicks() {
    let moved = steps(|speaker| speaker.place(VoiceId(1), -1.0));
    assert!(moved[47_000] > 1.2 * moved[20_000], "{} {}", moved[47_000], moved[20_000]);
    let closed = steps(|speaker| speaker.close());
    assert!(closed[20_000] > 0.3 && closed[47_000] == 0.0);
    // A step of 0.4 at once would be a click; over 2.5 ms, the quickest of them, it is not.
    assert!(steepest(&moved) < 0.01 && steepest(&closed) < 0.01, "{} {}", steepest(&moved), steepest(&closed));
    let removed = steps(|speaker| speaker.remove(VoiceId(1)));
    assert!(removed[47_000] == 0.0 && steepest(&removed) < 0.03, "{}", steepest(&removed));
}

#[test]
fn many_loud_voices_stay_below_full_scale() {
    let (mut speaker, demand) = Speaker::on_demand().unwrap();
    for n in 0..16 {
        speaker.add(VoiceId(n));
    }
    for _ in 0..50 {
        for _ in 0..speaker.wanted() {
            for n in 0..16 {
                speaker.push(VoiceId(n), &std::array::from_fn(|i| 3.0 * tone(i)));
            }
            speaker.pushed();
        }
        let mut out = [0.0; 2 * BLOCK];
        demand.render(Instant::now(), &mut out);
        assert!(out.iter().all(|sample| sample.abs() <= 1.0));
    }
}

#[test]
fn a_speaker_that_is_replaced_fades_out() {
    let start = Instant::now();
    let (speaker, before) = Speaker::on_demand().unwrap();
    let mut playout = Playout::new(start, Some(speaker));
    playout.add(VoiceId(7), None);
    let (mut heard, mut replaced) = (Vec::new(), false);
    run(&mut playout, VoiceId(7), start, 1000, |t| {
        if t % 10 == 0 {
            let mut out = [0.0; 2 * BLOCK];
            before.render(start + Duration::from_millis(t), &mut out);
            heard.extend(out.iter().step_by(2).copied());
        }
    });
    playout.set_speaker(start + Duration::from_secs(1), None);
    assert!(!playout.is_idle());
    for _ in 0..10 {
        let mut out = [0.0; 2 * BLOCK];
        before.render(start + Duration::from_secs(1), &mut out);
        replaced |= out == [0.0; 2 * BLOCK];
        heard.extend(out.iter().step_by(2).copied());
    }
    // The tone itself climbs by 0.0115 a sample.
    assert!(replaced && steepest(&heard[24_000..]) < 0.02, "{}", steepest(&heard[24_000..]));
}
