//! Datagrams from strangers, and damaged ones from friends: dropped, counted, and of no consequence.

use std::net::SocketAddr;
use std::time::Duration;

use media::split::Splitter;
use media::{SealedFrame, Stream};

use crate::net::{Conditions, Random};
use crate::peers::World;
use crate::unsealed::danger_unsealed;

const FRAMES: u32 = 100;

fn lan() -> Conditions {
    Conditions { delay: Duration::from_millis(10), ..Conditions::default() }
}

fn frame(random: &mut Random, index: u32) -> SealedFrame {
    let len = 500 + random.below(5_000) as usize;
    danger_unsealed(Stream::Video, index * 40_000, random.bytes(len))
}

/// Bytes of every kind that the demultiplexer knows (RFC 7983): STUN, DTLS, RTP, RTCP, neither; some with STUN's magic cookie.
fn noise(random: &mut Random) -> Vec<u8> {
    let len = random.below(1_400) as usize;
    let mut bytes = random.bytes(len);
    let firsts = [0, 1, 20, 22, 23, 25, 47, 63, 128, 144, 191, 255];
    if let Some(first) = bytes.first_mut() {
        *first = firsts[random.below(firsts.len() as u64) as usize];
    }
    if bytes.len() >= 20 && random.chance(0.5) {
        let size = (bytes.len() as u16 - 20).to_be_bytes();
        bytes[2..4].copy_from_slice(&size);
        bytes[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
    }
    bytes
}

fn damage(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if random.chance(0.3) {
        bytes.truncate(random.below(bytes.len() as u64) as usize);
    }
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() as u64) as usize;
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << random.below(8);
        }
    }
    bytes
}

/// Sends frames from end 0 to end 1 while `disturb` does its worst to both; all of them arrive whole.
fn frames_arrive_while(world: &mut World, mut disturb: impl FnMut(&mut World)) {
    let mut random = Random::new(1);
    let mut splitter = Splitter::new();
    let sent: Vec<_> = (0..FRAMES).map(|index| frame(&mut random, index)).collect();
    let before = world.ends[1].frames.len();
    for frame in &sent {
        let packets = splitter.split(frame);
        world.send(0, &packets);
        disturb(world);
        world.pass(Duration::from_millis(40));
    }
    world.pass(Duration::from_secs(1));
    let received = &world.ends[1].frames[before..];
    assert_eq!(received.len(), sent.len());
    assert!(received.iter().zip(&sent).all(|(got, sent)| got.frame.bytes() == sent.bytes()));
    assert!(world.ends.iter().all(|end| end.lost == 0 && end.peer.is_connected()));
}

#[test]
fn random_bytes_from_anywhere_disturb_nothing() {
    let mut world = World::connected(21, lan(), 1);
    let mut random = Random::new(99);
    let stranger = SocketAddr::from(([127, 0, 0, 1], 6_666));
    frames_arrive_while(&mut world, |world| {
        for _ in 0..50 {
            let to = random.below(2) as usize;
            let from = if random.chance(0.5) { stranger } else { world.ends[1 - to].address };
            let (now, address, bytes) = (world.now, world.ends[to].address, noise(&mut random));
            world.ends[to].peer.receive(now, from, address, &bytes);
            world.drain(to);
        }
    });
    assert!(world.ends.iter().all(|end| end.peer.figures().dropped_in > 1_000));
}

#[test]
fn damaged_copies_of_real_datagrams_disturb_nothing() {
    let mut world = World::connected(22, lan(), 1);
    world.net.damage(Box::new(damage));
    frames_arrive_while(&mut world, |_| {});
}

#[test]
fn tampered_handshake_connects_or_ends() {
    // The first flights of DTLS are not authenticated, so whoever sits on the path can spoil them; no more than that.
    for seed in 0..10 {
        let mut world = World::new(30 + seed, lan(), 1);
        world.net.damage(Box::new(damage));
        world.accept(0, 1);
        world.accept(1, 0);
        world.pass(Duration::from_secs(60));
        for end in &world.ends {
            assert!(end.peer.figures().sent_datagrams < 5_000, "{:?}", end.peer);
        }
    }
}

#[test]
fn a_datagram_for_another_address_is_not_accepted() {
    let mut world = World::connected(23, lan(), 1);
    let (a, b) = (world.ends[0].address, world.ends[1].address);
    let elsewhere = SocketAddr::from(([127, 0, 0, 1], 5_555));
    let rtp = [&[0x80, 96, 0, 1][..], &[0; 40]].concat();
    let now = world.now;
    let peer = &mut world.ends[0].peer;
    assert!(peer.accepts(b, a, &rtp));
    assert!(!peer.accepts(b, elsewhere, &rtp));
    assert!(!peer.accepts(elsewhere, a, &rtp));
    assert!(!peer.accepts(b, a, &[0x80; 3_000]));
    let before = peer.figures().dropped_in;
    for (from, to) in [(b, elsewhere), (elsewhere, a)] {
        peer.receive(now, from, to, &rtp);
    }
    assert_eq!(peer.figures().dropped_in, before + 2);
}

#[test]
fn replayed_datagrams_bring_no_frame_twice() {
    let mut world = World::connected(24, lan(), 1);
    world.net.damage(Box::new(|_, bytes| bytes.to_vec()));
    frames_arrive_while(&mut world, |_| {});
}
