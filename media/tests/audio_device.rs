//! Real sound devices. They are touched only where INCAMERA_SOUND_TESTS is set: nobody's microphone opens by surprise.

use std::time::{Duration, Instant, UNIX_EPOCH};

use media::FrameClock;
use media::microphone::{BLOCK, MicrophoneSource, SoundDevice, microphones, open};
use media::playout::{Playout, VoiceId};
use media::speaker::{Speaker, SpeakerSource, speakers};

fn wanted(test: &str) -> bool {
    let wanted = std::env::var_os("INCAMERA_SOUND_TESTS").is_some();
    if !wanted {
        eprintln!("SKIPPED {test}: set INCAMERA_SOUND_TESTS=1 to try the sound devices of this machine");
    }
    wanted
}

fn ids(devices: Vec<SoundDevice>) -> Vec<String> {
    devices.into_iter().map(|device| device.id).chain(["default".into()]).collect()
}

#[test]
fn every_microphone_keeps_real_time() {
    if !wanted("every_microphone_keeps_real_time") {
        return;
    }
    for id in ids(microphones()) {
        let mut microphone = open(&MicrophoneSource::Device(id)).unwrap();
        let mut block = [0.0; BLOCK];
        microphone.next(&mut block).unwrap();
        let start = Instant::now();
        let first = microphone.next(&mut block).unwrap();
        let mut last = first;
        for _ in 0..100 {
            last = microphone.next(&mut block).unwrap();
        }
        let (wall, heard) = (start.elapsed().as_millis(), last.duration_since(first).as_millis());
        eprintln!("100 blocks in {wall} ms, captured over {heard} ms");
        assert!((850..1250).contains(&wall) && (900..1150).contains(&heard));
    }
}

#[test]
fn every_speaker_sets_the_pace_of_playing() {
    if !wanted("every_speaker_sets_the_pace_of_playing") {
        return;
    }
    for id in ids(speakers()) {
        let start = Instant::now();
        let clock = FrameClock::new(start, UNIX_EPOCH);
        let speaker = Speaker::open(&SpeakerSource::Device(id)).unwrap();
        let mut playout = Playout::new(start, Some(speaker));
        let mut far_end = playout.far_end().unwrap();
        playout.add(VoiceId(1), None);
        let (mut blocks, mut far_blocks, mut late_blocks) = (0, 0, 0);
        while start.elapsed() < Duration::from_secs(5) {
            let now = Instant::now();
            let ticked = playout.tick(now, &clock);
            assert!(!ticked.speaker_lost);
            blocks += ticked.blocks;
            if start.elapsed() > Duration::from_secs(4) {
                late_blocks += ticked.blocks;
            }
            if far_end.pull(Instant::now(), &mut [0.0; BLOCK]) {
                far_blocks += 1;
            }
            std::thread::sleep(playout.next_due().saturating_duration_since(Instant::now()));
        }
        eprintln!("{blocks} blocks in 5 s, {late_blocks} in the last; {far_blocks} of far end");
        assert!((85..115).contains(&late_blocks));
    }
}
