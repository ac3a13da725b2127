//! One room that runs: its state machine with links, sockets and keys of its own, which nothing else of ours shares.

use std::{
    collections::VecDeque,
    io,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use group_crypto::{MemberId, RunId};
use media::{Ladder, transport::Certificate};
use tokio::sync::mpsc;

use super::{remembered::Remembered, sockets::Sockets};
use crate::{
    api::{NetworkSettings, RoomId},
    links::{LinkEvent, LinkSettings, Links},
    room::{
        Input, Output, Own, Room, RoomError,
        keep::{Clock, Keep},
        wire::Abilities,
    },
    wall::Wall,
};

/// Link events that wait for the room. Links are read no faster than the room takes them.
const LINK_EVENTS: usize = 256;
/// Outputs that wait for a disk that refuses to write; beyond it the room begins anew from what the disk has.
const WAITING: usize = 4096;
/// A write that was refused is tried again after this.
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// What a room needs that is not made yet.
pub(super) struct Premises {
    links: Links,
    events: mpsc::Receiver<LinkEvent>,
    own: Own,
}

impl Premises {
    pub async fn open(
        settings: &NetworkSettings,
        name: &str,
        clock: Clock,
        searches: bool,
        post_quantum: bool,
        ladder: Ladder,
        screen_kbps: u32,
    ) -> io::Result<Self> {
        let wall = Wall::new(settings.network);
        let (sender, events) = mpsc::channel(LINK_EVENTS);
        let link_settings = LinkSettings {
            wall: wall.clone(),
            relays: settings.relays.clone(),
            relay_ca: settings.relay_ca.clone(),
            hide_address: settings.hide_address,
        };
        let mut key = [0; 32];
        aws_lc_rs::rand::fill(&mut key).map_err(io::Error::other)?;
        let links = Links::bind(link_settings, key, sender).await?;
        let certificate = Certificate::generate().map_err(io::Error::other)?;
        let own = Own {
            name: name.to_owned(),
            run: RunId::generate(),
            at: links.whereabouts(),
            certificate,
            sockets: Vec::new(),
            wall,
            camera_on: false,
            microphone_on: false,
            screen_on: false,
            clock,
            searches,
            post_quantum,
            ladder,
            screen_kbps,
            abilities: Abilities::ours(),
        };
        Ok(Self { links, events, own })
    }

    pub fn streams(&mut self, camera_on: bool, microphone_on: bool) {
        (self.own.camera_on, self.own.microphone_on) = (camera_on, microphone_on);
    }
}

/// How far we are with an invitation that leads to a room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// We are in, or found or kept the room.
    None,
    Sought,
    /// We were let in beside ourselves, and leave again.
    Needless {
        member_of: RoomId,
    },
}

pub(super) struct Live {
    pub room: Room,
    pub admission: Admission,
    pub links: Links,
    events: mpsc::Receiver<LinkEvent>,
    /// The call's, while there is one.
    pub sockets: Option<Sockets>,
    wall: Wall,
    hides: bool,
    /// Of a room that is not kept.
    pub remembered: Remembered,
    /// Something of it is on the disk.
    pub was_kept: bool,
    /// Refused by the disk, to be tried again before anything else leaves.
    unkept: Vec<Keep>,
    held: VecDeque<Output>,
    pub try_again: Option<Instant>,
    /// It contradicts what the disk has of it.
    pub must_begin_anew: bool,
    /// Whether the links' whereabouts are worth to be published, or when they will be at the latest.
    settled: Option<Instant>,
}

/// A relay that is set but does not answer holds up nobody's being found for longer.
const SETTLING: Duration = Duration::from_secs(4);

