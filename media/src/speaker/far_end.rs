//! The final mix on its way to the echo canceller, brought from the sound card's clock to the microphone's.
//!
//! Two crystals differ by up to some hundred parts per million, and an echo that wanders by a few samples a second is one that no
//! filter converges on. So the mix is taken at the rate at which the microphone delivers, resampled by what the two
//! clocks differ.

use std::time::{Duration, Instant};

use rtrb::{Consumer, Producer, RingBuffer};
use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Adjustable, Async, FixedAsync, PolynomialDegree, Resampler};

use super::SpeakerError;
use crate::microphone::BLOCK;

/// Waits for the echo canceller at most: 400 ms. A full ring drops the newest samples.
const RING: usize = 40 * BLOCK;
/// Callbacks that were not looked at yet; beyond it their samples are counted with the next one's.
const MARKS: usize = 64;
const RATE: f64 = 48_000.0;
/// How far the end of what is given is behind what was handed to the card when the microphone's block was heard: what a
/// callback takes at once, and a little. It must stay below what the card itself waits before the sound is in the air.
const BEHIND: f64 = 15.0 * 48.0;
const BEHIND_MAX: f64 = 60.0 * 48.0;
/// Where the mix did not come in time, it is given this much later from then on.
const STEP: f64 = 2.5 * 48.0;
/// An error beyond this is a gap or a jump, not drift: what is too much is dropped, what lacks is silence.
const JUMP: f64 = 40.0 * 48.0;
/// No card for this long, and it counts as gone.
const SILENCE: Duration = Duration::from_millis(300);
/// Crystals differ by less than this; 0.1 %.
const MAX_DRIFT: f64 = 1e-3;
/// The time constant of the control loop in blocks: short at first, to find the drift, long later, to hold it still.
const HASTY: f64 = 100.0;
const CALM: f64 = 1000.0;

/// When so many frames were handed to the card.
#[derive(Clone, Copy)]
struct Mark {
    at: Instant,
    frames: u64,
}

/// The sound card's end. It neither waits nor allocates.
pub struct Played {
    samples: Producer<f32>,
    marks: Producer<Mark>,
    /// Frames whose mark found no room.
    unmarked: u64,
}

/// The echo canceller's end.
pub struct FarEnd {
    samples: Consumer<f32>,
    marks: Consumer<Mark>,
    /// Frames that came out of the ring or were promised by marks, since the beginning.
    taken: u64,
    played: u64,
    /// When the last of `played` was handed over, smoothed.
    clock: Option<Instant>,
    behind: f64,
    drift: f64,
    /// Blocks since the clocks were last brought together.
    age: f64,
    /// Brought together at all.
    aligned: bool,
    /// Frames that were replaced by silence, and are not to be given late.
    owed: usize,
    resampler: Async<f32>,
    chunk: Vec<f32>,
}

/// Both ends of a far end at 48 kHz. Mono: what the two ears' sum is.
pub fn far_end() -> Result<(Played, FarEnd), SpeakerError> {
    let (samples, taken) = RingBuffer::new(RING);
    let (marks, seen) = RingBuffer::new(MARKS);
    // Septic: what it adds lies 60 dB below speech, and it costs a tenth of a sinc.
    let resampler = Async::new_poly(1.0, 1.01, PolynomialDegree::Septic, BLOCK, 1, FixedAsync::Output)
        .map_err(|_| SpeakerError::Unusable)?;
    let far_end = FarEnd {
        samples: taken,
        marks: seen,
        taken: 0,
        played: 0,
        clock: None,
        behind: BEHIND,
        drift: 0.0,
        age: 0.0,
        aligned: false,
        owed: 0,
        chunk: vec![0.0; resampler.input_frames_max()],
        resampler,
    };
    Ok((Played { samples, marks, unmarked: 0 }, far_end))
}

impl Played {
    /// Takes what a callback rendered at `now`: interleaved stereo.
    pub fn push(&mut self, now: Instant, stereo: &[f32]) {
        for frame in stereo.chunks_exact(2) {
            self.unmarked += u64::from(self.samples.push((frame[0] + frame[1]) / 2.0).is_ok());
        }
        if self.marks.push(Mark { at: now, frames: self.unmarked }).is_ok() {
            self.unmarked = 0;
        }
    }
}

