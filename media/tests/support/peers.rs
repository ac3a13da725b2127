//! Pairs of real peers over the simulated network, driven by nothing but simulated time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use media::congestion::{Control, Meter, Report};
use media::gather::{Gather, Gathered};
use media::repair::{LossMeter, LossReport};
use media::split::Packet;
use media::transport::{Certificate, Peer, PeerEvent, PeerOutput, Probe, Role, Topic, Verdict, Watch, WatchOutput};
use media::{Lane, ReceivedFrame, Stream};

use crate::net::{Conditions, Net};

/// What a QUIC datagram carries at the smallest path MTU.
const MOST_OVER_LINK: usize = 1162;

/// How a pair is set up.
#[derive(Clone, Copy)]
pub struct Ways {
    /// Both sides tell their addresses.
    pub direct: bool,
    /// There is a link, and this is how it is.
    pub link: Option<Conditions>,
    /// A watchdog looks after the direct way.
    pub watched: bool,
}

impl Ways {
    pub const DIRECT: Self = Self { direct: true, link: None, watched: false };
}

pub struct End {
    pub peer: Peer,
    watch: Option<Watch>,
    pub left: Vec<Instant>,
    pub tried: Vec<Instant>,
    pub address: SocketAddr,
    pub certificate: Certificate,
    timeout: Instant,
    video: Gather,
    screen: Gather,
    audio: Gather,
    pub connected_after: Option<Duration>,
    pub lost: usize,
    pub keyframes_wanted: Vec<Stream>,
    meter: Meter,
    pub control: Control,
    pub frames: Vec<Received>,
    losses: LossMeter,
    /// What the other end said of our voice.
    pub reports: Vec<LossReport>,
}

pub struct Received {
    pub frame: ReceivedFrame,
    pub sequence: u64,
    pub timestamp: u64,
    pub after_loss: bool,
    pub at: Instant,
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
    /// Its addresses only say whose link it is.
    pub link: Net,
    pub ends: Vec<End>,
}

impl World {
    /// `pairs` pairs: ends 0 and 1, 2 and 3, and so on. Each even end controls. Nothing is accepted yet.
    pub fn new(seed: u64, conditions: Conditions, pairs: usize) -> Self {
        Self::with_ways(seed, conditions, pairs, Ways::DIRECT)
    }

    pub fn with_ways(seed: u64, conditions: Conditions, pairs: usize, ways: Ways) -> Self {
        let start = Instant::now();
        let ends = (0..2 * pairs).map(|index| {
            let role = if index % 2 == 0 { Role::Controlling } else { Role::Controlled };
            let address = SocketAddr::from(([127, 0, 0, 1], 4000 + index as u16));
            let certificate = Certificate::generate().unwrap();
            let local = if ways.direct { &[address][..] } else { &[] };
            End {
                peer: Peer::new(start, role, &certificate, local, ways.link.is_some()).unwrap(),
                watch: ways.watched.then(|| Watch::new(start)),
                left: Vec::new(),
                tried: Vec::new(),
                address,
                certificate,
                timeout: start,
                video: Gather::new(Stream::Video),
                screen: Gather::new(Stream::Screen),
                audio: Gather::new(Stream::Audio),
                connected_after: None,
                lost: 0,
                losses: LossMeter::default(),
                reports: Vec::new(),
                keyframes_wanted: Vec::new(),
                meter: Meter::new(start),
                control: Control::new(),
                frames: Vec::new(),
            }
        });
        let ends = ends.collect();
        let link = Net::new(seed + 1_000_000, ways.link.unwrap_or_default());
        Self { start, now: start, net: Net::new(seed, conditions), link, ends }
    }

    /// As [`Self::new`], with everyone connected.
    pub fn connected(seed: u64, conditions: Conditions, pairs: usize) -> Self {
        Self::connected_with(seed, conditions, pairs, Ways::DIRECT)
    }

