//! From a sound card's callback to the thread that wants blocks: the ring between them, its clock, and its rate.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use rtrb::{Consumer, Producer, RingBuffer};
use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Resampler};

use super::pace::BLOCK_TIME;
use super::{BLOCK, MicrophoneError};

/// A microphone that says nothing for this long is gone.
const SILENCE: Duration = Duration::from_secs(2);
/// A reader that comes this late gets the present: what is older than [`KEPT`] is dropped.
const BACKLOG: Duration = Duration::from_millis(200);
const KEPT: Duration = Duration::from_millis(20);

/// The callback's end. It neither waits nor allocates. A full ring (one second) drops the newest samples.
pub(super) struct Intake {
    samples: Producer<f32>,
    bell: SyncSender<()>,
    failed: Arc<AtomicBool>,
}

/// The reader's end.
pub(super) struct Outlet {
    samples: Consumer<f32>,
    bell: Receiver<()>,
    failed: Arc<AtomicBool>,
    rate: u32,
    resampler: Option<Fft<f32>>,
    chunk: Vec<f32>,
    /// When the last sample of the block before was captured, smoothed.
    clock: Option<Instant>,
}

/// A ring for mono samples at `rate` Hz.
pub(super) fn ring(rate: u32) -> Result<(Intake, Outlet), MicrophoneError> {
    if !(4000..=192_000).contains(&rate) {
        return Err(MicrophoneError::Unusable);
    }
    let resampler = match rate {
        48_000 => None,
        _ => Some(Fft::new(rate as usize, 48_000, BLOCK, 1, FixedSync::Output).map_err(|_| MicrophoneError::Unusable)?),
    };
    let longest = resampler.as_ref().map_or(BLOCK, |r| r.input_frames_max());
    let (producer, consumer) = RingBuffer::new(rate as usize);
    let (ring, bell) = sync_channel(1);
    let failed = Arc::new(AtomicBool::new(false));
    let intake = Intake { samples: producer, bell: ring, failed: failed.clone() };
    let chunk = vec![0.0; longest];
    Ok((intake, Outlet { samples: consumer, bell, failed, rate, resampler, chunk, clock: None }))
}

impl Intake {
    /// Takes one callback's samples, already mixed down to mono.
    pub(super) fn push(&mut self, mono: impl Iterator<Item = f32>) {
        for sample in mono {
            let _ = self.samples.push(if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 });
        }
        // A bell that has rung already is heard all the same.
        let _ = self.bell.try_send(());
    }

    /// What an error callback holds to say that the device is gone.
    pub(super) fn failure(&self) -> impl Fn() + Send + 'static {
        let (failed, bell) = (self.failed.clone(), self.bell.clone());
        move || {
            failed.store(true, Ordering::Relaxed);
            let _ = bell.try_send(());
        }
    }
}

impl Outlet {
    /// Waits for the next block; see [`super::Microphone::next`].
    pub(super) fn next(&mut self, block: &mut [f32; BLOCK]) -> Result<Instant, MicrophoneError> {
        self.skip_backlog();
        let needed = self.resampler.as_ref().map_or(BLOCK, |r| r.input_frames_next());
        while self.samples.slots() < needed {
            if self.failed.load(Ordering::Relaxed) {
                return Err(MicrophoneError::Lost);
            }
            match self.bell.recv_timeout(SILENCE) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    return Err(MicrophoneError::Lost);
                }
            }
        }
        for sample in &mut self.chunk[..needed] {
            *sample = self.samples.pop().unwrap_or(0.0);
        }
        match &mut self.resampler {
            None => block.copy_from_slice(&self.chunk[..BLOCK]),
            Some(resampler) => {
                let input = SequentialSlice::new(&self.chunk, 1, needed).map_err(|_| MicrophoneError::Unusable)?;
                let mut output =
                    SequentialSlice::new_mut(&mut block[..], 1, BLOCK).map_err(|_| MicrophoneError::Unusable)?;
                resampler.process_into_buffer(&input, &mut output, None).map_err(|_| MicrophoneError::Unusable)?;
            }
        }
        Ok(self.captured(Instant::now()))
    }

    fn skip_backlog(&mut self) {
        let waiting = self.samples.slots();
        if self.duration(waiting) > BACKLOG {
            let kept = (KEPT.as_secs_f64() * f64::from(self.rate)) as usize;
            if let Ok(stale) = self.samples.read_chunk(waiting - kept) {
                stale.commit_all();
            }
            self.clock = None;
        }
    }

    /// The capture time of what was just taken. A callback delivers in lumps and a thread wakes late, so the time that
    /// the samples themselves keep is followed, and drawn slowly to what the wall says.
    fn captured(&mut self, now: Instant) -> Instant {
        let seen = now - self.duration(self.samples.slots());
        let clock = match self.clock.map(|last| last + BLOCK_TIME) {
            Some(expected) if seen > expected && seen - expected < BACKLOG => expected + (seen - expected) / 64,
            Some(expected) if seen <= expected && expected - seen < BACKLOG => expected - (expected - seen) / 64,
            _ => seen,
        };
        self.clock = Some(clock);
        clock
    }

    fn duration(&self, samples: usize) -> Duration {
        Duration::from_secs_f64(samples as f64 / f64::from(self.rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_of_another_rate_is_heard_at_the_right_pitch() {
        let (mut intake, mut outlet) = ring(44_100).unwrap();
        let tone = |rate: f32| move |n: usize| (std::f32::consts::TAU * 441.0 * n as f32 / rate).sin() * 0.5;
        let mut heard = Vec::new();
        for n in 0..60 {
            intake.push((n * 441..(n + 1) * 441).map(tone(44_100.0)));
            let mut block = [0.0; BLOCK];
            if n > 2 {
                outlet.next(&mut block).unwrap();
                heard.extend(block);
            }
        }
        let late = &heard[9600..];
        let crossings = late.windows(2).filter(|w| w[0] <= 0.0 && w[1] > 0.0).count();
        let expected = 441.0 * late.len() as f32 / 48_000.0;
        assert!((crossings as f32 - expected).abs() <= 2.0, "{crossings} {expected}");
    }

    #[test]
    fn a_device_that_fails_is_lost_at_once() {
        let (intake, mut outlet) = ring(48_000).unwrap();
        intake.failure()();
        assert_eq!(outlet.next(&mut [0.0; BLOCK]), Err(MicrophoneError::Lost));
    }

    #[test]
    fn a_late_reader_gets_the_present() {
        let (mut intake, mut outlet) = ring(48_000).unwrap();
        intake.push((0..40_000).map(|n| n as f32 / 40_000.0));
        let mut block = [0.0; BLOCK];
        outlet.next(&mut block).unwrap();
        assert!(block[0] > 0.97, "{}", block[0]);
    }
}
