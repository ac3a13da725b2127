//! Frames go through splitting, a bad network and gathering, and come out whole.

use std::time::Duration;

use media::repair::Protector;
use media::split::Splitter;
use media::{SealedFrame, Stream};

use crate::net::{Random, SECOND, lan, lossy, milliseconds};
use crate::peers::World;
use crate::unsealed::danger_unsealed;

const FRAME: Duration = Duration::from_millis(40);

/// What an encoder at about 900 kbps gives, sealed: every hundredth frame is large.
fn video(random: &mut Random, index: u32) -> SealedFrame {
    let len = if index.is_multiple_of(100) { 30_000 } else { 1_500 + random.below(6_000) as usize };
    danger_unsealed(Stream::Video, index * 40_000, random.bytes(len))
}

fn audio(random: &mut Random, index: u32) -> SealedFrame {
    danger_unsealed(Stream::Audio, index * 20_000, random.bytes(90))
}

/// Sends `count` video frames and twice as many audio frames from end 0 to end 1 in real pace; returns what was sent.
fn call(world: &mut World, count: u32) -> (Vec<SealedFrame>, Vec<SealedFrame>) {
    let mut random = Random::new(7);
    let mut splitter = Splitter::new();
    let (mut videos, mut audios) = (Vec::new(), Vec::new());
    for index in 0..count {
        videos.push(video(&mut random, index));
        let packets = splitter.split(&videos[index as usize]);
        world.send(0, &packets);
        for half in 0..2 {
            audios.push(audio(&mut random, 2 * index + half));
            let packets = splitter.split(&audios[audios.len() - 1]);
            world.send(0, &packets);
            world.pass(FRAME / 2);
        }
    }
    world.pass(2 * SECOND);
    (videos, audios)
}

#[test]
fn frames_arrive_intact_and_in_order_on_a_clean_network() {
    let mut world = World::connected(3, lan(), 1);
    let (videos, audios) = call(&mut world, 250);
    let received: Vec<_> = world.ends[1].of(Stream::Video).collect();
    assert_eq!(received.len(), videos.len());
    assert!(received.iter().zip(&videos).all(|(got, sent)| got.frame.bytes() == sent.bytes() && !got.after_loss));
    let received: Vec<_> = world.ends[1].of(Stream::Audio).collect();
    assert_eq!(received.len(), audios.len());
    assert!(received.iter().zip(&audios).all(|(got, sent)| got.frame.bytes() == sent.bytes()));
    for pair in received.windows(2) {
        assert_eq!(pair[1].timestamp - pair[0].timestamp, 960);
        assert_eq!(pair[1].sequence - pair[0].sequence, 1);
    }
}

#[test]
fn retransmission_brings_video_through_loss() {
    for (loss, least) in [(0.05, 244), (0.10, 238)] {
        let mut world = World::connected(4, lossy(loss), 1);
        let (videos, _) = call(&mut world, 250);
        let mut sent = videos.iter();
        let mut missing = 0;
        for got in world.ends[1].of(Stream::Video) {
            let skipped = sent.by_ref().take_while(|frame| frame.bytes() != got.frame.bytes()).count();
            // Frames are whole and in order, and a gap is always told.
            assert!(skipped == 0 || got.after_loss);
            missing += skipped;
        }
        let received = world.ends[1].of(Stream::Video).count();
        println!("{:.0} % loss: {received} of {} frames, {missing} in gaps", loss * 100.0, videos.len());
        assert!(received >= least, "{received} frames at {loss}");
        assert_eq!(received + missing + sent.count(), videos.len());
    }
}

#[test]
fn lost_audio_is_not_sent_again() {
    let mut world = World::connected(5, lossy(0.10), 1);
    let (_, audios) = call(&mut world, 250);
    let received = world.ends[1].of(Stream::Audio).count();
    assert!((400..480).contains(&received), "{received} of {}", audios.len());
}

#[test]
fn a_wish_for_a_keyframe_arrives_with_the_stream_that_it_is_for() {
    let mut world = World::connected(6, lan(), 1);
    call(&mut world, 5);
    assert_eq!(world.ends[0].keyframes_wanted, []);
    for stream in [Stream::Screen, Stream::Video] {
        let now = world.now;
        world.ends[1].peer.request_keyframe(now, stream);
        world.drain(1);
        world.pass(milliseconds(100));
    }
    assert_eq!(world.ends[0].keyframes_wanted, [Stream::Screen, Stream::Video]);
}

