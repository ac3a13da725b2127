//! One link, from its handshake to its end: messages and datagrams out and in, and the path they take.

use std::{future::poll_fn, pin::Pin, time::Duration};

use futures_core::Stream;
use iroh::{
    RelayUrl, TransportAddr,
    endpoint::{Connection, RecvStream, SendDatagramError, SendStream},
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, interval, sleep, timeout},
};

use super::{
    Doubt, LinkEvent, Shared, Unsent,
    framing::{FORWARDED, FORWARDED_BYTES, Known, OUTGOING, OUTGOING_BYTES, Queue, read, read_datagrams, write},
    receipts::Receipts,
    register::{Register, is_relayed, relay_of},
    strangers::PROBATION,
};
use crate::{
    api::Route,
    room::{LinkId, wire::MAX_MESSAGE},
};

const TOO_SLOW: u8 = 1;
/// Silence that ends a link over relays alone. Each end says something every second on every path.
const RELAY_SILENCE: Duration = Duration::from_millis(2500);
/// A link that has lost its direct path is forgiven silence for this long: for three seconds of it iroh sends what it has to say to
/// where that path led, at the end that has moved.
const MOVING: Duration = Duration::from_secs(4);
const LISTEN: Duration = Duration::from_millis(500);
/// A link that media goes over is listened to more closely than one at rest: a room may have a hundred of those.
const LISTEN_CLOSELY: Duration = Duration::from_millis(100);
const LISTEN_SELDOM: Duration = Duration::from_secs(1);
/// Packets between two looks that make the difference, and how long it holds.
const BUSY: u64 = 10;
const BUSY_FOR: Duration = Duration::from_secs(3);
/// Silence over relays, longer than a round trip by this, while something is sent that the other end would answer: the link is in
/// doubt, and another one is dialled beside it.
const DOUBT: Duration = Duration::from_millis(350);
/// Packets that have to be unanswered by then. Fewer may be no more than receipts for what came last.
const UNANSWERED: u64 = 5;

/// What a handshake ends with.
pub(super) struct Line {
    pub connection: Connection,
    pub send: SendStream,
    pub receive: RecvStream,
}

/// The way out of one link.
pub(crate) struct Writer {
    queue: Queue,
    /// Of other members, which we pass on.
    forwarded: Queue,
    connection: Connection,
    known: watch::Sender<Known>,
}

impl Writer {
    /// False, and the end of the link, when its other end does not keep up.
    pub(super) fn send(&self, bytes: Vec<u8>) -> bool {
        if bytes.len() > MAX_MESSAGE {
            // The other end would close the link, and everything after the message would be lost as well.
            tracing::error!("a message is longer than anybody reads; it is dropped");
            return true;
        }
        let taken = self.queue.push(bytes);
        if !taken {
            self.connection.close(TOO_SLOW.into(), b"");
        }
        taken
    }

    /// Queues what is another's. False where there is no place for it, which is no fault of the link's.
    pub(super) fn forward(&self, bytes: Vec<u8>) -> bool {
        self.forwarded.push(bytes)
    }

    pub(super) fn send_datagram(&self, bytes: Vec<u8>, unsent: &mut Unsent) {
        let crowded = self.connection.datagram_send_buffer_space() < bytes.len();
        match self.connection.send_datagram(bytes.into()) {
            Ok(()) => unsent.stale += u64::from(crowded),
            Err(SendDatagramError::TooLarge) => unsent.oversize += 1,
            // The link is at its end, and says so itself.
            Err(_) => {}
        }
    }

    #[cfg(test)]
    pub(super) fn max_datagram(&self) -> Option<usize> {
        self.connection.max_datagram_size()
    }

    pub(super) fn vouch(&self) {
        self.known.send_replace(Known::Yes);
    }

