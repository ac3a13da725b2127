//! The simulated world: people, links that are slow but keep order, datagrams that get lost, late and out of order.

mod capture;
mod network;

use std::{
    collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque},
    net::SocketAddr,
    time::{Duration, Instant, SystemTime},
};

use ::media::{FrameClock, Ladder, Layer, Stream, capture::VideoFormat, repair::VoiceSettings, transport::Certificate};
use group_crypto::{MemberId, RunId};

use super::{disk::Disk, narrow::Uplink};
use crate::{
    api::{OverBecause, ReadOnly, RoomEvent, RoomKind, Terms, Trouble},
    invitation::Invitation,
    rendezvous::Whereabouts,
    room::{
        Input, LinkId, Output, Own, Room,
        keep::Clock,
        wire::{Abilities, Purpose},
    },
    wall::Wall,
};
pub use capture::SCREEN_KBPS;
use network::{Happening, Linked, Scheduled};

use super::shown::assert_change_is_plain;
pub use network::{Tamper, Weather};

/// Good for everyone, for as long as anyone likes: what most tests hand out.
pub const OPEN: Terms = Terms { many: true, valid: None, waiting_room: false };

pub const SECOND: Duration = Duration::from_secs(1);
pub const CLEAR: Weather = Weather { loss_percent: 0, delay_ms: 10, jitter_ms: 2 };

/// What a camera of 640x360 has.
fn ladder() -> Ladder {
    Ladder::new(VideoFormat { width: 640, height: 360, fps: 25 }, 500)
}

/// One person's room and all that came out of it.
pub struct Being {
    pub name: String,
    pub room: Room,
    pub at: Whereabouts,
    socket: SocketAddr,
    pub disk: Disk,
    /// Somebody at the door for many waits for an invitation of their own.
    pub dispensing: Option<LinkId>,
    links: BTreeMap<LinkId, (usize, LinkId)>,
    sends: bool,
    /// Without it, there is room for everything.
    pub uplink: Option<Uplink>,
    /// The layers that the others want, and of which a keyframe.
    pub layers: [Option<u32>; Layer::COUNT],
    keyframes: [bool; Layer::COUNT],
    /// Of the least layer, the picture that was last.
    leaves_out: bool,
    last_keyframes: [[Option<Instant>; 2]; Layer::COUNT],
    pub voice: VoiceSettings,
    /// Shares a screen, of which this many frames have been captured; and the next is to be a keyframe.
    shares: Option<u32>,
    screen_keyframe: bool,
    screen_rests: bool,
    /// The rate at which the others want it.
    pub screen: Option<u32>,
    /// Keyframes that somebody asked for, by stream.
    pub asked: Vec<(Instant, Stream)>,
    pub events: Vec<RoomEvent>,
    pub troubles: Vec<Trouble>,
    pub ended: Option<OverBecause>,
    /// Frames opened, by sender: when, and the stream.
    pub opened: Vec<(Instant, MemberId, Stream)>,
    /// Frames opened that are not what their sender captured for that stream, or are opened again.
    pub wrong: usize,
    /// How many frames of one capture were opened, by sender, stream and way: a change of ways may begin with one that was seen.
    captured: BTreeMap<(MemberId, Stream, u16, u32), usize>,
    alive: bool,
}

pub struct World {
    pub now: Instant,
    clock: FrameClock,
    pub weather: Weather,
    seed: u64,
    pub beings: Vec<Being>,
    queue: BinaryHeap<Scheduled>,
    order: u64,
    next_link: u64,
    broken: Vec<(usize, LinkId)>,
    began: Instant,
    runs: u16,
    /// Nothing goes from socket to socket.
    pub no_direct: bool,
    /// Each of these pairs never reaches each other.
    pub apart: Vec<(usize, usize)>,
    /// Whose programs speak a version that the others' don't.
    pub other_version: Vec<usize>,
    /// Whoever comes from now on has a program without the post-quantum suite.
    pub classical: bool,
    /// What the programs of members who come from now on can do.
    pub abilities: Abilities,
    /// The relays of members who come from now on. Cards name none, so that what these members say with their Hello is news.
    pub relays: Vec<String>,
    /// Links take up to so many milliseconds more than datagrams, each link another time.
    pub uneven_ms: u64,
    slower: BTreeMap<LinkId, Duration>,
    /// Lines, farewells and the end of a link take so much longer than control messages.
    pub chat_lag: Duration,
    /// Has its way with what somebody sends.
    pub tamper: Option<Tamper>,
    /// When each room is to be called again, as of the last time that something was done with it.
    deadlines: Vec<Instant>,
    /// What arrives at the same instant is taken in as the driver takes a burst: with one write of the disk, and one look at
    /// what follows from it.
    pub bursts: bool,
    /// Who has taken in something of the burst under way.
    burst: Option<BTreeSet<usize>>,
    /// Each dial: when, whose, and whether it goes by hearsay.
    pub dials: Vec<(Instant, usize, bool)>,
    /// Who dialled, and which endpoint.
    pub dialled: Vec<(usize, [u8; 32])>,
}

