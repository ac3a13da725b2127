//! What the encoder refuses, and how it follows rate and cadence.

use super::*;

const FORMAT: VideoFormat = VideoFormat { width: 64, height: 48, fps: 30 };

#[test]
fn planes_of_a_wrong_size_never_reach_the_codec() {
    let mut encoder = VideoEncoder::new(FORMAT, 100).unwrap();
    let mut picture = Picture::black(64, 48);
    picture.v.pop();
    assert_eq!(encoder.encode(&picture, Duration::ZERO, false), Err(EncodeError::Planes));
}

#[test]
fn a_size_no_encoder_takes_is_refused_at_once() {
    let huge = VideoFormat { width: 8000, height: 48, fps: 30 };
    assert_eq!(VideoEncoder::new(huge, 100).err(), Some(EncodeError::Size { width: 8000, height: 48 }));
}

#[test]
fn change_of_cadence_is_noticed_and_a_pause_is_not() {
    let mut cadence = Cadence::new(30);
    let mut told = Vec::new();
    let mut at = Duration::ZERO;
    for (pictures, gap_ms) in [(60, 33), (1, 5_000), (60, 34), (40, 66), (60, 33)] {
        for _ in 0..pictures {
            at += Duration::from_millis(gap_ms);
            told.extend(cadence.on_picture(at).map(f32::round));
        }
    }
    // The window in which the rate changes may hold some of both.
    assert_eq!(told.last(), Some(&30.0));
    assert!(told.contains(&15.0) && told.iter().all(|fps| (15.0..=30.0).contains(fps)), "{told:?}");
}

#[test]
fn the_rate_may_be_set_before_the_first_picture() {
    let mut encoder = VideoEncoder::new(FORMAT, 100).unwrap();
    encoder.set_bitrate(0).unwrap();
    let first = encoder.encode(&Picture::black(64, 48), Duration::ZERO, false).unwrap().unwrap();
    assert!(first.keyframe);
}
