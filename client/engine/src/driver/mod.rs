//! The thin shell around the rooms of one person: links, sockets, devices, the disk and the clock, in one task.

mod calling;
mod figures;
mod links;
mod live;
mod seeker;
mod shelf;
mod sockets;
mod wishes;

use std::{
    collections::{BTreeMap, BTreeSet},
    future::poll_fn,
    net::SocketAddr,
    sync::{Arc, mpsc as std_mpsc},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use media::Stream;
use tokio::sync::mpsc;

use crate::{
    api::{
        Ended, Event, Help, InvitationId, Network, NetworkSettings, OverBecause, Reach, RoomEvent, RoomId, RoomKind,
        Settings, Terms, Trouble, Wish,
    },
    handle::Pictures,
    room::{Input, LinkId, Output, Own, Room, RoomError, keep::Clock, wire::Said},
    store::Store,
    studio::{self, Studio, StudioEvent},
    wall::Wall,
};
use figures::Ledger;
use links::{LinkEvent, RelayState};
use live::{Live, Premises};
use seeker::{Seeker, Sought};
use shelf::Shelf;

/// Longest datagram that is read; longer ones are none of ours.
const DATAGRAM: usize = 2048;
/// Datagrams or link events taken in a row before the other doors are looked at.
const BURST: usize = 64;
const FIGURES: Duration = Duration::from_secs(1);
/// How often the rooms' clock is set by the machine's.
const CLOCK: Duration = Duration::from_secs(60);
/// An invitation that is handed on by a door for many, or brings a contact into a room, is good for so long.
const HANDED_ON: Duration = Duration::from_secs(24 * 3600);

/// Contacts to be that an invitation for many has made and that nobody has entered yet; beyond it bearers are turned away.
const DISPENSED: usize = 16;

/// Runs one person until they stop.
pub(crate) async fn run(
    settings: Settings,
    store: Option<Store>,
    wishes: mpsc::Receiver<Wish>,
    events: std_mpsc::SyncSender<Event>,
    pictures: Pictures,
) {
    let door = Door { events, wake: settings.wake.clone() };
    let ended = Person::start(settings, store, pictures, door.clone()).live(wishes).await;
    door.tell(Event::Ended(ended));
}

/// The way out to the window.
#[derive(Clone)]
struct Door {
    events: std_mpsc::SyncSender<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Door {
    fn tell(&self, event: Event) {
        if self.events.try_send(event).is_err() {
            tracing::warn!("the window does not take its events; one is dropped");
        }
        (self.wake)();
    }

    fn room(&self, room: RoomId, what: RoomEvent) {
        self.tell(Event::Room { room, what });
    }
}

/// What an invitation that a room is about to make is for.
enum Purpose {
    /// To be sent to this contact.
    Bring { contact: RoomId },
    /// For the one on this link at the door for many.
    Dispense { door: RoomId, link: LinkId },
}

struct Person {
    name: String,
    network: NetworkSettings,
    shelf: Option<Shelf>,
    rooms: BTreeMap<RoomId, Live>,
    /// Rooms to which something has happened since they were looked after.
    dirty: BTreeSet<RoomId>,
    purposes: BTreeMap<RoomId, Purpose>,
    /// Contacts to be, made for those who came by an invitation for many.
    dispensed: Vec<RoomId>,
    seeker: Option<Seeker>,
    /// Around the networks that the machine was on when it was looked at last.
    wall: Option<Wall>,
    studio: Studio,
    studio_events: mpsc::Receiver<StudioEvent>,
    door: Door,
    /// Whose call has the devices.
    calling: Option<RoomId>,
    preview: bool,
    camera_on: bool,
    microphone_on: bool,
    ledger: Ledger,
    reach: Option<Reach>,
    /// Everything that was kept has been told of.
    ready: bool,
    relay: Help,
    next_figures: Instant,
    next_sync: Instant,
    next_clock: Instant,
    ended: Option<Ended>,
}

impl Person {
    fn start(settings: Settings, store: Option<Store>, pictures: Pictures, door: Door) -> Self {
        let (studio_sender, studio_events) = mpsc::channel(studio::EVENTS);
        let mut seed = [0; 4];
        // A seed tells test cards apart; without randomness they look alike, no more.
        let _ = aws_lc_rs::rand::fill(&mut seed);
        let studio = Studio::open(settings.media.clone(), u32::from_be_bytes(seed), studio_sender, pictures);
        let now = Instant::now();
        Self {
            name: settings.name,
            seeker: None,
            wall: None,
            network: settings.network,
            shelf: store.map(Shelf::new),
            rooms: BTreeMap::new(),
            dirty: BTreeSet::new(),
            purposes: BTreeMap::new(),
            dispensed: Vec::new(),
            camera_on: settings.media.camera != crate::api::CameraChoice::None,
            microphone_on: settings.media.microphone != crate::api::MicrophoneChoice::None,
            studio,
            studio_events,
            door,
            calling: None,
            preview: false,
            ledger: Ledger::new(now),
            reach: None,
            ready: false,
            relay: Help::Off,
            next_figures: now + FIGURES,
            next_sync: now,
            next_clock: now + CLOCK,
            ended: None,
        }
    }

    async fn live(mut self, mut wishes: mpsc::Receiver<Wish>) -> Ended {
        self.use_network().await;
        self.tell_own_media();
        let mut buffer = vec![0; DATAGRAM];
        let mut turn = 0;
        let ended = loop {
            self.settle().await;
            if let Some(ended) = self.ended {
                break ended;
            }
            let deadline = self.deadline();
            tokio::select! {
                arrived = poll_fn(|cx| poll_network(&mut self.rooms, self.calling, &mut turn, cx, &mut buffer)) => {
                    self.arrived(arrived, &buffer).await;
                    self.burst(&mut turn, &mut buffer).await;
                }
                Some(event) = self.studio_events.recv() => self.studio_event(event),
                wish = wishes.recv() => self.wish(wish.unwrap_or(Wish::Stop)).await,
                sought = seeker::next(&mut self.seeker) => self.sought(sought),
                () = tokio::time::sleep_until(deadline.into()) => {}
            }
            self.tick();
        };
        self.finish().await;
        ended
    }

    fn deadline(&self) -> Instant {
        let own = self.next_figures.min(self.next_sync).min(self.next_clock);
        let seeker = self.seeker.as_ref().map_or(own, |seeker| seeker.deadline().min(own));
        self.rooms.values().map(Live::deadline).min().map_or(seeker, |rooms| rooms.min(seeker))
    }

    /// Takes what else has arrived already, so that a burst costs one turn of the loop, and one write of the disk.
    async fn burst(&mut self, turn: &mut usize, buffer: &mut [u8]) {
        for _ in 0..BURST {
            let next = poll_fn(|cx| Poll::Ready(poll_network(&mut self.rooms, self.calling, turn, cx, buffer))).await;
            let Poll::Ready(arrived) = next else {
                break;
            };
            self.arrived(arrived, buffer).await;
        }
    }

    async fn arrived(&mut self, arrived: Arrived, buffer: &[u8]) {
        match arrived {
            Arrived::Datagram { room, length, from, to } => {
                self.input(room, Input::Datagram { from, to, bytes: &buffer[..length] });
            }
            Arrived::Link { room, event } => self.link_event(room, event).await,
        }
    }

    fn input(&mut self, room: RoomId, input: Input<'_>) {
        if let Some(live) = self.rooms.get_mut(&room) {
            live.room.handle(Instant::now(), input);
            self.dirty.insert(room);
        }
    }

    fn input_all(&mut self, input: impl Fn() -> Input<'static>) {
        let rooms: Vec<_> = self.rooms.keys().copied().collect();
        for room in rooms {
            self.input(room, input());
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        for (room, live) in &mut self.rooms {
            if live.deadline() <= now {
                if live.room.deadline() <= now {
                    live.room.handle(now, Input::Timeout);
                }
                self.dirty.insert(*room);
            }
        }
        if now >= self.next_figures {
            self.next_figures = now + FIGURES;
            self.tell_figures(now);
        }
        if now >= self.next_sync {
            self.next_sync = now + seeker::SYNC;
            self.sync_seeker(now);
            self.tell_reach();
        }
        if now >= self.next_clock {
            self.next_clock = now + CLOCK;
            let clock = clock();
            self.input_all(|| Input::Clock(clock));
        }
        if let Some(seeker) = &mut self.seeker {
            seeker.work(now);
        }
    }

    fn tell_figures(&mut self, now: Instant) {
        if let Some(live) = self.calling.and_then(|room| self.rooms.get(&room)) {
            self.ledger.update(&live.room, &self.studio, &self.name);
            self.door.tell(Event::Figures(self.ledger.stats(now)));
        }
    }

    fn sync_seeker(&mut self, now: Instant) {
        if let Some(seeker) = &mut self.seeker {
            let settled = self.rooms.iter().filter(|(_, live)| live.is_settled(now));
            let pairs = settled.flat_map(|(id, live)| {
                let at = live.links.whereabouts();
                live.room.pairs().into_iter().map(move |pair| (*id, pair, at.clone()))
            });
            seeker.sync(now, pairs);
        }
    }

    fn sought(&mut self, sought: Sought) {
        match sought {
            Sought::Found { room, whom, at } => self.input(room, Input::Found { whom, at }),
            Sought::Health => self.tell_reach(),
        }
    }

    fn tell_reach(&mut self) {
        let wall = Wall::new(self.network.network);
        let (dht, lan) = self.seeker.as_ref().map_or((Help::Off, false), |seeker| (seeker.dht(), seeker.lan()));
        let relay = if self.network.relays.is_empty() { Help::Off } else { self.relay };
        let offline = self.network.network != Network::Local && wall.is_alone();
        let reach = Reach { offline, dht, relay, lan };
        if self.ready && self.reach != Some(reach) {
            self.reach = Some(reach);
            self.door.tell(Event::Reach(reach));
        }
    }

    /// Keeps what rooms want kept, then does what they want done, until nothing is left.
    async fn settle(&mut self) {
        // Rooms make each other dirty at most once or twice; what goes on for longer gets its turn in the loop.
        for _ in 0..8 {
            let dirty = std::mem::take(&mut self.dirty);
            if dirty.is_empty() {
                break;
            }
            for room in dirty {
                self.keep(room);
                self.carry_out(room).await;
            }
        }
    }

    fn keep(&mut self, id: RoomId) {
        let now = Instant::now();
        let Some(live) = self.rooms.get_mut(&id) else {
            return;
        };
        if live.try_again.is_some_and(|at| now < at) {
            return;
        }
        let kept = live.take_kept();
        let Some(shelf) = self.shelf.as_mut().filter(|_| !kept.is_empty()) else {
            return live.kept();
        };
        match tokio::task::block_in_place(|| shelf.keep(id, &kept)) {
            Ok(()) => {
                live.was_kept = true;
                live.kept();
            }
            Err(why) => {
                tracing::error!(%why, "the store refused a write");
                if live.try_again.is_none() {
                    self.door.tell(Event::Trouble(Trouble::StoreRefused));
                }
                live.refused(now, kept);
            }
        }
    }

    /// Does what the room wants done.
    async fn carry_out(&mut self, id: RoomId) {
        loop {
            // What was just done may have made the room say more: that is kept first, too.
            if self.dirty.remove(&id) {
                self.keep(id);
            }
            let Some(live) = self.rooms.get_mut(&id) else {
                return;
            };
            let Some(output) = live.poll() else {
                break;
            };
            match output {
                Output::Transmit { from, to, bytes } => {
                    if let Some(sockets) = &mut live.sockets {
                        sockets.send(from, to, &bytes);
                    }
                }
                Output::SendDatagram { link, bytes } => live.links.send_datagram(link, bytes),
                Output::Frame { member, sequence, timestamp, frame } => match frame.stream {
                    Stream::Audio => self.studio.playing.packet(member, sequence, timestamp, frame),
                    Stream::Video => {
                        if !self.studio.screen.frame(member, frame) {
                            self.input(id, Input::PictureBroken(member));
                        }
                    }
                },
                Output::KeyframeWanted => self.studio.keyframe(),
                Output::Dial(to) => live.links.dial(to),
                Output::Send { link, bytes } => live.links.send(link, bytes),
                Output::Vouch { link } => live.links.vouch(link),
                Output::Close { link } => live.links.close(link),
                Output::Dispense { link } => self.dispense(id, link).await,
                Output::Event(event) => self.happened(id, event).await,
                Output::Trouble(trouble) => self.door.tell(Event::Trouble(trouble)),
                Output::Over(why) => return self.over(id, why).await,
            }
        }
        if let Some(live) = self.rooms.get_mut(&id) {
            if let (Some(after), Some(shelf)) = (live.room.wanted_lines(), &self.shelf) {
                match tokio::task::block_in_place(|| shelf.outgoing(id, after)) {
                    Ok(lines) => self.input(id, Input::Lines(lines)),
                    Err(why) => tracing::error!(%why, "the outbox cannot be read"),
                }
            } else if live.holds_too_much() {
                tracing::error!("the disk refuses for too long; a room begins anew");
                self.begin_anew(id).await;
            }
        }
    }

    async fn link_event(&mut self, id: RoomId, event: LinkEvent) {
        let Some(live) = self.rooms.get_mut(&id) else {
            return;
        };
        match event {
            LinkEvent::Opened { link, endpoint, dialled, writer } => {
                live.links.opened(link, writer);
                self.input(id, Input::LinkOpened { link, endpoint, dialled });
            }
            LinkEvent::Message { link, bytes } => self.input(id, Input::LinkMessage { link, bytes }),
            LinkEvent::Datagram { link, bytes } => self.input(id, Input::LinkDatagram { link, bytes }),
            LinkEvent::Closed { link } => {
                live.links.close(link);
                self.input(id, Input::LinkClosed { link });
            }
            LinkEvent::DialFailed { endpoint } => self.input(id, Input::DialFailed { endpoint }),
            LinkEvent::Route { link, route } => {
                self.input(id, Input::LinkRoute { link, route });
            }
            LinkEvent::Whereabouts => self.moved(id).await,
            LinkEvent::Relay(state) => {
                if state != RelayState::Connecting {
                    live.settle();
                    self.next_sync = Instant::now();
                }
                if state == RelayState::Connected {
                    // Whoever can be reached by relay only is worth a dial now.
                    self.input(id, Input::NetworkChanged);
                }
                self.relay = match state {
                    RelayState::Connecting => Help::Trying,
                    RelayState::Connected => Help::Works,
                    RelayState::Unreachable => Help::Unreachable,
                };
                self.tell_reach();
            }
        }
    }

    /// A room's links are elsewhere, because the machine is.
    async fn moved(&mut self, id: RoomId) {
        let Some(live) = self.rooms.get_mut(&id) else {
            return;
        };
        let at = live.links.whereabouts();
        let wall = live.links.wall();
        self.input(id, Input::Moved { at, wall });
        self.input(id, Input::NetworkChanged);
        if self.calling == Some(id)
            && let Some(live) = self.rooms.get_mut(&id)
        {
            live.open_sockets(Instant::now()).await;
        }
        let wall = Wall::new(self.network.network);
        // A relay that answered is no other network.
        if self.wall.as_ref().is_none_or(|former| *former != wall) {
            if let Some(seeker) = &mut self.seeker {
                seeker.moved(Instant::now(), &wall);
            }
            self.wall = Some(wall);
        }
        self.next_sync = Instant::now();
        self.tell_reach();
        // The call's links may not have looked yet.
        if let Some(live) = self.calling.filter(|call| *call != id).and_then(|call| self.rooms.get_mut(&call)) {
            live.links.network_changed();
        }
    }

    /// A new room, or one that is gone on with.
    ///
    /// `with_call`: its call begins at once, and needs sockets.
    async fn open(&mut self, id: RoomId, with_call: bool, room: impl FnOnce(Own) -> Result<Room, RoomError>) -> bool {
        let searches = self.seeker.is_some();
        let mut premises = match Premises::open(&self.network, &self.name, clock(), searches).await {
            Ok(premises) => premises,
            Err(why) => {
                tracing::error!(kind = ?why.kind(), "a room has no way to the network");
                return false;
            }
        };
        premises.streams(self.camera_on, self.microphone_on);
        match Live::new(premises, &self.network, with_call, room).await {
            Ok(live) => {
                self.rooms.insert(id, live);
                self.dirty.insert(id);
                self.next_sync = Instant::now();
                true
            }
            Err(why) => {
                tracing::error!(%why, "a room could not be begun");
                false
            }
        }
    }

    /// Reads a room from the disk again, as after a crash.
    async fn begin_anew(&mut self, id: RoomId) {
        if let Some(live) = self.rooms.remove(&id) {
            self.end_call(id).await;
            live.links.shut_down().await;
        }
        let stored = self.shelf.as_mut().and_then(|shelf| shelf.rooms().ok()).unwrap_or_default();
        let opened = match stored.into_iter().find(|(room, _)| *room == id) {
            Some((_, stored)) => self.open(id, false, |own| Room::restore(Instant::now(), own, stored)).await,
            None => false,
        };
        if !opened {
            self.door.room(id, RoomEvent::Over(OverBecause::Failed));
        }
    }

    /// Somebody at the door for many: a contact and an invitation for them alone.
    async fn dispense(&mut self, door: RoomId, link: LinkId) {
        let id = new_room_id();
        let title = self.name.clone();
        let unentered = |live: &Live| live.room.summary().is_some_and(|summary| summary.names.len() == 1);
        self.dispensed.retain(|id| self.rooms.get(id).is_some_and(unentered));
        if self.dispensed.len() >= DISPENSED {
            tracing::warn!("too many took an invitation for many and never came; one is turned away");
            return;
        }
        self.dispensed.push(id);
        if self.shelf.is_some()
            && self.open(id, false, |own| Room::found(Instant::now(), own, RoomKind::Contact, title)).await
        {
            self.purposes.insert(id, Purpose::Dispense { door, link });
            self.input(id, Input::Invite(Terms { many: false, valid: Some(HANDED_ON), waiting_room: false }));
        }
    }

    async fn finish(mut self) {
        let known = self.seeker.as_ref().map(Seeker::known_nodes).unwrap_or_default();
        if let Some(shelf) = self.shelf.as_mut().filter(|_| !known.is_empty())
            && let Err(why) = tokio::task::block_in_place(|| shelf.keep_dht_nodes(&known))
        {
            tracing::warn!(%why, "the DHT's nodes could not be kept");
        }
        let rooms: Vec<_> = self.rooms.keys().copied().collect();
        for id in rooms {
            // Kept rooms are only away for a while; nobody is told that we left them for good.
            let kind = self.rooms.get(&id).and_then(|live| live.room.kind());
            let farewell = if kind == Some(RoomKind::Ephemeral) { Input::Leave } else { Input::Rest };
            self.input(id, farewell);
            self.keep(id);
            if let Some(live) = self.rooms.get_mut(&id) {
                while let Some(output) = live.poll() {
                    match output {
                        Output::Send { link, bytes } => live.links.send(link, bytes),
                        Output::Close { link } => live.links.close(link),
                        Output::Event(event) => self.door.room(id, event),
                        _ => {}
                    }
                }
            }
        }
        // Joining threads that may still write to a slow disk must not keep other people's engines waiting.
        tokio::task::block_in_place(|| self.studio.stop());
        if let Some(live) = self.calling.and_then(|room| self.rooms.get(&room)) {
            self.ledger.update(&live.room, &self.studio, &self.name);
        }
        if self.ledger.has_begun() {
            self.door.tell(Event::Figures(self.ledger.stats(Instant::now())));
        }
        let farewells: Vec<_> = self.rooms.into_values().map(|live| tokio::spawn(live.links.shut_down())).collect();
        for farewell in farewells {
            let _ = farewell.await;
        }
    }
}

/// What comes from the network.
enum Arrived {
    /// For the call, in the buffer.
    Datagram {
        room: RoomId,
        length: usize,
        from: SocketAddr,
        to: SocketAddr,
    },
    Link {
        room: RoomId,
        event: LinkEvent,
    },
}

/// The next datagram of the call, or the next event of any room's links, each room in its turn.
fn poll_network(
    rooms: &mut BTreeMap<RoomId, Live>,
    calling: Option<RoomId>,
    turn: &mut usize,
    cx: &mut Context<'_>,
    buffer: &mut [u8],
) -> Poll<Arrived> {
    if let Some(room) = calling
        && let Some(sockets) = rooms.get(&room).and_then(|live| live.sockets.as_ref())
        && let Poll::Ready((length, from, to)) = sockets.poll_receive(cx, buffer)
    {
        return Poll::Ready(Arrived::Datagram { room, length, from, to });
    }
    *turn = (*turn + 1) % rooms.len().max(1);
    let mut ready = |(id, live): (&RoomId, &mut Live)| match live.poll_link_event(cx) {
        Poll::Ready(Some(event)) => Some(Arrived::Link { room: *id, event }),
        _ => None,
    };
    let first = *turn;
    let behind = rooms.iter_mut().skip(first).find_map(&mut ready);
    match behind.or_else(|| rooms.iter_mut().take(first).find_map(&mut ready)) {
        Some(arrived) => Poll::Ready(arrived),
        None => Poll::Pending,
    }
}

fn new_room_id() -> RoomId {
    // Without randomness there would be no keys either, and no room to name.
    let mut id = [0; 16];
    let _ = aws_lc_rs::rand::fill(&mut id);
    RoomId(id)
}

fn clock() -> Clock {
    let local = chrono::Local::now();
    Clock {
        at: Instant::now(),
        unix_ms: local.timestamp_millis(),
        local_minutes: local.offset().local_minus_utc() / 60,
    }
}

/// What the invitation was made for, if it was not for the person to hand out.
type Made = (InvitationId, crate::invitation::Invitation);

impl Person {
    /// Passes on what a room tells, and follows it with devices, figures and what else hangs on it.
    async fn happened(&mut self, id: RoomId, event: RoomEvent) {
        match &event {
            RoomEvent::InvitationReady { id: invitation_id, invitation, .. } => {
                if self.purposes.contains_key(&id) {
                    return self.invitation_made(id, (*invitation_id, invitation.clone()));
                }
            }
            RoomEvent::InvitationOver { .. } => self.forget_if_empty(id).await,
            _ => self.follow_call(id, &event).await,
        }
        self.door.room(id, event);
    }

    fn invitation_made(&mut self, id: RoomId, (_, invitation): Made) {
        match self.purposes.remove(&id) {
            Some(Purpose::Dispense { door, link }) => self.input(door, Input::Dispensed { link, invitation }),
            Some(Purpose::Bring { contact }) => {
                let title =
                    self.rooms.get(&id).and_then(|live| live.room.summary()).map_or_else(String::new, |s| s.title);
                self.input(contact, Input::Say(Said::Invitation { title, link: invitation.to_string() }));
            }
            None => {}
        }
    }

    /// A contact to be whose invitation is over will never be one.
    async fn forget_if_empty(&mut self, id: RoomId) {
        let is_empty = self.rooms.get(&id).is_some_and(|live| {
            live.room.kind() == Some(RoomKind::Contact) && live.room.pairs().is_empty() && live.room.is_alone()
        });
        if is_empty {
            self.input(id, Input::Leave);
        }
    }
}
