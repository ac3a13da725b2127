//! The far end of the echo canceller where speaker and microphone have clocks of their own.

use std::f64::consts::TAU;
use std::time::{Duration, Instant};

use media::microphone::BLOCK;
use media::speaker::{FarEnd, Played, far_end};

/// A card that plays a tone by a clock so many parts per million fast, in callbacks of `lump` frames, up to 1.5 ms late.
struct Card {
    played: Played,
    start: Instant,
    ppm: f64,
    lump: usize,
    frames: usize,
    random: fastrand::Rng,
}

const HERTZ: f64 = 500.0;

impl Card {
    fn new(start: Instant, ppm: f64, lump: usize) -> (Self, FarEnd) {
        let (played, far_end) = far_end().unwrap();
        (Self { played, start, ppm, lump, frames: 0, random: fastrand::Rng::with_seed(1) }, far_end)
    }

    /// Calls back as often as is due.
    fn run(&mut self, now: Instant) {
        loop {
            let late = self.random.f64() * 0.0015;
            let due = self.frames as f64 / 48_000.0 / (1.0 + self.ppm * 1e-6) + late;
            let due = self.start + Duration::from_secs_f64(due);
            if due > now {
                return;
            }
            let tone = |n: usize| (TAU * HERTZ * n as f64 / 48_000.0).sin() as f32 * 0.5;
            let stereo: Vec<f32> = (self.frames..self.frames + self.lump).flat_map(|n| [tone(n); 2]).collect();
            self.played.push(due, &stereo);
            self.frames += self.lump;
        }
    }
}

/// Where in the tone's period each second of what was given is, against a tone by the card's clock; in samples.
fn course(ppm: f64, lump: usize, seconds: usize) -> (Vec<f64>, FarEnd, usize) {
    let start = Instant::now();
    let (mut card, mut far_end) = Card::new(start, ppm, lump);
    let mut course = Vec::new();
    let (mut sine, mut cosine, mut silent) = (0.0, 0.0, 0);
    for n in 0..seconds * 100 {
        let captured = start + Duration::from_millis(10 * (n as u64 + 1));
        card.run(captured + Duration::from_millis(1));
        let mut block = [0.0; BLOCK];
        far_end.pull(captured, &mut block);
        silent += usize::from(block.iter().all(|sample| *sample == 0.0));
        for (i, sample) in block.iter().enumerate() {
            let turn = TAU * HERTZ * (n * BLOCK + i) as f64 / 48_000.0 * (1.0 + ppm * 1e-6);
            sine += f64::from(*sample) * turn.sin();
            cosine += f64::from(*sample) * turn.cos();
        }
        if n % 100 == 99 {
            course.push(cosine.atan2(sine) / TAU * 48_000.0 / HERTZ);
            (sine, cosine) = (0.0, 0.0);
        }
    }
    (course, far_end, silent)
}

#[test]
fn an_echo_stays_where_it_is_whatever_the_clocks_differ_by() {
    for (ppm, lump) in [(0.0, 480), (300.0, 480), (-300.0, 480), (100.0, 256), (-200.0, 1024)] {
        let (course, far_end, silent) = course(ppm, lump, 60);
        let late = &course[30..];
        let (least, most) = late.iter().fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(*x), b.max(*x)));
        // Left alone, 300 ppm are 432 samples in this time.
        assert!(most - least < 24.0, "{ppm} ppm in lumps of {lump}: {course:?}");
        assert!((far_end.drift() * 1e6 - ppm).abs() < 100.0, "{ppm} ppm: {}", far_end.drift());
        assert!(silent < 40, "{ppm} ppm in lumps of {lump}: {silent}");
    }
}

#[test]
fn a_card_that_stops_is_silence_and_comes_back() {
    let start = Instant::now();
    let (mut card, mut far_end) = Card::new(start, 0.0, 480);
    let mut block = [0.0; BLOCK];
    assert!(!far_end.pull(start, &mut block));
    let at = |n: u64| start + Duration::from_millis(10 * n);
    for n in 0..200 {
        card.run(at(n));
        far_end.pull(at(n), &mut block);
    }
    assert!(block.iter().any(|sample| *sample != 0.0));
    for n in 200..300 {
        far_end.pull(at(n), &mut block);
    }
    assert!(!far_end.pull(at(300), &mut block) && block == [0.0; BLOCK]);
    card.start = at(300) - Duration::from_secs_f64(card.frames as f64 / 48_000.0);
    let mut heard = false;
    for n in 300..320 {
        card.run(at(n));
        heard = far_end.pull(at(n), &mut block);
    }
    assert!(heard && block.iter().any(|sample| *sample != 0.0));
}

#[test]
fn what_nobody_took_is_not_given_late() {
    let start = Instant::now();
    let (mut card, mut far_end) = Card::new(start, 0.0, 480);
    // Two seconds without a microphone.
    card.run(start + Duration::from_secs(2));
    let mut given = 0;
    for n in 200..260 {
        let now = start + Duration::from_millis(10 * n);
        card.run(now);
        let mut block = [0.0; BLOCK];
        far_end.pull(now, &mut block);
        given += usize::from(block.iter().any(|sample| *sample != 0.0));
    }
    assert!(given > 10, "{given}");
}
