//! Where the mix goes, and what is counted and copied on the way.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Played;
use super::mix::Mixer;

/// The mixer's rate; a card of another rate gets the mix resampled, so that voices and far end are at 48 kHz always.
pub(super) const RATE: u32 = 48_000;
const SILENCE: Duration = Duration::from_secs(2);

/// How far playback is, shared between the callback and the rest.
#[derive(Clone)]
pub(super) struct Progress(Arc<Counters>);

struct Counters {
    opened: Instant,
    played: AtomicU64,
    largest: AtomicU64,
    last_us: AtomicU64,
    failed: AtomicBool,
    paced: AtomicBool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self(Arc::new(Counters {
            opened: Instant::now(),
            played: AtomicU64::new(0),
            largest: AtomicU64::new(0),
            last_us: AtomicU64::new(0),
            failed: AtomicBool::new(false),
            paced: AtomicBool::new(false),
        }))
    }

    /// Samples rendered since the beginning.
    pub(super) fn played(&self) -> u64 {
        self.0.played.load(Ordering::Acquire)
    }

    /// About the most samples that a callback takes at once.
    pub(super) fn largest(&self) -> u64 {
        self.0.largest.load(Ordering::Relaxed)
    }

    pub(super) fn fail(&self) {
        self.0.failed.store(true, Ordering::Relaxed);
    }

    /// From now on a device asks by itself, and its silence means that it is gone.
    pub(super) fn paced_by_device(&self) {
        self.0.last_us.store(self.0.opened.elapsed().as_micros() as u64, Ordering::Relaxed);
        self.0.paced.store(true, Ordering::Relaxed);
    }

    pub(super) fn lost(&self) -> bool {
        let last = Duration::from_micros(self.0.last_us.load(Ordering::Relaxed));
        let silent = self.0.opened.elapsed().saturating_sub(last) > SILENCE;
        self.0.failed.load(Ordering::Relaxed) || (self.0.paced.load(Ordering::Relaxed) && silent)
    }

    fn rendered(&self, frames: u64) {
        let largest = self.largest();
        self.0.largest.store(frames.max(largest - largest / 64), Ordering::Relaxed);
        self.0.last_us.store(self.0.opened.elapsed().as_micros() as u64, Ordering::Relaxed);
        self.0.played.fetch_add(frames, Ordering::Release);
    }
}

/// The mixer's far side. It is used in the sound card's callback: nothing in it waits or allocates.
pub(super) struct Rendering {
    mixer: Mixer,
    tap: Played,
    progress: Progress,
}

impl Rendering {
    pub(super) fn new(mixer: Mixer, tap: Played, progress: Progress) -> Self {
        Self { mixer, tap, progress }
    }

    /// Fills `out` with interleaved stereo at 48 kHz.
    pub(super) fn render(&mut self, now: Instant, out: &mut [f32]) {
        self.mixer.render(out);
        self.tap.push(now, out);
        self.progress.rendered(out.len() as u64 / 2);
    }
}

/// The far side of a speaker without a sound card.
#[derive(Clone)]
pub struct Demand(Arc<Mutex<Rendering>>);

impl Demand {
    pub(super) fn new(rendering: Rendering) -> Self {
        Self(Arc::new(Mutex::new(rendering)))
    }

    /// Plays on, at `now`: fills `out` with interleaved stereo at 48 kHz.
    pub fn render(&self, now: Instant, out: &mut [f32]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).render(now, out);
    }
}