    pub fn connected_with(seed: u64, conditions: Conditions, pairs: usize, ways: Ways) -> Self {
        let mut world = Self::with_ways(seed, conditions, pairs, ways);
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

    /// Tells the other end what came of its voice, if it is time to.
    pub fn report_losses(&mut self, from: usize) {
        if let Some(report) = self.ends[from].losses.report(self.now) {
            self.ends[from].peer.report(self.now, Topic::Loss, &report.to_bytes());
            self.drain(from);
        }
    }

    /// Lets time pass until `done` or for `most`.
    pub fn run(&mut self, most: Duration, done: impl Fn(&World) -> bool) {
        let until = self.now + most;
        while !done(self) {
            let gathers = self.ends.iter().filter_map(|end| end.video.next_timeout());
            let timeouts = self.ends.iter().map(|end| end.timeout).chain(gathers);
            let watches = self.ends.iter().filter_map(|end| end.watch.as_ref()?.next_timeout());
            let arrivals = [self.net.next_arrival(), self.link.next_arrival()].into_iter().flatten();
            let next = timeouts.chain(watches).chain(arrivals).min().unwrap_or(until);
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
        while let Some(datagram) = self.link.receive(self.now) {
            let Some(to) = self.ends.iter().position(|end| end.address == datagram.to) else {
                continue;
            };
            self.receive_link(to, &datagram.bytes);
            self.drain(to);
        }
        for index in 0..self.ends.len() {
            let watch = self.ends[index].watch.as_ref();
            if watch.and_then(Watch::next_timeout).is_some_and(|at| at <= self.now) {
                self.drain(index);
            }
            if self.ends[index].timeout <= self.now {
                self.ends[index].peer.timeout(self.now);
                self.drain(index);
            }
            self.ends[index].gather(self.now);
            if let Some(report) = self.ends[index].meter.report(self.now) {
                self.ends[index].peer.report(self.now, Topic::Congestion, &report.to_bytes());
                self.drain(index);
            }
        }
    }

    pub fn drain(&mut self, index: usize) {
        loop {
            let end = &mut self.ends[index];
            match end.peer.poll() {
                PeerOutput::Transmit { from, to, bytes } => self.net.send(self.now, from, to, bytes),
                PeerOutput::TransmitLink { bytes } => self.send_link(index, &[&[MEDIA], &bytes[..]].concat()),
                PeerOutput::Event(event) => end.event(self.start, self.now, event),
                PeerOutput::Timeout(at) => {
                    end.timeout = at;
                    if !self.watch(index) {
                        break;
                    }
                }
            }
        }
    }

    /// Does what the watchdog says; tells whether the peer has to be polled again.
    fn watch(&mut self, index: usize) -> bool {
        let (now, theirs) = (self.now, self.ends[index ^ 1].address);
        let end = &mut self.ends[index];
        let Some(watch) = &mut end.watch else {
            return false;
        };
        watch.observe(now, &end.peer.figures());
        match watch.poll(now) {
            Some(WatchOutput::Probe(Probe { received })) => {
                let bytes = [&[PROBE], &received.to_be_bytes()[..]].concat();
                self.send_link(index, &bytes);
            }
            Some(WatchOutput::LeaveDirect) => {
                end.left.push(now);
                end.peer.leave_direct(now);
            }
            Some(WatchOutput::TryDirect) => {
                end.tried.push(now);
                end.peer.try_direct(now, &[end.address], &[theirs]);
            }
            None => return false,
        }
        true
    }

    pub fn network_changed(&mut self) {
        for index in 0..self.ends.len() {
            if let Some(watch) = &mut self.ends[index].watch {
                watch.network_changed(self.now);
            }
            self.drain(index);
        }
    }

    fn send_link(&mut self, from: usize, bytes: &[u8]) {
        // Room for one more byte of prefix.
        assert!(bytes.len() < MOST_OVER_LINK, "{}", bytes.len());
        let (from, to) = (self.ends[from].address, self.ends[from ^ 1].address);
        self.link.send(self.now, from, to, bytes.to_vec());
    }

    fn receive_link(&mut self, to: usize, bytes: &[u8]) {
        let end = &mut self.ends[to];
        match (bytes.split_first(), &mut end.watch) {
            (Some((&MEDIA, bytes)), _) => end.peer.receive_link(self.now, bytes),
            (Some((&PROBE, bytes)), Some(watch)) => {
                watch.observe(self.now, &end.peer.figures());
                let received = u32::from_be_bytes(bytes.try_into().unwrap());
                let verdict = watch.probe(self.now, Probe { received });
                let code = VERDICTS.iter().position(|known| *known == verdict).unwrap() as u8;
                self.send_link(to, &[VERDICT, code]);
            }
            (Some((&VERDICT, &[code])), Some(watch)) => watch.verdict(self.now, VERDICTS[usize::from(code)]),
            _ => panic!("an odd datagram on the link"),
        }
    }
}

const MEDIA: u8 = 0;
const PROBE: u8 = 1;
const VERDICT: u8 = 2;
const VERDICTS: [Verdict; 3] = [Verdict::Idle, Verdict::Doubt, Verdict::Dead];

impl End {
    fn event(&mut self, start: Instant, now: Instant, event: PeerEvent) {
        match event {
            PeerEvent::Connected => self.connected_after = Some(now - start),
            PeerEvent::Lost => self.lost += 1,
            PeerEvent::KeyframeWanted(stream) => self.keyframes_wanted.push(stream),
            PeerEvent::Report(Topic::Congestion, bytes) => {
                self.control.reported(now, &Report::from_bytes(&bytes).unwrap(), None);
            }
            PeerEvent::Report(Topic::Loss, bytes) => self.reports.push(LossReport::from_bytes(&bytes).unwrap()),
            PeerEvent::Packet(packet) => {
                self.meter.arrived(now, packet.lane, packet.sequence, packet.timestamp, packet.payload.len());
                if packet.lane == Stream::Audio.into() {
                    self.losses.arrived(packet.sequence);
                }
                let gather = match packet.lane {
                    Lane::Own(Stream::Audio) => &mut self.audio,
                    Lane::Own(Stream::Video) => &mut self.video,
                    Lane::Own(Stream::Screen) => &mut self.screen,
                    Lane::Carried => return,
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
        for gather in [&mut self.video, &mut self.screen, &mut self.audio] {
            while let Some(Gathered::Frame { frame, sequence, timestamp, after_loss, .. }) = gather.poll(now) {
                self.frames.push(Received { frame, sequence, timestamp, after_loss, at: now });
            }
        }
    }
}
