//! The link as the second way to a peer: alone, as a spare, and back.

use std::time::{Duration, Instant};

use media::split::{MAX_PAYLOAD, Splitter};
use media::transport::{Certificate, HandshakeError, Peer, PeerError, Role, Route};
use media::{SealedFrame, Stream};

use crate::net::{Conditions, Random, SECOND, lan, milliseconds};
use crate::peers::{Ways, World};
use crate::unsealed::danger_unsealed;

const VOICE: Duration = Duration::from_millis(20);

/// A link a little slower than the direct way.
fn link() -> Conditions {
    Conditions { delay: milliseconds(25), ..Conditions::default() }
}

fn link_only() -> Ways {
    Ways { direct: false, link: Some(link()), watched: false }
}

fn both() -> Ways {
    Ways { direct: true, link: Some(link()), watched: true }
}

/// Both sides speak, and both send video at 25 fps.
struct Call {
    random: Random,
    splitters: [Splitter; 2],
    sent: [Vec<SealedFrame>; 2],
    ticks: u32,
}

impl Call {
    fn new() -> Self {
        Self { random: Random::new(5), splitters: Default::default(), sent: Default::default(), ticks: 0 }
    }

    fn goes_on(&mut self, world: &mut World, time: Duration) {
        let until = world.now + time;
        while world.now < until {
            for side in 0..2 {
                let captured_us = self.ticks * 20_000;
                let voice = danger_unsealed(Stream::Audio, captured_us, self.random.bytes(90));
                world.send(side, &self.splitters[side].split(&voice));
                if self.ticks.is_multiple_of(2) {
                    let len = 1_500 + self.random.below(3_000) as usize;
                    let video = danger_unsealed(Stream::Video, captured_us, self.random.bytes(len));
                    world.send(side, &self.splitters[side].split(&video));
                    self.sent[side].push(video);
                }
            }
            self.ticks += 1;
            world.pass(VOICE);
        }
    }

    fn all_video_has_arrived(&self, world: &World) {
        for side in 0..2 {
            let received: Vec<_> = world.ends[1 - side].of(Stream::Video).collect();
            assert_eq!(received.len(), self.sent[side].len(), "from side {side}");
            let pairs = received.iter().zip(&self.sent[side]);
            assert!(pairs.clone().all(|(got, sent)| got.frame.bytes() == sent.bytes() && !got.after_loss));
        }
    }
}

/// The longest time in which no voice arrived.
fn longest_gap(world: &World, at: usize, since: Instant) -> Duration {
    let arrivals: Vec<_> = world.ends[at].of(Stream::Audio).map(|voice| voice.at).filter(|at| *at >= since).collect();
    arrivals.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap()
}

fn routes(world: &World) -> [Option<Route>; 2] {
    [0, 1].map(|side| world.ends[side].peer.figures().route)
}

#[test]
fn peers_that_tell_no_address_connect_over_the_link() {
    let mut world = World::connected_with(50, lan(), 1, link_only());
    let mut call = Call::new();
    call.goes_on(&mut world, 2 * SECOND);
    world.pass(SECOND);
    call.all_video_has_arrived(&world);
    assert_eq!(routes(&world), [Some(Route::Link); 2]);
    for end in &world.ends {
        assert!(end.peer.handshake().candidates.is_empty());
        let figures = end.peer.figures();
        assert_eq!((figures.direct.sent, figures.direct.received), (0, 0));
        assert!(figures.link.sent > 100 && figures.link.received > 100);
    }
    assert_eq!(world.net.sent(), 0, "a datagram left our own socket");
}

#[test]
fn one_side_that_tells_no_address_is_enough_for_the_link() {
    let mut world = World::with_ways(51, lan(), 1, both());
    let certificate = Certificate::generate().unwrap();
    world.ends[1].peer = Peer::new(world.now, Role::Controlled, &certificate, &[], true).unwrap();
    world.ends[1].certificate = certificate;
    world.accept(0, 1);
    world.accept(1, 0);
    world.pass(SECOND);
    Call::new().goes_on(&mut world, SECOND);
    assert_eq!(routes(&world), [Some(Route::Link); 2]);
    assert_eq!(world.net.sent(), 0, "a datagram left for an address that was not told");
}

#[test]
fn with_both_ways_the_direct_one_is_preferred() {
    let mut world = World::connected_with(52, lan(), 1, both());
    world.pass(SECOND);
    let mut call = Call::new();
    call.goes_on(&mut world, 20 * SECOND);
    world.pass(SECOND);
    call.all_video_has_arrived(&world);
    assert_eq!(routes(&world), [Some(Route::Direct); 2]);
    for end in &world.ends {
        assert!(end.left.is_empty() && end.tried.is_empty());
        let figures = end.peer.figures();
        assert!(figures.direct.received > 10 * figures.link.received, "{figures:?}");
    }
}