impl FarEnd {
    /// The 10 ms that go with a block of the microphone whose last sample was captured at `captured`; silence where
    /// there is nothing. False while no sound card plays at all.
    pub fn pull(&mut self, captured: Instant, block: &mut [f32; BLOCK]) -> bool {
        block.fill(0.0);
        self.follow_clock();
        let Some(clock) = self.clock.filter(|clock| captured.saturating_duration_since(*clock) < SILENCE) else {
            (self.clock, self.aligned) = (None, false);
            return false;
        };
        let since = seconds(captured, clock) * RATE;
        let given = self.taken + (BLOCK + self.owed) as u64;
        let error = self.played as f64 + since - given as f64 - self.behind;
        if error.abs() < JUMP && self.aligned {
            self.steer(error);
        } else if !self.align(error) {
            return true;
        }
        self.give(block);
        true
    }

    /// What the sound card's clock is ahead of the microphone's, as a share.
    pub fn drift(&self) -> f64 {
        self.drift
    }

    /// Drops what is too much. False where something lacks: it is replaced by silence.
    fn align(&mut self, error: f64) -> bool {
        (self.age, self.owed) = (0.0, 0);
        self.aligned = error >= 0.0 && self.skip(error as usize) == error as usize;
        self.aligned
    }

    fn follow_clock(&mut self) {
        while let Ok(mark) = self.marks.pop() {
            self.played += mark.frames;
            let expected = self.clock.map(|last| last + Duration::from_secs_f64(mark.frames as f64 / RATE));
            self.clock = Some(match expected {
                // Callbacks come in lumps and late; the samples themselves keep time.
                Some(expected) if seconds(mark.at, expected).abs() < JUMP / RATE => {
                    let late = seconds(mark.at, expected) / 64.0;
                    if late > 0.0 {
                        expected + Duration::from_secs_f64(late)
                    } else {
                        expected - Duration::from_secs_f64(-late)
                    }
                }
                _ => mark.at,
            });
        }
    }

    /// A loop of second order: what the clocks differ by is learnt, what is left of the error is worked off.
    fn steer(&mut self, error: f64) {
        self.age += 1.0;
        let time = (self.age / 3.0).clamp(HASTY, CALM) * BLOCK as f64;
        let now = error / time;
        self.drift = (self.drift + now * BLOCK as f64 / time / 4.0).clamp(-MAX_DRIFT, MAX_DRIFT);
        let rate = 1.0 + (self.drift + now).clamp(-2.0 * MAX_DRIFT, 2.0 * MAX_DRIFT);
        // Within what it was built for.
        let _ = self.resampler.set_resample_ratio(1.0 / rate, true);
    }

    fn give(&mut self, block: &mut [f32; BLOCK]) {
        let needed = self.resampler.input_frames_next().min(self.chunk.len());
        if self.owed > 0 {
            self.owed -= self.skip(self.owed.min(self.samples.slots().saturating_sub(needed)));
        }
        if self.samples.slots() < needed {
            self.behind = (self.behind + STEP).min(BEHIND_MAX);
            self.owed += BLOCK - STEP as usize;
            return;
        }
        for sample in &mut self.chunk[..needed] {
            *sample = self.samples.pop().unwrap_or(0.0);
        }
        self.taken += needed as u64;
        if let (Ok(input), Ok(mut output)) =
            (SequentialSlice::new(&self.chunk, 1, needed), SequentialSlice::new_mut(&mut block[..], 1, BLOCK))
        {
            let _ = self.resampler.process_into_buffer(&input, &mut output, None);
        }
    }

    fn skip(&mut self, frames: usize) -> usize {
        let frames = frames.min(self.samples.slots());
        if let Ok(stale) = self.samples.read_chunk(frames) {
            stale.commit_all();
        }
        self.taken += frames as u64;
        frames
    }
}

/// From `earlier` to `later`; negative where it is the other way round.
fn seconds(later: Instant, earlier: Instant) -> f64 {
    match later.checked_duration_since(earlier) {
        Some(after) => after.as_secs_f64(),
        None => -earlier.duration_since(later).as_secs_f64(),
    }
}
