//! How good speech is by loss: a clip through encoder, repair, a seeded bad network and the jitter buffer, scored by PESQ.

use std::path::Path;
use std::time::Duration;

use benches::voice::{self, Heard, Network};
use media::microphone::{self, BLOCK, MicrophoneSource};

use crate::{
    Failed,
    report::SpeechQuality,
    scorer::{score, write},
};

const CLIP: Duration = Duration::from_secs(8);
/// The clip is said so often before it counts: who listens has told by then what is lost, and who speaks has adapted.
const BEFORE: usize = 2;
/// What is lost by chance may be lost in a better or a worse place.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;

/// Without the scorer everything but the scores is measured.
pub fn measure(clip: &Path, folder: &Path) -> Result<Vec<SpeechQuality>, Failed> {
    let burst = |ms| move |seed| Network::bursts(Duration::from_millis(ms), seed);
    let losing = |percent| move |seed| Network::losing(percent, seed);
    let networks: [(&str, &dyn Fn(u64) -> Network); 6] = [
        ("clean", &Network::clean),
        ("10 % lost", &losing(10)),
        ("20 % lost", &losing(20)),
        ("30 % lost", &losing(30)),
        ("60 ms lost every 2 s", &burst(60)),
        ("120 ms lost every 2 s", &burst(120)),
    ];
    let said = read(clip)?;
    let again = said.repeat(BEFORE + 1);
    let reference = folder.join("reference.wav");
    write(&reference, &said)?;
    let mut measured = Vec::new();
    for (name, network) in networks {
        let (mut heard, mut files) = (Vec::new(), Vec::new());
        for seed in SEEDS {
            let said_again = voice::call(&again, network(seed), CLIP * BEFORE as u32);
            let degraded = folder.join(format!("heard-{seed}.wav"));
            write(&degraded, &said_again.samples)?;
            heard.push(said_again);
            files.push(degraded);
        }
        let scores = score(&reference, &files);
        let mean = |of: fn(&Heard) -> f64| heard.iter().map(of).sum::<f64>() / heard.len() as f64;
        measured.push(SpeechQuality {
            network: name.to_owned(),
            pesq: scores.as_ref().map(|scores| scores.iter().sum::<f64>() / scores.len() as f64),
            least_pesq: scores.and_then(|scores| scores.into_iter().min_by(f64::total_cmp)),
            kbps: mean(|heard| heard.kbps),
            concealed: mean(|heard| heard.concealed),
            delay_ms: mean(|heard| heard.delay_ms.0),
        });
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