#[test]
fn only_real_addresses_reach_the_net() {
    let mut world = World::connected_with(53, lan(), 1, both());
    Call::new().goes_on(&mut world, SECOND);
    world.net.unreachable = world.ends.iter().map(|end| end.address).collect();
    Call::new().goes_on(&mut world, 15 * SECOND);
    let real: Vec<_> = world.ends.iter().map(|end| end.address).collect();
    assert!(world.net.sent() > 100);
    assert!(world.net.pairs().iter().all(|(from, to)| real.contains(from) && real.contains(to)));
}

/// Blocks the direct way to these ends in the middle of a call. Nobody is without voice for long, no video is lost.
fn the_direct_way_dies(seed: u64, to: &[usize]) {
    let mut world = World::connected_with(seed, lan(), 1, both());
    let mut call = Call::new();
    call.goes_on(&mut world, 3 * SECOND);
    let died = world.now;
    world.net.unreachable = to.iter().map(|&end| world.ends[end].address).collect();
    call.goes_on(&mut world, 3 * SECOND);
    world.pass(SECOND);
    for side in 0..2 {
        let gap = longest_gap(&world, side, died - 5 * VOICE);
        let left = world.ends[side].left.first().copied().unwrap() - died;
        println!("{to:?} unreachable, seed {seed}: side {side} left after {left:?}, voice gap {gap:?}");
        assert!(left < milliseconds(500) && gap < milliseconds(500));
        assert_eq!(world.ends[side].left.len(), 1);
    }
    assert_eq!(routes(&world), [Some(Route::Link); 2]);
    call.all_video_has_arrived(&world);
    assert!(world.ends.iter().all(|end| end.lost == 0));
}

#[test]
fn when_the_direct_way_dies_the_call_goes_on_over_the_link() {
    for seed in 60..65 {
        the_direct_way_dies(seed, &[0, 1]);
    }
}

#[test]
fn when_one_direction_dies_both_sides_leave() {
    for seed in 65..68 {
        the_direct_way_dies(seed, &[0]);
        the_direct_way_dies(seed, &[1]);
    }
}

#[test]
fn a_direct_way_that_lives_again_is_taken_again_without_a_gap() {
    let mut world = World::connected_with(70, lan(), 1, both());
    let mut call = Call::new();
    call.goes_on(&mut world, 2 * SECOND);
    world.net.unreachable = world.ends.iter().map(|end| end.address).collect();
    call.goes_on(&mut world, 2 * SECOND);
    world.net.unreachable.clear();
    let before = world.now;
    call.goes_on(&mut world, 15 * SECOND);
    world.pass(SECOND);
    call.all_video_has_arrived(&world);
    assert_eq!(routes(&world), [Some(Route::Direct); 2]);
    for side in 0..2 {
        let gap = longest_gap(&world, side, before);
        println!("back to direct: longest voice gap {gap:?}");
        assert!(gap < 2 * VOICE);
        assert_eq!((world.ends[side].left.len(), world.ends[side].tried.len()), (1, 1));
    }
}

#[test]
fn dead_direct_path_is_retried_ever_more_seldom() {
    let mut world = World::connected_with(71, lan(), 1, both());
    let mut call = Call::new();
    call.goes_on(&mut world, SECOND);
    world.net.unreachable = world.ends.iter().map(|end| end.address).collect();
    call.goes_on(&mut world, 80 * SECOND);
    for end in &world.ends {
        let waits: Vec<_> = end.left.iter().chain(&end.tried).copied().collect();
        let waits: Vec<_> = waits.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64().round() as u64).collect();
        assert_eq!(waits, [10, 20, 40]);
        assert_eq!(end.lost, 0);
    }
    assert_eq!(routes(&world), [Some(Route::Link); 2]);
    world.pass(SECOND);
    call.all_video_has_arrived(&world);
}

#[test]
fn a_change_of_the_network_tries_the_direct_way_at_once() {
    let mut world = World::connected_with(72, lan(), 1, both());
    let mut call = Call::new();
    call.goes_on(&mut world, SECOND);
    world.net.unreachable = world.ends.iter().map(|end| end.address).collect();
    call.goes_on(&mut world, 2 * SECOND);
    world.net.unreachable.clear();
    world.network_changed();
    call.goes_on(&mut world, SECOND);
    assert_eq!(routes(&world), [Some(Route::Direct); 2]);
}

