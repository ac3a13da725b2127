//! The thin shell around a room: sockets, links, devices and the clock of one person, in one task.

mod figures;
mod links;
mod sockets;

use std::{
    future::poll_fn,
    sync::{Arc, mpsc as std_mpsc},
    time::{Duration, Instant},
};

use group_crypto::Card;
use media::{Stream, transport::Certificate};
use tokio::sync::mpsc;

use crate::{
    api::{CameraChoice, EndedBecause, Event, MicrophoneChoice, Settings, Trouble, Wish},
    handle::Pictures,
    room::{Input, Output, Own, Room, RoomError},
    studio::{self, Studio, StudioEvent},
    wall::Wall,
};
use figures::Ledger;
use links::{LinkEvent, Links};
use sockets::Sockets;

/// Link events that wait for the room. Links are read no faster than the room takes them.
const LINK_EVENTS: usize = 256;
/// Longest datagram that is read; longer ones are none of ours.
const DATAGRAM: usize = 2048;
/// Datagrams taken in a row before the other doors are looked at.
const BURST: usize = 64;
const FIGURES: Duration = Duration::from_secs(1);

/// Runs one person until they leave.
pub(crate) async fn run(
    settings: Settings,
    wishes: mpsc::Receiver<Wish>,
    events: std_mpsc::SyncSender<Event>,
    pictures: Pictures,
) {
    let door = Door { events, wake: settings.wake.clone() };
    let why = match Person::start(settings, pictures, door.clone()).await {
        Some(person) => person.live(wishes).await,
        None => EndedBecause::Failed,
    };
    door.tell(Event::Ended(why));
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
}

struct Person {
    settings: Settings,
    wall: Wall,
    sockets: Sockets,
    links: Links,
    link_events: mpsc::Receiver<LinkEvent>,
    studio: Studio,
    studio_events: mpsc::Receiver<StudioEvent>,
    certificate: Certificate,
    door: Door,
    room: Option<Room>,
    ledger: Ledger,
    camera_on: bool,
    microphone_on: bool,
    next_figures: Instant,
}

impl Person {
    async fn start(settings: Settings, pictures: Pictures, door: Door) -> Option<Self> {
        let wall = Wall::new(settings.network);
        let (link_sender, link_events) = mpsc::channel(LINK_EVENTS);
        let sockets = Sockets::bind(wall.clone()).await;
        let links = Links::bind(wall.clone(), link_sender).await;
        let certificate = Certificate::generate();
        let (Ok(sockets), Ok(links), Ok(certificate)) = (sockets, links, certificate) else {
            tracing::error!("no socket could be opened");
            return None;
        };
        let (studio_sender, studio_events) = mpsc::channel(studio::EVENTS);
        let id = links.id();
        let seed = u32::from_be_bytes([id[0], id[1], id[2], id[3]]);
        let studio = Studio::open(settings.media.clone(), seed, studio_sender, pictures);
        Some(Self {
            camera_on: settings.media.camera != CameraChoice::None,
            microphone_on: settings.media.microphone != MicrophoneChoice::None,
            settings,
            wall,
            sockets,
            links,
            link_events,
            studio,
            studio_events,
            certificate,
            door,
            room: None,
            ledger: Ledger::new(Instant::now()),
            next_figures: Instant::now() + FIGURES,
        })
    }

    async fn live(mut self, mut wishes: mpsc::Receiver<Wish>) -> EndedBecause {
        self.tell_own_media();
        let mut buffer = vec![0; DATAGRAM];
        let ended = loop {
            if let Some(why) = self.carry_out() {
                break why;
            }
            let deadline = self.room.as_ref().map_or(self.next_figures, |r| r.deadline().min(self.next_figures));
            tokio::select! {
                (length, from, to) = poll_fn(|cx| self.sockets.poll_receive(cx, &mut buffer)) => {
                    self.received(&buffer[..length], from, to);
                    self.receive_burst(&mut buffer).await;
                }
                Some(event) = self.studio_events.recv() => self.studio_event(event),
                Some(event) = self.link_events.recv() => self.link_event(event),
                wish = wishes.recv() => {
                    if let Some(why) = self.wish(wish.unwrap_or(Wish::Leave)) {
                        break why;
                    }
                }
                () = tokio::time::sleep_until(deadline.into()) => {}
            }
            self.tick();
        };
        self.finish().await;
        ended
    }