impl World {
    pub fn new(seed: u64, weather: Weather) -> Self {
        let now = Instant::now();
        Self {
            now,
            clock: FrameClock::new(now, SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)),
            weather,
            seed,
            beings: Vec::new(),
            queue: BinaryHeap::new(),
            order: 0,
            next_link: 1,
            broken: Vec::new(),
            began: now,
            runs: 0,
            no_direct: false,
            apart: Vec::new(),
            other_version: Vec::new(),
            classical: false,
            abilities: Abilities::ours(),
            relays: Vec::new(),
            uneven_ms: 0,
            slower: BTreeMap::new(),
            chat_lag: Duration::ZERO,
            tamper: None,
            deadlines: Vec::new(),
            bursts: false,
            burst: None,
            dials: Vec::new(),
            dialled: Vec::new(),
        }
    }

    /// SplitMix64: small, seeded, good enough to decide who gets wet.
    fn random(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Everything of a run is new: keys, addresses, sockets.
    fn own(&mut self, name: &str) -> Own {
        self.runs += 1;
        let number = self.runs;
        let mut endpoint = [0; 32];
        for part in endpoint.chunks_mut(8) {
            part.copy_from_slice(&self.random().to_be_bytes());
        }
        let addresses = vec![SocketAddr::from(([127, 0, 0, 1], 20_000 + number))];
        Own {
            name: name.into(),
            run: RunId::generate(),
            at: Whereabouts { endpoint, relays: self.relays.clone(), addresses },
            certificate: Certificate::generate().unwrap(),
            sockets: vec![SocketAddr::from(([127, 0, 0, 1], 10_000 + number))],
            wall: Wall::local(),
            camera_on: true,
            microphone_on: true,
            screen_on: false,
            clock: Clock { at: self.now, unix_ms: self.unix_ms(), local_minutes: 0 },
            searches: false,
            post_quantum: !self.classical,
            ladder: ladder(),
            screen_kbps: SCREEN_KBPS,
            abilities: self.abilities.clone(),
        }
    }

    pub fn unix_ms(&self) -> i64 {
        1_700_000_000_000 + (self.now - self.began).as_millis() as i64
    }

    fn add(&mut self, name: &str, own: (SocketAddr, Whereabouts), room: Room, disk: Disk) -> usize {
        let who = self.beings.len();
        self.beings.push(Being {
            name: name.into(),
            room,
            at: own.1,
            socket: own.0,
            disk,
            dispensing: None,
            links: BTreeMap::new(),
            sends: false,
            uplink: None,
            layers: [None; Layer::COUNT],
            keyframes: [false; Layer::COUNT],
            leaves_out: false,
            last_keyframes: [[None; 2]; Layer::COUNT],
            voice: VoiceSettings::default(),
            shares: None,
            screen_keyframe: false,
            screen_rests: false,
            screen: None,
            asked: Vec::new(),
            events: Vec::new(),
            troubles: Vec::new(),
            ended: None,
            opened: Vec::new(),
            wrong: 0,
            captured: BTreeMap::new(),
            alive: true,
        });
        self.carry_out(who);
        who
    }

    pub fn create(&mut self, name: &str) -> usize {
        self.found(name, RoomKind::Ephemeral)
    }

    pub fn found(&mut self, name: &str, kind: RoomKind) -> usize {
        let own = self.own(name);
        let place = (own.sockets[0], own.at.clone());
        let room = Room::found(self.now, own, kind, "Tuesday".into()).unwrap();
        self.add(name, place, room, Disk::default())
    }

    pub fn join(&mut self, name: &str, invitation: &Invitation) -> usize {
        let own = self.own(name);
        let place = (own.sockets[0], own.at.clone());
        let room = Room::join(self.now, own, invitation.clone()).unwrap();
        self.add(name, place, room, Disk::default())
    }

    /// Somebody whose disk has the room already.
    #[cfg(feature = "fuzzing")]
    pub fn come_back(&mut self, name: &str, disk: Disk) -> usize {
        self.try_to_come_back(name, disk).unwrap()
    }

    /// As [`Self::come_back`], where the disk may hold anything.
    #[cfg(feature = "fuzzing")]
    pub fn try_to_come_back(&mut self, name: &str, disk: Disk) -> Result<usize, crate::room::RoomError> {
        let own = self.own(name);
        let place = (own.sockets[0], own.at.clone());
        let stored = disk.stored().expect("something was kept");
        let room = Room::restore(self.now, own, stored)?;
        Ok(self.add(name, place, room, disk))
    }

    pub fn invite(&mut self, who: usize) -> Invitation {
        self.invite_with(who, OPEN)
    }

    pub fn invite_with(&mut self, who: usize, terms: Terms) -> Invitation {
        self.input(who, Input::Invite(terms));
        let ready = |event: &RoomEvent| match event {
            RoomEvent::InvitationReady { invitation, .. } => Some(invitation.clone()),
            _ => None,
        };
        self.beings[who].events.iter().rev().find_map(ready).unwrap()
    }

    /// Begins a process anew from what its disk has: everything else of it is gone, and it is elsewhere.
    pub fn restart(&mut self, who: usize) {
        if self.beings[who].alive {
            self.kill(who);
        }
        let name = self.beings[who].name.clone();
        let own = self.own(&name);
        let (socket, at) = (own.sockets[0], own.at.clone());
        let stored = self.beings[who].disk.stored().expect("something was kept");
        let room = Room::restore(self.now, own, stored).unwrap();
        let being = &mut self.beings[who];
        (being.room, being.socket, being.at, being.alive) = (room, socket, at, true);
        self.carry_out(who);
    }

    /// Everyone who is away is found by those with whom they share a secret.
    pub fn rendezvous(&mut self) {
        for who in 0..self.beings.len() {
            for pair in self.beings[who].room.pairs().into_iter().filter(|pair| pair.wanted) {
                let other = self.beings.iter().position(|other| {
                    let theirs = other.room.pairs();
                    other.alive && theirs.iter().any(|p| p.secret == pair.secret && p.side != pair.side)
                });
                if let Some(other) = other {
                    let at = self.beings[other].at.clone();
                    self.input(who, Input::Found { whom: pair.whom, at });
                }
            }
        }
    }

    /// Ends a process without a goodbye; its links break after a while.
    pub fn kill(&mut self, who: usize) {
        self.beings[who].alive = false;
        for (other, theirs) in std::mem::take(&mut self.beings[who].links).into_values() {
            let at = self.now + Duration::from_secs(6);
            self.schedule(at, Happening::Link { to: other, what: Linked::Closed { link: theirs } });
        }
    }

    /// A machine sleeps: nothing runs there, and the others lose their links to it.
    pub fn sleep(&mut self, who: usize) {
        let own: Vec<_> = self.beings[who].links.keys().map(|link| (who, *link)).collect();
        self.kill(who);
        self.broken.extend(own);
    }

    /// It wakes, and finds its links closed.
    pub fn wake(&mut self, who: usize) {
        self.beings[who].alive = true;
        self.notice_broken_links();
    }

    pub fn input(&mut self, who: usize, input: Input<'_>) {
        self.beings[who].room.handle(self.now, input);
        match &mut self.burst {
            Some(burst) => drop(burst.insert(who)),
            None => self.carry_out(who),
        }
    }

    pub fn id(&self, who: usize) -> MemberId {
        let me = |event: &RoomEvent| match event {
            RoomEvent::Entered { me, .. } => Some(*me),
            _ => None,
        };
        self.beings[who].events.iter().find_map(me).expect("they are in")
    }

    /// Whether somebody can only read the room, as told last in this run of the program.
    pub fn read_only(&self, who: usize) -> Option<ReadOnly> {
        let told = |event: &RoomEvent| match event {
            RoomEvent::ReadOnly(why) => Some(*why),
            RoomEvent::Entered { .. } => Some(None),
            _ => None,
        };
        self.beings[who].events.iter().rev().find_map(told).flatten()
    }

    /// How many others somebody is connected to.
    pub fn connected(&self, who: usize) -> usize {
        let mut last = BTreeMap::new();
        for event in &self.beings[who].events {
            if let RoomEvent::Changed { member, state } = event {
                last.insert(*member, state.connected);
            }
        }
        last.values().filter(|connected| **connected).count()
    }

    pub fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        // A test may have done something with a room by itself.
        self.deadlines = self.beings.iter().map(|being| being.room.deadline()).collect();
        loop {
            let next_event = self.queue.peek().map(|s| s.at);
            let alive = (0..self.beings.len()).filter(|i| self.beings[*i].alive && self.beings[*i].ended.is_none());
            let next_room = alive.map(|i| (self.deadlines[i].max(self.now), i)).min();
            match (next_event, next_room) {
                (Some(at), room) if room.is_none_or(|(r, _)| at <= r) && at <= end => {
                    self.now = self.now.max(at);
                    self.burst = self.bursts.then(BTreeSet::new);
                    while let Some(happening) = self.queue.pop() {
                        self.happen(happening.what);
                        if self.burst.is_none() || self.queue.peek().is_none_or(|next| next.at > self.now) {
                            break;
                        }
                    }
                    for who in self.burst.take().into_iter().flatten() {
                        self.carry_out(who);
                    }
                }
                (_, Some((at, who))) if at <= end => {
                    // A room that asks for the very same moment again and again would never let time pass.
                    self.now = at.max(self.now + Duration::from_micros(10));
                    self.input(who, Input::Timeout);
                }
                _ => break,
            }
        }
        self.now = end;
    }

    /// First what is to be kept, then what is to be done.
    fn carry_out(&mut self, who: usize) {
        let kept = self.beings[who].room.take_kept();
        self.beings[who].disk.keep(kept);
        if let Some(after) = self.beings[who].room.wanted_lines() {
            let lines = self.beings[who].disk.outgoing(after);
            self.beings[who].room.handle(self.now, Input::Lines(lines));
            return self.carry_out(who);
        }
        let mut outputs = VecDeque::new();
        while let Some(output) = self.beings[who].room.poll() {
            outputs.push_back(output);
        }
        for output in outputs {
            self.carry(who, output);
        }
        if let Some(deadline) = self.deadlines.get_mut(who) {
            *deadline = self.beings[who].room.deadline();
        }
    }

    fn deliver(&mut self, who: usize, output: Output) {
        match output {
            Output::Transmit { from, to, bytes } => self.transmit(who, from, to, bytes),
            Output::Dial { to: Whereabouts { endpoint, .. }, is_hearsay } => {
                self.dials.push((self.now, who, is_hearsay));
                self.dial(who, endpoint);
            }
            Output::Send { link, purpose, bytes } => {
                let lag = if purpose == Purpose::Control { Duration::ZERO } else { self.chat_lag };
                self.along(who, link, lag, |link| Linked::Message { link, bytes })
            }
            Output::Forward { link, bytes, .. } => {
                self.along(who, link, Duration::ZERO, |link| Linked::Message { link, bytes })
            }
            Output::SendDatagram { link, bytes } => {
                self.along(who, link, Duration::ZERO, |link| Linked::Datagram { link, bytes })
            }
            Output::Close { link } => {
                self.along(who, link, self.chat_lag, |link| Linked::Closed { link });
                self.beings[who].links.remove(&link);
            }
            Output::Frame { member, sequence, frame, .. } => self.shown(who, member, sequence, &frame),
            Output::Dispense { link } => self.beings[who].dispensing = Some(link),
            Output::Vouch { .. } | Output::LetWait { .. } => {}
            Output::Trouble(trouble) => self.beings[who].troubles.push(trouble),
            Output::Layers(rates) => {
                let being = &mut self.beings[who];
                for (index, rate) in rates.iter().enumerate() {
                    being.keyframes[index] |= being.layers[index].is_none() && rate.is_some();
                }
                being.layers = rates;
            }
            Output::Screen(rate) => self.beings[who].screen = rate,
            Output::KeyframeWanted(layer) => {
                let being = &mut self.beings[who];
                being.asked.push((self.now, Stream::Video));
                being.keyframes[layer.index()] = true;
            }
            Output::ScreenKeyframeWanted => {
                let being = &mut self.beings[who];
                being.asked.push((self.now, Stream::Screen));
                being.screen_keyframe = true;
            }
            Output::Voice(settings) => self.beings[who].voice = settings,
            Output::TurnOff => self.turn_off(who),
            Output::Changed(changed) => assert_change_is_plain(&changed.change),
            Output::Event(event) => self.beings[who].events.push(event),
            Output::Over(why) => self.beings[who].ended = Some(why),
        }
    }
}
