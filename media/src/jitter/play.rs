//! What is played next: a packet, its copy, something made up, or silence; and how the delay is kept.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use super::{FRAME, JitterBuffer, Kind, PathSequence, State, Why, stretch};
use crate::decode::VoiceDecoder;
use crate::microphone::BLOCK;

/// Timestamps come from capture times and may be this far off without meaning anything.
const TOLERANCE: i64 = 480;
/// Concealment stays as it is for 40 ms, then fades until 120 ms; more would be humming.
const FADE_FROM: i64 = 40 * 48;
const CONCEALED_MAX: i64 = 120 * 48;
/// The delay is corrected where it is this far above or below its target, one period at a time ...
const ABOVE: i64 = 20 * 48;
const BELOW: i64 = 5 * 48;
/// ... in one of so many frames, or of fewer where it is far off.
const CALM: u32 = 5;
const HASTY: u32 = 2;
const FAR: i64 = 40 * 48;
/// Beyond this, sound is dropped at once.
const HOPELESS: i64 = 250 * 48;
/// Above the first loss rate audio is held back one frame longer, so that the packet with the copy is there when it is
/// needed; below the second no longer.
const LOSSY: f32 = 0.01;
const CLEAN: f32 = 0.003;
/// The weight of one packet in the loss rate.
const LOSS_STEP: f32 = 0.02;
/// Opus packets of one or two bytes say that the voice pauses (DTX).
const PAUSE_PACKET: usize = 2;

impl JitterBuffer {
    /// Measures how long the next sample to be played has waited.
    pub(super) fn follow_delay(&mut self, now: i64) {
        if self.state != State::Playing {
            return;
        }
        let position = self.next_timestamp.saturating_sub(self.ready.len() as i64);
        let delay = self.meter.delay(now, position);
        if delay > self.target().saturating_add(HOPELESS) {
            self.catch_up(now);
        } else {
            self.delay += (delay as f32 - self.delay) / 8.0;
        }
    }

    /// After a standstill: drops what is too old, and goes on with the present.
    fn catch_up(&mut self, now: i64) {
        let newest_due = self.target().saturating_add(FRAME);
        while self.packets.len() > 1 {
            let Some(first) = self.packets.first_entry() else {
                break;
            };
            if self.meter.delay(now, first.get().timestamp) <= newest_due {
                break;
            }
            self.next_sequence = first.key().next();
            first.remove();
            self.dropped = self.dropped.saturating_add(1);
        }
        self.ready.clear();
        self.gap = 0;
        self.state = State::Waiting(Why::Pause);
    }

    /// Puts some more samples into `ready`: at least 2.5 ms.
    pub(super) fn produce(&mut self, now: i64) {
        let first = self.packets.first_key_value().map(|(sequence, packet)| (*sequence, packet.timestamp));
        match (self.state, first) {
            (State::Waiting(why), None) => self.fill(why, BLOCK as i64),
            (State::Waiting(why), Some((sequence, timestamp))) => {
                let waited = self.meter.delay(now, timestamp).saturating_add(self.ready.len() as i64);
                let early = self.target().saturating_sub(waited);
                if early > 0 {
                    self.fill(why, early.clamp(120, BLOCK as i64));
                } else {
                    self.resume(why, sequence, timestamp, now);
                }
            }
            (State::Playing, None) => self.starve(),
            (State::Playing, Some((sequence, timestamp))) => {
                let jump = timestamp.saturating_sub(self.next_timestamp);
                if sequence > self.next_sequence {
                    self.bridge(sequence, jump);
                } else if jump.abs() > TOLERANCE {
                    // The sender paused: nothing is missing.
                    self.gap = 0;
                    self.state = State::Waiting(Why::Pause);
                } else {
                    // Frames that come late one by one are played late. One that was repaired too late, while others behind
                    // it are there, has had its time: what was made up stands for it.
                    let overdue = if self.repair > 0 && self.packets.len() > 1 { self.gap } else { 0 };
                    self.count_concealed(self.gap.saturating_sub(overdue));
                    self.note_loss(0);
                    self.play_first(overdue);
                }
            }
        }
    }

    /// The wait is over: the first packet is played, and the gap before it is judged.
    fn resume(&mut self, why: Why, sequence: PathSequence, timestamp: i64, now: i64) {
        if why == Why::Outage {
            let missing = sequence.missing_from(self.next_sequence);
            if missing > 0 {
                self.count_concealed(self.gap.min(missing.saturating_mul(FRAME)));
                self.note_loss(missing);
            } else if timestamp.saturating_sub(self.next_timestamp) <= TOLERANCE {
                self.count_concealed(self.gap);
            }
        }
        self.state = State::Playing;
        self.delay = self.meter.delay(now, timestamp).saturating_add(self.ready.len() as i64) as f32;
        self.frames_since_scaling = 0;
        self.play_first(0);
    }

    /// Nothing is there to be played. If the voice did not pause, a packet is late or lost: which, the next one tells.
    fn starve(&mut self) {
        if self.paused {
            self.state = State::Waiting(Why::Pause);
        } else if self.gap >= CONCEALED_MAX {
            self.state = State::Waiting(Why::Outage);
        } else {
            self.conceal(BLOCK as i64);
        }
    }

