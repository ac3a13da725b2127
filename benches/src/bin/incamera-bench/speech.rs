//! How good speech is by loss: a clip through encoder, repair, a seeded bad network and the jitter buffer, scored by PESQ.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use benches::voice::{self, Network};
use media::{
    microphone::{self, BLOCK, MicrophoneSource},
    record::WavRecorder,
};

use crate::{Failed, report::SpeechQuality};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/quality/pesq.py");
const CLIP: Duration = Duration::from_secs(8);
/// The clip is said so often before it counts: who listens has told by then what is lost, and who speaks has adapted.
const BEFORE: usize = 2;
const SEED: u64 = 1;

/// Without the scorer everything but the scores is measured, and `lacking` says so.
pub fn measure(clip: &Path, folder: &Path, lacking: &mut Vec<String>) -> Result<Vec<SpeechQuality>, Failed> {
    let networks = [
        ("clean", Network::clean(SEED)),
        ("10 % lost", Network::losing(10, SEED)),
        ("20 % lost", Network::losing(20, SEED)),
        ("30 % lost", Network::losing(30, SEED)),
        ("60 ms lost every 2 s", Network::bursts(Duration::from_millis(60), SEED)),
        ("120 ms lost every 2 s", Network::bursts(Duration::from_millis(120), SEED)),
    ];
    let said = read(clip)?;
    let again = said.repeat(BEFORE + 1);
    let reference = folder.join("reference.wav");
    write(&reference, &said)?;
    let mut measured = Vec::new();
    for (name, network) in networks {
        let heard = voice::call(&again, network, CLIP * BEFORE as u32);
        let degraded = folder.join("heard.wav");
        write(&degraded, &heard.samples)?;
        measured.push(SpeechQuality {
            network: name.to_owned(),
            pesq: score(&reference, &degraded),
            kbps: heard.kbps,
            concealed: heard.concealed,
            delay_ms: heard.delay_ms.0,
        });
    }
    if measured.iter().any(|quality| quality.pesq.is_none()) {
        lacking.push("PESQ: python3 with pesq and scipy is not installed".to_owned());
    }
    Ok(measured)
}

/// Microphones play in real time, and so does this.
fn read(clip: &Path) -> Result<Vec<f32>, Failed> {
    let failed = |why: microphone::MicrophoneError| Failed::Clip(why.to_string());
    let mut microphone = microphone::open(&MicrophoneSource::Clip(clip.to_owned())).map_err(failed)?;
    let mut samples = Vec::new();
    while samples.len() < 48 * CLIP.as_millis() as usize {
        let mut block = [0.0; BLOCK];
        microphone.next(&mut block).map_err(failed)?;
        samples.extend(block);
    }
    Ok(samples)
}

fn write(path: &Path, samples: &[f32]) -> Result<(), Failed> {
    let failed = |why: &dyn std::fmt::Display| Failed::Clip(why.to_string());
    let mut file = WavRecorder::create(path).map_err(|why| failed(&why))?;
    for block in samples.as_chunks::<BLOCK>().0 {
        file.write(block).map_err(|why| failed(&why))?;
    }
    file.finish().map_err(|why| failed(&why))
}

fn score(reference: &Path, degraded: &Path) -> Option<f64> {
    let output = Command::new("python3").arg(SCRIPT).arg(reference).arg(degraded).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