#[test]
fn new_address_is_taken_without_a_gap() {
    let mut world = World::connected_with(73, lan(), 1, both());
    let mut call = Call::new();
    call.goes_on(&mut world, 2 * SECOND);
    let (old, theirs, before) = (world.ends[0].address, world.ends[1].address, world.now);
    let new = std::net::SocketAddr::from(([127, 0, 0, 1], 5000));
    world.net.unreachable = vec![old];
    world.ends[0].address = new;
    let now = world.now;
    world.ends[0].peer.try_direct(now, &[new], &[theirs]);
    world.drain(0);
    world.ends[1].peer.try_direct(now, &[theirs], &[new]);
    world.drain(1);
    call.goes_on(&mut world, 2 * SECOND);
    world.pass(SECOND);
    for side in 0..2 {
        let gap = longest_gap(&world, side, before - VOICE);
        println!("new address: longest voice gap {gap:?}");
        assert!(gap < milliseconds(120));
        assert!(world.ends[side].left.is_empty());
    }
    assert_eq!(routes(&world), [Some(Route::Direct); 2]);
    call.all_video_has_arrived(&world);
}

#[test]
fn a_dead_link_takes_nothing_from_the_direct_way() {
    let mut world = World::connected_with(74, lan(), 1, both());
    world.link.conditions.loss = 1.0;
    let mut call = Call::new();
    call.goes_on(&mut world, 30 * SECOND);
    world.pass(SECOND);
    call.all_video_has_arrived(&world);
    assert_eq!(routes(&world), [Some(Route::Direct); 2]);
    assert!(world.ends.iter().all(|end| end.left.is_empty() && end.lost == 0));
}

#[test]
fn garbage_over_the_link_is_dropped() {
    let mut world = World::connected_with(75, lan(), 1, link_only());
    let mut random = Random::new(9);
    let mut call = Call::new();
    for _ in 0..100 {
        for _ in 0..20 {
            let len = random.below(2_500) as usize;
            let mut bytes = random.bytes(len);
            if let Some(first) = bytes.first_mut() {
                *first = [0, 1, 22, 25, 63, 128, 144, 191, 255][random.below(9) as usize];
            }
            let now = world.now;
            world.ends[1].peer.receive_link(now, &bytes);
            world.drain(1);
        }
        call.goes_on(&mut world, VOICE);
    }
    world.pass(SECOND);
    call.all_video_has_arrived(&world);
    assert!(world.ends.iter().all(|end| end.lost == 0 && end.peer.is_connected()));
    assert!(world.ends[1].peer.figures().dropped_in > 500);
}

#[test]
fn without_the_link_nothing_comes_or_goes_over_it() {
    let mut world = World::connected(76, lan(), 1);
    let now = world.now;
    let end = &mut world.ends[0];
    let before = end.peer.figures();
    end.peer.receive_link(now, &[0x80; 100]);
    assert_eq!(end.peer.figures().dropped_in, before.dropped_in + 1);
    end.peer.leave_direct(now);
    Call::new().goes_on(&mut world, SECOND);
    assert_eq!(routes(&world), [Some(Route::Direct); 2]);
}

#[test]
fn datagram_from_the_net_is_none_of_the_link() {
    let mut world = World::connected_with(77, lan(), 1, link_only());
    let (now, address) = (world.now, world.ends[0].address);
    let peer = &mut world.ends[0].peer;
    for from in ["192.0.2.1:1", "192.0.2.2:1"] {
        let (from, before) = (from.parse().unwrap(), peer.figures().dropped_in);
        assert!(!peer.accepts(from, address, &[0x80; 100]));
        peer.receive(now, from, address, &[0x80; 100]);
        assert_eq!(peer.figures().dropped_in, before + 1);
    }
}

#[test]
fn a_peer_needs_an_address_or_the_link() {
    let world = World::new(78, lan(), 1);
    let (now, certificate) = (world.now, &world.ends[0].certificate);
    assert_eq!(Peer::new(now, Role::Controlling, certificate, &[], false).err(), Some(PeerError::Address));
    let local = [world.ends[0].address];
    let mut peer = Peer::new(now, Role::Controlling, certificate, &local, false).unwrap();
    let hidden = Peer::new(now, Role::Controlled, certificate, &[], true).unwrap();
    let refused = peer.accept(now, hidden.handshake(), certificate.fingerprint());
    assert_eq!(refused, Err(PeerError::Handshake(HandshakeError::Candidates)));
}

#[test]
fn the_largest_packet_fits_a_datagram_of_the_link() {
    let mut world = World::connected_with(79, lan(), 1, link_only());
    // Some come again as retransmissions, which are two bytes longer. The simulated link refuses what is too long.
    world.link.conditions.loss = 0.1;
    let mut splitter = Splitter::new();
    for index in 0..20 {
        let frame = vec![7; 10 * (MAX_PAYLOAD - 1)];
        world.send(0, &splitter.split(&danger_unsealed(Stream::Video, index * 40_000, frame)));
        world.pass(2 * VOICE);
    }
    world.link.conditions.loss = 0.0;
    world.pass(2 * SECOND);
    let longest = world.link.longest();
    println!("the longest datagram over the link, with its prefix: {longest} bytes");
    assert!(longest > MAX_PAYLOAD + 40 && world.ends[1].frames.len() > 15);
}
