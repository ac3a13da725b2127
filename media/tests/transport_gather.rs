//! Packets come late, twice, out of order, or make no sense: what gathering makes of them.

#[path = "support/unsealed.rs"]
mod unsealed;

use std::time::{Duration, Instant};

use media::gather::{Gather, Gathered};
use media::repair::Came;
use media::split::{MAX_PAYLOAD, Splitter};
use media::{Lane, Stream};
use unsealed::danger_unsealed;

const S: u8 = 0x80;
const E: u8 = 0x40;
const K: u8 = 0x02;

fn gather(stream: Stream) -> (Gather, Instant) {
    (Gather::new(stream), Instant::now())
}

/// First sequence number, length, whether after a loss.
fn poll(gather: &mut Gather, now: Instant) -> Vec<(u64, usize, bool)> {
    std::iter::from_fn(|| gather.poll(now))
        .map(|Gathered::Frame { frame, sequence, after_loss, .. }| (sequence, frame.bytes().len(), after_loss))
        .collect()
}

#[test]
fn a_split_frame_comes_together_in_any_order() {
    let (mut gather, now) = gather(Stream::Video);
    let bytes: Vec<u8> = (0..5_000u32).map(|i| i as u8).collect();
    let packets = Splitter::new().split(&danger_unsealed(Stream::Video, 0, bytes.clone()));
    for (index, packet) in packets.iter().enumerate().rev() {
        assert_eq!(gather.poll(now), None);
        gather.insert(now, 10 + index as u64, 77, packet.payload());
    }
    let frame = danger_unsealed(Stream::Video, 0, bytes).into();
    let came = Came::default();
    assert_eq!(gather.poll(now), Some(Gathered::Frame { frame, sequence: 10, timestamp: 77, after_loss: false, came }));
    assert_eq!(gather.next_timeout(), None);
}

#[test]
fn video_waits_for_a_missing_packet_and_goes_on_when_it_comes() {
    let (mut gather, now) = gather(Stream::Video);
    gather.insert(now, 1, 0, &[S | E, 1]);
    gather.insert(now, 3, 2, &[S | E, 3]);
    assert_eq!(poll(&mut gather, now), [(1, 1, false)]);
    let later = now + Duration::from_millis(100);
    assert_eq!(poll(&mut gather, later), []);
    gather.insert(later, 2, 1, &[S | E, 2]);
    assert_eq!(poll(&mut gather, later), [(2, 1, false), (3, 1, false)]);
}

#[test]
fn video_gives_a_missing_packet_up_in_the_end_and_says_so() {
    let (mut gather, now) = gather(Stream::Video);
    gather.insert(now, 1, 0, &[S | E, 1]);
    gather.insert(now, 3, 1, &[E, 3]);
    gather.insert(now, 4, 2, &[S | E, 4]);
    assert_eq!(poll(&mut gather, now), [(1, 1, false)]);
    let at = gather.next_timeout().unwrap();
    assert_eq!(poll(&mut gather, at - Duration::from_millis(1)), []);
    assert_eq!(poll(&mut gather, at), [(4, 1, true)]);
    assert_eq!((gather.figures().gaps, gather.figures().incomplete), (1, 1));
    gather.insert(at, 2, 1, &[S, 2]);
    assert_eq!(gather.figures().late, 1);
}

#[test]
fn a_whole_keyframe_ends_the_wait_for_what_is_missing_before_it() {
    let (mut gather, now) = gather(Stream::Video);
    gather.insert(now, 1, 0, &[S | E, 1]);
    gather.insert(now, 3, 2, &[S | E, 3]);
    gather.insert(now, 4, 3, &[S | K, 4]);
    assert_eq!(poll(&mut gather, now), [(1, 1, false)], "half a keyframe is none");
    gather.insert(now, 6, 4, &[S | E, 6]);
    gather.insert(now, 5, 3, &[E, 5]);
    assert_eq!(poll(&mut gather, now), [(4, 2, true), (6, 1, false)]);
    gather.insert(now, 2, 1, &[S | E, 2]);
    assert_eq!((poll(&mut gather, now), gather.figures().late), (vec![], 1));
}

#[test]
fn lost_packet_is_worth_a_keyframe_after_asking_in_vain() {
    let (mut gather, now) = gather(Stream::Video);
    gather.set_round_trip(Duration::from_millis(100));
    gather.insert(now, 1, 0, &[S | E, 1]);
    poll(&mut gather, now);
    assert_eq!(gather.stuck_from(), None);
    gather.insert(now, 3, 2, &[S | E, 3]);
    assert_eq!(gather.stuck_from(), Some(now + Duration::from_millis(100)));
    gather.insert(now, 2, 1, &[S | E, 2]);
    poll(&mut gather, now);
    assert_eq!(gather.stuck_from(), None);
}