#[test]
fn a_screen_comes_through_a_lossy_network_beside_the_camera() {
    let mut world = World::connected(9, lossy(0.05), 1);
    let mut random = Random::new(3);
    let mut splitter = Splitter::new();
    let sent: Vec<_> = (0..40u32)
        .flat_map(|index| {
            let camera = video(&mut random, index);
            let page = random.bytes(20_000);
            [camera, danger_unsealed(Stream::Screen, index * 40_000, page)]
        })
        .collect();
    for frame in &sent {
        let packets = splitter.split(frame);
        world.send(0, &packets);
        world.pass(milliseconds(20));
    }
    world.pass(milliseconds(1000));
    for stream in [Stream::Video, Stream::Screen] {
        let got: Vec<_> = world.ends[1].of(stream).map(|got| got.frame.bytes().to_vec()).collect();
        let whole: Vec<_> = sent.iter().filter(|frame| frame.stream == stream).map(|f| f.bytes().to_vec()).collect();
        assert!(got.len() >= 36 && got.iter().all(|frame| whole.contains(frame)), "{stream:?}: {} of 40", got.len());
    }
}

#[test]
fn one_packet_serves_three_peers_without_a_copy() {
    let mut world = World::connected(8, lan(), 3);
    let packets = Splitter::new().split(&video(&mut Random::new(2), 1));
    for from in [0, 2, 4] {
        world.send(from, &packets);
    }
    world.pass(milliseconds(200));
    for to in [1, 3, 5] {
        assert_eq!(world.ends[to].frames.len(), 1);
    }
    // Ours, and one in each peer's retransmission cache.
    assert_eq!(std::sync::Arc::strong_count(packets[0].payload()), 4);
}

#[test]
fn more_video_than_the_network_takes_is_dropped_by_whole_frames() {
    let mut world = World::connected(10, lan(), 1);
    let mut splitter = Splitter::new();
    let mut random = Random::new(3);
    let frames: Vec<_> = (0..100).map(|index| danger_unsealed(Stream::Video, index, random.bytes(20_000))).collect();
    for frame in &frames {
        let packets = splitter.split(frame);
        world.send(0, &packets);
    }
    world.pass(10 * SECOND);
    let last = danger_unsealed(Stream::Video, 12_000_000, random.bytes(20_000));
    let packets = splitter.split(&last);
    world.send(0, &packets);
    // Nobody asks for a keyframe here: what was dropped is waited for.
    world.pass(3 * SECOND);
    assert!(world.ends[0].peer.figures().dropped_queue > 0);
    let received = &world.ends[1].frames;
    assert!(received.len() < frames.len());
    let newest = received.last().unwrap();
    assert!(newest.frame.bytes() == last.bytes() && newest.after_loss);
}

#[test]
fn figures_tell_bytes_loss_and_round_trip() {
    let mut world = World::connected(13, lossy(0.05), 1);
    call(&mut world, 100);
    let (sender, receiver) = (world.ends[0].peer.figures(), world.ends[1].peer.figures());
    assert!(sender.sent_bytes > receiver.received_bytes && receiver.received_bytes > 400_000);
    let rtt = sender.rtt.unwrap();
    assert!((milliseconds(38)..milliseconds(100)).contains(&rtt), "{rtt:?}");
    assert!(receiver.heard.is_some());
    assert!(world.ends[0].control.rate() > 500_000);
}

#[test]
fn nothing_shown_for_debugging_tells_addresses_or_credentials() {
    let world = World::connected(14, lan(), 1);
    let end = &world.ends[0];
    let handshake = end.peer.handshake();
    let shown = format!("{:?} {:?} {:?} {:?}", end.peer, handshake, end.certificate, end.certificate.fingerprint());
    for secret in ["127.0.0.1", &handshake.ufrag, &handshake.pass] {
        assert!(!shown.contains(secret));
    }
}

#[test]
fn voice_is_repaired_after_a_report_of_loss() {
    let mut world = World::connected(9, lossy(0.1), 1);
    let mut random = Random::new(7);
    let (mut splitter, mut protector) = (Splitter::new(), Protector::new());
    let mut sent = Vec::new();
    for index in 0..1500 {
        sent.push(audio(&mut random, index));
        let packets = splitter.split(&sent[index as usize]);
        let packets: Vec<_> = packets.iter().map(|packet| protector.packet(packet)).collect();
        world.send(0, &packets);
        world.pass(milliseconds(20));
        world.report_losses(1);
        for report in std::mem::take(&mut world.ends[0].reports) {
            protector.reported(&report);
        }
    }
    world.pass(SECOND);
    assert!(protector.plan().blocks > 0);
    let received: Vec<_> = world.ends[1].of(Stream::Audio).collect();
    let late: Vec<_> = received.iter().filter(|got| got.sequence > 500).collect();
    assert!(late.len() >= 995, "{} of 1000 frames", late.len());
    for got in received {
        // The first packet has number 1, and timestamps begin at one second.
        assert_eq!(got.timestamp, 48_000 + (got.sequence - 1) * 960);
        assert_eq!(got.frame.bytes(), sent[got.sequence as usize - 1].bytes());
    }
}
