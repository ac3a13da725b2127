//! Scores of speech: PESQ-WB (ITU-T P.862.2), by another program.

use std::path::{Path, PathBuf};
use std::process::Command;

use media::{microphone::BLOCK, record::WavRecorder};

use crate::Failed;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/quality/pesq.py");
pub const LACKING: &str = "PESQ: python3 with pesq and scipy is not installed";

pub fn write(path: &Path, samples: &[f32]) -> Result<(), Failed> {
    let failed = |why: &dyn std::fmt::Display| Failed::Clip(why.to_string());
    let mut file = WavRecorder::create(path).map_err(|why| failed(&why))?;
    for block in samples.as_chunks::<BLOCK>().0 {
        file.write(block).map_err(|why| failed(&why))?;
    }
    file.finish().map_err(|why| failed(&why))
}

/// One score for each file; none where the scorer is not installed.
pub fn score(reference: &Path, degraded: &[PathBuf]) -> Option<Vec<f64>> {
    let output = Command::new("python3").arg(SCRIPT).arg(reference).args(degraded).output().ok()?;
    let scores = String::from_utf8(output.stdout).ok()?;
    let scores: Vec<_> = scores.lines().map_while(|line| line.parse().ok()).collect();
    (scores.len() == degraded.len()).then_some(scores)
}
