//! What a transport has counted.

use std::time::{Duration, Instant};

/// How datagrams get to the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// From our own socket to an address of the peer.
    Direct,
    /// As datagrams of the link.
    Link,
}

/// Media datagrams (SRTP and SRTCP, told by their first byte: RFC 7983, section 7) that went one route, in each direction. Those
/// received are counted before SRTP has authenticated them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RouteFigures {
    pub sent: u64,
    pub received: u64,
}

/// Totals since the peer was made, and the latest measurements.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PeerFigures {
    /// Bytes of datagrams handed out to send, without UDP and IP headers.
    pub sent_bytes: u64,
    /// Bytes of datagrams taken in, without those dropped.
    pub received_bytes: u64,
    pub sent_datagrams: u64,
    pub received_datagrams: u64,
    /// When the newest datagram was taken in. A path that was alive and has been silent for a while is dead.
    pub heard: Option<Instant>,
    /// Where the newest datagram that was not a check of ICE's went. `None` before the first one, and when the peer is lost.
    pub route: Option<Route>,
    pub direct: RouteFigures,
    pub link: RouteFigures,
    /// When the newest media datagram came the direct way.
    pub heard_direct: Option<Instant>,
    /// From RTCP, or else from ICE's checks. Renewed every second.
    pub rtt: Option<Duration>,
    /// Share of our packets that didn't arrive, 0 to 1, over the last second.
    pub loss_out: Option<f32>,
    /// Share of the peer's packets that didn't arrive, 0 to 1.
    pub loss_in: Option<f32>,
    /// Datagrams that were not for this peer, or made no sense.
    pub dropped_in: u64,
    /// Packets not sent because there was no connection.
    pub dropped_unconnected: u64,
    /// Packets of pictures not sent because too many waited to be polled already.
    pub dropped_queue: u64,
}

impl PeerFigures {
    pub(super) fn on(&mut self, route: Route) -> &mut RouteFigures {
        match route {
            Route::Direct => &mut self.direct,
            Route::Link => &mut self.link,
        }
    }

    /// Everything dropped, whatever the reason.
    pub fn dropped(&self) -> u64 {
        self.dropped_in + self.dropped_unconnected + self.dropped_queue
    }
}
