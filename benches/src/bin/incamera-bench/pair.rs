//! Two connected transports in simulated time, with a network between them that takes no time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use media::split::Packet;
use media::transport::{Certificate, Peer, PeerEvent, PeerOutput, ReceivedPacket, Role};

/// A datagram, and who is to get it: 0 or 1.
pub struct Datagram {
    pub to: usize,
    pub bytes: Vec<u8>,
}

pub struct Pair {
    pub now: Instant,
    pub peers: [Peer; 2],
    wake: [Instant; 2],
}

fn address(end: usize) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 4000 + end as u16))
}

impl Pair {
    pub fn connected() -> Self {
        let now = Instant::now();
        let certificates = [(); 2].map(|()| Certificate::generate().expect("a certificate"));
        let peer = |end: usize, role| {
            Peer::new(now, role, &certificates[end], &[address(end)], false).expect("an address that can be used")
        };
        let mut peers = [peer(0, Role::Controlling), peer(1, Role::Controlled)];
        let handshakes = [peers[0].handshake().clone(), peers[1].handshake().clone()];
        for end in [0, 1] {
            let theirs = certificates[1 - end].fingerprint();
            peers[end].accept(now, &handshakes[1 - end], theirs).expect("a handshake of ours");
        }
        let mut pair = Self { now, peers, wake: [now; 2] };
        for _ in 0..1000 {
            pair.pass(Duration::from_millis(5));
            let mut flying = pair.drive();
            while let Some(datagram) = flying.pop() {
                pair.receive(&datagram);
                flying.extend(pair.drain(datagram.to).0);
            }
            if pair.peers.iter().all(Peer::is_connected) {
                return pair;
            }
        }
        panic!("two peers with nothing between them do not connect");
    }

    pub fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    /// Runs the timers that are due.
    pub fn drive(&mut self) -> Vec<Datagram> {
        let mut out = Vec::new();
        for end in [0, 1] {
            if self.wake[end] <= self.now {
                self.peers[end].timeout(self.now);
                out.extend(self.drain(end).0);
            }
        }
        out
    }

    /// The first of the two sends.
    pub fn send(&mut self, packets: &[Packet]) -> Vec<Datagram> {
        for packet in packets {
            self.peers[0].send(self.now, packet);
        }
        self.drain(0).0
    }

    pub fn receive(&mut self, datagram: &Datagram) {
        let (from, to) = (address(1 - datagram.to), address(datagram.to));
        self.peers[datagram.to].receive(self.now, from, to, &datagram.bytes);
    }

    /// Datagrams to send, and packets that came.
    pub fn drain(&mut self, end: usize) -> (Vec<Datagram>, Vec<ReceivedPacket>) {
        let (mut out, mut came) = (Vec::new(), Vec::new());
        loop {
            match self.peers[end].poll() {
                PeerOutput::Transmit { bytes, .. } => out.push(Datagram { to: 1 - end, bytes }),
                PeerOutput::TransmitLink { .. } => {}
                PeerOutput::Event(PeerEvent::Packet(packet)) => came.push(packet),
                PeerOutput::Event(_) => {}
                PeerOutput::Timeout(at) => {
                    self.wake[end] = at;
                    return (out, came);
                }
            }
        }
    }
}
