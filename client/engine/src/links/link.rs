//! One link, from its handshake to its end: messages and datagrams out and in, and the path they take.

use std::{future::poll_fn, pin::Pin, time::Duration};

use futures_core::Stream;
use iroh::{
    RelayUrl, TransportAddr,
    endpoint::{Connection, RecvStream, SendStream},
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, interval, sleep, timeout},
};

use super::{
    Doubt, LinkEvent, Shared,
    arriving::{accept, arrivals},
    counted::Counted,
    framing::{Known, Reading, read_datagrams, write},
    receipts::Receipts,
    register::{Register, is_relayed, relay_of},
    strangers::PROBATION,
    transport,
    writer::Writer,
};
use crate::{api::Route, room::LinkId};

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

/// Serves one link until either end closes it. Who dialled chose the other end: it is no stranger.
pub(super) async fn run(line: Line, endpoint: [u8; 32], dialled: bool, register: &Register, shared: Shared) {
    let Line { connection, send, receive } = line;
    let link = shared.next_id();
    let (known, is_known) = watch::channel(if dialled { Known::Yes } else { Known::Nothing });
    let (writer, outputs) = Writer::new(connection.clone(), known);
    if !dialled {
        shared.strangers(|strangers| strangers.arrive(link, connection.clone()));
    }
    register.open(link, connection.clone());
    let (mut is_stranded, receipts) = (false, Receipts::default());
    if shared.events.send(LinkEvent::Opened { link, endpoint, dialled, writer }).await.is_ok() {
        let events = &shared.events;
        let counted = Counted::new(is_known.clone());
        let reading = Reading::new(&connection, &is_known, link, events, &receipts, &counted);
        let (arrivals, streams, receipts_stream) = arrivals();
        tokio::select! {
            biased;
            // Before the first message: who reads it may ask by which way it came.
            () = watch_route(&connection, link, events) => {}
            () = write(&connection, send, outputs, &receipts) => {}
            () = reading.read(receive, streams) => {}
            () = accept(&connection, arrivals, &counted) => {}
            () = widen(&connection, is_known.clone()) => {}
            () = read_datagrams(&connection, &is_known, link, events, &counted) => {}
            () = probation(is_known.clone()) => {}
            () = receipts.give(&connection) => {}
            () = receipts.missed(receipts_stream, &counted) => {}
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

/// A member may send ahead on every stream; a stranger on all of them together no more than on one. Never ends.
async fn widen(connection: &Connection, mut is_known: watch::Receiver<Known>) {
    if is_known.wait_for(|known| *known == Known::Yes).await.is_ok() {
        connection.set_receive_window(transport::MEMBERS_IN.into());
    }
    std::future::pending().await
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
