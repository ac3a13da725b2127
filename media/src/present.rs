//! What reaches the eye, counted as WebRTC's statistics do. Pure: time is an argument.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Frames whose durations make the mean that a freeze is measured by (W3C webrtc-stats, `freezeCount`).
const MEAN_OVER: usize = 30;

/// Figures of one incoming video, since it began.
#[derive(Debug)]
pub struct VideoFigures {
    frames: u64,
    width: u32,
    height: u32,
    first: Option<Instant>,
    last: Option<Instant>,
    /// No pictures are expected from the last one on until the next.
    paused: bool,
    /// Time spent in pauses between the first picture and the last.
    away: Duration,
    /// The last durations between frames, at most [`MEAN_OVER`]; the oldest is dropped.
    gaps: VecDeque<Duration>,
    freezes: u64,
    frozen: Duration,
    longest: Duration,
    refused: u64,
    latency: Recent,
}

/// What [`VideoFigures`] come to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct VideoSnapshot {
    pub frames: u64,
    /// Frames a second from the first to the last, pauses left out.
    pub fps: f64,
    /// Of the last frame, in pixels.
    pub width: u32,
    pub height: u32,
    pub freezes: u64,
    pub frozen_ms: u64,
    /// Of one freeze, at most.
    pub longest_freeze_ms: u64,
    /// What came as a picture and is none, or one larger than may be.
    pub refused: u64,
    /// From the end of capture until it is decoded and no longer waits for its sound, over the latest 5 to 10 s.
    pub latency_p50_ms: f64,
    pub latency_p95_ms: f64,
    pub first_frame: Option<Instant>,
}

impl Default for VideoFigures {
    fn default() -> Self {
        Self::new()
    }
}

impl VideoFigures {
    pub fn new() -> Self {
        Self {
            frames: 0,
            width: 0,
            height: 0,
            first: None,
            last: None,
            paused: false,
            away: Duration::ZERO,
            gaps: VecDeque::with_capacity(MEAN_OVER),
            freezes: 0,
            frozen: Duration::ZERO,
            longest: Duration::ZERO,
            refused: 0,
            latency: Recent::new(),
        }
    }

    /// A frame of `width` x `height` is ready to be shown, `age_us` microseconds after its capture. An age below zero,
    /// where the clocks of two machines disagree, counts as none.
    pub fn on_frame(&mut self, now: Instant, width: u32, height: u32, age_us: i32) {
        if let Some(last) = self.last {
            let gap = now.saturating_duration_since(last);
            if self.paused {
                self.away += gap;
            } else {
                self.count_gap(gap);
            }
        }
        self.frames += 1;
        (self.width, self.height) = (width, height);
        self.first.get_or_insert(now);
        self.last = Some(now);
        self.paused = false;
        self.latency.add(now, age_us);
    }

    /// What came is not shown: no decoder takes it.
    pub fn refuse(&mut self) {
        self.refused += 1;
    }

    /// The camera was turned off: the gap until the next frame is no freeze.
    pub fn pause(&mut self) {
        self.paused = true;
    }

    pub fn snapshot(&self) -> VideoSnapshot {
        let span = match (self.first, self.last) {
            (Some(first), Some(last)) => last.saturating_duration_since(first).saturating_sub(self.away),
            _ => Duration::ZERO,
        };
        // N frames have N - 1 durations between them.
        let fps = if span.is_zero() { 0.0 } else { (self.frames - 1) as f64 / span.as_secs_f64() };
        VideoSnapshot {
            frames: self.frames,
            fps,
            width: self.width,
            height: self.height,
            freezes: self.freezes,
            frozen_ms: self.frozen.as_millis() as u64,
            longest_freeze_ms: self.longest.as_millis() as u64,
            refused: self.refused,
            latency_p50_ms: self.latency.percentile_ms(50),
            latency_p95_ms: self.latency.percentile_ms(95),
            first_frame: self.first,
        }
    }

    fn count_gap(&mut self, gap: Duration) {
        if !self.gaps.is_empty() {
            let mean = self.gaps.iter().sum::<Duration>() / self.gaps.len() as u32;
            if gap > (mean * 3).max(mean + Duration::from_millis(150)) {
                self.freezes += 1;
                self.frozen += gap;
                self.longest = self.longest.max(gap);
            }
        }
        if self.gaps.len() == MEAN_OVER {
            self.gaps.pop_front();
        }
        self.gaps.push_back(gap);
    }
}

/// Steps of half a millisecond up to 2 s; what is older shares the last one.
const STEP_US: usize = 500;
const STEPS: usize = 4000;

/// So long a histogram is filled before the next one is begun.
const SPAN: Duration = Duration::from_secs(5);

/// The latest delays: those of the span that goes on, and of the one before it.
#[derive(Debug)]
struct Recent {
    began: Option<Instant>,
    current: Histogram,
    former: Histogram,
}

impl Recent {
    fn new() -> Self {
        Self { began: None, current: Histogram::new(), former: Histogram::new() }
    }

    fn add(&mut self, now: Instant, micros: i32) {
        let began = *self.began.get_or_insert(now);
        if now.saturating_duration_since(began) >= SPAN {
            self.began = Some(now);
            std::mem::swap(&mut self.current, &mut self.former);
            self.current.clear();
        }
        self.current.add(micros);
    }

    /// The middle of the step that `percent` of the values do not go beyond; 0 if there are none.
    fn percentile_ms(&self, percent: u64) -> f64 {
        let rank = ((self.current.total + self.former.total) * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (step, (&current, &former)) in self.current.counts.iter().zip(&self.former.counts).enumerate() {
            seen += u64::from(current) + u64::from(former);
            if seen >= rank {
                return (step as f64 + 0.5) * STEP_US as f64 / 1000.0;
            }
        }
        0.0
    }
}

/// How often each delay was seen: bounded memory, however many there are.
struct Histogram {
    counts: Box<[u32]>,
    total: u64,
}

impl std::fmt::Debug for Histogram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Histogram({} values)", self.total)
    }
}

impl Histogram {
    fn new() -> Self {
        Self { counts: vec![0; STEPS].into(), total: 0 }
    }

    fn add(&mut self, micros: i32) {
        let step = (micros.max(0) as usize / STEP_US).min(STEPS - 1);
        self.counts[step] = self.counts[step].saturating_add(1);
        self.total += 1;
    }

    fn clear(&mut self) {
        self.counts.fill(0);
        self.total = 0;
    }
}
