//! A session of one profile: the thin shell around its rooms that has links, sockets, devices, the disk and the clock, in
//! one task.

mod calling;
mod changes;
mod door;
mod farewell;
mod figures;
mod handing_on;
#[cfg(feature = "hostile")]
mod hostile;
mod live;
mod network;
mod opening;
mod outputs;
mod remembered;
mod saying;
mod seeker;
mod sharing;
mod shelf;
mod sockets;
mod taking_up;
mod wishes;

use std::{
    collections::{BTreeMap, BTreeSet},
    future::{pending, poll_fn},
    pin::pin,
    sync::mpsc as std_mpsc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use tokio::sync::{mpsc, oneshot};

use crate::{
    api::{CameraChoice, Ended, Event, Help, MicrophoneChoice, NetworkSettings, Reach, RoomId, Settings, Wish},
    events,
    pictures::Pictures,
    rendezvous::clock::ClockDoubt,
    room::{Input, keep::Clock},
    store::Store,
    studio::{self, Pressure, Studio, StudioEvent, Waits},
    wall::Wall,
};
use door::Door;
use figures::Ledger;
use handing_on::Purpose;
use live::Live;
use network::{Turn, poll_network};
use seeker::Seeker;
use shelf::Shelf;

/// Longest datagram that is read; longer ones are none of ours.
const DATAGRAM: usize = 2048;
const FIGURES: Duration = Duration::from_secs(1);
/// How often it is looked whether the window takes its events again.
const AGAIN: Duration = Duration::from_millis(20);
/// How often the rooms' clock is set by the machine's.
const CLOCK: Duration = Duration::from_secs(60);

/// Is told once the session stands still.
pub(crate) type Stiff = std_mpsc::SyncSender<()>;

/// Runs one session until it is stopped. After `stiffen` it does nothing more, and leaves everything as it is.
pub(crate) async fn run(
    settings: Settings,
    store: Option<Store>,
    wishes: mpsc::Receiver<Wish>,
    events: events::Sender,
    pictures: Pictures,
    stiffen: oneshot::Receiver<Stiff>,
    studio: studio::Channel,
) {
    let wake = settings.wake.clone();
    let door = Door::new(events.clone(), wake.clone());
    let mut life = pin!(Session::start(settings, store, pictures, door, studio).live(wishes));
    let ended = tokio::select! {
        biased;
        Ok(stiff) = stiffen => {
            let _ = stiff.try_send(());
            pending().await
        }
        ended = &mut life => ended,
    };
    events.send(Event::Ended(ended));
    wake();
}

struct Session {
    name: String,
    network: NetworkSettings,
    post_quantum: bool,
    shelf: Option<Shelf>,
    rooms: BTreeMap<RoomId, Live>,
    /// Rooms to which something has happened since they were looked after.
    dirty: BTreeSet<RoomId>,
    /// Rooms that were read from the disk again, and when.
    begun_anew: BTreeMap<RoomId, Instant>,
    purposes: BTreeMap<RoomId, Purpose>,
    /// Contacts to be, made for those who came by an invitation for many.
    dispensed: Vec<(RoomId, Instant)>,
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
    /// It has vanished, and is looked for.
    camera_lost: bool,
    microphone_on: bool,
    screen_on: bool,
    pressure: Pressure,
    /// In this call.
    told_overloaded: bool,
    /// How late our own turns came.
    waits: Waits,
    ledger: Ledger,
    reach: Option<Reach>,
    /// Everything that was kept has been told of.
    ready: bool,
    relay: Help,
    /// Somebody's program speaks another version, which was told of.
    told_version: bool,
    clock_doubt: ClockDoubt,
    next_figures: Instant,
    next_sync: Instant,
    next_clock: Instant,
    ended: Option<Ended>,
}

impl Session {
    fn start(
        settings: Settings,
        store: Option<Store>,
        pictures: Pictures,
        door: Door,
        (studio_sender, studio_events): studio::Channel,
    ) -> Self {
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
            post_quantum: settings.post_quantum,
            shelf: store.map(Shelf::new),
            rooms: BTreeMap::new(),
            dirty: BTreeSet::new(),
            begun_anew: BTreeMap::new(),
            purposes: BTreeMap::new(),
            dispensed: Vec::new(),
            camera_on: settings.media.camera != CameraChoice::None,
            camera_lost: false,
            screen_on: false,
            pressure: Pressure::new(now),
            told_overloaded: false,
            waits: Waits::default(),
            microphone_on: settings.media.microphone != MicrophoneChoice::None,
            studio,
            studio_events,
            door,
            calling: None,
            preview: false,
            ledger: Ledger::new(now),
            reach: None,
            ready: false,
            relay: Help::Off,
            told_version: false,
            clock_doubt: ClockDoubt::default(),
            next_figures: now + FIGURES,
            next_sync: now,
            next_clock: now + CLOCK,
            ended: None,
        }
    }

    async fn live(mut self, mut wishes: mpsc::Receiver<Wish>) -> Ended {
        self.use_network().await;
        self.look_at_clock();
        self.tell_own_media();
        if let Some(on) = self.shelf.as_ref().and_then(Shelf::suppress_noise) {
            self.studio.suppress_noise(on);
        }
        self.door.tell(Event::NoiseSuppressed(self.studio.settings.suppress_noise));
        let mut buffer = vec![0; DATAGRAM];
        let mut turn = Turn::default();
        let ended = loop {
            self.settle().await;
            if let Some(ended) = self.ended {
                break ended;
            }
            self.door.flush();
            turn.links_wait = self.door.is_crowded();
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
            if let Some(late) = Instant::now().checked_duration_since(deadline) {
                self.waits.add(late);
            }
            self.tick();
        };
        self.finish().await;
        ended
    }

    fn deadline(&self) -> Instant {
        let mut own = self.next_figures.min(self.next_sync).min(self.next_clock);
        if self.door.is_crowded() {
            own = own.min(Instant::now() + AGAIN);
        }
        let seeker = self.seeker.as_ref().map_or(own, |seeker| seeker.deadline().min(own));
        self.rooms.values().map(Live::deadline).min().map_or(seeker, |rooms| rooms.min(seeker))
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
            self.judge_pressure(now);
        }
        if now >= self.next_sync {
            self.next_sync = now + seeker::SYNC;
            self.sync_seeker(now);
            match self.seeker.as_ref().is_some_and(Seeker::take_ahead) {
                true => self.contradict_clock(),
                false => self.tell_reach(),
            }
        }
        if now >= self.next_clock {
            self.next_clock = now + CLOCK;
            let clock = clock();
            self.input_all(|| Input::Clock(clock));
            self.look_at_clock();
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
}

fn unix_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn clock() -> Clock {
    let local = chrono::Local::now();
    Clock {
        at: Instant::now(),
        unix_ms: local.timestamp_millis(),
        local_minutes: local.offset().local_minus_utc() / 60,
    }
}
