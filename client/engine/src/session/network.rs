//! What comes from the network, and how we stand on it.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    net::SocketAddr,
    task::{Context, Poll},
    time::Instant,
};

use super::{Live, Session, seeker::Sought, unix_s};
use crate::{
    api::{Event, Help, Network, Reach, RoomId, Trouble},
    links::{LinkEvent, RelayState},
    room::Input,
    wall::Wall,
};

/// Datagrams or link events taken in a row before the other doors are looked at.
const BURST: usize = 64;

/// What comes from the network.
pub(super) enum Arrived {
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

/// Datagrams taken in a row before the links are asked: who floods the call's socket does not silence the rooms.
const DATAGRAMS: usize = 16;

/// Whose turn it is to be asked first.
#[derive(Debug, Default)]
pub(super) struct Turn {
    room: usize,
    datagrams: usize,
    /// Nothing is taken from links: the window is behind, and what members say would find no place.
    pub links_wait: bool,
}

/// The next datagram of the call, or the next event of any room's links, each room in its turn.
pub(super) fn poll_network(
    rooms: &mut BTreeMap<RoomId, Live>,
    calling: Option<RoomId>,
    turn: &mut Turn,
    cx: &mut Context<'_>,
    buffer: &mut [u8],
) -> Poll<Arrived> {
    let had_their_share = turn.datagrams >= DATAGRAMS;
    if !had_their_share && let Some(arrived) = poll_call(rooms, calling, cx, buffer) {
        turn.datagrams += 1;
        return Poll::Ready(arrived);
    }
    turn.datagrams = 0;
    let arrived = if turn.links_wait { None } else { poll_links(rooms, turn, cx) };
    // What was passed over is asked now, as nothing else would wake for it.
    match arrived.or_else(|| if had_their_share { poll_call(rooms, calling, cx, buffer) } else { None }) {
        Some(arrived) => Poll::Ready(arrived),
        None => Poll::Pending,
    }
}

fn poll_call(
    rooms: &BTreeMap<RoomId, Live>,
    calling: Option<RoomId>,
    cx: &mut Context<'_>,
    buffer: &mut [u8],
) -> Option<Arrived> {
    let room = calling?;
    match rooms.get(&room)?.sockets.as_ref()?.poll_receive(cx, buffer) {
        Poll::Ready((length, from, to)) => Some(Arrived::Datagram { room, length, from, to }),
        Poll::Pending => None,
    }
}

fn poll_links(rooms: &mut BTreeMap<RoomId, Live>, turn: &mut Turn, cx: &mut Context<'_>) -> Option<Arrived> {
    turn.room = (turn.room + 1) % rooms.len().max(1);
    let mut ready = |(id, live): (&RoomId, &mut Live)| match live.poll_link_event(cx) {
        Poll::Ready(Some(event)) => Some(Arrived::Link { room: *id, event }),
        _ => None,
    };
    let first = turn.room;
    let behind = rooms.iter_mut().skip(first).find_map(&mut ready);
    behind.or_else(|| rooms.iter_mut().take(first).find_map(&mut ready))
}

impl Session {
    /// Takes what else has arrived already, so that a burst costs one turn of the loop, and one write of the disk.
    pub(super) async fn burst(&mut self, turn: &mut Turn, buffer: &mut [u8]) {
        for _ in 0..BURST {
            let next = poll_fn(|cx| Poll::Ready(poll_network(&mut self.rooms, self.calling, turn, cx, buffer))).await;
            let Poll::Ready(arrived) = next else {
                break;
            };
            self.arrived(arrived, buffer).await;
        }
    }

    pub(super) async fn arrived(&mut self, arrived: Arrived, buffer: &[u8]) {
        match arrived {
            Arrived::Datagram { room, length, from, to } => {
                self.input(room, Input::Datagram { from, to, bytes: &buffer[..length] });
            }
            Arrived::Link { room, event } => self.link_event(room, event).await,
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
            LinkEvent::Message { link, bytes, counts } => {
                self.input(id, Input::LinkMessage { link, bytes });
                drop(counts);
            }
            LinkEvent::Datagram { link, bytes } => self.input(id, Input::LinkDatagram { link, bytes }),
            LinkEvent::Closed { link } => {
                live.links.close(link);
                self.input(id, Input::LinkClosed { link });
            }
            LinkEvent::DialFailed { endpoint, why } => self.input(id, Input::DialFailed { endpoint, why }),
            LinkEvent::Route { link, route } => {
                self.input(id, Input::LinkRoute { link, route });
            }
            LinkEvent::Doubtful { link } => self.input(id, Input::LinkDoubtful { link }),
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

    pub(super) fn sync_seeker(&mut self, now: Instant) {
        if let Some(seeker) = &mut self.seeker {
            let settled = self.rooms.iter().filter(|(_, live)| live.is_settled(now));
            let pairs = settled.flat_map(|(id, live)| {
                let at = live.links.whereabouts();
                live.room.pairs().into_iter().map(move |pair| (*id, pair, at.clone()))
            });
            seeker.sync(now, pairs);
        }
    }

    pub(super) fn sought(&mut self, sought: Sought) {
        match sought {
            Sought::Found { room, whom, at } => self.input(room, Input::Found { whom, at }),
            Sought::Ahead => self.contradict_clock(),
            Sought::Health => self.tell_reach(),
        }
    }

    pub(super) fn contradict_clock(&mut self) {
        self.clock_doubt.contradict(unix_s());
        self.look_at_clock();
    }

    /// Nobody is found by a clock that is wrong, and nothing else would say why.
    pub(super) fn look_at_clock(&mut self) {
        let unix_s = unix_s();
        if self.clock_doubt.take_news(unix_s) {
            self.door.tell(Event::Trouble(Trouble::ClockInDoubt { unix_s }));
        }
        self.tell_reach();
    }

    pub(super) fn tell_reach(&mut self) {
        let wall = Wall::new(self.network.network);
        let (dht, lan) = self.seeker.as_ref().map_or((Help::Off, false), |seeker| (seeker.dht(), seeker.lan()));
        let relay = if self.network.relays.is_empty() { Help::Off } else { self.relay };
        let offline = self.network.network != Network::Local && wall.is_alone();
        let clock_in_doubt = self.clock_doubt.is_in_doubt(unix_s());
        let reach = Reach { offline, dht, relay, lan, clock_in_doubt };
        if self.ready && self.reach != Some(reach) {
            self.reach = Some(reach);
            self.door.tell(Event::Reach(reach));
        }
    }
}