    pub(super) fn let_wait(&self) {
        self.known.send_if_modified(|known| {
            let first = *known == Known::Nothing;
            if first {
                *known = Known::Waits;
            }
            first
        });
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// Serves one link until either end closes it. Who dialled chose the other end: it is no stranger.
pub(super) async fn run(line: Line, endpoint: [u8; 32], dialled: bool, register: &Register, shared: Shared) {
    let Line { connection, send, receive } = line;
    let link = shared.next_id();
    let (own, queue) = Queue::new(OUTGOING, OUTGOING_BYTES);
    let (others, forwarded) = Queue::new(FORWARDED, FORWARDED_BYTES);
    let (known, is_known) = watch::channel(if dialled { Known::Yes } else { Known::Nothing });
    let writer = Writer { queue: own, forwarded: others, connection: connection.clone(), known };
    if !dialled {
        shared.strangers(|strangers| strangers.arrive(link, connection.clone()));
    }
    register.open(link, connection.clone());
    let (mut is_stranded, receipts) = (false, Receipts::default());
    if shared.events.send(LinkEvent::Opened { link, endpoint, dialled, writer }).await.is_ok() {
        let events = &shared.events;
        tokio::select! {
            biased;
            // Before the first message: who reads it may ask by which way it came.
            () = watch_route(&connection, link, events) => {}
            () = write(send, queue, forwarded, &receipts) => {}
            () = read(receive, &is_known, link, events, &receipts) => {}
            () = read_datagrams(&connection, &is_known, link, events) => {}
            () = probation(is_known.clone()) => {}
            () = receipts.give(&connection) => {}
            () = receipts.missed(&connection) => {}
            () = doubt(&connection, &is_known, link, &shared.doubts) => {}
            () = stranded(&connection, shared.lost.subscribe()) => {
                // A stranger who falls silent is no reason to move.
                is_stranded = *is_known.borrow() == Known::Yes;
            }
        }
    }
    connection.close(0u8.into(), b"");
    shared.strangers(|strangers| strangers.remove(link));
    register.close(link, is_stranded);
    let _ = shared.events.send(LinkEvent::Closed { link }).await;
}

/// Does not end with the connection either.
async fn watch_route(connection: &Connection, link: LinkId, events: &mpsc::Sender<LinkEvent>) {
    let mut told = None;
    let mut changes = connection.paths_stream();
    while let Some(paths) = poll_fn(|cx| Pin::new(&mut changes).poll_next(cx)).await {
        let selected = paths.iter().find(|path| path.is_selected());
        let route = selected.map(|path| if path.is_relay() { Route::Relayed } else { Route::Direct });
        if route.is_some_and(|route| told != Some(route)) {
            told = route;
            if let Some(route) = route
                && events.send(LinkEvent::Route { link, route }).await.is_err()
            {
                return;
            }
        }
    }
    std::future::pending().await
}

/// Ends when a stranger's time is over, and never for anybody else.
async fn probation(mut is_known: watch::Receiver<Known>) {
    if timeout(PROBATION, is_known.wait_for(|known| *known != Known::Nothing)).await.is_ok() {
        std::future::pending::<()>().await;
    }
}

/// Says when a link that has relays alone seems to be dead, once for each silence. Never ends.
async fn doubt(connection: &Connection, is_known: &watch::Receiver<Known>, link: LinkId, doubts: &mpsc::Sender<Doubt>) {
    let (mut silence, mut packets, mut busy_until) = (Silence::default(), 0, Instant::now());
    loop {
        let is_busy = Instant::now() < busy_until && is_relayed(connection);
        sleep(if is_busy { LISTEN_CLOSELY } else { LISTEN_SELDOM }).await;
        let now = Instant::now();
        let stats = connection.stats();
        let rtt = connection.paths().iter().map(|path| path.rtt()).max().unwrap_or_default();
        let all = stats.udp_rx.datagrams + stats.udp_tx.datagrams;
        if all - std::mem::replace(&mut packets, all) >= BUSY {
            busy_until = now + BUSY_FOR;
        }
        let is_doubtful = silence.observe(now, stats.udp_rx.datagrams, stats.udp_tx.datagrams, rtt);
        if is_doubtful && is_relayed(connection) && *is_known.borrow() == Known::Yes {
            tracing::debug!("a relayed link is in doubt");
            let _ = doubts.try_send(Doubt { link, relay: relay_of(connection) });
        }
    }
}

/// What was sent on a link since something came on it last.
#[derive(Default)]
struct Silence {
    heard: u64,
    /// Packets sent when something came last.
    sent: u64,
    /// When something was first sent since then.
    asked: Option<Instant>,
    told: bool,
}

impl Silence {
    /// Takes in the packets received and sent so far. True once for each silence that is too long to be chance.
    fn observe(&mut self, now: Instant, received: u64, sent: u64, rtt: Duration) -> bool {
        if received != self.heard {
            *self = Self { heard: received, sent, asked: None, told: false };
            return false;
        }
        if sent == self.sent {
            return false;
        }
        let asked = *self.asked.get_or_insert(now);
        let unanswered = sent.saturating_sub(self.sent) >= UNANSWERED;
        let doubtful = unanswered && now.saturating_duration_since(asked) >= DOUBT + rtt;
        doubtful && !std::mem::replace(&mut self.told, true)
    }
}

/// Ends when the relay that all paths of the link lead over was given up, or brings nothing any more. While such a link lives
/// iroh sends a new dial of the same endpoint down the same dead path, and the six seconds of silence would end both.
async fn stranded(connection: &Connection, lost: watch::Receiver<Option<RelayUrl>>) {
    tokio::select! {
        () = given_up(connection, lost) => {}
        () = silent(connection) => {}
    }
    tracing::debug!("a link ends with the relay it depended on");
}

async fn given_up(connection: &Connection, mut lost: watch::Receiver<Option<RelayUrl>>) {
    while lost.changed().await.is_ok() {
        let lost = lost.borrow_and_update().clone();
        let over_lost = |to: &TransportAddr| matches!(to, TransportAddr::Relay(relay) if Some(relay) == lost.as_ref());
        if connection.paths().iter().all(|path| over_lost(path.remote_addr())) {
            return;
        }
    }
    std::future::pending().await
}

/// The keeper watches over our own relay alone. Another's is known to have failed by what does not come over it.
async fn silent(connection: &Connection) {
    let mut look = interval(LISTEN);
    let (mut heard, mut silent_from) = (0, Instant::now());
    while Instant::now() < silent_from + RELAY_SILENCE {
        let now = look.tick().await;
        let received = connection.stats().udp_rx.datagrams;
        if !is_relayed(connection) {
            silent_from = now + MOVING;
        } else if received != heard {
            silent_from = silent_from.max(now);
        }
        heard = received;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_millis(50);

    /// Looks every 100 ms, and says at which looks the link was in doubt.
    fn doubts(looks: impl Iterator<Item = (u64, u64)>) -> Vec<usize> {
        let (start, mut silence) = (Instant::now(), Silence::default());
        let mut at = start;
        let doubtful = looks.map(|(received, sent)| {
            at += LISTEN_CLOSELY;
            silence.observe(at, received, sent, RTT)
        });
        doubtful.enumerate().filter(|(_, doubtful)| *doubtful).map(|(look, _)| look).collect()
    }

    #[test]
    fn link_is_in_doubt_once_when_what_it_sends_is_unanswered() {
        let dead = (0..20).map(|look| (look.min(5) * 10, look * 10));
        // The last packet came at look 5, the first unanswered one left by look 6.
        assert_eq!(doubts(dead), [10]);
    }

    #[test]
    fn link_is_not_in_doubt_while_nothing_is_sent() {
        assert!(doubts((0..20).map(|look| (look.min(5), look.min(7)))).is_empty());
    }

    #[test]
    fn link_is_not_in_doubt_while_receipts_come() {
        assert!(doubts((0..40).map(|look| (look / 3, look * 10))).is_empty());
    }
}