    /// The packets before `sequence` are missing, `jump` samples of them or less.
    fn bridge(&mut self, sequence: PathSequence, jump: i64) {
        let missing = sequence.missing_from(self.next_sequence);
        let most = missing.saturating_mul(FRAME);
        let lost = jump.clamp(0, most);
        let left = lost.saturating_sub(self.gap);
        let copy = left > 0
            && left <= FRAME
            && jump <= most.saturating_add(TOLERANCE)
            && self.packets.get(&sequence).is_some_and(|p| VoiceDecoder::carries_previous(&p.data));
        if self.paused {
            self.state = State::Waiting(Why::Pause);
            self.next_sequence = sequence;
        } else if left >= 120 && !copy && self.gap < CONCEALED_MAX {
            self.conceal(left.min(BLOCK as i64));
            return;
        } else if left >= 120 && !copy {
            self.state = State::Waiting(Why::Outage);
            return;
        } else if copy {
            self.recover(sequence, samples_of(left));
        }
        self.count_concealed(if self.paused { 0 } else { self.gap.min(most) });
        self.note_loss(missing);
        self.next_sequence = sequence;
        self.next_timestamp = self.next_timestamp.saturating_add(lost);
        self.gap = 0;
    }

    /// Decodes the first packet, and plays it but for what is `overdue` of it. What is overdue beyond it is so of the next one.
    fn play_first(&mut self, overdue: i64) {
        let Some((sequence, packet)) = self.packets.pop_first() else {
            return;
        };
        self.next_sequence = sequence.next();
        self.paused = packet.data.len() <= PAUSE_PACKET;
        let ramp = self.gap > 0;
        self.gap = overdue.saturating_sub(FRAME).max(0);
        let Ok(samples) = self.decoder.decode(&packet.data) else {
            self.next_timestamp = packet.timestamp.saturating_add(FRAME);
            self.conceal(FRAME);
            self.count_concealed(FRAME);
            self.gap = 0;
            return;
        };
        self.next_timestamp = packet.timestamp.saturating_add(samples.len() as i64);
        let overdue = samples_of(overdue).min(samples.len());
        let mut samples = samples.get(overdue..).unwrap_or_default().to_vec();
        self.count_concealed(overdue as i64);
        if ramp {
            fade_in(&mut samples);
        }
        let kind = if self.paused { Kind::Silence } else { self.scale(&mut samples) };
        self.ready.push(&samples, kind, (!self.paused).then_some(packet.captured_us));
    }

    /// Brings the delay nearer to its target, if it is time to.
    fn scale(&mut self, samples: &mut Vec<f32>) -> Kind {
        self.frames_since_scaling = self.frames_since_scaling.saturating_add(1);
        let above = self.delay_samples().saturating_sub(self.target());
        let calm = if above.abs() > FAR { HASTY } else { CALM };
        if self.frames_since_scaling < calm {
            return Kind::Normal;
        }
        let (scaled, kind) = if above > ABOVE {
            (stretch::shorten(samples), Kind::Accelerated)
        } else if above < -BELOW {
            (stretch::lengthen(samples), Kind::Stretched)
        } else {
            return Kind::Normal;
        };
        let Some((scaled, lag)) = scaled else {
            return Kind::Normal;
        };
        *samples = scaled;
        self.frames_since_scaling = 0;
        self.delay += if kind == Kind::Stretched { lag as f32 } else { -(lag as f32) };
        kind
    }

    fn recover(&mut self, sequence: PathSequence, left: usize) {
        let Some(packet) = self.packets.get(&sequence) else {
            return;
        };
        if let Ok(samples) = self.decoder.recover(&packet.data, samples_of(FRAME)) {
            let mut samples = samples.get(samples.len().saturating_sub(left)..).unwrap_or_default().to_vec();
            if self.gap > 0 {
                fade_in(&mut samples);
            }
            self.ready.push(&samples, Kind::Recovered, None);
        }
    }

    /// Makes up `samples`, fading with the length of the gap.
    fn conceal(&mut self, samples: i64) {
        let volume = |gap: i64| 1.0 - gap.saturating_sub(FADE_FROM).max(0) as f32 / (CONCEALED_MAX - FADE_FROM) as f32;
        let (from, to) = (volume(self.gap), volume(self.gap.saturating_add(samples)));
        let mut made_up = vec![0.0; samples_of(samples)];
        if let Ok(concealed) = self.decoder.conceal(samples_of(samples)) {
            let step = (to - from) / samples as f32;
            for (i, (out, sample)) in made_up.iter_mut().zip(concealed).enumerate() {
                *out = sample * (from + step * i as f32).max(0.0);
            }
        }
        self.gap = self.gap.saturating_add(samples);
        self.ready.push(&made_up, Kind::Concealed, None);
    }

    /// What is heard while waiting: in a pause the decoder's comfort noise, else nothing.
    fn fill(&mut self, why: Why, samples: i64) {
        let mut silence = vec![0.0; samples_of(samples)];
        if why == Why::Pause
            && self.paused
            && let Ok(noise) = self.decoder.conceal(samples_of(samples))
        {
            silence.iter_mut().zip(noise).for_each(|(out, noise)| *out = *noise);
        }
        if why == Why::Outage {
            self.gap = self.gap.saturating_add(samples);
        }
        let kind = if why == Why::Outage { Kind::Concealed } else { Kind::Silence };
        self.ready.push(&silence, kind, None);
    }

    fn count_concealed(&mut self, samples: i64) {
        self.concealed = self.concealed.saturating_add(samples.max(0).unsigned_abs());
    }

    fn note_loss(&mut self, missing: i64) {
        for _ in 0..missing.min(50) {
            self.loss += LOSS_STEP * (1.0 - self.loss);
        }
        self.loss -= LOSS_STEP * self.loss;
        self.lossy = self.loss > if self.lossy { CLEAN } else { LOSSY };
    }
}

/// A number of samples as a length.
fn samples_of(samples: i64) -> usize {
    usize::try_from(samples).unwrap_or(0)
}

/// Takes the edge off a join.
fn fade_in(samples: &mut [f32]) {
    for (i, sample) in samples.iter_mut().take(120).enumerate() {
        *sample *= i as f32 / 120.0;
    }
}