    /// Takes what else has arrived already, so that a burst costs one turn of the loop.
    async fn receive_burst(&mut self, buffer: &mut [u8]) {
        for _ in 0..BURST {
            let next = poll_fn(|cx| std::task::Poll::Ready(self.sockets.poll_receive(cx, buffer))).await;
            let std::task::Poll::Ready((length, from, to)) = next else {
                break;
            };
            self.received(&buffer[..length], from, to);
        }
    }

    fn received(&mut self, bytes: &[u8], from: std::net::SocketAddr, to: std::net::SocketAddr) {
        self.input(Input::Datagram { from, to, bytes });
    }

    fn input(&mut self, input: Input<'_>) {
        if let Some(room) = &mut self.room {
            room.handle(Instant::now(), input);
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        if let Some(room) = &mut self.room
            && room.deadline() <= now
        {
            room.handle(now, Input::Timeout);
        }
        if now >= self.next_figures {
            self.next_figures = now + FIGURES;
            self.tell_figures(now);
        }
    }

    fn tell_figures(&mut self, now: Instant) {
        if let Some(room) = &self.room {
            self.ledger.update(room, &self.studio, &self.settings.name);
            self.door.tell(Event::Figures(self.ledger.stats(now)));
        }
    }

    /// Does what the room wants done.
    fn carry_out(&mut self) -> Option<EndedBecause> {
        while let Some(output) = self.room.as_mut()?.poll() {
            match output {
                Output::Transmit { from, to, bytes } => self.sockets.send(from, to, &bytes),
                Output::Frame { member, sequence, timestamp, frame } => match frame.stream {
                    Stream::Audio => self.studio.playing.packet(member, sequence, timestamp, frame),
                    Stream::Video => {
                        if !self.studio.screen.frame(member, frame) {
                            self.input(Input::PictureBroken(member));
                        }
                    }
                },
                Output::KeyframeWanted => self.studio.keyframe(),
                Output::Dial { endpoint, addresses } => self.links.dial(endpoint, addresses),
                Output::Send { link, bytes } => self.links.send(link, bytes),
                Output::Close { link } => self.links.close(link),
                Output::Event(event) => self.happened(event),
                Output::Ended(why) => return Some(why),
            }
        }
        None
    }

    /// Follows with devices and figures what the room tells the window.
    fn happened(&mut self, event: Event) {
        match &event {
            Event::Entered { .. } => {
                self.studio.enter_room();
                self.ledger.entered(Instant::now());
            }
            Event::Joined { member, name } => {
                tokio::task::block_in_place(|| {
                    self.studio.screen.add(*member, name.clone());
                    self.studio.playing.add(*member, name.clone());
                });
            }
            Event::Left { member, .. } => {
                tokio::task::block_in_place(|| {
                    self.studio.screen.remove(*member);
                    self.studio.playing.remove(*member);
                });
            }
            Event::Changed { member, state } if !state.camera_on => self.studio.screen.pause(*member),
            _ => {}
        }
        self.door.tell(event);
    }

    fn link_event(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Opened { link, endpoint, dialled, writer } => {
                self.links.opened(link, writer);
                if self.room.is_none() {
                    self.links.close(link);
                }
                self.input(Input::LinkOpened { link, endpoint, dialled });
            }
            LinkEvent::Message { link, bytes } => self.input(Input::LinkMessage { link, bytes }),
            LinkEvent::Closed { link } => {
                self.links.close(link);
                self.input(Input::LinkClosed { link });
            }
            LinkEvent::DialFailed { endpoint } => self.input(Input::DialFailed { endpoint }),
        }
    }

    fn studio_event(&mut self, event: StudioEvent) {
        match event {
            StudioEvent::Frame(frame) => {
                let on = match frame.stream {
                    Stream::Audio => self.microphone_on,
                    Stream::Video => self.camera_on,
                };
                // A frame under way when its stream was turned off must not leave any more.
                if on {
                    self.input(Input::Frame(frame));
                }
            }
            StudioEvent::PictureBroken(member) => self.input(Input::PictureBroken(member)),
            StudioEvent::FirstPicture(member) => self.input(Input::FirstPicture(member)),
            StudioEvent::Speaking { member, speaking } => self.input(Input::Speaking { member, speaking }),
            StudioEvent::MicrophoneLevel { level, speaking } => {
                self.door.tell(Event::MicrophoneLevel { level, speaking: speaking && self.microphone_on });
            }
            StudioEvent::Trouble(trouble) => self.trouble(trouble),
        }
    }

