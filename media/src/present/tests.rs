//! Frames, freezes and delays as the figures count them.

use super::*;

const FRAME: Duration = Duration::from_millis(40);

/// `count` frames, 40 ms apart, from `start`; returns when the last one came.
fn play(figures: &mut VideoFigures, start: Instant, count: u32) -> Instant {
    for nth in 0..count {
        figures.on_frame(start + FRAME * nth, 640, 360, 10_000);
    }
    start + FRAME * (count - 1)
}

#[test]
fn a_steady_stream_has_its_rate_and_no_freeze() {
    let start = Instant::now();
    let mut figures = VideoFigures::new();
    play(&mut figures, start, 251);
    let seen = figures.snapshot();
    assert_eq!((seen.frames, seen.freezes, seen.frozen_ms), (251, 0, 0));
    assert_eq!((seen.width, seen.height, seen.first_frame), (640, 360, Some(start)));
    assert!((seen.fps - 25.0).abs() < 1e-9);
}

#[test]
fn a_gap_is_a_freeze_only_beyond_the_mean_and_150_ms() {
    let mut figures = VideoFigures::new();
    let last = play(&mut figures, Instant::now(), 40);
    let last = play(&mut figures, last + Duration::from_millis(190), 40);
    assert_eq!(figures.snapshot().freezes, 0);
    play(&mut figures, last + Duration::from_millis(191), 1);
    let seen = figures.snapshot();
    assert_eq!((seen.freezes, seen.frozen_ms, seen.longest_freeze_ms), (1, 191, 191));
}

#[test]
fn a_slow_stream_freezes_beyond_three_frames() {
    let start = Instant::now();
    let mut figures = VideoFigures::new();
    let second = Duration::from_secs(1);
    for at in [0, 1, 2, 3, 6, 10] {
        figures.on_frame(start + second * at, 64, 48, 0);
    }
    // Three seconds are not more than three frames of one; four are not more than three of the mean, now 1.5.
    assert_eq!(figures.snapshot().freezes, 0);
    figures.on_frame(start + second * 20, 64, 48, 0);
    let seen = figures.snapshot();
    assert_eq!((seen.freezes, seen.frozen_ms, seen.longest_freeze_ms), (1, 10_000, 10_000));
}

#[test]
fn a_camera_turned_off_is_no_freeze_and_slows_nothing_down() {
    let mut figures = VideoFigures::new();
    let last = play(&mut figures, Instant::now(), 100);
    figures.pause();
    play(&mut figures, last + Duration::from_secs(60), 100);
    let seen = figures.snapshot();
    assert_eq!((seen.freezes, seen.frames), (0, 200));
    assert!((seen.fps - 25.0).abs() < 0.2, "{}", seen.fps);
}

#[test]
fn delays_are_ranked_and_those_before_capture_count_as_none() {
    let start = Instant::now();
    let mut figures = VideoFigures::new();
    assert_eq!(figures.snapshot(), VideoSnapshot::default());
    for nth in 0..100 {
        let age = if nth < 60 { -5_000 } else { nth * 1_000 };
        figures.on_frame(start + FRAME * nth as u32, 640, 360, age);
    }
    let seen = figures.snapshot();
    assert_eq!((seen.latency_p50_ms, seen.latency_p95_ms), (0.25, 94.25));
    figures.on_frame(start, 640, 360, i32::MAX);
    assert_eq!(figures.snapshot().latency_p95_ms, 95.25);
}

#[test]
fn delays_of_a_rough_beginning_are_forgotten() {
    let start = Instant::now();
    let mut figures = VideoFigures::new();
    figures.on_frame(start, 640, 360, 1_500_000);
    let last = play(&mut figures, start + FRAME, 130);
    assert!(figures.snapshot().latency_p95_ms < 11.0 && figures.latency.percentile_ms(100) > 1_000.0);
    play(&mut figures, last + FRAME, 130);
    assert_eq!(figures.latency.percentile_ms(100), 10.25);
}
