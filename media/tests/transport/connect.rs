//! Two peers find each other, lose each other, and are told so.

use media::split::Splitter;
use media::transport::Fingerprint;
use media::{SealedFrame, Stream};

use crate::net::{SECOND, lan, lossy, milliseconds};
use crate::peers::World;
use crate::unsealed::danger_unsealed;

fn picture() -> SealedFrame {
    danger_unsealed(Stream::Video, 0, vec![7; 5_000])
}

#[test]
fn peers_connect_in_a_few_round_trips() {
    let world = World::connected(1, lan(), 1);
    for end in &world.ends {
        let after = end.connected_after.unwrap();
        println!("connected after {:.2} round trips", after.as_secs_f64() / 0.040);
        assert!(after < milliseconds(40 * 6), "{after:?}");
    }
}

#[test]
fn peers_connect_whichever_side_hears_of_the_other_first() {
    for late in [0, 1] {
        let mut world = World::new(2, lan(), 1);
        world.accept(1 - late, late);
        world.pass(milliseconds(300));
        world.accept(late, 1 - late);
        world.pass(SECOND);
        assert!(world.ends.iter().all(|end| end.peer.is_connected()), "side {late} late");
    }
}

#[test]
fn peers_connect_through_loss_without_flooding() {
    let mut times = Vec::new();
    for seed in 0..20 {
        let world = World::connected(100 + seed, lossy(0.15), 1);
        for end in &world.ends {
            times.push(end.connected_after.unwrap());
            assert!(end.peer.figures().sent_datagrams < 2_000, "{:?}", end.peer);
        }
    }
    times.sort();
    println!(
        "connected through 15 % loss after {:?} (median), {:?} (worst)",
        times[times.len() / 2],
        times[times.len() - 1]
    );
}

#[test]
fn a_wrong_fingerprint_never_connects() {
    let mut world = World::new(7, lan(), 1);
    world.accept(0, 1);
    let handshake = world.ends[0].peer.handshake().clone();
    let now = world.now;
    world.ends[1].peer.accept(now, &handshake, Fingerprint([7; 32])).unwrap();
    world.drain(1);
    world.pass(30 * SECOND);
    assert!(!world.ends[1].peer.is_alive());
    assert_eq!(world.ends[1].connected_after, None);
    assert_eq!(world.ends[1].lost, 1);
    // DTLS 1.3 lets the other side finish before it can know. It gets no packet in, and hears nothing.
    let packets = Splitter::new().split(&picture());
    world.send(0, &packets);
    world.pass(SECOND);
    assert_eq!(world.ends[1].frames.len(), 0);
}

#[test]
fn frame_before_the_connection_is_dropped_and_counted() {
    let mut world = World::new(9, lan(), 1);
    let packets = Splitter::new().split(&picture());
    world.send(0, &packets);
    assert_eq!(world.ends[0].peer.figures().dropped_unconnected, packets.len() as u64);
}

#[test]
fn a_goodbye_is_heard_at_once() {
    let mut world = World::connected(11, lan(), 1);
    let now = world.now;
    world.ends[0].peer.close(now);
    world.drain(0);
    world.pass(milliseconds(100));
    assert_eq!(world.ends[1].lost, 1);
    assert!(!world.ends[0].peer.is_alive() && !world.ends[1].peer.is_alive());
}

#[test]
fn a_connection_that_falls_silent_is_lost() {
    let mut world = World::connected(12, lan(), 1);
    world.net.conditions.loss = 1.0;
    world.run(60 * SECOND, |world| world.ends.iter().all(|end| end.lost == 1));
    assert!(world.ends.iter().all(|end| end.lost == 1));
}