#[test]
fn a_first_picture_that_lacks_a_packet_is_worth_another() {
    let (mut gather, now) = gather(Stream::Video);
    gather.insert(now, 2, 0, &[0, 2]);
    assert_eq!(gather.stuck_from(), None, "its beginning may still come");
    gather.insert(now, 1, 0, &[S | K, 1]);
    gather.insert(now, 4, 0, &[E, 4]);
    assert_eq!(gather.stuck_from(), Some(now + Duration::from_millis(100)));
}

#[test]
fn keyframe_mark_is_taken_of_first_packets_only() {
    let (mut video, now) = gather(Stream::Video);
    video.insert(now, 1, 0, &[E | K, 1]);
    let (mut audio, _) = gather(Stream::Audio);
    audio.insert(now, 1, 0, &[S | E | K, 1]);
    assert_eq!((video.figures().malformed, audio.figures().malformed), (1, 1));
    let mut key = danger_unsealed(Stream::Video, 0, vec![7; 3_000]);
    key.keyframe = true;
    let packets = Splitter::new().split(&key);
    let key = key.into();
    for (sequence, packet) in (5..).zip(&packets) {
        video.insert(now, sequence, 9, packet.payload());
    }
    let mut come = std::iter::from_fn(|| video.poll(now + Duration::from_secs(1)));
    assert!(come.any(|Gathered::Frame { frame, .. }| frame == key));
}

#[test]
fn carried_pictures_wait_longer_for_a_longer_round_trip() {
    let (mut gather, now) = (Gather::new(Lane::Carried), Instant::now());
    gather.insert(now, 1, 0, &[S | E, 1]);
    gather.insert(now, 3, 2, &[S | E, 3]);
    poll(&mut gather, now);
    let short = gather.next_timeout().unwrap();
    gather.set_round_trip(Duration::from_millis(120));
    let long = gather.next_timeout().unwrap();
    gather.set_round_trip(Duration::from_secs(60));
    assert!(short < long && long < gather.next_timeout().unwrap());
    assert!(gather.next_timeout().unwrap() < now + Duration::from_secs(1));
}

#[test]
fn a_stream_joined_in_the_middle_starts_at_the_next_frame() {
    let (mut gather, now) = gather(Stream::Video);
    gather.insert(now, 50, 1, &[0, 1]);
    gather.insert(now, 51, 1, &[E, 1]);
    gather.insert(now, 52, 2, &[S | E, 2]);
    let at = gather.next_timeout().unwrap();
    assert_eq!(poll(&mut gather, at), [(52, 1, true)]);
}

#[test]
fn the_first_packet_may_be_overtaken() {
    let (mut gather, now) = gather(Stream::Video);
    gather.insert(now, 2, 1, &[E, 2]);
    assert_eq!(poll(&mut gather, now), []);
    gather.insert(now, 1, 1, &[S, 1]);
    assert_eq!(poll(&mut gather, now), [(1, 2, false)]);
}

#[test]
fn senseless_starts_and_ends_cost_their_own_packets_only() {
    let (mut gather, now) = gather(Stream::Video);
    gather.insert(now, 1, 0, &[S | E, 1]);
    // A start without an end, a middle from nowhere, a frame that changes its time, an unknown descriptor bit.
    gather.insert(now, 2, 1, &[S, 2]);
    gather.insert(now, 3, 2, &[S, 3]);
    gather.insert(now, 4, 3, &[E, 4]);
    gather.insert(now, 5, 4, &[0, 5]);
    gather.insert(now, 6, 5, &[S | E, 6]);
    assert_eq!(poll(&mut gather, now), [(1, 1, false), (6, 1, true)]);
    assert_eq!(gather.figures().malformed, 4);
    for payload in [&[][..], &[0x20 | S | E, 1], &[S | E | 1], &[0; MAX_PAYLOAD + 1]] {
        gather.insert(now, 7, 6, payload);
    }
    gather.insert(now, u64::MAX, 6, &[S | E, 1]);
    assert_eq!(gather.figures().malformed, 9);
    assert_eq!(poll(&mut gather, now), []);
}

#[test]
fn a_wild_jump_starts_anew_instead_of_waiting() {
    let (mut gather, now) = gather(Stream::Video);
    gather.insert(now, 1, 0, &[S | E, 1]);
    poll(&mut gather, now);
    gather.insert(now, 1 << 40, 9, &[S | E, 2]);
    assert_eq!(poll(&mut gather, now), [(1 << 40, 1, true)]);
}

