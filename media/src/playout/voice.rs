//! One voice on its way to be heard.

use std::time::Instant;

use super::AudioSnapshot;
use super::latency::Latency;
use crate::frame::FrameClock;
use crate::jitter::JitterBuffer;
use crate::microphone::BLOCK;
use crate::process::{Level, LevelMeter};
use crate::record::WavRecorder;
use crate::sync::LipSync;

pub(super) struct Voice {
    pub(super) jitter: JitterBuffer,
    pub(super) x: f32,
    recorder: Option<WavRecorder>,
    meter: LevelMeter,
    level: Level,
    latency: Latency,
    age: Option<(Instant, i32)>,
}

impl Voice {
    pub(super) fn new(jitter: JitterBuffer, recorder: Option<WavRecorder>) -> Self {
        Self {
            jitter,
            x: 0.0,
            recorder,
            meter: LevelMeter::new(),
            level: Level::default(),
            latency: Latency::default(),
            age: None,
        }
    }

    /// Produces the block that was due at `due` and is played at `now`. Says whether the recording failed in it.
    pub(super) fn play(&mut self, due: Instant, now: Instant, clock: &FrameClock, block: &mut [f32; BLOCK]) -> bool {
        let pulled = self.jitter.pull(due, block);
        if let Some(captured_us) = pulled.captured_us {
            let age_us = clock.age_us(captured_us, now);
            self.latency.push(age_us);
            self.age = Some((now, age_us));
        }
        self.level = self.meter.push(block);
        let failed = self.recorder.as_mut().is_some_and(|recorder| recorder.write(block).is_err());
        if failed {
            self.recorder = None;
        }
        failed
    }

    /// Keeps it together with its picture. What was played before is asked for once.
    pub(super) fn follow_picture(&mut self, sync: &mut LipSync) {
        if let Some((at, age_us)) = self.age.take() {
            let hold = sync.voice(at, age_us, self.jitter.held());
            self.jitter.hold(hold);
        }
    }

    pub(super) fn finish(self) {
        if let Some(Err(error)) = self.recorder.map(WavRecorder::finish) {
            tracing::warn!(%error, "a recording could not be finished");
        }
    }

    pub(super) fn figures(&self) -> AudioSnapshot {
        let jitter = self.jitter.snapshot();
        let (p50, p95) = self.latency.percentiles_ms();
        AudioSnapshot {
            played_ms: jitter.played_ms,
            concealed_ratio: jitter.concealed_ms as f64 / jitter.played_ms.max(1) as f64,
            late: jitter.late,
            duplicate: jitter.duplicate,
            jitter_buffer_ms: f64::from(jitter.current_delay_ms),
            latency_p50_ms: p50,
            latency_p95_ms: p95,
            level: self.level,
        }
    }
}
