use std::{
    net::SocketAddr,
    sync::LazyLock,
    time::{Duration, Instant},
};

use arbitrary::Unstructured;
use media::{
    Stream,
    split::Splitter,
    transport::{Certificate, Handshake, Peer, PeerEvent, PeerOutput, Role, Topic},
};

use super::repair::danger_unsealed;

static CERTIFICATES: LazyLock<[Certificate; 2]> =
    LazyLock::new(|| [(); 2].map(|()| Certificate::generate().expect("keys can be made")));

/// Datagrams of one input, at most.
const MAX_ACTS: usize = 100;
/// Datagrams that one call may lead to.
const MAX_SENT: usize = 400;
/// What honest packets between the two may take until they are connected, in steps of 20 ms.
const STEPS: usize = 200;

/// Two peers; the first is given datagrams that anybody made or changed, before the handshake, in it and after. The
/// properties: nothing breaks, what leads to more is bounded, and nothing is shown that the other did not send.
pub fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let mut pair = Pair::new();
    let ready = input.arbitrary::<u8>().unwrap_or_default() % 4;
    if ready > 0 {
        pair.accept();
    }
    if ready > 1 {
        pair.exchange(if ready == 2 { 8 } else { STEPS });
    }
    for _ in 0..MAX_ACTS {
        if input.is_empty() {
            break;
        }
        pair.act(&mut input);
    }
    pair.exchange(4);
}

struct Pair {
    now: Instant,
    peers: [Peer; 2],
    addresses: [SocketAddr; 2],
    /// The last datagrams of each: genuine ones, to be changed.
    last: [Vec<Vec<u8>>; 2],
    splitter: Splitter,
    sent: u8,
}

impl Pair {
    fn new() -> Self {
        let now = Instant::now();
        let addresses = [5001, 5002].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let peer = |role, which: usize| {
            Peer::new(now, role, &CERTIFICATES[which], &addresses[which..=which], true).expect("a peer can be made")
        };
        let peers = [peer(Role::Controlling, 0), peer(Role::Controlled, 1)];
        Self { now, peers, addresses, last: [Vec::new(), Vec::new()], splitter: Splitter::new(), sent: 0 }
    }

    fn accept(&mut self) {
        let handshakes: [Handshake; 2] = [0, 1].map(|of| self.peers[of].handshake().clone());
        for (which, peer) in self.peers.iter_mut().enumerate() {
            let other = 1 - which;
            let _ = peer.accept(self.now, &handshakes[other], CERTIFICATES[other].fingerprint());
        }
    }

    /// Passes on what both say, for so many steps.
    fn exchange(&mut self, steps: usize) {
        for _ in 0..steps {
            for from in 0..2 {
                for bytes in self.drain(from) {
                    self.deliver(from, bytes);
                }
            }
            self.now += Duration::from_millis(20);
            self.peers.iter_mut().for_each(|peer| peer.timeout(self.now));
        }
    }

    /// What one has to send: whether over the link, and the datagram.
    fn drain(&mut self, of: usize) -> Vec<(bool, Vec<u8>)> {
        let mut out = Vec::new();
        loop {
            match self.peers[of].poll() {
                PeerOutput::Transmit { bytes, .. } => out.push((false, bytes)),
                PeerOutput::TransmitLink { bytes } => out.push((true, bytes)),
                PeerOutput::Timeout(_) => break,
                PeerOutput::Event(PeerEvent::Packet(packet)) => {
                    let is_theirs = packet.payload.iter().skip(1).all(|byte| *byte == 0x5a);
                    assert!(is_theirs, "a packet that nobody sent is taken");
                }
                PeerOutput::Event(_) => {}
            }
            assert!(out.len() <= MAX_SENT, "one datagram leads to hundreds");
        }
        self.last[of].extend(out.iter().map(|(_, bytes)| bytes.clone()));
        let extra = self.last[of].len().saturating_sub(16);
        self.last[of].drain(..extra);
        out
    }

    fn deliver(&mut self, from: usize, (over_link, bytes): (bool, Vec<u8>)) {
        let (source, target) = (self.addresses[from], self.addresses[1 - from]);
        let to = &mut self.peers[1 - from];
        if over_link {
            to.receive_link(self.now, &bytes);
        } else if to.accepts(source, target, &bytes) {
            to.receive(self.now, source, target, &bytes);
        }
    }

    fn act(&mut self, input: &mut Unstructured<'_>) {
        let [act, which, at, bit]: [u8; 4] = input.arbitrary().unwrap_or_default();
        let (over_link, source) = (act & 0x80 != 0, act & 0x40 == 0);
        let bytes = match act % 8 {
            // Bytes as they are.
            0 | 1 => {
                let length = usize::from(which).min(input.len());
                input.bytes(length).unwrap_or_default().to_vec()
            }
            // A genuine one again, changed, cut.
            2..=4 => {
                let of = &self.last[1];
                let Some(mut bytes) = of.get(usize::from(which).checked_rem(of.len()).unwrap_or_default()).cloned()
                else {
                    return;
                };
                if act % 8 == 3 && !bytes.is_empty() {
                    let at = usize::from(at) % bytes.len();
                    bytes[at] ^= bit;
                } else if act % 8 == 4 {
                    bytes.truncate(usize::from(at));
                }
                bytes
            }
            5 => return self.exchange(usize::from(which % 8)),
            6 => return self.send(),
            _ => {
                let topic = if bit & 1 == 0 { Topic::Congestion } else { Topic::Loss };
                let length = usize::from(at % 32).min(input.len());
                let bytes = input.bytes(length).unwrap_or_default().to_vec();
                self.peers[1].report(self.now, topic, &bytes);
                self.peers[1].request_keyframe(self.now, Stream::Video);
                return;
            }
        };
        let stranger = SocketAddr::from(([127, 0, 0, 1], 6666));
        let (source, target) = (if source { self.addresses[1] } else { stranger }, self.addresses[0]);
        if over_link {
            self.peers[0].receive_link(self.now, &bytes);
        } else if self.peers[0].accepts(source, target, &bytes) {
            self.peers[0].receive(self.now, source, target, &bytes);
        }
        for sent in self.drain(0) {
            self.deliver(0, sent);
        }
    }

    fn send(&mut self) {
        self.sent = self.sent.wrapping_add(1);
        for stream in [Stream::Audio, Stream::Video] {
            let captured_us = u32::from(self.sent) * 20_000;
            let frame = danger_unsealed(stream, captured_us, vec![0x5a; 100 + usize::from(self.sent) * 8]);
            for packet in self.splitter.split(&frame) {
                self.peers[1].send(self.now, &packet);
            }
        }
    }
}
