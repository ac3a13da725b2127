//! Pairs of real peers over the simulated network, driven by nothing but simulated time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use media::gather::{Gather, Gathered};
use media::split::Packet;
use media::transport::{Certificate, Peer, PeerEvent, PeerOutput, Role};
use media::{SealedFrame, Stream};

use crate::net::{Conditions, Net};

pub struct End {
    pub peer: Peer,
    pub address: SocketAddr,
    pub certificate: Certificate,
    timeout: Instant,
    video: Gather,
    audio: Gather,
    pub connected_after: Option<Duration>,
    pub lost: usize,
    pub keyframes_wanted: usize,
    pub estimate: u64,
    pub frames: Vec<Received>,
}

pub struct Received {
    pub frame: SealedFrame,
    pub sequence: u64,
    pub timestamp: u64,
    pub after_loss: bool,
}

impl End {
    pub fn of(&self, stream: Stream) -> impl Iterator<Item = &Received> {
        self.frames.iter().filter(move |received| received.frame.stream == stream)
    }
}

pub struct World {
    pub start: Instant,
    pub now: Instant,
    pub net: Net,
    pub ends: Vec<End>,
}

impl World {
    /// `pairs` pairs: ends 0 and 1, 2 and 3, and so on. Each even end controls. Nothing is accepted yet.
    pub fn new(seed: u64, conditions: Conditions, pairs: usize) -> Self {
        let start = Instant::now();
        let ends = (0..2 * pairs).map(|index| {
            let role = if index % 2 == 0 { Role::Controlling } else { Role::Controlled };
            let address = SocketAddr::from(([127, 0, 0, 1], 4000 + index as u16));
            let certificate = Certificate::generate().unwrap();
            End {
                peer: Peer::new(start, role, &certificate, &[address]).unwrap(),
                address,
                certificate,
                timeout: start,
                video: Gather::new(Stream::Video),
                audio: Gather::new(Stream::Audio),
                connected_after: None,
                lost: 0,
                keyframes_wanted: 0,
                estimate: 0,
                frames: Vec::new(),
            }
        });
        let ends = ends.collect();
        Self { start, now: start, net: Net::new(seed, conditions), ends }
    }

    /// As [`Self::new`], with everyone connected.
    pub fn connected(seed: u64, conditions: Conditions, pairs: usize) -> Self {
        let mut world = Self::new(seed, conditions, pairs);
        for pair in 0..pairs {
            world.accept(2 * pair, 2 * pair + 1);
            world.accept(2 * pair + 1, 2 * pair);
        }
        world.run(Duration::from_secs(20), |world| world.ends.iter().all(|end| end.connected_after.is_some()));
        assert!(world.ends.iter().all(|end| end.peer.is_connected()));
        world
    }

    pub fn accept(&mut self, at: usize, of: usize) {
        let handshake = self.ends[of].peer.handshake().clone();
        let fingerprint = self.ends[of].certificate.fingerprint();
        self.ends[at].peer.accept(self.now, &handshake, fingerprint).unwrap();
        self.drain(at);
    }

    pub fn send(&mut self, from: usize, packets: &[Packet]) {
        for packet in packets {
            self.ends[from].peer.send(self.now, packet);
        }
        self.drain(from);
    }

    /// Lets time pass until `done` or for `most`.
    pub fn run(&mut self, most: Duration, done: impl Fn(&World) -> bool) {
        let until = self.now + most;
        while !done(self) {
            let gathers = self.ends.iter().filter_map(|end| end.video.next_timeout());
            let timeouts = self.ends.iter().map(|end| end.timeout).chain(gathers);
            let next = timeouts.chain(self.net.next_arrival()).min().unwrap_or(until);
            if next > until {
                break;
            }
            self.now = self.now.max(next);
            self.step();
        }
        if !done(self) {
            self.now = until;
        }
    }

    pub fn pass(&mut self, time: Duration) {
        self.run(time, |_| false);
    }

    fn step(&mut self) {
        while let Some(datagram) = self.net.receive(self.now) {
            let Some(to) = self.ends.iter().position(|end| end.address == datagram.to) else {
                continue;
            };
            self.ends[to].peer.receive(self.now, datagram.from, datagram.to, &datagram.bytes);
            self.drain(to);
        }
        for index in 0..self.ends.len() {
            if self.ends[index].timeout <= self.now {
                self.ends[index].peer.timeout(self.now);
                self.drain(index);
            }
            self.ends[index].gather(self.now);
        }
    }

    pub fn drain(&mut self, index: usize) {
        let end = &mut self.ends[index];
        loop {
            match end.peer.poll() {
                PeerOutput::Transmit { from, to, bytes } => self.net.send(self.now, from, to, bytes),
                PeerOutput::Event(event) => end.event(self.start, self.now, event),
                PeerOutput::Timeout(at) => {
                    end.timeout = at;
                    break;
                }
            }
        }
    }
}

impl End {
    fn event(&mut self, start: Instant, now: Instant, event: PeerEvent) {
        match event {
            PeerEvent::Connected => self.connected_after = Some(now - start),
            PeerEvent::Lost => self.lost += 1,
            PeerEvent::KeyframeWanted => self.keyframes_wanted += 1,
            PeerEvent::Estimate(estimate) => self.estimate = estimate,
            PeerEvent::Packet(packet) => {
                let gather = match packet.stream {
                    Stream::Audio => &mut self.audio,
                    Stream::Video => &mut self.video,
                };
                gather.insert(now, packet.sequence, packet.timestamp, &packet.payload);
                self.gather(now);
            }
        }
    }

    fn gather(&mut self, now: Instant) {
        if let Some(rtt) = self.peer.figures().rtt {
            self.video.set_round_trip(rtt);
        }
        for gather in [&mut self.video, &mut self.audio] {
            while let Some(Gathered::Frame { frame, sequence, timestamp, after_loss }) = gather.poll(now) {
                self.frames.push(Received { frame, sequence, timestamp, after_loss });
            }
        }
    }
}