    fn trouble(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::CameraLost | Trouble::CameraUnusable | Trouble::CameraClipUnreadable => self.camera(false),
            Trouble::MicrophoneLost | Trouble::MicrophoneUnusable | Trouble::MicrophoneClipUnreadable => {
                // Its thread has ended: unmuting begins anew.
                self.studio.microphone = None;
                self.microphone(false);
            }
            _ => {}
        }
        self.door.tell(Event::Trouble(trouble));
    }

    fn wish(&mut self, wish: Wish) -> Option<EndedBecause> {
        match wish {
            Wish::Create { title } if self.room.is_none() => {
                let room = Room::create(Instant::now(), self.own(), title);
                return self.begin(room);
            }
            Wish::Join { invitation } if self.room.is_none() => {
                let room = Room::join(Instant::now(), self.own(), invitation);
                return self.begin(room);
            }
            Wish::Create { .. } | Wish::Join { .. } => {}
            Wish::Invite => self.input(Input::Invite),
            Wish::UseCamera(choice) => {
                let on = choice != CameraChoice::None;
                self.studio.choose_camera(choice);
                self.camera_on = on;
                self.tell_own_media();
            }
            Wish::UseMicrophone(choice) => {
                let on = choice != MicrophoneChoice::None;
                self.studio.choose_microphone(choice);
                self.microphone_on = on;
                self.tell_own_media();
            }
            Wish::UseSpeaker(choice) => tokio::task::block_in_place(|| self.studio.choose_speaker(choice)),
            Wish::CameraOn(on) => self.camera(on),
            Wish::MicrophoneOn(on) => self.microphone(on),
            Wish::Say(text) => self.input(Input::Say(text)),
            Wish::Remove(member) => self.input(Input::Remove(member)),
            Wish::Place { member, x } => self.studio.playing.place(member, x),
            Wish::Leave if self.room.is_none() => return Some(EndedBecause::Left),
            Wish::Leave => self.input(Input::Leave),
        }
        None
    }

    fn begin(&mut self, room: Result<Room, RoomError>) -> Option<EndedBecause> {
        match room {
            Ok(room) => {
                self.room = Some(room);
                None
            }
            Err(why) => {
                tracing::error!(%why, "the room could not be begun");
                Some(EndedBecause::Failed)
            }
        }
    }

    fn own(&self) -> Own {
        Own {
            card: Card {
                name: self.settings.name.clone(),
                endpoint: self.links.id(),
                fingerprint: self.certificate.fingerprint().0,
                addresses: self.links.addresses(),
            },
            certificate: self.certificate.clone(),
            sockets: self.sockets.addresses(),
            wall: self.wall.clone(),
            camera_on: self.camera_on,
            microphone_on: self.microphone_on,
        }
    }

    fn camera(&mut self, on: bool) {
        self.camera_on = on && self.studio.settings.camera != CameraChoice::None;
        self.studio.use_camera(self.camera_on);
        self.tell_own_media();
    }

    fn microphone(&mut self, on: bool) {
        self.microphone_on = on && self.studio.settings.microphone != MicrophoneChoice::None;
        self.studio.use_microphone(self.microphone_on);
        self.tell_own_media();
    }

    fn tell_own_media(&mut self) {
        let (camera_on, microphone_on) = (self.camera_on, self.microphone_on);
        self.input(Input::Streams { camera_on, microphone_on });
        self.door.tell(Event::OwnMedia { camera_on, microphone_on });
    }

    /// Delivers the goodbyes, finishes the recordings, tells the last figures.
    async fn finish(mut self) {
        while let Some(output) = self.room.as_mut().and_then(Room::poll) {
            match output {
                Output::Send { link, bytes } => self.links.send(link, bytes),
                Output::Close { link } => self.links.close(link),
                _ => {}
            }
        }
        // Joining threads that may still write to a slow disk must not keep other people's engines waiting.
        tokio::task::block_in_place(|| self.studio.stop());
        if let Some(room) = &self.room {
            self.ledger.update(room, &self.studio, &self.settings.name);
            self.door.tell(Event::Figures(self.ledger.stats(Instant::now())));
        }
        self.links.shut_down().await;
    }
}