#[test]
fn a_frame_without_end_is_held_within_bounds() {
    let (mut gather, now) = gather(Stream::Video);
    gather.insert(now, 1, 0, &[S, 1]);
    for sequence in 2..10_000 {
        gather.insert(now, sequence, 0, &[0; MAX_PAYLOAD]);
        assert_eq!(poll(&mut gather, now), []);
    }
    gather.insert(now, 10_000, 1, &[S | E, 1]);
    assert_eq!(poll(&mut gather, now), [(10_000, 1, true)]);
    let figures = gather.figures();
    assert_eq!(figures.frames + figures.incomplete + figures.malformed, 10_000);
}

#[test]
fn packets_that_come_twice_count_once() {
    for stream in [Stream::Audio, Stream::Video] {
        let (mut gather, now) = gather(stream);
        gather.insert(now, 1, 0, &[S, 1]);
        gather.insert(now, 1, 0, &[S, 1]);
        gather.insert(now, 2, 0, &[E, 2]);
        assert_eq!(poll(&mut gather, now), [(1, 2, false)]);
        gather.insert(now, 2, 0, &[E, 2]);
        assert_eq!(poll(&mut gather, now), []);
        assert_eq!(gather.figures().duplicate + gather.figures().late, 2);
    }
}

#[test]
fn audio_comes_at_once_and_out_of_order() {
    let (mut gather, now) = gather(Stream::Audio);
    gather.insert(now, 5, 960, &[S | E, 5]);
    assert_eq!(poll(&mut gather, now), [(5, 1, false)]);
    gather.insert(now, 8, 4 * 960, &[S | E, 8]);
    assert_eq!(poll(&mut gather, now), [(8, 1, true)]);
    gather.insert(now, 7, 3 * 960, &[S | E, 7]);
    assert_eq!(poll(&mut gather, now), [(7, 1, false)]);
    gather.insert(now, 1_000, 0, &[S | E, 9]);
    gather.insert(now, 6, 2 * 960, &[S | E, 6]);
    assert_eq!(poll(&mut gather, now), [(1_000, 1, true)]);
    assert_eq!(gather.figures().late, 1);
}

#[test]
fn audio_that_nobody_polls_is_dropped_oldest_first() {
    let (mut gather, now) = gather(Stream::Audio);
    for sequence in 0..100 {
        gather.insert(now, sequence, sequence * 960, &[S | E, 1]);
    }
    let frames = poll(&mut gather, now);
    assert_eq!(frames.last(), Some(&(99, 1, false)));
    assert_eq!(gather.figures().unpolled + frames.len() as u64, 100);
}

#[test]
fn random_packets_never_break_it() {
    let mut numbers = fastrand::Rng::with_seed(1);
    let mut random = move |end: u64| numbers.u64(..end);
    for stream in [Stream::Audio, Stream::Video] {
        let (mut gather, mut now) = gather(stream);
        let mut base = 100_000;
        let (mut inserted, mut came) = (0, 0);
        for _ in 0..50_000 {
            base += random(3);
            let sequence = match random(1_000) {
                0 => random(u64::MAX >> 34) << 20,
                _ => base - random(20),
            };
            let payload = [[S, E, S | E, 0, 0x20][random(5) as usize], 1];
            gather.insert(now, sequence, sequence / 3, &payload);
            inserted += 1;
            now += Duration::from_millis(random(10));
            came += poll(&mut gather, now).len() as u64;
        }
        let figures = gather.figures();
        assert_eq!(figures.frames, came);
        assert!(figures.duplicate + figures.late + figures.malformed + figures.incomplete + figures.frames <= inserted);
    }
}

#[test]
fn repair_blocks_that_lie_bring_nothing_twice_and_no_panic() {
    let (mut gather, now) = gather(Stream::Audio);
    let mut numbers = fastrand::Rng::with_seed(1);
    let mut random = || numbers.usize(..1 << 31);
    let (mut given, mut seen) = (0, std::collections::BTreeSet::new());
    for step in 0..100_000u64 {
        // Mostly forward, with gaps and repeats: the blocks are about frames that came, did not come, and never will.
        let sequence = 1000 + step + random() as u64 % 8;
        let mut payload = vec![S | E | 1];
        for block in 0..1 + random() % 3 {
            let length = 3 + random() % 5;
            payload.extend([random() as u8, random() as u8 & 0x7f | if block == 0 { 0x80 } else { 0 }]);
            payload.extend([(random() % 200 == 0) as u8, length as u8]);
            payload.extend((0..length).map(|_| random() as u8));
        }
        payload.extend((0..random() % 4).map(|_| random() as u8));
        gather.insert(now, sequence, sequence * 960, &payload);
        given += payload.len();
        while let Some(Gathered::Frame { sequence, frame, .. }) = gather.poll(now) {
            assert!(seen.insert(sequence), "frame {sequence} came twice");
            given = given.checked_sub(frame.bytes().len()).expect("more came out than went in");
        }
    }
    let figures = gather.figures();
    assert!(figures.malformed > 0 && figures.repaired > 0 && figures.duplicate > 0, "{figures:?}");
}
