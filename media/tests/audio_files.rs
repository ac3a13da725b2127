//! Voices from files and into files.

use std::path::Path;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use media::microphone::{BLOCK, MicrophoneError, MicrophoneSource, open};
use media::record::{WavError, WavRecorder};
use tempfile::tempdir;

fn tone(n: usize, rate: u32) -> f32 {
    0.5 * (std::f32::consts::TAU * 500.0 * n as f32 / rate as f32).sin()
}

fn write_tone(path: &Path, rate: u32, channels: u16, bits: u16, format: SampleFormat) {
    let spec = WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format: format };
    let mut wav = WavWriter::create(path, spec).unwrap();
    for n in 0..rate as usize / 4 {
        for _ in 0..channels {
            match format {
                SampleFormat::Float => wav.write_sample(tone(n, rate)).unwrap(),
                SampleFormat::Int => {
                    wav.write_sample((tone(n, rate) * ((1i64 << (bits - 1)) - 1) as f32) as i32).unwrap();
                }
            }
        }
    }
    wav.finalize().unwrap();
}

#[test]
fn wav_files_of_all_usual_kinds_are_played() {
    use SampleFormat::{Float, Int};
    let folder = tempdir().unwrap();
    for (rate, channels, bits, format) in [
        (48_000, 1, 16, Int),
        (44_100, 2, 16, Int),
        (16_000, 1, 24, Int),
        (8_000, 1, 8, Int),
        (96_000, 2, 32, Int),
        (22_050, 1, 32, Float),
    ] {
        let file = folder.path().join(format!("{rate}-{channels}-{bits}.wav"));
        write_tone(&file, rate, channels, bits, format);
        let mut clip = open(&MicrophoneSource::Clip(file.clone())).unwrap();
        let mut heard = Vec::new();
        for _ in 0..15 {
            let mut block = [0.0; BLOCK];
            clip.next(&mut block).unwrap();
            heard.extend(block);
        }
        let heard = &heard[2000..];
        let rms = (heard.iter().map(|s| s * s).sum::<f32>() / heard.len() as f32).sqrt();
        assert!((rms - 0.353).abs() < 0.02, "{rate} {bits}: {rms}");
        let crossings = heard.windows(2).filter(|w| w[0] <= 0.0 && w[1] > 0.0).count() as f32;
        assert!((crossings - 500.0 * heard.len() as f32 / 48_000.0).abs() <= 2.0, "{rate} {bits}: {crossings}");
    }
}

#[test]
fn a_clip_is_looped_in_real_time() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("short.wav");
    write_tone(&file, 48_000, 1, 16, SampleFormat::Int);
    let mut clip = open(&MicrophoneSource::Clip(file.clone())).unwrap();
    let mut heard = Vec::new();
    for _ in 0..60 {
        let mut block = [0.0; BLOCK];
        heard.push((clip.next(&mut block).unwrap(), block));
    }
    // A busy machine may cost blocks; those that a round of 250 ms lies between are the same all the same.
    let (first, start) = heard[0];
    let rounds: Vec<_> =
        heard[1..].iter().filter(|(due, _)| due.duration_since(first).as_millis() % 250 == 0).collect();
    assert!(rounds.iter().all(|(_, block)| *block == start));
    assert!(heard.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

/// Opening one would wait for a writer, perhaps for ever.
#[cfg(unix)]
#[test]
fn pipe_is_refused_as_a_microphone() {
    let folder = tempdir().unwrap();
    let pipe = folder.path().join("pipe.wav");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(open(&MicrophoneSource::Clip(pipe.clone())).err(), Some(MicrophoneError::Unusable));
}

#[test]
fn files_that_are_no_sound_are_refused_with_a_reason() {
    let open_path = |path: &Path| open(&MicrophoneSource::Clip(path.to_owned())).err();
    let folder = tempdir().unwrap();
    let missing = folder.path().join("missing.wav");
    assert_eq!(open_path(&missing), Some(MicrophoneError::Unreadable(std::io::ErrorKind::NotFound)));
    assert_eq!(open_path(&std::env::temp_dir()), Some(MicrophoneError::Unusable));
    let garbage = folder.path().join("garbage.wav");
    for bytes in [&b""[..], b"RIFF", b"RIFF\x10\0\0\0WAVEfmt ", &[0x55; 5000]] {
        std::fs::write(&garbage, bytes).unwrap();
        assert_eq!(open_path(&garbage), Some(MicrophoneError::Unusable));
    }
    // A good header with every byte of it broken in turn: any answer will do, a panic won't.
    let good = folder.path().join("good.wav");
    write_tone(&good, 48_000, 2, 16, SampleFormat::Int);
    let good = std::fs::read(&good).unwrap();
    for at in 0..good.len().min(80) {
        for value in [0, 1, 0x7f, 0xff] {
            let mut bad = good[..4000].to_vec();
            bad[at] = value;
            std::fs::write(&garbage, &bad).unwrap();
            open_path(&garbage);
        }
    }
}

#[test]
fn debug_tells_neither_path_nor_device() {
    for source in [MicrophoneSource::Clip("/home/alice/x.wav".into()), MicrophoneSource::Device("alice's".into())] {
        assert!(!format!("{source:?}").contains("alice"));
    }
}

#[test]
fn a_recording_can_be_read_while_it_is_made_and_after() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("recording.wav");
    let mut recorder = WavRecorder::create(&file).unwrap();
    let block: [f32; BLOCK] = std::array::from_fn(|i| tone(i, 48_000));
    for _ in 0..250 {
        recorder.write(&block).unwrap();
    }
    // As a killed process would leave it: two of the two and a half seconds.
    let mut early = WavReader::open(&file).unwrap();
    assert_eq!(early.duration(), 96_000);
    assert_eq!(early.samples::<i16>().filter_map(Result::ok).count(), 96_000);
    recorder.finish().unwrap();
    let mut whole = WavReader::open(&file).unwrap();
    assert_eq!((whole.spec().sample_rate, whole.spec().channels, whole.duration()), (48_000, 1, 120_000));
    let second = whole.samples::<i16>().nth(24).unwrap().unwrap();
    assert!((f32::from(second) / 32_767.0 - tone(24, 48_000)).abs() < 1e-3);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_once() {
    let mut recorder = match WavRecorder::create(Path::new("/dev/full")) {
        Ok(recorder) => recorder,
        Err(error) => return assert!(matches!(error, WavError::Unwritable(_))),
    };
    let errors = (0..500).filter(|_| recorder.write(&[0.1; BLOCK]).is_err()).count();
    assert_eq!(errors, 1);
    assert_eq!(recorder.finish(), Ok(()));
}
