//! Decoded samples that wait to be pulled, each run of them with where it came from.

use std::collections::VecDeque;

use super::{Kind, Pulled};
use crate::microphone::BLOCK;

#[derive(Clone, Copy, Debug)]
struct Run {
    len: usize,
    kind: Kind,
    captured_us: Option<u32>,
}

/// Never holds more than one packet's samples and a block.
#[derive(Debug, Default)]
pub(super) struct Ready {
    samples: VecDeque<f32>,
    runs: VecDeque<Run>,
}

impl Ready {
    pub(super) fn len(&self) -> usize {
        self.samples.len()
    }

    pub(super) fn push(&mut self, samples: &[f32], kind: Kind, captured_us: Option<u32>) {
        if !samples.is_empty() {
            self.samples.extend(samples);
            self.runs.push_back(Run { len: samples.len(), kind, captured_us });
        }
    }

    pub(super) fn clear(&mut self) {
        self.samples.clear();
        self.runs.clear();
    }

    /// Takes a block; what is missing is silence. The block is called after what it begins with.
    pub(super) fn pull(&mut self, out: &mut [f32; BLOCK]) -> Pulled {
        let pulled = self.runs.front().map_or(Pulled { captured_us: None, kind: Kind::Silence }, |run| Pulled {
            captured_us: run.captured_us,
            kind: run.kind,
        });
        for sample in out.iter_mut() {
            *sample = self.samples.pop_front().unwrap_or(0.0);
        }
        let mut left = BLOCK;
        while let Some(run) = self.runs.front_mut() {
            if run.len > left {
                run.len = run.len.saturating_sub(left);
                let played_us = u32::try_from(left.saturating_mul(1000) / 48).unwrap_or(0);
                run.captured_us = run.captured_us.map(|us| us.wrapping_add(played_us));
                break;
            }
            left = left.saturating_sub(run.len);
            self.runs.pop_front();
        }
        pulled
    }
}