impl Live {
    pub async fn new(
        premises: Premises,
        settings: &NetworkSettings,
        with_call: bool,
        room: impl FnOnce(Own) -> Result<Room, RoomError>,
    ) -> Result<Self, RoomError> {
        let Premises { links, events, mut own } = premises;
        let wall = own.wall.clone();
        let sockets = if with_call { sockets(&wall, settings.hide_address).await } else { None };
        own.sockets = sockets.as_ref().map(Sockets::addresses).unwrap_or_default();
        let settled = (!settings.relays.is_empty()).then(|| Instant::now() + SETTLING);
        Ok(Self {
            room: room(own)?,
            admission: Admission::None,
            links,
            events,
            sockets,
            wall,
            hides: settings.hide_address,
            settled,
            remembered: Remembered::default(),
            was_kept: false,
            unkept: Vec::new(),
            held: VecDeque::new(),
            try_again: None,
            must_begin_anew: false,
        })
    }

    pub fn poll_link_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<LinkEvent>> {
        self.events.poll_recv(cx)
    }

    /// Opens the sockets of a call, or new ones where the machine has moved.
    pub async fn open_sockets(&mut self, now: Instant) {
        // The links look at the interfaces once a second, and a call does not wait for that.
        let wall = self.links.wall().anew();
        if self.sockets.is_some() && wall == self.wall {
            return;
        }
        self.wall = wall;
        if let Some(sockets) = sockets(&self.wall, self.hides).await {
            let addresses = sockets.addresses();
            self.sockets = Some(sockets);
            self.room.handle(now, Input::Sockets(addresses));
        }
    }

    /// On its way in, or in and able to say something.
    pub fn is_open(&self) -> bool {
        self.room.my_id().is_none() || self.room.open_group().is_some()
    }

    /// The relay has answered, or will not.
    pub fn settle(&mut self) {
        self.settled = None;
    }

    pub fn is_settled(&self, now: Instant) -> bool {
        self.settled.is_none_or(|at| now >= at)
    }

    pub fn deadline(&self) -> Instant {
        let room = self.room.deadline();
        self.try_again.map_or(room, |at| at.min(room))
    }

    /// What the room wants kept now, with what was refused before.
    pub fn take_kept(&mut self) -> Vec<Keep> {
        let mut kept = std::mem::take(&mut self.unkept);
        kept.extend(self.room.take_kept());
        kept
    }

    /// The disk refused: nothing that follows from it leaves until it does not.
    pub fn refused(&mut self, now: Instant, kept: Vec<Keep>) {
        self.unkept = kept;
        self.try_again = Some(now + TRY_AGAIN);
    }

    /// Something that a member said was not kept: what follows from it is forgotten. `progress`: as the disk has it.
    pub fn not_kept(&mut self, now: Instant, member: MemberId, progress: Option<(u64, u64)>) {
        self.held.retain(|output| !self.room.follows_from(member, output));
        self.room.handle(now, Input::NotKept { member, progress });
    }

    pub fn kept(&mut self) {
        self.try_again = None;
    }

    /// The next thing to do. While the disk refuses, only the media of the call goes on.
    pub fn poll(&mut self) -> Option<Output> {
        if self.try_again.is_none() {
            return self.held.pop_front().or_else(|| self.room.poll());
        }
        while let Some(output) = self.room.poll() {
            let media = matches!(
                output,
                Output::Transmit { .. }
                    | Output::SendDatagram { .. }
                    | Output::Frame { .. }
                    | Output::Layers(_)
                    | Output::Screen(_)
                    | Output::KeyframeWanted(_)
                    | Output::ScreenKeyframeWanted
                    | Output::Voice(_)
                    | Output::TurnOff
            );
            if media {
                return Some(output);
            }
            self.held.push_back(output);
        }
        None
    }

    pub fn holds_too_much(&self) -> bool {
        self.held.len() > WAITING
    }
}

/// Fresh ones for each call; none where the address is hidden, and none where the system refuses: the call goes over the
/// link then.
async fn sockets(wall: &Wall, hides: bool) -> Option<Sockets> {
    if hides {
        return None;
    }
    Sockets::bind(wall.clone()).await.inspect_err(|_| tracing::warn!("no socket for media could be opened")).ok()
}
